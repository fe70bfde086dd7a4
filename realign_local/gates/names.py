"""Names: people, places and titles stay where they were, and no new ones appear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.text.align import Alignment, UnitPair, align, echo_of, nearly_equal
from realign_local.text.beside.name_cases import (
    PRONOUNS,
    are_cases,
    belongs_to_number,
    with_its_subject,
    without_phrases,
)
from realign_local.text.beside.synonyms import are_synonyms
from realign_local.text.equal.written import (
    days,
    months,
    months_told,
    spans_between,
    spans_of_days,
)
from realign_local.text.numbers.number_dates import month_of
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.numbers.units import unit_of
from realign_local.text.segments import (
    FUNCTION_WORDS,
    WORD,
    key,
    plain,
    unlabelled,
    vocabulary,
    words,
)
from realign_local.text.small_words import small_words
from realign_local.text.spelling import is_mended, is_slip, is_slip_for
from realign_local.text.stems import beginnings

_CAPITALISED = re.compile(r"(?<![\w@#/.\\-])[^\W\d_a-z][^\W\d_]+(?:-[^\W\d_]+)?")
_ASCII_CAPITALISED = re.compile(r"[A-Z](?<![\w@#/.\\-][A-Z])[A-Za-z]+(?:-[A-Za-z]+)?")
_OPENS = re.compile(r"(?:^|[.!?¡¿:;\"'(\[*|>•]|//|(?<!\w)#|- |\d[.)])\s*$")
_NO_NAMES = vocabulary(
    """i'm i've i'll i'd english python java javascript typescript sql html css json yaml latex
    excel go golang rust cpp bash shell unix linux ruby kotlin swift php node boolean
    unicode ascii ansi true false none
    null note step steps answer result solution explanation conclusion summary analysis question
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december mr mrs ms dr prof st subject dear hello hi
    sincerely regards ok pythagorean pythagoras celsius fahrenheit roman arabic latin greek
    east west north south eastern western northern southern central africa asia europe america
    european american british french german spanish chinese internet god earth"""
)
_VERBAL = ("ing", "ed", "ly", "tion", "ness", "ment")
_STARTERS = vocabulary(
    """one two three four five six first second third next finally however because since while
    although though if when after before each every both many some most all none such here there
    now today still even once overall instead thus hence therefore additionally moreover let given
    using total another other these those while note remember make take use keep add give put get
    try find see read write start check consider avoid choose"""
)
_POLITE = vocabulary("вы вас вам вами ваш ваша ваше ваши вашего вашей ваших вашу вашим")
"""With a capital where a letter is polite."""
_LEADS_A_NOUN = re.compile(
    r"(?!(?:über|unter|hinter|neben|gegen|zwischen|außer|oder|aber|herr|herrn|unser|wegen)$)"
    r"(?:de[rmns]|das|die|zu[rm]|[iav]m|[ai]ns|[^\W\d_]{2,}(?:e|e[rmns]))"
)
"""A German article or adjective: what comes behind it is a noun, if no name has one."""
MOST_BEFORE_SUBJECT = 2
"""Words before the subject of a response: `Ein alter Holzboden`."""
_COMMON = FUNCTION_WORDS | _STARTERS


def check(case: Case) -> Verdict:
    """Fail on a name that is replaced, trades places, or is in none of the given texts."""
    aligned = align(case.original, case.rewritten)
    known = _KnownNames(case)
    for verdict in _verdicts(case, aligned, known):
        if verdict:
            return verdict
    return (
        PASS
        if aligned.pairs or aligned.extra or _CAPITALISED.search(case.original)
        else NOT_APPLICABLE
    )


class _KnownNames:
    """What counts as a name in this case, looked up when the first pair asks."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._names: frozenset[str] | None = None
        self._words: frozenset[str] | None = None

    @property
    def names(self) -> frozenset[str]:
        """Words written with a capital inside of a sentence."""
        if self._names is None:
            texts = (self.case.original, self.case.instruction, *self.case.evidence)
            self._names = frozenset(name for text in texts for name in inner_names(plain(text)))
        return self._names

    @property
    def words(self) -> frozenset[str]:
        """Every word of what the rewrite was given, in lower case."""
        if self._words is None:
            texts = (self.case.original, self.case.instruction, *self.case.evidence)
            self._words = frozenset().union(*(_stems(words(plain(text))) for text in texts))
        return self._words

    @property
    def has_plain_nouns(self) -> bool:
        """Whether a capital means a name: German has one for every noun."""
        return spoken(self.case.original, self.case.instruction) != "de"

    def in_another_case(self, name: str) -> bool:
        """Whether a text has the name with another ending of its language."""
        language = spoken(self.case.original, self.case.instruction)
        return any(are_cases(name, other, language) for other in self.names)

    def spelled_out(self, name: str) -> bool:
        """Whether the name stands in a text, be it as a part of a longer one."""
        texts = (self.case.original, self.case.instruction, *self.case.evidence)
        return any(all(part in text for part in name.split("-")) for text in texts)


