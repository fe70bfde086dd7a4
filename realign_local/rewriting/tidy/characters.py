"""Signs that went wrong on the way: mojibake, HTML entities, literal escapes, invisible marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from realign_local.gates.language import latin_language
from realign_local.rewriting.operation import Operation
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.equal.entity_signs import ENTITY, decoded
from realign_local.text.equal.simple_tags import SIMPLE_TAG, without_tags
from realign_local.text.prose import in_prose, lines_of_code

_ABOUT_CODE = re.compile(
    r"\b(?:html?|xml|css|svg|latex|tex|markdown|markup|tags?|entit(?:y|ies)|web ?(?:page|site)s?"
    r"|cod(?:e|es|ing)|scripts?|functions?|program(?:s|ming)?|software|regex\w*"
    r"|regular expressions?"
    r"|patterns?|escap\w+|backslash\w*|strings?|python|java(?:script)?|typescript|rust|php|perl"
    r"|ruby|bash|shell|linux|sql|json|yaml|csv|api|command|variables?|encod\w+|unicode|utf-?8"
    r"|mojibake|ascii|characters?|paths?|algorithm|c\+\+)\b|</?[a-z]+>|```|\\n",
    re.IGNORECASE,
)
LOOKED_AT_SIGNS = 4000


@lru_cache(maxsize=32)
def about_code(request: str) -> bool:
    """Whether a request may be about code, markup or signs, so that odd signs may be meant."""
    return bool(_ABOUT_CODE.search(request[:LOOKED_AT_SIGNS]))


def each_line_of_prose(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to each line that is not code; the same text if none does."""
    code, lines = lines_of_code(text), split_lines(text)
    new = [line if at in code else change(line) for at, line in enumerate(lines)]
    return text if new == lines else "\n".join(new)


# --- mojibake ------------------------------------------------------------------------------------

_MANGLED = re.compile(r"[Â-ô][\x80-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""The first two bytes of a sign in UTF-8, as Latin-1 or Windows-1252 shows them."""


def _mojibake(response: str, request: str) -> str:
    if response.isascii() or not _MANGLED.search(response) or about_code(request):
        return response
    mended = in_prose(response, lambda stretch: "\n".join(map(_mended, stretch.split("\n"))))
    return mended if mended.count("\ufffd") == response.count("\ufffd") else response


def _mended(line: str) -> str:
    return _mender()(line) if _MANGLED.search(line) else line


@cache
def _mender() -> Callable[[str], str]:
    """ftfy with all its tastes off: it repairs what was decoded wrongly, and nothing else.

    Imported here, because hardly any file needs it.
    """
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False, remove_terminal_escapes=False, replace_lossy_sequences=False,
        fix_latin_ligatures=False, fix_character_width=False, uncurl_quotes=False,
        fix_line_breaks=False, fix_surrogates=False, remove_control_chars=False,
        normalization=None, explain=False,
    )  # fmt: skip
    return lambda line: ftfy.fix_encoding(line, config)


# --- entities and left-over tags -----------------------------------------------------------------


def _entities(response: str, request: str) -> str:
    has_tags, has_entities = "<" in response and ">" in response, "&" in response
    if not (has_tags or has_entities) or about_code(request):
        return response
    if has_tags and SIMPLE_TAG.search(response):
        response = without_tags(response)
    return in_prose(response, decoded) if ENTITY.search(response) else response


# --- escapes -------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\(.?)")
_MENTIONED = re.compile(r"[\s\"'(]\\[nt][\s\"'),.]")
_LATEX = re.compile(
    r"\\(?:n(?:abla|e[gq]?|exists|i|mid|ot|otin|parallel|sim|u|ewline|less|geq|leq)"
    r"|t(?:an|anh|au|ext\w*|frac|heta|imes|o|op|riangle\w*|ilde))(?![a-z])"
)
_LINE_ENDS = re.compile(r"[.!?:,;]\\n")
_SIGN_OF = {"n": "\n", "t": "\t", '"': '"', "r": ""}


