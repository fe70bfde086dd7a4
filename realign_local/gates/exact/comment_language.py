"""Whether comments were translated into the language of the request, as a whole and no more.

A translation cannot be checked word by word. What can be checked is that it is one: every line has
a counterpart in another language, which is that of the request, with the same numbers and of about
the same length, and none is the old line with other words in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from realign_local.gates.language import scripts
from realign_local.text.code.code_blocks import cut
from realign_local.text.rules import rules
from realign_local.text.segments import IDEOGRAPH, word_count, words

MIN_LETTERS = 2
OF_A_SCRIPT = 0.3
"""Names and terms stay in Latin letters: so much of a text in another script makes it that one's"""
SHORTEST, LONGEST = 0.35, 3.0
"""Words for a word; two signs of a script without spaces count as one."""
WHOLE = 0.6
"""So much of a line of five words or more is there, in words or in letters: it is not cut short."""
MIN_WORDS = 5
IDEOGRAPH_LETTERS = 3
"""What a sign of a script without spaces says takes as many letters."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _languages() -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(found.split()) for name, found in rules("comment_language")["words"].items()
    }


def languages_in(text: str) -> frozenset[str]:
    """The script of a text that is not Latin, else the languages with the most small words in it.

    Spanish and Portuguese may share all the words of a comment; none where no word tells.
    """
    letters = scripts(text)
    others = {name: count for name, count in letters.items() if name != "latin"}
    if sum(others.values()) >= max(MIN_LETTERS, OF_A_SCRIPT * sum(letters.values())):
        most = "kana" if "kana" in others else max(others, key=lambda name: others[name])
        return frozenset({most})
    found = frozenset(_WORD.findall(text.lower()))
    hits = {name: len(found & small) for name, small in _languages().items()}
    best = max(hits.values())
    return frozenset(name for name, count in hits.items() if count == best > 0)


def is_translated(old: Sequence[str], new: Sequence[str], instruction: str) -> bool:
    """Whether each line of `new` stands for that of `old` in the language of the instruction."""
    if len(old) != len(new):
        return False
    pairs = [(before, after) for before, after in zip(old, new, strict=True) if before != after]
    if not pairs:
        return False
    was, now = (languages_in("\n".join(side)) for side in zip(*pairs, strict=True))
    if was & now or not _asked(now, was, cut(instruction).prose):
        return False
    return all(_stands_for(after, before, now, was) for before, after in pairs)


def _in_letters(names: frozenset[str]) -> bool:
    """Whether it is a text in Latin letters."""
    return names <= _languages().keys()


def _asked(now: frozenset[str], was: frozenset[str], request: str) -> bool:
    """Whether the request is in the language of the new comments.

    Latin letters that stand for another script need no word that tells their language.
    """
    if not _in_letters(now):
        return any(scripts(request).get(name, 0) >= MIN_LETTERS for name in now)
    asked = languages_in(request)
    if _in_letters(was):
        return bool(asked & now)
    return _in_letters(asked) and (not asked or not now or bool(asked & now))


def _letters(text: str) -> int:
    """How long a text is, at least 1, whatever script it is in."""
    return max(1, len(text) + (IDEOGRAPH_LETTERS - 1) * len(IDEOGRAPH.findall(text)))


def _stands_for(after: str, before: str, now: frozenset[str], was: frozenset[str]) -> bool:
    if sorted(_NUMBER.findall(before)) != sorted(_NUMBER.findall(after)):
        return False
    share = word_count(after) / max(1, word_count(before))
    if not SHORTEST <= share <= LONGEST:
        return False
    if word_count(before) >= MIN_WORDS and max(share, _letters(after) / _letters(before)) < WHOLE:
        return False
    if not _in_letters(now):
        return not scripts(after).keys() <= {"latin"} or not _WORD.search(after)
    shared = words(before) & words(after)
    return not languages_in(after) & was - now and 2 * len(shared) <= max(len(words(before)), 2)
