"""Lists that stand within a line, opened as a rewrite opened them, so that both can be compared.

Their numbers ("(1) ... (2) ...", "First, ... Second, ...") say no more than the order does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LEAST_ENTRIES = 2
_NUMBER = re.compile(
    r"(?:(?<=\s)|^)\(?(\d{1,2})[.)](?:\s+(?=\S)|(?=[A-ZÀ-Þ][a-zß-ÿ]))", re.MULTILINE
)
_ORDINALS = (
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
)
_ORDINAL = re.compile(
    rf"(?:(?<=[.!?;:,]\s)|^)(?:(?:and\s+)?({'|'.join(_ORDINALS[0])})(?:ly)?,?\s+"
    rf"|step\s+({'|'.join(_ORDINALS[1])}|\d{{1,2}})\s*[:.,)]\s+)(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)
_HAN_ORDINAL = re.compile(
    r"(?:(?<=[。！？；：:;，,])|^)\s*第([一二三四五六七八九])[点步]?[，、：,:]?\s*(?=\S)",
    re.MULTILINE,
)
_HAN = "一二三四五六七八九"
_ANSWER = re.compile(r"(?:(?<=[,;.]\s)|^)(\d{1,2})[:=]?\s+(?=[^\W\d_])", re.MULTILINE)
"""`1 true, 2 false`, of what the request numbers."""
_LISTED = re.compile(r"^[ \t]*(\d{1,2})[.)]\s", re.MULTILINE)


def opened(original: str, rewritten: str, asked: str = "") -> str:
    """The original with each entry of a run-in list on a line of its own, numbered as in the
    rewrite; as it was where the rewrite has no list of so many entries."""
    listed = len(_LISTED.findall(rewritten))
    if listed < LEAST_ENTRIES or listed <= len(_LISTED.findall(original)):
        return original
    for found in map(list, (_numbered(original), _spelt_out(original), _in_han(original))):
        if LEAST_ENTRIES <= len(found) <= listed:
            return _broken(original, found)
    answers = [*_numbered(original, _ANSWER)]
    if answers and len(answers) == listed == len([*_numbered(asked)]):
        return _broken(original, answers)
    return original


def _numbered(text: str, pattern: re.Pattern[str] = _NUMBER) -> Iterator[re.Match[str]]:
    """The numbers 1, 2, 3 ... in their order."""
    expected = 1
    for found in pattern.finditer(text):
        if int(found[1]) == expected:
            expected += 1
            yield found


def _spelt_out(text: str) -> Iterator[re.Match[str]]:
    expected = 0
    for found in _ORDINAL.finditer(text):
        word = (found[1] or found[2]).lower()
        names = (_ORDINALS[0][expected], _ORDINALS[1][expected], str(expected + 1))
        if word in names and expected < len(_ORDINALS[0]) - 1:
            expected += 1
            yield found


def _in_han(text: str) -> Iterator[re.Match[str]]:
    expected = iter(_HAN)
    sign = next(expected)
    for found in _HAN_ORDINAL.finditer(text):
        if found[1] == sign:
            yield found
            sign = next(expected, "")


def _broken(text: str, marks: list[re.Match[str]]) -> str:
    parts, done = [], 0
    for number, mark in enumerate(marks, start=1):
        parts.append(f"{text[done : mark.start()].rstrip()}\n{number}. ")
        done = mark.end()
    return "".join(parts) + text[done:]
