"""Which stretches of a text are prose, so that an operation leaves code and formulas alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from realign_local.text.code.code_blocks import cut, split_lines
from realign_local.text.code.code_detect import bare_blocks
from realign_local.text.code.code_lines import is_sentence
from realign_local.text.segments import vocabulary

_FORMULA = re.compile(
    r"\$\$.{1,4000}?\$\$|\\\[.{1,4000}?\\\]|\\\(.{1,1000}?\\\)"
    r"|\\begin\{(\w{1,20}\*?)\}.{1,8000}?\\end\{\1\}"
    r"|(?<![\\$\w])\$(?=[^\s$\d])[^$\n]{1,200}?(?<=\S)\$(?![\w$])",
    re.DOTALL,
)
_INLINE_CODE = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s<>\"]+|\b[\w.+-]+@[\w-]+\.[\w.-]+|<[A-Za-z/!][^<>\n]*>"
)
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_MARKED_ANSWER = re.compile(r"(?m)^[ \t]*####[^\n]*$")
_KEPT = (_FORMULA, _INLINE_CODE, _CALCULATOR, _ADDRESS, _MARKED_ANSWER)
_HELD = re.compile("\ue000(\\d+)\ue001")
_HOLDERS = "\ue000\ue001"


_ONLY_IN_PROSE = vocabulary(
    "the a an is are was were of to that this it its you your we our they will can"
    " should which be have has with for and or but der die das und ist ein eine nicht mit"
    " zu le la les et est un une des el los las que y es una il che di per non sono o os"
    " uma com não het een van en"
)
_WORD = re.compile(r"[^\W\d_]+(?:[\x27’-][^\W\d_]+)*[.,;:!?]*$")
_SCRIPT_WITHOUT_CASE = re.compile(r"[\u0590-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SAID = re.compile(r"\s*[^\W\d_]+(?:(?:[.!?,;]? +|[\x27’-])[^\W_]+)* ?(?P<end>[.:!?：！？。])$")
"""A line of words alone that ends as speech does; by its first letter it is a sentence or label."""
_ASIDE = re.compile(r"\s*[A-ZÀ-Ý][\w.,\x27’ –-]* \([^()]*\)[.]?\s*$")
"""`Words (and more)`: a call has no blank before its bracket."""
_ASSIGNS = re.compile(r"\s*[a-z_]\w*(?:, ?[a-z_]\w*)* = [^.!?]*$")
"""`a, b = b, a % b` is no sentence, though every word of it may be one."""
_ITEM = re.compile(r"\s*(?:[-*•+]|\(?\d{1,3}[.)])\s+\S+\s+\S")
_LABELLED = re.compile(
    r"\s*(?:(?:[-*•+]|\d+[.)])\s+)?[A-Z][a-z]+(?: [a-z\d]+)*:(?:\s[^{(]*[^\s,;{(])?\s*$"
)
_REMARKS = re.compile(
    r'"""[\s\S]*?"""|\x27\x27\x27[\s\S]*?\x27\x27\x27|/\*[\s\S]*?\*/|<!--[\s\S]*?-->'
    r"|\{-[\s\S]*?-\}|\(\*[\s\S]*?\*\)|^=begin[\s\S]*?^=end"
    r'|"(?:[^"\\\n]|\\.)*"|(?<!\w)\x27(?:[^\x27\\\n]|\\.)*\x27(?!\w)|`[^`]*`'
    r"|(?:^|(?<=\s))(?:#|//|--\s)[^\n]*|^[ \t]*(?:[%;!]|\x27(?!\x27\x27)|REM\b)[^\n]*",
    re.MULTILINE,
)


_DOCSTRING = re.compile(
    r"""^[ \t]*[rRuUfFbB]{0,2}(\"{3}|\x27{3})(?:(?!\1)[^\n])*\n(?:(?!\1)[\s\S])*\1[ \t]*$""",
    re.MULTILINE,
)
"""A string over several lines that stands by itself, as documentation in Python does."""