def _escapes(response: str, request: str) -> str:
    if "\\" not in response or "\n" in response or "\r" in response:
        return response
    if any(sign in response for sign in "`${}") or about_code(request):
        return response
    used = _ESCAPE.findall(response)
    if set(used) - set(_SIGN_OF) or _MENTIONED.search(response) or _LATEX.search(response):
        return response
    if not (_LINE_ENDS.search(response) or used.count("n") > 1 or _only_quotes(used)):
        return response
    if re.search(r"\b[A-Za-z]:\\|\w\\t\w", response) or lines_of_code(response):
        return response
    return _ESCAPE.sub(lambda found: _SIGN_OF[found[1]], response)


def _only_quotes(used: list[str]) -> bool:
    return set(used) == {'"'} and len(used) % 2 == 0


# --- invisible signs -----------------------------------------------------------------------------

_HIDDEN = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad]+")
_NO_BREAK = re.compile(r"(?<=[A-Za-z,.)])[\u00a0\u202f]+(?=[A-Za-z])")


def _invisible(response: str, request: str) -> str:
    if response.isascii() or about_code(request):
        return response
    if not (_HIDDEN.search(response) or _NO_BREAK.search(response)):
        return response
    return in_prose(
        response,
        lambda stretch: _NO_BREAK.sub(lambda m: " " * len(m[0]), _HIDDEN.sub(_shown, stretch)),
    )


def _shown(found: re.Match[str]) -> str:
    """Nothing, but for joiners where a script or an emoji needs them."""
    around = found.string[max(0, found.start() - 1) : found.start()]
    around += found.string[found.end() : found.end() + 1]
    needed = any(sign > "\u058f" and not "\u2010" <= sign <= "\u2027" for sign in around)
    return "".join(sign for sign in found[0] if needed and sign in "\u200b\u200c\u200d")


# --- quotation marks -----------------------------------------------------------------------------

_LATEX_QUOTES = re.compile(r"(?<!`)``(?![`\s])([^`\"“”\n]{1,300}?)(?<!['\s])''(?!')")
_COMMA_QUOTES = re.compile(r"(?<![^\s(]),,(?=\w)([^,\"'“”„\n]{1,200}?)(?:''|[“”\"])(?![\w'])")
_CURLY_OR_STRAIGHT = re.compile('[“”"]')


def _quotes(response: str, request: str) -> str:
    torn = "``" in response or ",," in response
    mixed = '"' in response and ("“" in response or "”" in response)
    if not (torn or mixed) or about_code(request) or "\\" in response:
        return response
    speaks = latin_language(response)
    return each_line_of_prose(response, lambda line: _requoted(line, speaks))


def _requoted(line: str, speaks: str) -> str:
    if line.count("``") == line.count("''") and "```" not in line:
        line = _LATEX_QUOTES.sub(r'"\1"', line)
    if speaks in ("en", "de"):
        line = _COMMA_QUOTES.sub(r'"\1"' if speaks == "en" else r"„\1“", line)
    if '"' in line and ("“" in line or "”" in line) and "„" not in line:
        return _matched(line)
    return line


def _matched(line: str) -> str:
    """Curly marks for straight ones in pairs of both, if every mark stands where it can only be."""
    marks = list(_CURLY_OR_STRAIGHT.finditer(line))
    if len(marks) % 2:
        return line
    signs = list(line)
    for opening, closing in zip(marks[::2], marks[1::2], strict=True):
        if not (_opens(line, opening.start()) and _closes(line, closing.start())):
            return line
        if opening[0] != closing[0]:
            signs[opening.start()], signs[closing.start()] = "“", "”"
    return "".join(signs)


def _opens(line: str, at: int) -> bool:
    before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    return line[at] != "”" and (not before or before in " \t(—–[*_") and bool(after.strip())


def _closes(line: str, at: int) -> bool:
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return line[at] != "“" and bool(before.strip()) and not before.isdigit() and not after.isalnum()


OPERATIONS: tuple[Operation, ...] = (
    Operation("mojibake", "Repair signs that were decoded wrongly (Ã©, â€™).", _mojibake),
    Operation("entities", "Show &amp; as & and left-over tags as Markdown.", _entities),
    Operation("escapes", "Turn a literal \\n into the line break that it stands for.", _escapes),
    Operation("invisible", "Take out zero-width marks and the like.", _invisible, shows=False),
    Operation("quotes", "Mend quotation marks whose two halves do not match.", _quotes),
)
"""In their order: entities may come out of mojibake, and marks to match out of both."""
