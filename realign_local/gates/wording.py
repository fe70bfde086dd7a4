"""Wording: a sentence that is carried over whole has not had one of its words exchanged.

A rewrite may reword a sentence or copy it. One that is a copy but for a word or two was not
reworded: `edible` has become `poisonous`. Forms of the same word, a spelling that was mended,
pronouns for what they stand for, and the small words that tie sentences together may differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

from realign_local.base.reasons import Reason
from realign_local.gates.exact.number_rewordings import is_ordinal
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.gates.talk.kept_senses import language_of, opposite_and_turned, voice_of
from realign_local.gates.talk.negation import negations, opposites_of
from realign_local.text.align import Alignment, UnitPair, align, without_copies
from realign_local.text.beside.exchanged import Exchange, Judgement, exchanged
from realign_local.text.beside.synonyms import are_forms, are_synonyms, is_past_of_another
from realign_local.text.equal.accents import bare
from realign_local.text.equal.written import is_number_word
from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.number_words import SPELLED
from realign_local.text.numbers.units import magnitude_of, same_unit, unit_in_small_letters
from realign_local.text.order.ordering import pattern, unordered
from realign_local.text.rules import rules
from realign_local.text.segments import (
    FUNCTION_WORDS,
    WORD,
    plain,
    unlabelled,
    vocabulary,
    words,
)
from realign_local.text.small_words import small_words
from realign_local.text.spelling import is_mended, is_slip_for

MAX_WORDS = 120
"""Longer than any sentence; comparing takes time in proportion to the square."""
MOST_EXCHANGED = 2
LEAST_KEPT = 4
KEPT_SHARE = 0.66
_VOWELS = re.compile("[aeiouyàáâäåæèéêëìíîïòóôöøœùúûüąęаеёиоуыэюяіїє]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_TWICE = re.compile(r"(.)\1")
LEAST_DOUBLED = 2
"""Who doubles letters wrongly does so more than once; one `cassa` may be no `casa`."""
LEAST_LETTERS = 3
"""Shorter words are small ones, or letters of a formula."""
_TIES = FUNCTION_WORDS | vocabulary(
    """next then finally now still even yet however moreover furthermore
    additionally similarly instead meanwhile afterwards given because since while although though
    when whenever once until unless within without during between among through over under
    say says said get gets got gives given give make makes made take takes need needs needed use
    uses used using want wants let lets us one ones myself himself herself itself themselves
    mean means meant called named
    step find calculate compute determine equals equal same way thing things"""
) - {"son", "war", "pour", "die", "sin"}


_JOINED = re.compile(r"(?<=[a-z])'(?:m|re|ve|ll|s|d)\b")
"""What the words before it have swallowed: `I'm` may become `I am`."""
_RUNS_OF_VOWEL_SIGNS = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Scripts without blanks whose vowels are no letters: what lies between them are no words."""
_NO_ACCENTS_FROM = "\u0590"
_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th", "er", "re", "e", "ème", "eme", "o", "a"})


@cache
def data() -> dict[str, Any]:
    """The table as it stands in the file."""
    return rules("wording")


@cache
def _ties(language: str) -> frozenset[str]:
    """Words of a language that tie sentences together, or stand for what was named before."""
    return vocabulary(data()["ties"].get(language, ""))


@cache
def _opposite() -> frozenset[tuple[str, str]]:
    pairs = [tuple(entry.split()) for entry in data()["opposites"]]
    return frozenset((a, b) for one, other in pairs for a, b in ((one, other), (other, one)))


@cache
def _joins() -> frozenset[tuple[str, str]]:
    pairs = [tuple(entry.split()) for entry in data()["joins"]]
    return frozenset((a, b) for one, other in pairs for a, b in ((one, other), (other, one)))


def check(case: Case) -> Verdict:
    """Fail on a sentence in which one or two words of content stand in the place of others."""
    aligned = align(case.original, case.rewritten)
    language = spoken(case.original, case.instruction)
    turned_round = [pair for pair in aligned.pairs if _is_turned_round(pair, language)]
    for pair in (*aligned.pairs, *_left_over(aligned)):
        if pair in turned_round:
            continue
        if exchanged := _exchanged(pair, case):
            old, new = exchanged
            detail = f"{old} has become {new}"
            return fail(Reason.MEANING_DRIFT, pair.after[0], detail=detail)
    if (aligned.pairs or aligned.missing) and (turned := _turned_phrase(case)):
        detail = f"{turned[0]} has become {turned[1]}"
        return fail(Reason.MEANING_DRIFT, turned[1], detail=detail)
    if turned_round:
        return PASS
    if aligned.pairs and (found := _exchanged_in_another_layout(case)):
        detail = f"{found.old} has become {found.new}"
        return fail(Reason.MEANING_DRIFT, found.line, detail=detail)
    return PASS if aligned.pairs else NOT_APPLICABLE