@lru_cache(maxsize=64)
def lines_of_code(text: str) -> frozenset[int]:
    """The numbers of the lines that are code: fenced, with their fences, or bare."""
    parts = cut(text)
    lines = dict(parts.lines)
    code = set(range(len(split_lines(text)))) - lines.keys()
    for block in bare_blocks(parts.lines):
        left, number = block.text.count("\n") + 1, block.line
        while left and number in lines:
            left -= bool(lines[number].strip())
            code.add(number)
            number += 1
    number = seen = 0
    for string in _DOCSTRING.finditer(text):
        number, seen = number + text.count("\n", seen, string.start()), string.start()
        code.update(range(number, number + string[0].count("\n") + 1))
    return frozenset(code)


def in_prose(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to each stretch of lines that is not code.

    Formulas, code spans, links, addresses, tags, calculator marks and marked answers (`#### 7`) are
    put back as they were: `change` sees one private-use sign in the place of each, with a number
    behind it. Where one of them does not come back, the stretch stays as it was.
    """
    if any(sign in text for sign in _HOLDERS):
        return text
    stretches = list(_stretches(text))
    new = [_changed(stretch, change) if is_prose else stretch for is_prose, stretch in stretches]
    # Line ends of another kind stay where nothing changes.
    return text if new == [stretch for _, stretch in stretches] else "\n".join(new)


def _stretches(text: str) -> Iterator[tuple[bool, str]]:
    code, lines = lines_of_code(text), split_lines(text)
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or (number in code) != (start in code):
            yield start not in code, "\n".join(lines[start:number])
            start = number


def _changed(stretch: str, change: Callable[[str], str]) -> str:
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\ue000{len(held) - 1}\ue001"

    shown = stretch
    for pattern in _KEPT:
        shown = pattern.sub(hold, shown)
    new = change(shown)
    if sorted(map(int, _HELD.findall(new))) != sorted(map(int, _HELD.findall(shown))):
        return stretch
    while _HELD.search(new):
        new = _HELD.sub(lambda found: held[int(found[1])], new)
    return new


def reads_as_prose(line: str) -> bool:
    """Whether a line, without its remarks and strings, is made of words as sentences are."""
    caseless = 0 if line.isascii() else len(_SCRIPT_WITHOUT_CASE.findall(line))
    if caseless >= 6 or (caseless >= 2 and not re.search(r"[(){}\[\]=;<>]", line)):
        return True
    if _ASSIGNS.match(line):
        return False
    tokens = line.split()
    said = _SAID.match(line)
    if said and said["end"] not in ":：" and _is_capital(tokens[0]):
        return True
    if _ASIDE.match(line):
        return True
    if len(tokens) < 4:
        return False
    if is_sentence(line) or (_ITEM.match(line) and not re.search(r"[{}\[\]=;<>$:]", line)):
        return True
    words = [token for token in tokens if _WORD.match(token)]
    ties = sum(token.strip(".,;:!?").lower() in _ONLY_IN_PROSE for token in words)
    return len(words) * 10 >= len(tokens) * 7 and ties >= 2 and not line.isupper()


def is_label(line: str) -> bool:
    """`Here you go:`, `Output:`; but no label of a language, which are small or stand alone."""
    said = _SAID.match(line)
    if said is not None and said["end"] in ":：" and _is_capital(line.split()[0]):
        return True
    return _LABELLED.match(line) is not None


def _is_capital(word: str) -> bool:
    return word[0].isupper() and not (len(word) > 1 and word.isupper())


def without_remarks(code: str) -> str:
    """Code with a full stop in the place of each comment and string: what may be prose in it."""
    return _REMARKS.sub(" . ", code)


def paragraph_lines(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each stretch of lines between blank ones begins, and the line behind it."""
    start = 0
    for number, line in enumerate((*lines, "")):
        if not line.strip():
            if number > start:
                yield start, number
            start = number + 1
