"""What a proofreader changed, edit by edit, and which of the edits may be corrections.

A small model that copies a text corrects slips well and now and then changes a word that was right.
So nothing is taken over as a whole: an edit is considered only where it is of a known kind, and all
the rest of the text stays the original's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from realign_local.text.english import (
    are_confused,
    are_forms,
    is_misspelling,
    is_small,
    is_word,
    takes_capital,
)

Kind = Literal["spelling", "form", "small word", "capital", "doubled", "joined"]

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*|\s+|.", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*$")
_VOWEL = re.compile(r"[ai]|e(?!u)|o(?!ne|nce)|un(?!i)|u[^nst]|h(?:our|onest|eir|onou?r)")
"""Words that are spoken with a vowel first, as far as their letters tell."""
_ENDS_SENTENCE = frozenset(".!?\n")
_NEGATIONS = frozenset(
    "not no never none nobody nothing neither nor cannot without".split()  # noqa: SIM905
)
_MAY_STAND_TWICE = frozenset(["that", "had", "so", "very", "is", "bye", "no", "ha"])
_SHORTENED = frozenset(["etc", "inc", "ltd", "co", "vs", "approx", "eg", "ie", "cf", "no", "st"])
_BE = frozenset(["is", "are", "was", "were", "be"])


@dataclass(frozen=True, slots=True)
class Edit:
    """Tokens `start` to `end` of the original and what stands in their place."""

    start: int
    end: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    kind: Kind | None = None


def likely_edits(original: str, copy: str, *, known: Set[str]) -> tuple[Edit, ...]:
    """The edits of the copy that may be corrections, in their order.

    `known` are words, in small letters, that the request uses: they are spelt as the user wants.
    Where neighbouring words changed together ("The dog is", "The dogs are") both stay.
    """
    before, after = TOKEN.findall(original), TOKEN.findall(copy)
    found = list(_considered(before, after, known))
    return tuple(
        edit
        for place, edit in enumerate(found)
        if not any(_touch(edit, other) for n, other in enumerate(found) if n != place)
    )


def applied(original: str, edits: Sequence[Edit]) -> str:
    """The original with these edits of its own, which are in order."""
    tokens, text, done = TOKEN.findall(original), "", 0
    for edit in edits:
        text += "".join(tokens[done : edit.start]) + "".join(edit.new)
        done = edit.end
    return text + "".join(tokens[done:])


def _touch(one: Edit, other: Edit) -> bool:
    """Two changes of form with only a blank between them are one change of number."""
    near = max(one.start, other.start) - min(one.end, other.end) <= 1
    return near and one.kind == other.kind == "form"


def _considered(before: list[str], after: list[str], known: Set[str]) -> Iterator[Edit]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        for edit in _split(Edit(a, b, tuple(before[a:b]), tuple(after[c:d]))):
            if kind := _kind(edit, before, known):
                yield Edit(edit.start, edit.end, edit.old, edit.new, kind)


def _split(edit: Edit) -> list[Edit]:
    """Word for word where as many words were exchanged as there are, with the same in between."""
    if len(edit.old) != len(edit.new) or len(edit.old) < 2:
        return [edit]
    pairs = list(zip(edit.old, edit.new, strict=True))
    if any(bool(_WORD.match(old)) != bool(_WORD.match(new)) for old, new in pairs):
        return [edit]
    return [
        Edit(edit.start + n, edit.start + n + 1, (old,), (new,))
        for n, (old, new) in enumerate(pairs)
        if old != new
    ]


def _kind(edit: Edit, tokens: list[str], known: Set[str]) -> Kind | None:
    signs = "".join((*edit.old, *edit.new))
    old, new = _words(edit.old), _words(edit.new)
    if "\n" in signs or any(c.isdigit() for c in signs) or not (old or new):
        return None
    if any(_denies(word) for word in (*old, *new)):
        return "form" if _gets_apostrophe(old, new) else None
    if not new:
        return _left_out(edit, tokens, old)
    if not old:
        return "small word" if _is_put_in(edit, tokens, new) else None
    if _letters(old) == _letters(new):
        return _same_letters(edit, old, new, tokens)
    if len(edit.old) == len(edit.new) == 1:
        return _exchanged(old[0], new[0], edit, tokens, known)
    return None


def _words(tokens: Sequence[str]) -> list[str]:
    return [token for token in tokens if _WORD.match(token)]


def _letters(words: Sequence[str]) -> str:
    return "".join(c for word in words for c in word.lower() if c.isalpha())


def _plain(word: str) -> str:
    return word.replace("’", "'")


def _denies(word: str) -> bool:
    return word.lower() in _NEGATIONS or _plain(word.lower()).endswith("n't")


def _gets_apostrophe(old: Sequence[str], new: Sequence[str]) -> bool:
    """`dont` and `don't` are the same word, and the first is none."""
    if len(old) != 1 or len(new) != 1 or _letters(old) != _letters(new):
        return False
    return "'" in _plain(new[0]) and old[0].isalpha() and not is_word(old[0].lower())


def _same_letters(
    edit: Edit, old: Sequence[str], new: Sequence[str], tokens: list[str]
) -> Kind | None:
    """A change of capitals, apostrophes or of the gap between two parts of one word."""
    if len(edit.old) == len(edit.new) == 1:
        if are_confused(_plain(old[0].lower()), _plain(new[0].lower())):
            return "form" if old[0].isupper() == new[0].isupper() else None
        if old[0].lower() == new[0].lower():
            return "capital" if _gets_capital(old[0], new[0], edit, tokens) else None
        if _plain(old[0]) == _plain(new[0]) or "'" not in _plain(new[0]):
            return None
        return "form"  # its, it's; persons, person's
    if len(old) == len(new) or set("".join((*edit.old, *edit.new))) - set(
        "".join((*old, *new, " "))
    ):
        return None
    joined = all(is_word(word.lower()) for word in new)  # alot, a lot; ofcourse, of course
    return "joined" if joined and not all(is_word(word.lower()) for word in old) else None


def _gets_capital(old: str, new: str, edit: Edit, tokens: list[str]) -> bool:
    beside = (*tokens[max(0, edit.start - 1) : edit.start], *tokens[edit.end : edit.end + 1])
    if not old.islower() or new != old[0].upper() + old[1:] or "-" in beside:
        return False  # "hungarian-american" would be half mended
    if takes_capital(old):
        return True
    before = "".join(tokens[: edit.start])
    ended = re.search(r"(?<![A-Za-z])([a-z]{2,})[.!?] +$", before)
    return ended is not None and ended[1] not in _SHORTENED and is_word(old)


def _left_out(edit: Edit, tokens: list[str], old: Sequence[str]) -> Kind | None:
    """A word that stands twice, or one of two verbs in one place; nothing else may go."""
    around = (*tokens[max(0, edit.start - 2) : edit.start], *tokens[edit.end : edit.end + 2])
    neighbours = {token.lower() for token in around}
    whole = "".join(edit.old).strip() == "".join(old) and not "".join(edit.new).strip()
    if len(old) != 1 or not whole or not old[0].islower():
        return None
    word = old[0]
    if word in _BE:
        return "doubled" if neighbours & _BE else None
    return "doubled" if word in neighbours and word not in _MAY_STAND_TWICE else None


def _is_put_in(edit: Edit, tokens: list[str], new: Sequence[str]) -> bool:
    """One small word with its blank, within a line."""
    gap = "".join(tokens[max(0, edit.start - 1) : edit.end + 1])
    return (
        len(new) == 1
        and is_small(new[0])
        and sorted("".join(edit.new)) == sorted(new[0] + " ")
        and "\n" not in gap
        and not edit.old
    )


def _exchanged(old: str, new: str, edit: Edit, tokens: list[str], known: Set[str]) -> Kind | None:
    small_old, small_new = _plain(old.lower()), _plain(new.lower())
    if small_old in known or old[0].isupper() != new[0].isupper():
        return None
    opens = _opens_sentence(edit, tokens)
    if old[0].isupper() and not opens:  # names are spelt in many ways
        return None
    if are_confused(small_old, small_new):
        return "form"
    if {small_old, small_new} == {"a", "an"}:
        return "form" if _needs_an(tokens, edit) == (small_new == "an") else None
    if not opens and are_forms(small_old, small_new):
        return "form"
    return "spelling" if is_misspelling(small_old, small_new) else None


def _opens_sentence(edit: Edit, tokens: list[str]) -> bool:
    before = "".join(tokens[: edit.start]).rstrip(" \"'“‘(")
    return not before or before[-1] in _ENDS_SENTENCE


def _needs_an(tokens: list[str], edit: Edit) -> bool:
    following = next((token for token in tokens[edit.end :] if token.strip()), "")
    return bool(_VOWEL.match(following.lower()))
