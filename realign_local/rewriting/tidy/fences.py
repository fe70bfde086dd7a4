"""Fences round code that has none, and labels for fences whose language is sure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from realign_local.gates.code_blocks import cut, squeezed
from realign_local.gates.code_language import guess_language
from realign_local.gates.code_lines import MAX_LINE_CHARS, has_signal, line_kind
from realign_local.gates.code_parse import parses
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.prose import (
    is_label,
    lines_of_code,
    paragraph_lines,
    reads_as_prose,
    without_remarks,
)

MAX_CHARS = 20_000
"""Longer code is not given to a grammar, and what no grammar has read gets no fence."""
MAX_REQUEST_CHARS = 4_000
INDENTED_CODE = 4
"""Columns from which Markdown takes lines for code without a fence."""
MOST_COMMON = 5
"""A language is told by one marked line in so many."""
MOST_BY_ONE = 4
"""Lines that a single marked one tells the language of."""

_SYMBOLIC = re.compile(r"[{}\[\]=;<>$|\\^@&*+_%~]|\w\(|\)$|^\s+\S|^\W*\w+\W*$")
_OPENS = re.compile(
    r"\W|(?i:select|insert|update|delete|create|alter|drop|with|import|from|REM|program)\b"
)
_QUERY = re.compile(r"\s*(?i:select|insert|update|delete|create|alter|drop|with)\b")
_MARKUP_STARTS = ("<", "\\", "%", "--- ", "@@ ", "diff ", "Index: ")
_SIGNAL = re.compile(r"^\s*(?:\((?:def|ns |set)|end$|FROM \S+$)|\w ::|DIVISION\.", re.MULTILINE)
_HEAD = re.compile(r"^[^\n]*\w\(.*\).*[:{]\s*$", re.MULTILINE)
_SAYS_MORE = re.compile(r"[A-Za-z_]\w*\(.*\)|[A-Za-z_][\w.]* ?[-+*/]?= ?[^\d\s=-]")
"""A call, or an assignment of more than a number: an answer looks like neither."""
_CLOSING = re.compile(r"[;{}]\s*$|^\s*[)\]}]|^\s*\w*_\w+\s*$")
"""What ends a statement or is a name of code alone: no line of prose."""
_ASKS = re.compile(
    r"(?i)\b(?:code|script|program|snippet|regex\w*|regular expression|quer(?:y|ies)|command"
    r"|one-liner|pseudo-?code|config(?:uration)?|skript|programm|befehl|código|programa|requête"
    r"|commande|codice|функци\w+|код\w*|программ\w+)\b|代码|程序|函数|コード|プログラム"
)
_ASKS_FOR_WORDS = re.compile(
    r"(?i)\b(?:output|result|value) of\b|\bexplain|\bdescribe (?:what|how)|\bwhy\b|\bwhich language"
    r"|\bwhat (?:does|will|would|are|language|is the (?:output|result|value|type|difference))\b"
)
_CONFIGURES = re.compile(r"(?i)\bconfig|\b[\w-]+\.json\b|\btsconfig|\bmanifest|\bjson schema")
_ENDS_OPEN = re.compile(r"[:：]\s*\**\s*$")
_LIST_LINE = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")


@dataclass(frozen=True, slots=True)
class Language:
    """One entry of languages.toml; `marks` finds the lines that are this language's own."""

    label: str
    grammar: str
    marks: re.Pattern[str]
    line: re.Pattern[str] | None
    text: bool
    asked: bool
    over: tuple[str, ...]

    def score(self, code: str) -> int:
        """How many lines are marked; 0 where a line cannot be this language."""
        found = sum(1 for _ in self.marks.finditer(code))
        if found and self.line:
            lines = (line.strip() for line in code.split("\n"))
            if any(line and line[0] not in "#;/" and not self.line.match(line) for line in lines):
                return 0
        return found


