"""Wikitext to the text a reader sees: prose, lists, tables, infobox facts; the rest is counted."""

from __future__ import annotations

import contextlib
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from realign_local.evidence.building.documents import Site
from realign_local.evidence.wiki import markup, templates
from realign_local.evidence.wiki.locale import Locale, locale_of
from realign_local.evidence.wiki.locales import read_table
from realign_local.evidence.wiki.values import JOINT

ENGLISH_SITE = Site()
MOST_PARSED_CHARACTERS = 120_000  # mwparserfromhell's backtracking grows faster than its input
MOST_OPEN = 4_000  # unclosed brackets in one piece: a broken page, which backtracks without end
MOST_FACT_CHARACTERS = 400


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", " ").split(";")]


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNREAD = re.compile(
    r"<(gallery|timeline|score|imagemap|templatestyles|mapframe|maplink|hiero|graph|references"
    r"|includeonly|section|inputbox|categorytree|indicator)\b"
    r"(?:[^<>]*/>|[^<>]*>.*?</\1\s*>|[^<>]*>)",
    re.DOTALL | re.IGNORECASE,
)
_SWITCH = re.compile(r"__[A-Z]{3,}__")
_HEADING = re.compile(r"^(={1,6})[ \t]*(.+?)[ \t]*\1[ \t]*$", re.MULTILINE)
_STYLE = re.compile(r"'{2,}")
_LEFTOVER_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>")
_SPACES = re.compile(r"[ \t\u00a0\u2009\u200a\u202f]+")
_BARE_JOINT = re.compile(rf"(?<!\d){JOINT}")
_EMPTY_BRACKETS = re.compile(r"\s*\(\s*(?:[,;]\s*)*\)")
_BRACKET_START = re.compile(r"\(\s*[,;]\s*")
_LANGUAGE_LINK = re.compile(r"[a-z]{2,3}(-[a-z]+)*:")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_ROMAN_SUPERSCRIPT = re.compile(r"[-−+–]?[\d.,]+|[-−+]|[a-z]|[-−]?[a-z\d]{1,2}")
_DISAMBIGUATION_TITLE = re.compile(
    r"\((disambiguation|Begriffsklärung|homonymie|desambiguación|"
    r"disambigua|desambiguação|doorverwijspagina|значения|пояснение)\)$"
)
_DISAMBIGUATION = re.compile(
    r"\{\{\s*(?:[^{}|]*disambig(?!uation needed)[^{}|]*|dab|hndis|geodis|surname|given name"
    r"|begriffsklärung|homonymie|desambiguación|desambigua[^{}|]*|disambigua|dp|неоднозначность"
    r"|многозначность|пояснение|消歧义|曖昧さ回避|aimai)\s*(?:\||\}\})"
    r"|\[\[\s*category\s*:[^\]]*disambiguation pages",
    re.IGNORECASE,
)
_UNSEEN_SECTIONS = frozenset(
    _words("""
    references; external links; notes; footnotes; citations; sources; further reading;
    bibliography; see also; notes and references; references and notes; einzelnachweise;
    weblinks; literatur; siehe auch; références; liens externes; voir aussi;
    notes et références; bibliographie; referencias; enlaces externos; véase también; note;
    collegamenti esterni; voci correlate; бележки; външни препратки; източници; примечания;
    ссылки; литература; см. также; 参考文献; 外部链接; 脚注
""")
)


@dataclass
class Article:
    """What was read from one page: (section path, text) pairs, and counts of what was left out."""

    sections: list[tuple[str, str]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)


def is_disambiguation(title: str, wikitext: str) -> bool:
    """Whether a page only lists what its title may mean."""
    return bool(_DISAMBIGUATION_TITLE.search(title) or _DISAMBIGUATION.search(wikitext))


def render(wikitext: str, site: Site = ENGLISH_SITE) -> Article:
    """Read a page of this wiki."""
    article = Article()
    renderer = _Renderer(article, site)
    for path, body in _sections(_without_unread(wikitext, article.counts, site.language)):
        if path and path[-1].lower() in _UNSEEN_SECTIONS:
            article.counts["sections_of_references"] += 1
            continue
        renderer.lead = not path
        text = "".join(renderer.page_part(piece) for piece in _pieces(body))
        facts = _tidy("\n".join(renderer.take_facts()))
        for part in (_tidy(text), facts):
            if part:
                article.sections.append((" > ".join(path), part))
    return article


def _without_unread(wikitext: str, counts: Counter[str], language: str) -> str:
    """Take out what no reader sees or what is no text, before the parser spends time on it."""
    text = wikitext.replace("\r\n", "\n")
    found = {}
    text, found["comments"] = _COMMENT.subn("", text)
    text, found["references"] = markup.without_references(text)
    text, found["other_tags"] = _UNREAD.subn("", text)
    counts.update({name: number for name, number in found.items() if number})
    text = _SWITCH.sub("", text)
    if language in markup.VARIANT_LANGUAGES:
        text = markup.without_variants(text)
    return markup.with_captions_as_rows(text)


