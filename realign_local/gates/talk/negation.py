"""Negation and modality: what is not, may or must be so stays that way, sentence by sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.gates.talk import kept_senses
from realign_local.gates.talk.cells_of_nothing import denials_for_dashes, is_in_a_cell
from realign_local.gates.talk.kept_senses import opposite_and_turned
from realign_local.text.align import (
    Alignment,
    UnitPair,
    align,
    echo_of,
    nearly_equal,
    without_copies,
)
from realign_local.text.order.ordering import says
from realign_local.text.rules import rules
from realign_local.text.segments import FUNCTION_WORDS, content, units, vocabulary, words
from realign_local.text.wordings import heads_of, may_hold

_TABLE = rules("negations")
_NEGATIONS = vocabulary(" ".join(entry["words"] for entry in _TABLE["language"]))
_UNMARKED = vocabulary(_TABLE["unmarked"]["words"])
_CONCORD = vocabulary(_TABLE["concord"]["words"])
CONCORD_WORDS = 6
"""So near behind another negation a word such as `ningún` denies nothing more."""
_COVERT = vocabulary(_TABLE["covert"]["words"])
_POLITE = re.compile(_TABLE["polite"]["pattern"], re.IGNORECASE)
_WHETHER_OR_NOT = re.compile(r"([\u4e00-\u9fff])[不没沒](?=\1)")
"""`要不要` asks."""
_LETTERS_ALONE = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")
_FRENCH = vocabulary("le la les des du est une un qui que sont et")
_NEGATIVE_SIGNS = re.compile(_TABLE["signs"]["pattern"])
_MAY_LACK = re.compile(rf"\b(?:{'|'.join(sorted(_UNMARKED))})\b", re.IGNORECASE)
_MAY_LACK_HEADS = heads_of(_UNMARKED)
LEAST_FRENCH = 2
CLOSE = 0.5
"""The share of common words of a sentence and what it was put in."""
MOST_OF_A_LABEL = 5
MAX_SEARCHED = 500
"""Units among which a denial is looked for beside its own."""
_TITLES = vocabulary(_TABLE["titles"]["words"])
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STRONG, _WEAK = (vocabulary(_TABLE["modality"][kind]) for kind in ("strong", "weak"))
_HEDGES = vocabulary(f"{_TABLE['modality']['hedges']} {_TABLE['modality']['perhaps']}")
_ANSWERS = re.compile(r"^[^\W\d_]+[,.!] +")
"""The `No,` before what is not so."""
_NO = vocabulary(_TABLE["answers"]["words"])
_PERHAPS = vocabulary(_TABLE["modality"]["perhaps"])
_MAY = re.compile(r"\bMay\b")
_MAY_LIKE = re.compile(r"\byou (?:might|may|could)\b", re.IGNORECASE)
_STRONG_SIGNS, _WEAK_SIGNS = (
    re.compile(_TABLE["modality"][kind]) for kind in ("strong_signs", "weak_signs")
)
_OPPOSITE: dict[str, set[str]] = {}
for _couple in _TABLE["opposites"]["couples"].split():
    _one, _other = _couple.split("/")
    _OPPOSITE.setdefault(_one, set()).add(_other)
    _OPPOSITE.setdefault(_other, set()).add(_one)


def check(case: Case) -> Verdict:
    """Fail on a sentence that is denied, no longer denied, weakened, or turned around."""
    language = spoken(case.original, case.instruction)
    texts = (_plainly(text, language) for text in (case.original, case.rewritten))
    original, rewritten = map(_with_apostrophes, texts)
    case = replace(case, original=original, rewritten=rewritten)
    aligned = align(case.original, case.rewritten)
    for verdict in _verdicts(case, aligned, language):
        if verdict:
            return verdict
    return PASS if aligned.pairs or aligned.extra else NOT_APPLICABLE


def _verdicts(case: Case, aligned: Alignment, language: str) -> Iterator[Verdict | None]:
    for pair in aligned.pairs:
        yield _pair(_with_short(pair, aligned.missing, case.original), case, aligned)
        yield _said_of(pair, language)
    if not aligned.extra:
        return
    for unit in aligned.extra:
        if unit.partition(":")[0].lower() in _TITLES:
            continue
        echo = echo_of(unit, (case.original,), questions=False)
        yield _restated(echo, unit) if echo else _asked(unit, case)


def _with_short(pair: UnitPair, missing: tuple[str, ...], original: str) -> UnitPair:
    """The pair with sentences such as `No.` that were joined to the one behind them."""
    if not missing:
        return pair
    held = words(" ".join(pair.after)) - words(" ".join(pair.before))
    held |= {word.partition("'")[0] for word in held}
    joined = tuple(u for u in missing if {word.partition("'")[0] for word in words(u)} <= held)
    if not joined:
        return pair
    return UnitPair(tuple(sorted((*joined, *pair.before), key=units(original).index)), pair.after)


def _asked(unit: str, case: Case) -> Verdict | None:
    """A sentence of the instruction said again almost word for word must not deny it either."""
    echo = echo_of(unit, (case.instruction,))
    if echo.endswith("?") and not negations(echo):  # the answer says whether it is so
        answer = " ".join(units(case.original)[:1])
        said = _ANSWERS.sub("", unit)
        agrees = (negations(answer) > 0) == (negations(said) > 0)
        return (
            _drift(unit, "this denies the answer") if not agrees and _covers(echo, unit) else None
        )
    return _restated(echo, unit) if echo and nearly_equal(UnitPair((echo,), (unit,))) else None


def negations(text: str) -> int:
    """How often the text denies something, in any of some twenty languages."""
    return _negations(_lowered(text), text)


def _plainly(text: str, language: str) -> str:
    """The text without words that deny in another language alone: `no` is Portuguese for in."""
    text = _POLITE.sub("_", text)
    ordinary = _TABLE["ordinary"].get(language, "")
    if not ordinary:
        return text
    return re.sub(rf"\b(?:{ordinary.replace(' ', '|')})\b", "_", text, flags=re.IGNORECASE)


def _with_apostrophes(text: str) -> str:
    """The text with `don't` for `dont`, unless it is French."""
    if not may_hold(text, _MAY_LACK_HEADS) or not _MAY_LACK.search(text):
        return text
    if len(_FRENCH.intersection(_lowered(text))) >= LEAST_FRENCH:
        return text
    return _MAY_LACK.sub(lambda word: f"{word[0][:-1]}'{word[0][-1]}", text)


def _negations(lowered: list[str], text: str) -> int:
    found = len(_places(lowered))
    if not _UNMARKED.isdisjoint(lowered) and len(_FRENCH.intersection(lowered)) < 2:
        found += sum(1 for word in lowered if word in _UNMARKED)
    if text.isascii():
        return found
    return found + len(_NEGATIVE_SIGNS.findall(_WHETHER_OR_NOT.sub(r"\1", text)))


def _lowered(text: str) -> list[str]:
    """The words; `non-governmental` is one, and says nothing of what is not so."""
    return _WORD.findall(text.lower().replace("non-", "non"))


def _pair(pair: UnitPair, case: Case, aligned: Alignment) -> Verdict | None:
    whole, pair = pair, without_copies(pair)
    before, after = " ; ".join(pair.before), " ; ".join(pair.after)
    old_words, new_words = _lowered(before), _lowered(after)
    denials = _negations(old_words, before)
    old, new = Counter(old_words), Counter(new_words)
    gone, come = old - new, new - old
    lost = denials - _negations(new_words, after) + denials_for_dashes(before, after, negations)
    answered = _answered(before, after, case.instruction)
    if answered == "denied":
        return _drift(after, "this denies the answer")
    if lost and not (answered and lost < 0):
        otherwise = not nearly_equal(pair) and _made_up_for(lost, gone, come)
        beside = lost > 0 and _is_said_beside(lost, whole, case, aligned)
        if not (otherwise or beside or is_in_a_cell(case, negations)):
            return _drift(after, "a negation is added or lost")
    if denials and (_is_ban(before, after) or _is_ban(after, before)):
        return _drift(after, "what must not be is not what need not be")
    stands = _denied(old_words) != _denied(new_words) and _said_behind(old_words) != _said_behind(
        new_words
    )
    if not gone and not come and stands:
        return _drift(after, "the negation stands elsewhere")
    if any(gone[w] for w in _STRONG) and any(come[w] for w in _WEAK):
        return _drift(after, "what must be so now only may be so")
    if any(gone[w] for w in _WEAK) and any(come[w] for w in _STRONG):
        return _drift(after, "what may be so now must be so")
    if nearly_equal(pair) and (hedge := _unsure(gone, come, before) or _unsure(come, gone, after)):
        return _drift(after, f"{hedge} is said here of what is sure there")
    if (hedge := _unsure(gone, come, before)) in _PERHAPS and _is_cut(pair):
        return _drift(after, f"{hedge} is lost")
    if not after.isascii() and _is_firmer(before, after):
        return _drift(after, "what may be so now must be so")
    return _opposite(gone, come, (before, after)) if _is_close(pair) else None


def _answered(before: str, after: str, instruction: str) -> str:
    """Of `No, 91 = 7 * 13`, said as `No, 91 is not prime, as 91 = 7 * 13`: `so`, or `denied`.

    What stands behind the `No` says the question again, and must deny it.
    """
    heads = [_ANSWERS.match(text) for text in (before, after)]
    if not (heads[0] and heads[1]) or not instruction.rstrip().endswith(("?", "？")):
        return ""
    if any(head and _NO.isdisjoint(_lowered(head[0])) for head in heads) or negations(instruction):
        return ""
    rests = [text[head.end() :] for text, head in zip((before, after), heads, strict=True) if head]
    added = content(rests[1]) - content(rests[0])
    if not added & content(instruction):
        return ""
    return "so" if negations(rests[1]) > negations(rests[0]) else "denied"


def _said_of(pair: UnitPair, language: str) -> Verdict | None:
    """Most are not all, and what is so if something happens is not so unless it does."""
    told = kept_senses.changed(pair, language)
    return _drift(" ; ".join(pair.after), told) if told else None


def _is_close(pair: UnitPair) -> bool:
    """One sentence for one, that has most of its words."""
    if nearly_equal(pair) or len(pair.before) != 1 or len(pair.after) != 1:
        return nearly_equal(pair)
    before, after = words(pair.before[0]), words(pair.after[0])
    return len(before & after) >= CLOSE * max(len(before), len(after))


def _made_up_for(lost: int, gone: Counter[str], come: Counter[str]) -> bool:
    """Whether other words took the place of the negations: `not from` is `rather than from`."""
    covert = come if lost > 0 else gone
    return sum(covert[word] for word in _COVERT) >= abs(lost)


def _is_said_beside(lost: int, pair: UnitPair, case: Case, aligned: Alignment) -> bool:
    """Whether an added sentence behind the pair denies instead, or the label over its items."""
    after, extra = units(case.rewritten), frozenset(aligned.extra)
    if len(after) > MAX_SEARCHED:
        return False
    first, last = after.index(pair.after[0]), after.index(pair.after[-1])
    behind = after[last + 1 : last + 2]
    if behind and behind[0] in extra and negations(behind[0]) == lost:
        return True
    labels = (
        u for u in reversed(after[:first]) if u.endswith(":") or (u in extra and _is_short(u))
    )
    above = next(labels, "")
    forbids = negations(above) > 0 or says("bans", above)
    return above in extra and forbids and not negations(" ; ".join(pair.after))


def _is_short(unit: str) -> bool:
    return len(unit.split()) <= MOST_OF_A_LABEL and unit[-1].isalnum()


def _is_cut(pair: UnitPair) -> bool:
    """A sentence that has only lost words: `Weekend: dry`, of `The weekend will perhaps be dry`."""
    if len(pair.before) != 1 or len(pair.after) != 1:
        return False
    return content(pair.after[0]) <= content(pair.before[0])


def _unsure(gone: Counter[str], come: Counter[str], text: str) -> str:
    """The word for what is not sure that no other one stands for, or "".

    `May` is a month, and `you might like` is said for politeness.
    """
    text = _MAY_LIKE.sub("", text)
    here = words(text)
    hedges = [
        word
        for word in gone
        if word in _HEDGES and word in here and not (word == "may" and _MAY.search(text))
    ]
    said = any(word in _HEDGES or word in _WEAK or word in _STRONG for word in come)
    return hedges[0] if hedges and not said else ""


def _is_firmer(before: str, after: str) -> bool:
    """Of scripts without words between blanks: `수 있다`, which may be so, has become `반드시`."""
    strong, weak = (
        len(signs.findall(after)) - len(signs.findall(before))
        for signs in (_STRONG_SIGNS, _WEAK_SIGNS)
    )
    return strong > 0 > weak


def _is_ban(one: str, other: str) -> bool:
    """Whether the one forbids where the other exempts."""
    bans, exemptions = ((_times(kind, one), _times(kind, other)) for kind in ("ban", "exemption"))
    return bans[0] > bans[1] and exemptions[0] < exemptions[1]


def _times(kind: str, text: str) -> int:
    return sum(1 for _ in modal(kind).finditer(text.lower()))


@cache
def modal(kind: str) -> re.Pattern[str]:
    """What finds a phrase of the data file, `ban` or `exemption`, in small letters."""
    return re.compile("|".join(entry["phrase"] for entry in rules("bans")[kind]))


def _denied(lowered: list[str]) -> list[int]:
    """Before which of the other words each negation stands."""
    return [at - n for n, at in enumerate(_places(lowered))]


def _said_behind(lowered: list[str]) -> list[str]:
    """The word behind each negation, which goes with it where clauses change places."""
    return sorted(lowered[at + 1] for at in _places(lowered) if at + 1 < len(lowered))


def _places(lowered: list[str]) -> list[int]:
    """Where a negation stands; of `no va a ningún sitio` the first alone counts."""
    found: list[int] = []
    for at, word in enumerate(lowered):
        if _denies(word):
            again = word in _CONCORD and found and at - found[-1] <= CONCORD_WORDS
            found += [] if again else [at]
    return found


def _denies(word: str) -> bool:
    """`nobody's` is `nobody has`."""
    return word.endswith("n't") or word.removesuffix("'s") in _NEGATIONS


def _opposite(gone: Counter[str], come: Counter[str], texts: tuple[str, str]) -> Verdict | None:
    before, after = texts
    for word in gone:
        turned = _OPPOSITE.get(word, set()).intersection(come)
        if turned and not opposite_and_turned(before, word, after, min(turned)):
            return _drift(after, f"{word} has become {min(turned)}")
    return None


def opposites_of(word: str) -> frozenset[str]:
    """What says the opposite of a word, in the table."""
    return frozenset(_OPPOSITE.get(word, ()))


def _restated(echo: str, unit: str) -> Verdict | None:
    """An added sentence that says again what a given sentence says must not deny it.

    Where single letters stand for words, they do not tell what is said again.
    """
    if _LETTERS_ALONE.search(unit):
        return None
    if (negations(echo) > 0) != (negations(unit) > 0) and _covers(echo, unit):
        return _drift(unit, "this denies what was said before")
    return None


def _covers(echo: str, unit: str) -> bool:
    """All meaning of the added sentence is in the given one, negation aside."""
    new = words(unit) - words(echo) - FUNCTION_WORDS - _NEGATIONS
    return len({word for word in new - _UNMARKED if not word.endswith("n't")}) <= 1


def _drift(span: str, detail: str) -> Verdict:
    return fail(Reason.MEANING_DRIFT, span, detail=detail)