def _stems(found: frozenset[str]) -> frozenset[str]:
    return found | {word.removesuffix("'s").removesuffix("s") for word in found}


def inner_names(unit: str) -> list[str]:
    """Capitalised words that do not open a sentence, a label or a quotation."""
    return [
        m[0]
        for m in _capitalised(unit)
        if not _OPENS.search(unit, max(0, m.start() - 4), m.start())
        and not (unit[m.start() - 1 : m.start()] == "\n" and m[0].lower() in _COMMON)
    ]


def _capitalised(unit: str) -> Iterator[re.Match[str]]:
    """Words that begin with a capital; scripts without capitals have none."""
    found = (_ASCII_CAPITALISED if unit.isascii() else _CAPITALISED).finditer(unit)
    return (m for m in found if m[0][0].isupper() and not belongs_to_number(m))


def _all_names(unit: str, known: _KnownNames) -> list[str]:
    """Inner names, and opening words that are known to be names."""
    return [
        m[0]
        for m in _capitalised(unit)
        if m[0] in known.names or not _OPENS.search(unit, max(0, m.start() - 4), m.start())
    ]


def _verdicts(case: Case, aligned: Alignment, known: _KnownNames) -> Iterator[Verdict | None]:
    for pair in aligned.pairs:
        yield _pair(pair, case, known, alone=frozenset(map(key, aligned.extra)))
    if case.original != case.rewritten:
        yield _new_in_the_calendar(case)
    for unit in aligned.extra:
        if any(_capitalised(unit)):
            yield _new_name(unit, known)
            echo = "" if " | " in unit else echo_of(unit, (case.original, case.instruction))
            yield _swapped(UnitPair((echo,), (unit,)), known) if echo else None


def _pair(
    pair: UnitPair, case: Case, known: _KnownNames, *, alone: frozenset[str]
) -> Verdict | None:
    """`alone` are lines of the rewrite's own: a signature may have moved to one."""
    pair = UnitPair(*(tuple(map(without_phrases, side)) for side in (pair.before, pair.after)))
    bent = _Bent(pair, known)
    after = " ; ".join(pair.after)
    held = _stems(words(after)) | _stems(frozenset(after.lower().split()))
    close = nearly_equal(pair)
    for name in _all_names(" ; ".join(pair.before), known):
        if (
            name in after
            or name in alone
            or name.lower() in held
            or (name.lower() in _NO_NAMES and not close)
            or (name.lower() in bent.small and not close)
            or _is_unit(name, after)
            or _is_month(name, after)
        ):
            continue
        lost = (close and name.lower() not in FUNCTION_WORDS) or name not in case.rewritten
        if lost and not (_is_respelt(name, pair, known) or bent.holds(name)):
            if _is_spoken_of(name, pair, known) or _may_go(name, pair, known):
                continue
            return fail(Reason.NAME_LOST, after, detail=f"{name} is lost or replaced")
    return _new_name(after, known, pair) or (_swapped(pair, known) if close else None)