def _sections(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """(path of headings, body). A heading inside an open template or table does not count."""
    path: dict[int, str] = {}
    start = 0
    current: tuple[str, ...] = ()
    for match in _HEADING.finditer(text):
        body = text[start : match.start()]
        if len(body) < MOST_PARSED_CHARACTERS and _is_open(body):
            continue
        yield current, body
        level = len(match[1])
        path = {k: v for k, v in path.items() if k < level}
        path[level] = _plain(match[2])
        current = tuple(path[k] for k in sorted(path))
        start = match.end()
    yield current, text[start:]


def _is_open(body: str) -> bool:
    return body.count("{{") > body.count("}}") or body.count("{|") > body.count("|}")


def _plain(heading: str) -> str:
    """A heading without links, templates and tags, by simple replacement."""
    heading = re.sub(r"\[\[(?:[^|\]]*\|)?([^\]]*)\]\]", r"\1", heading)
    heading = re.sub(r"\{\{[^{}|]*\|?([^{}|]*)[^{}]*\}\}", r"\1", heading)
    return _SPACES.sub(" ", html.unescape(_LEFTOVER_TAG.sub("", _STYLE.sub("", heading)))).strip()


def _pieces(body: str) -> Iterator[str]:
    """Parts small enough to parse, split at blank lines where a section is huge."""
    while len(body) > MOST_PARSED_CHARACTERS:
        cut = body.rfind("\n\n", 1, MOST_PARSED_CHARACTERS)
        if cut < 0:
            cut = body.rfind("\n", 1, MOST_PARSED_CHARACTERS)
        cut = cut if cut > 0 else MOST_PARSED_CHARACTERS
        yield body[:cut]
        body = body[cut:]
    yield body


def _tidy(text: str) -> str:
    """Collapse spaces, drop brackets that became empty, keep one line break between lines."""
    text = (
        html.unescape(_LEFTOVER_TAG.sub("", _STYLE.sub("", text)))
        if "<" in text or "''" in text
        else text
    )
    if JOINT in text:
        text = _BARE_JOINT.sub("", text)
    lines = []
    for line in text.split("\n"):
        line = _SPACES.sub(" ", line).strip()
        line = _BRACKET_START.sub("(", _EMPTY_BRACKETS.sub("", line))
        if line.strip("-|:;*#• "):
            lines.append(line)
    return "\n".join(lines)


class _Renderer:
    """Walks mwparserfromhell's nodes; one a page, so that counts and facts gather in one place."""

    def __init__(self, article: Article, site: Site) -> None:
        import mwparserfromhell

        self._parse = mwparserfromhell.parse
        nodes = mwparserfromhell.nodes
        self._by_type = {
            nodes.Text: self._text,
            nodes.Wikilink: self._wikilink,
            nodes.ExternalLink: self._external_link,
            nodes.Template: self._template,
            nodes.Tag: self._tag,
            nodes.HTMLEntity: self._entity,
            nodes.Argument: self._argument,
            nodes.Comment: self._comment,
            nodes.Heading: self._heading,
        }
        self._article = article
        self._namespaces = site.namespaces or _USUAL_NAMESPACES
        self._locale = locale_of(site.language)
        self._facts: list[str] = []
        self.lead = True

    def page_part(self, wikitext: str) -> str:
        """Render one parsed piece; where brackets are not closed, or too deep, it is stripped."""
        opened = abs(wikitext.count("{{") - wikitext.count("}}"))
        opened += abs(wikitext.count("[[") - wikitext.count("]]"))
        if opened <= MOST_OPEN:
            with contextlib.suppress(RecursionError):
                return self.code(self._parse(wikitext, skip_style_tags=True))
        self._article.counts["pieces_not_parsed"] += 1
        return re.sub(r"[\[\]{}|]+", " ", wikitext)

    def take_facts(self) -> list[str]:
        """The infobox lines since the last call."""
        facts, self._facts = self._facts, []
        return facts

    def code(self, wikicode: Any) -> str:
        """Render parsed wikitext."""
        return "".join([self._by_type[type(node)](node) for node in wikicode.nodes])

    def _text(self, node: Any) -> str:
        return str(node.value)

    def _comment(self, _: Any) -> str:
        return ""

    def _heading(self, node: Any) -> str:
        return f"\n{self.code(node.title)}\n"

    def _entity(self, node: Any) -> str:
        try:
            return str(node.normalize())
        except (ValueError, OverflowError):
            return ""

    def _argument(self, node: Any) -> str:
        return self.code(node.default) if node.default is not None else ""

    def _wikilink(self, node: Any) -> str:
        target = str(node.title).strip()
        prefix, colon, _ = target.partition(":")
        if colon and prefix and (number := self._namespace(prefix, target)) in (6, 14, -2):
            self._article.counts["categories" if number == 14 else "files"] += 1
            return ""
        if node.text is not None:
            return self.code(node.text).strip() or target.lstrip(":")
        if colon and prefix and _LANGUAGE_LINK.match(target):
            self._article.counts["language_links"] += 1
            return ""
        return self.code(node.title).lstrip(":").replace("_", " ")

    def _namespace(self, prefix: str, target: str) -> int:
        """By the wiki's own names; what is called like a picture is one under any name."""
        name = prefix.strip().lower().replace("_", " ")
        number = _NAMESPACES.get(name) or self._namespaces.get(name, 0)
        return number or (6 if _PICTURE.search(target) else 0)

    def _external_link(self, node: Any) -> str:
        return self.code(node.title) if node.title is not None else ""

    def _tag(self, node: Any) -> str:
        name = str(node.tag).strip().lower()
        if name in ("br", "hr"):
            return "\n"
        if name in ("li", "dd", "dt") and node.wiki_markup:
            return {"li": "- ", "dd": "", "dt": ""}[name]
        if name in _DROPPED_TAGS or _is_hidden(node):
            self._article.counts[f"tag_{name}"] += 1
            return ""
        content = self.code(node.contents) if node.contents is not None else ""
        if name == "sup":
            return _superscript(content, self._locale)
        if name in _TAGS:
            return _TAGS[name](content)
        return f"\n{content}\n" if name in _BLOCKS else content

    def _template(self, node: Any) -> str:
        name = templates.normal_name(str(node.name))
        if templates.is_infobox(name, node, lead=self.lead):
            self._facts += self._infobox(node)
            self._article.counts["infoboxes"] += 1
            return ""
        rendered = templates.render(name, node, self.code, self._locale)
        if rendered is None:
            self._article.dropped[name[:80]] += 1
            return ""
        return rendered

    def _infobox(self, node: Any) -> Iterator[str]:
        for parameter in node.params:
            name = str(parameter.name).strip()
            if templates.is_fact(name):
                value = "; ".join(_tidy(self.code(parameter.value)).replace("- ", "").split("\n"))
                if value and len(value) <= MOST_FACT_CHARACTERS:
                    yield f"{name.replace('_', ' ')}: {value}"


def _is_hidden(node: Any) -> bool:
    return any(
        str(a.name).strip().lower() == "style" and _HIDDEN.search(str(a.value or ""))
        for a in node.attributes
    )


def _superscript(content: str, locale: Locale) -> str:
    """10<sup>6</sup> must not become 106; 19<sup>th</sup> is 19th."""
    inner = content.strip()
    return locale.raised(inner) if _ROMAN_SUPERSCRIPT.fullmatch(inner) else content


def _row(content: str) -> str:
    """The cells of a table row, divided by bars."""
    cells = [_SPACES.sub(" ", cell.replace("\n", " ")).strip() for cell in content.split(_CELL)]
    cells = [_CELL_STYLE.sub("", cell) for cell in cells]
    return "\n" + " | ".join(cell for cell in cells if cell) + "\n"


def _table(content: str) -> str:
    """A table whose first row was begun without a row mark still holds that row's cells."""
    head, mark, tail = content.rpartition(_CELL)
    last, _, rest = tail.partition("\n")
    return f"\n{_row(head + mark + last)}{rest}\n" if mark else f"\n{content}\n"


_CELL = "\x1f"
# What a template such as n/a, which styles its cell, has before its own bar.
_CELL_STYLE = re.compile(r'^(?:(?:row|col)span *= *"?\d+"? +)+(?=\S)')
_NAMESPACES = {"file": 6, "image": 6, "category": 14, "media": -2}
_NUMBERS = {"file": 6, "category": 14, "media": -2}
# For a dump that does not say how its namespaces are called.
_USUAL_NAMESPACES = {
    name: _NUMBERS[kind]
    for kind, names in read_table("languages")["namespaces"].items()
    for name in names
}
_PICTURE = re.compile(r"\.(jpe?g|png|gif|svg|webp|tiff?|xcf|og[gvam]|webm|wav|mp3|pdf|djvu)$", re.I)
_BLOCKS = frozenset(
    _words("""
    p; div; blockquote; poem; pre; syntaxhighlight; source; ul; ol; li; dl; dt; dd; center
    ; h1; h2; h3
""")
)
_DROPPED_TAGS = frozenset(
    _words("""
    ref; references; gallery; timeline; del; score; imagemap; templatestyles; style
""")
)
_TAGS: dict[str, Callable[[str], str]] = {
    "td": lambda content: _CELL + content,
    "th": lambda content: _CELL + content,
    "tr": _row,
    "table": _table,
    "math": lambda content: f" ${content.strip()}$ ",
    "chem": lambda content: f" ${content.strip()}$ ",
}
