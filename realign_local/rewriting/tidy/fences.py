"""Fences round code that has none, and labels for fences whose language is sure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from realign_local.rewriting.operation import Operation
from realign_local.text.code.code_blocks import cut, squeezed
from realign_local.text.code.code_labels import (
    MAX_REQUEST_CHARS,
    MOST_COMMON,
    asked_languages,
    begun_in,
    is_read,
    is_too_long,
    language_of,
    tables,
)
from realign_local.text.code.code_language import guess_language
from realign_local.text.code.code_lines import MAX_LINE_CHARS, has_signal, line_kind
from realign_local.text.code.code_parse import parses
from realign_local.text.code.code_told import holds_sentence, names_calls, tells_of_commands
from realign_local.text.code.unified_diff import diff_lines
from realign_local.text.prose import (
    is_label,
    lines_of_code,
    paragraph_lines,
    reads_as_prose,
    without_remarks,
)

INDENTED_CODE = 4
"""Columns from which Markdown takes lines for code without a fence."""

_SYMBOLIC = re.compile(r"[{}\[\]=;<>$|\\^@&*+_%~]|\w\(|\)$|^\s+\S|^\W*\w+\W*$")
_OPENS = re.compile(
    r"\W|(?i:select|insert|update|delete|create|alter|drop|with|import|from|REM|program)\b"
)
_QUERY = re.compile(r"\s*(?i:select|insert|update|delete|create|alter|drop|with)\b")
_MARKUP_STARTS = ("<", "\\", "%", "--- ", "@@ ", "diff ", "Index: ")
_SIGNAL = re.compile(r"^[ \t]*(?:\((?:def|ns |set)|end$|FROM \S+$)|\w ::|DIVISION\.", re.MULTILINE)
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
_OUTPUT = re.compile(
    r"(?i)\b(?:outputs?|results?|ausgabe|ergebnis|sortie|résultat|salida|saída|resultado|risultato"
    r"|uitvoer|resultaat|вывод|результат)\b|输出|结果|出力"
)
_PLAIN_WORD = re.compile(r"[^\W\d_][\w'’.,-]*:?")
_SESSION = re.compile(r"\s*>>>(?: |$)")
_LIST_LINE = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")


_SPEAKS_OF_CODE = re.compile(
    r"(?m)^(?:Usage|Example|Output|Result|Note|Explanation|Run it|Call it|Use it)(?: \w+){0,3}: \S"
)
"""`Usage: group(users, "city").` is a sentence about the code, however much of it it holds."""


def _may_be_code(text: str, request: str) -> bool:
    """A quick no for most prose: its first line reads as such, or no sign of code is in it."""
    first = text.lstrip().partition("\n")[0]
    if len(first) > MAX_LINE_CHARS or (reads_as_prose(first) and not _OPENS.match(first)):
        return False
    return _has_sign(text) or _asks_for_code(request)


def _has_sign(text: str) -> bool:
    return has_signal(text) or _SIGNAL.search(text) is not None


@lru_cache(maxsize=64)
def is_code(code: str, request: str, *, alone: bool = True) -> bool:
    """Whether a text as a whole is code.

    Where it is the whole response (`alone`), a request for code lets less evidence do.
    """
    if code.count('"""') % 2 or not _may_be_code(code, request) or is_too_long(code):
        return False
    if _SPEAKS_OF_CODE.search(code):
        return False
    if code.lstrip().startswith(_MARKUP_STARTS):
        language = language_of(code, request)
        if not language or tables().languages[language].text:
            return language != ""
    if _is_json(code):
        return not alone or bool(_CONFIGURES.search(request))
    return _is_made_of_code(code, request, alone=alone)


def _is_made_of_code(code: str, request: str, *, alone: bool) -> bool:
    lines = [line for line in without_remarks(code).split("\n") if line.strip(" .\r")]
    if not lines or (any(map(reads_as_prose, lines)) and not _is_query(code)):
        return False
    if holds_sentence(lines) or names_calls(code.strip().split("\n")):
        return False
    kinds = [line_kind(line) for line in code.split("\n") if line.strip()]
    likely = sum(kind in ("strong", "weak") for kind in kinds)
    symbolic = sum(1 for line in lines if _SYMBOLIC.search(line))
    language = language_of(code, request)
    known = tables().languages.get(language)
    if language == "json" or tells_of_commands("\n".join(lines), language):
        return False
    if not (known and known.line) and any(map(is_label, lines)):
        return False
    marked = known.score(code) if known else 0
    if max(likely, marked, symbolic) * 10 < len(lines) * 6:
        return False
    if _is_in_braces(lines, kinds):
        return True
    named = asked_languages(request)
    enough = marked >= (1 if language in named else 2) and marked * 3 >= len(lines)
    if enough or (is_read(code, language) and marked * MOST_COMMON >= len(lines)):
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
    for start, end in _without_words_around(lines):
        may_be = end - start > 1 or _is_led_to(lines, start)
        if may_be and not code.issuperset(range(start, end)):
            code.update(range(start, end) if _is_block(lines, start, end, request) else ())
    code -= _output(lines)
    code -= {number for number, line in enumerate(lines) if _SPEAKS_OF_CODE.match(line)}
    diff = diff_lines(lines)
    start = last = -1
    for number, line in enumerate((*lines, "end")):
        if number in code:
            start, last = (number if start < 0 else start), number
        elif line.strip() and start >= 0:
            start += start < last and _leads(lines[start])
            while (
                last > start
                and last not in diff
                and (not lines[last].strip() or _leaves_off(lines[start], lines[last]))
            ):
                last -= 1
            yield start, last + 1
            start = -1