def _new_in_the_calendar(case: Case) -> Verdict | None:
    """A day of the week or a month that no given text names, or has between two others."""
    language = spoken(case.original, case.instruction)
    given = "\n".join((case.original, case.instruction, *case.evidence))
    for find, size in ((days, 7), (months, 12)):
        named = [*find(case.rewritten, language)]
        told = [*find(given, language)] if named else []
        known = {value for written in told for value in written.means}
        if named and find is days:
            known |= spans_of_days(given, language)
        elif named:
            known |= months_told(given, language)
        between = spans_between(told, given, size)
        if between <= {value for w in named for value in w.means}:
            known |= between
        new = next((w for w in named if w.means.isdisjoint(known)), None)
        if new:
            name = case.rewritten[new.start : new.end]
            return fail(Reason.NAME_LOST, name, detail=f"{name} comes from nowhere")
    return None


class _Bent:
    """Names that stand in another case in the pair's other half, one behind the other."""

    def __init__(self, pair: UnitPair, known: _KnownNames) -> None:
        self.given = frozenset(WORD.findall(known.case.original))
        self.language = spoken(known.case.original, known.case.instruction)
        self.small = small_words(self.language)
        self.rest = [m[0] for unit in pair.after for m in _capitalised(unit)]

    def holds(self, name: str) -> bool:
        """Whether a form that the original has not comes behind those that were found before."""
        for at, other in enumerate(self.rest):
            if are_cases(name, other, self.language) and other not in self.given:
                del self.rest[: at + 1]
                return True
        return False


def _is_spoken_of(name: str, pair: UnitPair, known: _KnownNames) -> bool:
    """The subject of the request and of the response, for which a pronoun stands now."""
    opening = known.case.original.split(maxsplit=MOST_BEFORE_SUBJECT + 1)[: MOST_BEFORE_SUBJECT + 1]
    if name not in known.case.instruction or name not in opening:
        return False
    before, after = " ; ".join(pair.before), " ; ".join(pair.after)
    if PRONOUNS.isdisjoint(words(after) - words(before)):
        return False
    return {m[0] for m in _capitalised(after) if m[0].lower() not in PRONOUNS} <= {
        m[0] for m in _capitalised(before)
    }


def _may_go(name: str, pair: UnitPair, known: _KnownNames) -> bool:
    """What the request names, or a German noun, may be left out where no other comes instead."""
    behind_labels = (unit.partition(": ")[2] or unit for unit in pair.after)
    new = (m[0] for unit in behind_labels for m in _capitalised(unit))
    held = beginnings(known.words)
    if nearly_equal(pair) or not all(
        known.spelled_out(word) or beginnings((word.lower(),)) <= held for word in new
    ):
        return False
    if name in known.case.instruction:
        return True
    led = re.search(rf"([^\W\d_]+) {re.escape(name)}\b", " ".join(pair.before))
    return not known.has_plain_nouns and bool(led and _LEADS_A_NOUN.fullmatch(led[1].lower()))


def _is_unit(name: str, unit: str) -> bool:
    """`Euro` or `USD` where a number bears that unit, however it is written there."""
    named = unit_of(name)
    return bool(named) and any(q.unit == named for q in quantities(unit))


def _is_month(name: str, unit: str) -> bool:
    """`Oktober` where the unit says `October`."""
    month = month_of(name)
    return bool(month) and any(month_of(word) == month for word in WORD.findall(unit))


def _is_respelt(name: str, pair: UnitPair, known: _KnownNames) -> bool:
    """Whether the capitalised word was a slip that stands rightly spelt in its place.

    Inside of a sentence it may be a name; with another name before it (John Smyth) it surely is.
    """
    old = name.lower()
    if old in words(plain(known.case.rewritten)) or name in known.case.instruction:
        return False
    before = " ".join(pair.before)
    led = re.search(rf"([A-Z][\w.]*) +{re.escape(name)}\b", before)
    if led and name in known.names and led[1].lower() not in FUNCTION_WORDS:
        return False
    meant = is_slip_for if name in known.names else is_mended
    come = words(" ".join(pair.after)) - words(before)
    return any(meant(old, word) for word in come)