@cache
def _tables() -> tuple[dict[str, Language], dict[str, list[str]], re.Pattern[str]]:
    entries = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
    languages: dict[str, Language] = {}
    names: dict[str, list[str]] = {}
    for key, entry in entries.items():
        label = entry.get("label", key)
        languages[label] = Language(
            label,
            entry.get("grammar", ""),
            re.compile(rf"^[ \t]*(?:{'|'.join(entry['marks'])})", re.MULTILINE),
            re.compile(rf"(?:{entry['line']})") if "line" in entry else None,
            text=entry.get("text", False),
            asked=entry.get("asked", False),
            over=tuple(entry.get("over", ())),
        )
        for name in entry["names"]:
            names.setdefault(name, []).append(label)
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    named = re.compile(rf"(?i)(?<![\w.#+-])(?:{'|'.join(longest_first)})(?![\w#+])")
    return languages, names, named


_SHORT_NAME = re.compile(
    r"(?:\b(?:[Ii]n|into|to|using|with|an?)\s+(?P<a>C|R|Go|JS|TS)\b(?!\s+(?:the|to|for|a)\b))"
    r"|\b(?P<b>C|R|Go|JS|TS)\s+(?:program|code|function|script|language|snippet|struct)"
)


@lru_cache(maxsize=64)
def asked_languages(request: str) -> tuple[str, ...]:
    """The labels of the languages that a request names or shows code of."""
    request = request[:MAX_REQUEST_CHARS]
    languages, names, named = _tables()
    found = [name.lower() for name in named.findall(request)]
    spelled = [name for name in found if len(name) > 2 or not name.isalpha()]
    spelled += [(m["a"] or m["b"]).lower() for m in _SHORT_NAME.finditer(request)]
    labels = [label for name in spelled for label in names[name]]
    if not labels and has_signal(request):
        shown = (told for told in languages.values() if not told.asked and told.score(request))
        labels = [language.label for language in shown if language.grammar]
    return tuple(dict.fromkeys(labels))


@lru_cache(maxsize=64)
def _scores(code: str, named: tuple[str, ...]) -> dict[str, int]:
    languages = _tables()[0].values()
    able = [known for known in languages if not known.asked or known.label in named]
    able = [known for known in able if not known.text or _is_markup(code, known.label)]
    scores = {known.label: score for known in able if (score := known.score(code))}
    for known in able:
        if known.label in scores:
            for other in set(known.over).difference(named):
                scores.pop(other, None)
    return scores


def language_of(code: str, request: str) -> str:
    """The label of a piece of code, or "" where it is not sure."""
    if _is_too_long(code):
        return ""
    named = asked_languages(request)
    lines = sum(1 for line in code.split("\n") if line.strip())
    if len(named) == 1 and _tables()[0][named[0]].score(code) * 3 >= lines:
        return named[0]
    scores = _scores(code, named)
    best = max(scores.values(), default=0)
    if (begun := begun_in(code, request)) and (not scores or _is_read(code, begun)):
        return begun
    shares = {label: scores.get(label, 0) for label in named}
    wanted = [label for label in named if shares[label] * (4 if len(named) == 1 else 2) > best]
    if wanted:
        return max(wanted, key=lambda label: shares[label])
    if len(named) == 1 and _SAYS_MORE.search(code) and _is_read(code, named[0]):
        return named[0]
    leading = [label for label, score in scores.items() if score == best]
    if len(leading) > 1:
        leading = [label for label in leading if _is_read(code, label)]
    if len(leading) != 1 or best * MOST_COMMON < lines or (best == 1 and lines > MOST_BY_ONE):
        return ""
    told = _tables()[0][leading[0]]
    if len(named) == 1 and told.label in _tables()[0][named[0]].over:
        return named[0]
    if len(named) != 1 or _is_read(code, told.label) or (best > 1 and not told.grammar):
        return told.label
    return ""


def begun_in(code: str, request: str) -> str:
    """The language of the code that a request shows, where an indented body goes on with it."""
    if not code.strip("\r\n")[:1].isspace():
        return ""
    heads = "\n".join(found[0] for found in _HEAD.finditer(request[:MAX_REQUEST_CHARS]))
    shown = _scores(heads, ())
    return max(shown, key=lambda label: shown[label], default="")


def _is_read(code: str, label: str) -> bool:
    """Whether the grammar of the label, if there is one, reads all of the code."""
    grammar = _tables()[0][label].grammar if label else ""
    return bool(grammar) and parses(squeezed(code), grammar)


def _is_too_long(code: str) -> bool:
    return len(code) > MAX_CHARS or max(map(len, code.split("\n"))) > MAX_LINE_CHARS