def _is_turned_round(pair: UnitPair, language: str) -> bool:
    """What is done stands before who does it, or the younger one before the older one."""
    before, after = " ".join(pair.before), " ".join(pair.after)
    if voice_of(before, after, language_of(before, language)) == "kept":
        return True
    old, new = words(before), words(after)
    couples = ((one, other) for one in old - new for other in opposites_of(one) & (new - old))
    return any(opposite_and_turned(before, one, after, other) for one, other in couples)


def _left_over(aligned: Alignment) -> Iterator[UnitPair]:
    """Sentences without a counterpart, each with the one in its place: small words may be alike."""
    if len(aligned.missing) == len(aligned.extra):
        for before, after in zip(aligned.missing, aligned.extra, strict=True):
            yield UnitPair((before,), (after,))


def _turned_phrase(case: Case) -> tuple[str, str] | None:
    """A phrase that is gone, and its opposite that has come: `at least`, `at most`."""
    old, new = (plain(text).lower() for text in (case.original, case.rewritten))
    for couple in _turned():
        rises = [_times(each, new) - _times(each, old) for each in couple]
        if min(rises) < 0 < max(rises):
            gone, come = (couple[rises.index(edge(rises))] for edge in (min, max))
            return next(p for p in gone if p in old), next(p for p in come if p in new)
    return None


@cache
def _turned() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Couples of opposites, each of phrases that say the same."""
    sides = ((side.split("|") for side in couple.split()) for couple in data()["turned"])
    couples = ([tuple(p.replace("_", " ") for p in side) for side in both] for both in sides)
    return [(one, other) for one, other in couples]


def _times(phrases: tuple[str, ...], text: str) -> int:
    """How often one of the phrases stands there, between letters where a script has no blanks."""
    found = [phrase for phrase in phrases if phrase in text]
    if not found:
        return 0
    spaceless = found[0] > "\u2e80"
    either = "|".join(map(re.escape, found))
    return len(re.findall(either if spaceless else rf"(?<!\w)(?:{either})(?!\w)", text))


def _exchanged_in_another_layout(case: Case) -> Exchange | None:
    if _RUNS_OF_VOWEL_SIGNS.search(case.original):
        return None
    language = spoken(case.original, case.instruction)
    kinds = (_TIES, small_words(language), _signs(), _yes_and_no())

    def is_small(word: str) -> bool:
        if word > "\u3000":
            return _is_kana(word) or word in _signs() or word in data()["turns"]
        if len(word) < LEAST_LETTERS or any(word in kind for kind in kinds):
            return True
        turn = pattern("opener").fullmatch(f"{word} ") or pattern("orders").fullmatch(word)
        return bool(_unit(word) or turn) or _is_number(word, language)

    def may_stand_for(old: str, new: str) -> bool:
        bent = old[:1] == new[:1] and _skeleton(old) == _skeleton(new)[: len(_skeleton(old))]
        return _means_the_same(old, new) or bent or _is_mended(old, new, case)

    asked = " ".join((case.instruction, *case.evidence))
    judgement = Judgement(is_small, may_stand_for, _opposite())
    return exchanged(case.original, case.rewritten, asked, judgement)


@cache
def _yes_and_no() -> frozenset[str]:
    """What a cell says of a thing in the place of a sentence."""
    return vocabulary(data()["yes_and_no"])


@cache
def _signs() -> frozenset[str]:
    """Chinese signs that say little, and English words for signs between numbers."""
    return frozenset([*data()["signs"], "plus", "minus", "times"])


def _skeleton(word: str) -> str:
    """The word without its vowels, which many languages change: `cierra`, `cerrada`."""
    bare = _VOWELS.sub("", word)
    return bare if len(bare) >= LEAST_LETTERS else word


def _is_number(word: str, language: str) -> bool:
    return is_ordinal(word) or is_number_word(word, language) or bool(SPELLED.fullmatch(word))


def _is_kana(word: str) -> bool:
    """Hiragana are endings and small words."""
    return "\u3040" < word[0] < "\u30a0"


def _exchanged(pair: UnitPair, case: Case) -> tuple[str, str] | None:
    """The first word exchanged for another, if the sentence is a copy otherwise."""
    pair = without_copies(pair)
    if len(pair.before) == 1 and (joined := _joined_otherwise(pair)):
        return joined
    if len(pair.before) != 1 or len(pair.after) != 1:
        return None
    texts = (pair.before[0], unlabelled(pair.after[0], pair.before[0]))
    lowered = (unordered(text.lower()) for text in texts)
    before, after = (WORD.findall(_JOINED.sub("", text)) for text in lowered)
    if len(before) > MAX_WORDS or len(after) > MAX_WORDS:
        return None
    changes = _changes(before, after)
    if not changes or len(changes) > MOST_EXCHANGED:
        return None
    ties = _ties(spoken(case.original, case.instruction))
    row = before if "|" in pair.after[0] else []
    changes = [(old, new) for old, new in changes if not _is_set_apart(old, new, after, row)]
    return next((c for c in changes if not (_may_differ(*c, ties) or _is_mended(*c, case))), None)


def _joined_otherwise(pair: UnitPair) -> tuple[str, str] | None:
    """`and` in the place of `or`; behind a negation both may say the same."""
    before = WORD.findall(pair.before[0].lower())
    if len(before) > MAX_WORDS or negations(pair.before[0]):
        return None
    for unit in pair.after:
        after = WORD.findall(unlabelled(unit, pair.before[0]).lower())
        if len(after) <= MAX_WORDS:
            gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
            changes = [(*gone, *come)] if gone.total() == come.total() == 1 else []
            found = next((c for c in changes or _changes(before, after) if c in _joins()), None)
            if found:
                return found
    return None


def _is_set_apart(old: str, new: str, after: list[str], row: list[str]) -> bool:
    """In a table of a script without blanks the beginning of a clause is a cell of its own."""
    apart = bool(row) and new > "\u3000" and old != new and old.endswith(new)
    return apart and old.removesuffix(new) in after


def _changes(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Word for word what was put in the place of what, or nothing if too little was kept.

    What stands before the first word alone (`First, ...`) was added and took no word's place.
    """
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    if kept < LEAST_KEPT or kept < KEPT_SHARE * len(before):
        return []
    changes: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace":
            if i2 - i1 > j2 - j1 or (i1 and i2 - i1 < j2 - j1):
                return []
            changes += zip(before[i1:i2], after[j2 - (i2 - i1) : j2], strict=True)
    return changes


