"""Truncation: the rewrite ends where it should, not within a sentence or a code block."""

from __future__ import annotations

import re
from itertools import takewhile

from realign_local.base.reasons import Reason
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.text.align import align
from realign_local.text.beside.name_cases import are_cases, has_cases
from realign_local.text.numbers.number_words import SPELLED
from realign_local.text.segments import (
    FUNCTION_WORDS,
    WORD,
    content,
    key,
    keys,
    plain,
    units,
    vocabulary,
    words,
)
from realign_local.text.stems import stems

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_ENDED = re.compile(r"[.!?…。！？؟۔।:;)\]}>\"'”’»」』`|*_~=]\s*$")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_DANGLING = vocabulary(
    "and or but the a an of to in for with as by from is are was were that which und oder et y"
)
_CONNECTIVE = re.compile(
    r"(?:so|therefore|thus|hence|altogether|in total|in short|in conclusion|finally|overall"
    r"|however|to|the|in),?",
    re.IGNORECASE,
)
_CONNECTIVES = vocabulary(
    """but also still yet aber auch jedoch doch dabei mais aussi pero también ma però anche mas
    também maar ook ale też но также"""
)
_REMINDERS = vocabulary("don't dont forget remember lastly")
"""`Don't forget a lamp`, of which the lamp is left in a list."""
_MARKED = re.compile(r"[ \t]*(?:[-*+•#|] |[-+•#|]|\d{1,3}[.)])")
_HEADING = re.compile(r"#{1,3} \S")
_HEADED = re.compile(r"^(?:#{1,6} +(.+)|\*\*([^*\n]+)\*\*:?) *$", re.MULTILINE)
_CHANGE = re.compile(r"- ([\"`]).+\1(?: added| left out)?")
"""An entry of a list of changes that gives no reason."""
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_INTERVAL = re.compile(r"[\[(\]][^\[\]()\n]{1,40}[,;][^\[\]()\n]{1,40}[\])\[]")
_FULL_STOP = re.compile(r"(?<!\d[ap]m)(?<!\d [ap]m)[.!?。！？؟।]\s*$")
_LAST_WORD = re.compile(r"([^\W\d_]+)[^\w$€£¥₽₴₹₩₺∞]*$")
_WORD_BEHIND = re.compile(r"\w| (?!(?:and|or|but|und|oder|et|ou|y|o|e|i|lub|и|или)\b)\w")
LAST_WORDS = 3
LOOKED_AT_SIGNS = 400
MAX_SIBLINGS = 20


def check(case: Case) -> Verdict:
    """Fail on what the engine cut off, an open fence, a cut last sentence, a lost last sentence."""
    rewritten = case.rewritten.rstrip()
    if case.truncated:
        return _cut(rewritten, "the engine stopped at its limit")
    if not rewritten:
        return _cut("", "the rewrite is empty") if case.original.strip() else PASS
    if _open_fence(rewritten) and not _open_fence(case.original):
        return _cut(rewritten, "a code block is never closed")
    if _ends_short(case, rewritten):
        return _cut(rewritten, "the last sentence breaks off")
    if align(case.original, case.rewritten).last_lost and _lost_for_good(case):
        return _cut(rewritten, "the last part of the original is not there")
    return PASS


def _open_fence(text: str) -> bool:
    return ("```" in text or "~~~" in text) and len(_FENCE.findall(text)) % 2 == 1


def _ends_short(case: Case, rewritten: str) -> bool:
    last_line = rewritten[rewritten.rfind("\n") + 1 :].strip()
    if case.original.rstrip().endswith(last_line) and len(last_line) > 1:
        return False
    found = units(last_line[-LOOKED_AT_SIGNS:])
    if last_line[0] == "|" and last_line[-1] != "|" and re.search(r"\|\n.+$", rewritten):
        return True
    if not found:
        return last_line.startswith("####") and not last_line.strip("# ")
    last = found[-1]
    whole = units(case.original)
    if key(last) in keys(case.original) or (whole and key(whole[-1]) in plain(last_line)):
        return False
    if whole and _last_words(last) == _last_words(whole[-1]):
        return False
    if (_begins_another(last, case.original) and not _goes_elsewhere(last, case)) or _HEADING.match(
        last_line
    ):
        return True
    if _CHANGE.fullmatch(last_line):
        return False
    if _unclosed(last_line):
        return True
    if last_line.endswith("$") and last_line.count("$") % 2 == 0:
        return False
    return not _ENDED.search(last_line) and _runs_on(last, last_line, case)


def _last_words(unit: str) -> tuple[str, ...]:
    """So many of them that no cut would have left them at the end."""
    found = tuple(WORD.findall(unit.lower())[-LAST_WORDS:])
    return found if len(found) == LAST_WORDS else (unit,)


def _begins_another(last: str, original: str) -> bool:
    """The last unit is the beginning of an original one that goes on."""
    start = key(last)
    return len(start) > (8 if start.isascii() else 3) and any(
        unit.startswith(start) and unit[len(start) :].strip(".,0") for unit in keys(original)
    )


def _goes_elsewhere(last: str, case: Case) -> bool:
    """A whole sentence, of which the rest stands in a table or a list before it."""
    if not _ENDED.search(case.rewritten):
        return False
    start, held = key(last), words(plain(case.rewritten))
    goes_on = next(unit for unit in keys(case.original) if unit.startswith(start))
    rest = content(goes_on[len(start) :])
    if rest & _heading_over(case.rewritten):
        return True
    return len(rest) > 1 and len(rest & held) >= 0.75 * len(rest)