def _is_respelling(name: str, pair: UnitPair, known: _KnownNames) -> bool:
    """Whether the capitalised word of the rewrite is the right spelling of one that is gone."""
    after = words(" ".join(pair.after))
    gone = [m[0] for unit in pair.before for m in _capitalised(unit) if m[0].lower() not in after]
    new = name.lower()
    return any(is_slip(old.lower(), new) and _is_respelt(old, pair, known) for old in gone)


def _new_name(unit: str, known: _KnownNames, pair: UnitPair | None = None) -> Verdict | None:
    """A name inside of a sentence of ordinary spelling that is in no given text."""
    found = inner_names(unit)
    if not found or 2 * len(found) > len(unit.split()):
        return None
    for name in found:
        word = name.lower()
        if (
            word in _NO_NAMES
            or word in _POLITE
            or word.removesuffix("s") in known.words
            or name.isupper()
        ):
            continue
        if _is_unit(name, unit):
            continue
        new = word not in known.words and not known.spelled_out(name) and known.has_plain_nouns
        new = new and not known.in_another_case(name)
        if new and not (pair and _is_respelling(name, pair, known)):
            return fail(Reason.NAME_LOST, name, detail=f"{name} comes from nowhere")
    return None


def _swapped(pair: UnitPair, known: _KnownNames) -> Verdict | None:
    """In a sentence otherwise the same: names in another order, or one in the place of another.

    A word that stood there in small letters and now opens the sentence is no name.
    """
    before = pair.before[0]
    after = with_its_subject(unlabelled(pair.after[0], before), before)
    if key(before) in key(after):
        return None
    old, new = _all_names(before, known), _all_names(after, known)
    differing = words(before) ^ words(after)
    if sorted(old) == sorted(new) and old != new and not differing - FUNCTION_WORDS:
        return fail(Reason.NAME_LOST, after, detail="names trade places")
    one, other = _opening(before), _opening(after)
    first = before.partition(" ")[0]
    article = first[:1].isupper() and first.lower() in FUNCTION_WORDS
    if article and other and other.lower() not in known.words:
        one = first
    if before.endswith("?") and one not in known.names:
        return None
    gone = _capitals(before) - _capitals(after)
    here = frozenset(WORD.findall(after))
    gone = Counter(
        {
            name: n
            for name, n in gone.items()
            if not (name.lower() in here or _is_unit(name, after))
            and not _is_respelt(name, pair, known)
        }
    )
    come = _capitals(after) - _capitals(before)
    said = {word for word in words(before) if word in before}  # in small letters
    come = Counter(
        {
            name: n
            for name, n in come.items()
            if not (name.lower() in said or _is_unit(name, before))
            and f" {name.lower()} " not in before
        }
    )
    openings = {one.lower(), other.lower()}
    if len(openings) == 2 and are_synonyms(*openings):
        gone, come = (
            Counter(n for n in side if n.lower() not in openings) for side in (gone, come)
        )
    if gone and come and len(differing - FUNCTION_WORDS) <= 3:
        return fail(Reason.NAME_LOST, after, detail=f"{min(gone)} has become {min(come)}")
    differ = one and other and one != other and _only_openings_differ(before, after, one, other)
    if differ and one.lower() in words(after):
        return None  # only a label was put before it
    differ = differ and not (len(openings) == 2 and are_synonyms(*openings))
    if differ and f" {other.lower()} " not in before and not _is_respelt(one, pair, known):
        return fail(Reason.NAME_LOST, after, detail=f"{one} has become {other}")
    return None


def _capitals(unit: str) -> Counter[str]:
    """Capitalised words by how often they occur, without those that often open a sentence."""
    return Counter(m[0] for m in _capitalised(unit) if m[0].lower() not in _COMMON)


def _opening(unit: str) -> str:
    m = _CAPITALISED.match(unit)
    word = m[0] if m and m[0][0].isupper() else ""
    common = word.lower() in _COMMON or word.endswith(_VERBAL)
    return "" if common else word


def _only_openings_differ(before: str, after: str, one: str, other: str) -> bool:
    rest, new = set(words(before[len(one) :])), set(words(after[len(other) :]))
    return len(rest ^ new) <= 1 and len(rest) >= 3