def _is_markup(code: str, language: str) -> bool:
    """Markup holds sentences, so its two ends must show what it is."""
    text = code.strip()
    if language in ("html", "xml"):
        return text.startswith("<") and text.endswith(">")
    if language == "latex":
        return text.startswith(("\\", "%")) and not text.endswith(".")
    return language == "diff" and text.startswith(("diff ", "--- ", "@@ ", "Index: "))


def _may_be_code(text: str, request: str) -> bool:
    """A quick no for most prose: its first line reads as such, or no sign of code is in it."""
    first = text.lstrip().partition("\n")[0]
    if len(first) > MAX_LINE_CHARS or (reads_as_prose(first) and not _OPENS.match(first)):
        return False
    return _has_sign(text) or _asks_for_code(request)


def _has_sign(text: str) -> bool:
    return has_signal(text) or _SIGNAL.search(text) is not None


def is_code(code: str, request: str, *, alone: bool = True) -> bool:
    """Whether a text as a whole is code.

    Where it is the whole response (`alone`), a request for code lets less evidence do.
    """
    if code.count('"""') % 2 or not _may_be_code(code, request) or _is_too_long(code):
        return False
    if code.lstrip().startswith(_MARKUP_STARTS):
        language = language_of(code, request)
        if not language or _tables()[0][language].text:
            return language != ""
    if _is_json(code):
        return not alone or bool(_CONFIGURES.search(request))
    return _is_made_of_code(code, request, alone=alone)


def _is_made_of_code(code: str, request: str, *, alone: bool) -> bool:
    lines = [line for line in without_remarks(code).split("\n") if line.strip(" .\r")]
    if not lines or (any(map(reads_as_prose, lines)) and not _is_query(code)):
        return False
    kinds = [line_kind(line) for line in code.split("\n") if line.strip()]
    likely = sum(kind in ("strong", "weak") for kind in kinds)
    symbolic = sum(1 for line in lines if _SYMBOLIC.search(line))
    language = language_of(code, request)
    known = _tables()[0].get(language)
    if language == "json" or (not (known and known.line) and any(map(is_label, lines))):
        return False
    marked = known.score(code) if known else 0
    if max(likely, marked, symbolic) * 10 < len(lines) * 6:
        return False
    if _is_in_braces(lines, kinds):
        return True
    named = asked_languages(request)
    enough = marked >= (1 if language in named else 2) and marked * 3 >= len(lines)
    if enough or (_is_read(code, language) and marked * MOST_COMMON >= len(lines)):
        return True
    shows = marked > 0 or "strong" in kinds
    if begun_in(code, request):
        return shows
    fits = language in named or not (language and named)
    return alone and fits and _asks_for_code(request) and (shows or language != "")


def _is_in_braces(lines: Sequence[str], kinds: Sequence[str]) -> bool:
    """Blocks in braces and statements that end in semicolons, as many languages have them."""
    text = "\n".join(lines)
    ended = sum(1 for line in lines if _CLOSING.search(line))
    return text.count("{") == text.count("}") > 0 and ended * 2 >= len(lines) and "strong" in kinds


def _is_json(code: str) -> bool:
    return code.lstrip()[:1] in ("{", "[") and guess_language(code) == "json"


def _is_query(code: str) -> bool:
    """SQL in small letters is made of words; a sentence that begins like it is not read."""
    return _QUERY.match(code) is not None and parses(squeezed(code), "sql")


@lru_cache(maxsize=64)
def _asks_for_code(request: str) -> bool:
    if _ASKS_FOR_WORDS.search(request[:MAX_REQUEST_CHARS]):
        return False
    return bool(asked_languages(request) or _ASKS.search(request[:MAX_REQUEST_CHARS]))


def _fenced(lines: Sequence[str], label: str, margin: str = "") -> list[str]:
    """The lines between two fences that are longer than any in them and end as they end."""
    runs = re.findall(r"`{3,}", "\n".join(lines))
    fence = "`" * max(3, *(len(run) + 1 for run in runs), 3)
    end = "\r" if lines[0].endswith("\r") else ""
    body = [*lines[:-1], lines[-1].removesuffix("\r") + end]
    return [margin + fence + label + end, *body, margin + fence]