def _heading_over(text: str) -> frozenset[str]:
    """The words of the last heading, of which the sentence may have told behind what it is of."""
    found = _HEADED.findall(text)
    return content(plain(" ".join(found[-1]))) if found else frozenset()


def _unclosed(line: str) -> bool:
    """A bracket or a pair of marks that opens in the last line and never closes, outside code.

    Those of `[0, 1)` close each other.
    """
    line = _INTERVAL.sub("", _INLINE_CODE.sub("", line))
    pairs = any(line.count(opening) > line.count(closing) for closing, opening in _CLOSERS.items())
    return (
        pairs or line.count("**") % 2 == 1 or (line.count('"') % 2 == 1 and not line.endswith('"'))
    )


def _runs_on(last: str, line: str, case: Case) -> bool:
    """Prose without an end: a last word that is cut or cannot be last, or one among sentences."""
    if _CONNECTIVE.fullmatch(last):
        return True
    tail = _LAST_WORD.findall(last)
    if tail and tail[0].lower() in _DANGLING:
        return True
    if _is_value(line):
        return False
    if tail and _is_fragment(tail[0].lower(), case):
        return True
    if tail and _MARKED.match(line) and _unlike_its_siblings(case.rewritten):
        return True
    if _MARKED.match(line) and _is_of_a_bare_list(case.rewritten):
        return _stops_midway(last, case)
    added = last in align(case.original, case.rewritten).closing
    if added and not _MARKED.match(line) and _goes_on(line):
        return True
    lines = _lines(case.rewritten)
    sentences = sum(bool(_ENDED.search(text)) for text in lines)
    return len(last.split()) >= 4 and 2 * sentences > len(lines) - added and not line.endswith("|")


def _is_value(line: str) -> bool:
    """A label with a number in words: `Answer: one hundred and fifty`."""
    label, colon, value = line.rpartition(":")
    return bool(colon and label and SPELLED.fullmatch(value.strip(" *_")))


def _unlike_its_siblings(rewritten: str) -> bool:
    """The last of several list items has no full stop, and all others have."""
    lines = [text for text in plain(rewritten).split("\n")[-MAX_SIBLINGS:] if text.strip()]
    items = list(takewhile(_MARKED.match, reversed(lines[:-1])))
    return bool(items) and all(_FULL_STOP.search(text) for text in items)


def _is_of_a_bare_list(rewritten: str) -> bool:
    """The last of several list items, of which none has a full stop."""
    lines = [text for text in rewritten.split("\n")[-MAX_SIBLINGS:] if text.strip()]
    items = list(takewhile(_MARKED.match, reversed(lines)))
    return len(items) > 1 and not any(_ENDED.search(text) for text in items)


def _stops_midway(last: str, case: Case) -> bool:
    """The words stand in the original, and its sentence goes on behind them.

    How it goes on is not said elsewhere, as above a list of all that it is true of.
    """
    text, start = plain(case.original), key(last).casefold()
    at = text.casefold().find(start)
    if at < 0 or not _WORD_BEHIND.match(text, at + len(start)):
        return False
    language = spoken(case.original, case.instruction)
    rest = stems(units(text[at + len(start) :])[0], language)
    if rest & stems(" ".join(_heading_over(case.rewritten)), language):
        return False
    return not rest or len(rest & stems(plain(case.rewritten), language)) < 0.7 * len(rest)


def _goes_on(line: str) -> bool:
    """More than a label with its value, or a result with what it counts."""
    parts = re.split(r"[\d:]", line)
    return len(parts) == 1 or len(parts[-1].split()) >= 3


def _lines(text: str) -> list[str]:
    return [line for line in text[-20 * LOOKED_AT_SIGNS :].split("\n") if len(line.split()) >= 4]


def _is_fragment(word: str, case: Case) -> bool:
    """A word that no given text has, but which begins one that it has."""
    if len(word) < 2 or word in FUNCTION_WORDS:
        return False
    given = words(case.original.lower()) | words(case.instruction.lower())
    return word not in given and any(
        other.startswith(word) and other != word + "s" for other in given
    )


def _lost_for_good(case: Case) -> bool:
    last = units(case.original)[-1]
    bag = {word for word in words(last) - FUNCTION_WORDS if not word[0].isdigit()}
    held = frozenset().union(*(words(unit) for unit in units(case.rewritten)))
    gone = bag - held
    if gone and has_cases(language := spoken(case.original, case.instruction)):
        held |= {word for word in gone if any(are_cases(word, other, language) for other in held)}
    if bag - _REMINDERS and bag - _REMINDERS <= held:
        return False
    if len(bag) < 2 or len(bag & held) >= 0.7 * len(bag) or bag - held <= _CONNECTIVES:
        return False
    if _is_signed_alike(last, units(case.rewritten)[-1:]) and 2 * len(bag & held) >= len(bag):
        return False
    language = spoken(case.original, case.instruction)
    wanted = stems(last, language)
    return len(wanted & stems(plain(case.rewritten), language)) < 0.7 * len(wanted) or not wanted


def _is_signed_alike(last: str, closing: tuple[str, ...]) -> bool:
    """Whether both end in the same word, such as a name below a letter."""
    one, other = (WORD.findall(unit.lower())[-1:] for unit in (last, " ".join(closing)))
    return bool(one) and one == other


def _cut(span: str, detail: str) -> Verdict:
    return fail(Reason.TRUNCATED, span[-80:], detail=detail)