def _without_words_around(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Paragraphs without the words that lead to code in them and speak of it right below.

    What a session with `>>>` prints may look like anything, and belongs to it.
    """
    for start, end in paragraph_lines(lines):
        led = next((n for n in range(start, end) if not _is_said(lines[n])), start)
        if led > start and _ENDS_OPEN.search(lines[led - 1]):
            start = led
        session = next((n for n in range(start, end) if _SESSION.match(lines[n])), None)
        start = session or start
        while session is None and end - start > 1 and _leaves_off(lines[start], lines[end - 1]):
            end -= 1
        yield start, end


def _leaves_off(first: str, last: str) -> bool:
    """Whether the last line speaks, or is an entry of the list around the code."""
    return _is_said(last) or (_LIST_LINE.match(last) is not None and _margin(last) < _margin(first))


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_said(line: str) -> bool:
    if not line[:1].strip():
        return False
    return _leads(line) or reads_as_prose(line) or is_label(line)


def _leads(line: str) -> bool:
    """Whether a line is three words or more and a colon, in small letters, too."""
    words = line.split()
    if len(words) < 3 or not line.endswith(":") or line_kind(line) == "strong":
        return False
    return all(map(_PLAIN_WORD.fullmatch, words))


def _output(lines: Sequence[str]) -> set[int]:
    """Lines under a label such as `Output:`, which say of themselves that they are no code."""
    return {
        number
        for start, end in paragraph_lines(lines)
        if is_label(lines[start]) and _OUTPUT.search(lines[start]) and not lines[start][0].isspace()
        for number in range(start, end)
        if line_kind(lines[number]) != "strong"
    }


def _is_led_to(lines: Sequence[str], number: int) -> bool:
    """Whether a line with more than words in it comes after one that ends in a colon."""
    return bool(_lead(lines, number) and re.search(r"[-./|$\"=(;]", lines[number]))


def _lead(lines: Sequence[str], number: int) -> str:
    """The line that ends in a colon above a line, right there or over a blank one; "" for none."""
    before = next((line for line in reversed(lines[max(0, number - 2) : number]) if line), "")
    return before if _ENDS_OPEN.search(before) else ""


def _is_block(lines: Sequence[str], start: int, end: int, request: str) -> bool:
    """Whether lines are code by themselves, or by words right above that say so."""
    block, lead = "\n".join(lines[start:end]), _lead(lines, start)
    return is_code(block, request, alone=False) or (lead != "" and is_code(block, lead))


def _stands_alone(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether what touches a block introduces it or is a sentence, so that no code is cut off."""
    before = lines[start - 1] if start else ""
    after = lines[end] if end < len(lines) else ""
    if end - start == 1:
        led, left = _ENDS_OPEN.search(before), not after.strip() or _is_said(after)
        if not (led and left) and (before.strip() or after.strip()):
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
    outside = [
        line
        for number, line in enumerate(lines)
        if number not in inside and not _SPEAKS_OF_CODE.match(line)
    ]
    cut_off = any(line_kind(line) == "strong" or _CLOSING.search(line) for line in outside)
    if cut_off or len(inside) == len(lines):
        return text
    done: list[str] = []
    at = 0
    for start, end in runs:
        margin = min(map(_margin, filter(str.strip, lines[start:end])))
        if margin >= INDENTED_CODE or lines[start].startswith("\t"):
            continue
        if not _stands_alone(lines, start, end) or not _is_block(lines, start, end, request):
            return text
        block = "\n".join(lines[start:end])
        if block.count("{") != block.count("}"):  # prose within it ended the stretch
            return text
        label = _label(block, f"{request}\n{_lead(lines, start)}")
        done += lines[at:start]
        done += _fenced(lines[start:end], label, " " * margin)
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