def _may_differ(old: str, new: str, ties: frozenset[str]) -> bool:
    if (old, new) in _opposite():
        return False
    if old in _ORDINAL_ENDS or new in _ORDINAL_ENDS:
        return True
    if old in _TIES or new in _TIES or old[0].isdigit() or new[0].isdigit():
        return True
    if old in ties or new in ties:
        return True
    return _means_the_same(old, new) or bool(SPELLED.fullmatch(old) or SPELLED.fullmatch(new))


def _means_the_same(old: str, new: str) -> bool:
    """Names of one unit, power or month, and forms of one word."""
    if (unit := _unit(old)) and same_unit(unit, _unit("°C" if new == "c" else new)):
        return True
    if (power := _power(old)) and power == _power(new):
        return True
    if (month := month_of(old.capitalize())) and month == month_of(new.capitalize()):
        return True
    return _is_kin(old, new) or are_synonyms(old, new)


def _unit(word: str) -> str:
    """The unit that a word in lower case names, be it written with capitals."""
    return unit_in_small_letters(word)


def _power(word: str) -> int:
    return magnitude_of(word) or magnitude_of(word.capitalize())


def _is_mended(old: str, new: str, case: Case) -> bool:
    """A misspelling that the rewrite has nowhere any more; English words are known alone."""
    if old in words(plain(case.rewritten)):
        return False
    if _undoubled(old) == _undoubled(new):
        return len(_doubled(case.original, case.rewritten)) >= LEAST_DOUBLED
    if spoken(case.original, case.instruction) not in ("", "en"):
        return False
    return is_mended(old, new) or is_slip_for(old, new)


@lru_cache(maxsize=8)
def _doubled(original: str, rewritten: str) -> frozenset[str]:
    """Words that the rewrite has with a letter doubled, or no longer so, and never as they were."""
    old, new = (words(plain(text)) for text in (original, rewritten))
    come = {_undoubled(word) for word in new - old if len(word) > LEAST_LETTERS}
    return frozenset(word for word in old - new if _undoubled(word) in come)


def _undoubled(word: str) -> str:
    return _TWICE.sub(r"\1", word) if len(word) > LEAST_LETTERS else word


def _is_kin(old: str, new: str) -> bool:
    """Forms or spellings of one word: `walks` and `walking`, `colour` and `color`, `Mr` and `Mr's`.

    They share their beginning, but for two letters of the shorter one.
    """
    old, new = (word.removesuffix("'s").removeprefix("و") for word in (old, new))
    if _HANGUL.fullmatch(old[:1]) and old.startswith(new):
        return old.removeprefix(new) in data()["particles"].split()
    if new > "\u3000" and old.endswith(new):
        return old.removesuffix(new) in data()["turns"].split()
    if old == new or are_forms(old, new):
        return True
    if is_past_of_another(old, new):
        return False
    if not (old.isascii() and new.isascii()) and max(old + new) < _NO_ACCENTS_FROM:
        old, new = bare(old), bare(new)
    shared = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(old, new, strict=False)))
    shorter, longer = sorted((len(old), len(new)))
    return shared >= 2 and shared >= shorter - 2 and 2 * shared >= longer
