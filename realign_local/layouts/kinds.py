"""The kind of a change, where the two texts alone show it: spelling, a comma, an article ..."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from realign_local.gates.prose import vocabulary
from realign_local.layouts.changes import Change

ALIKE = 0.6
"""From this likeness on (letters in common) one word can be a misspelling of the other."""
LEAST_STEM = 2

_ARTICLES = vocabulary("a an the")
_FAMILIES = {
    "pronoun": vocabulary(
        "i me my mine you your yours he him his she her hers it its we us our ours they them their"
        " theirs who whom whose this that these those myself himself herself themselves"
    ),
    "preposition": vocabulary("in on at to for from of by with since during until about into onto"),
    "form of the verb": vocabulary(
        "is are was were am be been being has have had do does did done"
    ),
}
_IRREGULAR = tuple(
    vocabulary(family)
    for family in (
        "go goes goed went gone", "say says said", "see saw seen", "eat ate eaten",
        "come came", "run ran", "take took taken", "give gave given", "buy bought buyed",
        "think thought", "bring brought", "teach taught teached", "catch caught catched",
        "write wrote written", "speak spoke spoken", "break broke broken", "know knew known",
        "begin began begun", "drink drank drunk", "swim swam swum", "sing sang sung",
        "make made", "find found", "leave left", "feel felt", "keep kept", "sleep slept",
        "get got gotten", "tell told", "sell sold", "send sent", "lose lost", "pay paid payed",
    )
)  # fmt: skip
_ENDINGS = vocabulary("s es ed d ing ies ly er est n en")
_MARKS = {",": "comma", ".": "full stop", ";": "semicolon", ":": "colon", "'": "apostrophe",
          "?": "question mark", "!": "exclamation mark", "-": "hyphen"}  # fmt: skip


def named(change: Change) -> str:
    """The kind of a change, as the list of changes says it; "" where it could be several."""
    old, new = change.old, change.new
    if not old or not new:
        return _named_alone(old or new, "missing" if new else "not needed")
    if old.lower() == new.lower():
        return "capital letter" if new[0].isupper() else "small letter"
    if _letters(old) == _letters(new) and " " not in old + new:
        mark = _mark(old, new)
        return (
            f"{mark} {'missing' if len(new) > len(old) else 'not needed'}"
            if mark
            else "punctuation"
        )
    if _expanded(old, new):
        return "written out"
    return _named_words(old.lower(), new.lower())


def _named_alone(text: str, what: str) -> str:
    if text.lower() in _ARTICLES:
        return f"article {what}"
    return f"{_MARKS[text]} {what}" if text in _MARKS else ""


def _named_words(old: str, new: str) -> str:
    if {old, new} <= _ARTICLES:
        return "article"
    for name, family in _FAMILIES.items():
        if {old, new} <= family:
            return name
    if any({old, new} <= family for family in _IRREGULAR):
        return "form of the verb"
    if _is_form(old, new):
        return "form of the word"
    return "spelling" if _is_misspelling(old, new) else ""


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()).lower()


def _mark(old: str, new: str) -> str:
    """The one mark that one of two texts has and the other has not."""
    shorter, longer = sorted((text.replace("’", "'") for text in (old, new)), key=len)
    for sign in shorter:
        longer = longer.replace(sign, "", 1)
    return _MARKS.get(longer, "") if len(old) != len(new) else ""


def _expanded(old: str, new: str) -> bool:
    """Whether a contraction was written out (don't, do not)."""
    return bool(re.search(r"\w['’]\w", old)) and " " in new and new[0].lower() == old[0].lower()


def _is_form(old: str, new: str) -> bool:
    """One word with two endings (work, works, worked)."""
    if " " in old + new:
        return False
    shared = SequenceMatcher(None, old, new, autojunk=False).find_longest_match().size
    ends = old[shared:], new[shared:]
    same_stem = old[:shared] == new[:shared] and shared >= LEAST_STEM
    return same_stem and all(not end or end in _ENDINGS for end in ends)


def _is_misspelling(old: str, new: str) -> bool:
    alike = SequenceMatcher(None, old, new, autojunk=False).ratio()
    return " " not in old + new and alike >= ALIKE