def _label(code: str, request: str) -> str:
    """The language of what is fenced; "" where it is not sure, or no code but output."""
    if _is_json(code):
        return "json"
    return language_of(code, request) if is_code(code, request) else ""


def _whole(text: str, request: str) -> str:
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    code = lines[filled[0] : filled[-1] + 1]
    return "\n".join(_fenced(code, _label("\n".join(code), request)))


def _runs(text: str, request: str, lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches of code lines, from the first to behind the last, blank lines within."""
    code = {number for number in lines_of_code(text) if lines[number].strip()}
    for start, end in paragraph_lines(lines):
        may_be = end - start > 1 or _is_led_to(lines, start)
        if may_be and code.isdisjoint(range(start, end)):
            block = "\n".join(lines[start:end])
            code.update(range(start, end) if is_code(block, request, alone=False) else ())
    code -= _output(lines)
    start = last = -1
    for number, line in enumerate((*lines, "end")):
        if number in code:
            start, last = (number if start < 0 else start), number
        elif line.strip() and start >= 0:
            yield start, last + 1
            start = -1


def _output(lines: Sequence[str]) -> set[int]:
    """Lines under a label such as `Output:`, which say of themselves that they are no code."""
    return {
        number
        for start, end in paragraph_lines(lines)
        if is_label(lines[start]) and not lines[start][0].isspace()
        for number in range(start, end)
        if line_kind(lines[number]) != "strong"
    }


def _is_led_to(lines: Sequence[str], number: int) -> bool:
    """Whether a line with more than words in it comes after one that ends in a colon."""
    before = next((line for line in reversed(lines[max(0, number - 2) : number]) if line), "")
    return bool(_ENDS_OPEN.search(before) and re.search(r"[-./|$\"=(]", lines[number]))


def _stands_alone(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether what touches a block introduces it or is a sentence, so that no code is cut off."""
    before = lines[start - 1] if start else ""
    after = lines[end] if end < len(lines) else ""
    if end - start == 1 and (after.strip() or (before.strip() and not _ENDS_OPEN.search(before))):
        return False
    return all(
        not line.strip()
        or _ENDS_OPEN.search(line)
        or reads_as_prose(line)
        or _LIST_LINE.match(line)
        for line in (before, after)
    )


def _blocks(text: str, request: str) -> str:
    lines = text.split("\n")
    runs = list(_runs(text, request, lines))
    inside = {number for start, end in runs for number in range(start, end)}
    outside = [line for number, line in enumerate(lines) if number not in inside]
    cut_off = any(line_kind(line) == "strong" or _CLOSING.search(line) for line in outside)
    if cut_off or not any(line.strip() for line in outside):
        return text
    done: list[str] = []
    at = 0
    for start, end in runs:
        block = "\n".join(lines[start:end])
        margin = min(len(line) - len(line.lstrip()) for line in lines[start:end] if line.strip())
        if margin >= INDENTED_CODE or lines[start].startswith("\t"):
            continue
        if not _stands_alone(lines, start, end) or not is_code(block, request, alone=False):
            return text
        done += lines[at:start]
        done += _fenced(lines[start:end], _label(block, request), " " * margin)
        at = end
    return "\n".join([*done, *lines[at:]])


def _labelled(text: str, request: str) -> str:
    lines = text.split("\n")
    for block in cut(text).fenced:
        last = block.line + block.text.count("\n") + 2
        bare = re.fullmatch(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*\r?", lines[block.line])
        if bare and last < len(lines) and block.text.strip():
            label = _label(block.text, request)
            end = "\r" if lines[block.line].endswith("\r") else ""
            lines[block.line] = lines[block.line].rstrip() + label + end
    return "\n".join(lines)


def fences(response: str, request: str) -> str:
    """Code as a whole, or blocks of it among prose, between fences; bare fences with a label."""
    if "\r" in response.replace("\r\n", "") or len(response) > 100_000 or not response.strip():
        return response
    if "```" in response or "~~~" in response:
        return _labelled(response, request)
    if is_code(response, request):
        return _whole(response, request)
    return _blocks(response, request) if _has_sign(response) else response


OPERATIONS: tuple[Operation, ...] = (
    Operation("fences", "Code stands between fences that name its language.", fences),
)
