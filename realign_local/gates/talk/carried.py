"""What a rewrite that is no more than a layout leaves out of a sentence, or adds to the text.

A text that was put in other words may say the same with none of its words. One that was carried
over has its words: there a clause of which the words are gone was dropped, and a sentence of words
that stand nowhere else comes from nowhere.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Case, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.gates.talk.dropped_signs import dropped_signs
from realign_local.text.align import UnitPair, align
from realign_local.text.equal.written import ordinals
from realign_local.text.order.ordering import pattern, unordered
from realign_local.text.outline import Piece, outline, said
from realign_local.text.rules import rules
from realign_local.text.segments import (
    FUNCTION_WORDS,
    IDEOGRAPH,
    WORD,
    content,
    key,
    plain,
    units,
    unlabelled,
    vocabulary,
)
from realign_local.text.small_words import small_words
from realign_local.text.spelling import is_word
from realign_local.text.stems import LETTERS, beginnings, stems

MOST_NEW = 0.15
"""The share of new words from which on a text was put in other words."""
LEAST_LOST = 2
LOST_SHARE = 0.6
MOST_FRAMING = 2
KNOWN_SHARE = 0.75
MOST_ENTRY_WORDS = 4
LEAST_KNOWN = 2
"""Entries of a list that the original has, before another one is known to be put in."""
LEAST_STRANGE = 2
STRANGE_SHARE = 0.6
_JOINTS = {
    "en": "if when unless because although provided while whereas where and but or only except"
    " until after before as_long_as then",
    "de": "wenn falls weil sofern obwohl und aber oder nur außer bis nachdem bevor solange dann",
    "fr": "si quand parce_que et mais ou sauf seulement jusqu'à après avant tant_que puis",
    "es": "si cuando porque aunque y pero o salvo solo hasta después antes mientras luego",
    "it": "se quando perché e ma o salvo solo fino dopo prima finché poi",
    "nl": "als omdat en maar of behalve alleen tot nadat voordat zolang dan",
    "pl": "jeśli gdy oraz i ale lub oprócz tylko aż zanim dopóki potem",
    "ru": "если когда потому_что и но или кроме только пока после до затем",
    "sv": "om när och eller men utom bara",
}
"""Words between two clauses."""


@cache
def _clause(language: str) -> re.Pattern[str]:
    """What parts clauses; of an unknown language the words of all."""
    joints = _JOINTS.get(language) or " ".join(_JOINTS.values())
    words = "|".join(joints.replace("_", "\0").split()).replace("\0", " ")
    return re.compile(rf"[,;:()،؛]| [-–—] |\b(?:{words})\b")


_FIRST_TO_LAST = beginnings(
    vocabulary("first second third fourth fifth sixth seventh eighth ninth tenth next last final")
)
_YES_OR_NO = rules("wording")["yes_and_no"]
"""What a cell says may be a sentence, and a sentence a cell."""
_ARTICLES = vocabulary(
    "the a an der die das den dem ein eine einen le la les un une el los las una il lo gli i o os"
    " as um uma de het een"
)
_DIGIT = re.compile(r"\d")
"""What is said of numbers may go into signs: `costs 3 times 4 dollars`."""
_NO_WORDS = re.compile(f"{IDEOGRAPH.pattern}|[\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]")
"""Scripts without blanks between words, or whose vowel marks cut them for `re`."""
_SIGNS = re.compile("[\u30a0-\u30fa\u3400-\u9fff]")
_BETWEEN_CLAUSES = re.compile(r"[，,、。；;:：！？!?\n|]")
LEAST_SIGNS = 6
_NEW = Reason.UNSUPPORTED_CLAIM
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)]) ")
_OPENING = re.compile(r"(?:[^\W\d_]+ ){0,3}[^\W\d_]+, ")
"""`On the plus side,` ties a sentence to others."""
_ANNOUNCES = re.compile(r"\s*(?:Here (?:is|are)|Below (?:is|are)) ")
_SPEAKS = ("I ", "I've ", "Happy ")
LEAST_SAID = 2
"""Words of content of a sentence that may not go."""
_ENDED = re.compile(r"[.!…؟۔।]$")


def carried_over(case: Case) -> Verdict | None:
    """Fail on a dropped clause or a strange sentence, where the text was carried over."""
    if _NO_WORDS.search(case.original):
        return _strange_clause(case) or dropped_signs(case)
    aligned = align(case.original, case.rewritten)
    if not (aligned.pairs or aligned.extra or aligned.missing):
        return None
    language = spoken(case.original, case.instruction)
    given = " ".join((case.instruction, *case.evidence))
    asked = _stems(plain(given), language)
    own = _stems(plain(case.original), language) | asked
    held = _stems(plain(case.rewritten), language) | asked | _stems(_YES_OR_NO, language)
    gone = (unit for unit in aligned.missing if not _may_go(unit, case))
    often = _often(case.original, language) + Counter(asked)  # nobody's own is what was asked
    for pair in (*aligned.pairs, *(UnitPair((unit,), ()) for unit in gone)):
        if clause := _dropped(pair, own, held, often, language):
            return fail(Reason.TOO_SHORT, clause, detail="this part of the original is left out")
    return _strange(case, aligned.extra, own, language)


def _may_go(unit: str, case: Case) -> bool:
    """Exclamations, announcements, headings, talk about the answer, two words if one stays."""
    announces = f"{unit}:" in case.original or unit.startswith(_SPEAKS)
    said = content(unit)
    little = len(said) < LEAST_SAID + (not said.isdisjoint(content(case.rewritten)))
    return announces or little or unit[-1] == "!" or _is_heading(unit, case.original)


def _is_heading(unit: str, original: str) -> bool:
    """Headings and the heads of columns go with their layout, and what leads to a formula."""
    if unit[-1].isalnum() and f"{unit} " in original:
        return True
    labels = {piece.text for piece in outline(original) if piece.kind == "label"}
    return all(said(part) in labels for part in unit.split(" | "))


def _strange_clause(case: Case) -> Verdict | None:
    """In Chinese and Japanese: a clause of new signs in a line of the original's."""
    known = frozenset(_SIGNS.findall(" ".join((case.original, case.instruction, *case.evidence))))
    signs = frozenset(_SIGNS.findall(case.rewritten))
    if len(known) < LEAST_SIGNS or len(signs - known) < LEAST_SIGNS * STRANGE_SHARE:
        return None
    found, rest = "", frozenset[str]()
    for line in case.rewritten.split("\n"):
        own = False
        for clause in _BETWEEN_CLAUSES.split(line):
            told = frozenset(_SIGNS.findall(clause))
            if len(told - known) < STRANGE_SHARE * max(LEAST_SIGNS, len(told)):
                own, rest = own or len(told) >= LEAST_SIGNS, rest | told
            elif own and not found:
                found = clause
            elif not own:
                rest |= told
    if not found or len(rest - known) > MOST_NEW * len(rest):
        return None
    return fail(_NEW, found.strip(), detail="this was not said before")


def _stems(text: str, language: str) -> frozenset[str]:
    """Those of words; letters may be variables."""
    return frozenset(stem for stem in stems(text, language) if len(stem) >= LETTERS - 1)


def _often(text: str, language: str) -> Counter[str]:
    """In how many clauses each word is said."""
    clauses = (c for unit in units(text) for c in _clause(language).split(unit))
    return Counter(stem for clause in clauses for stem in _stems(clause, language))


def _dropped(
    pair: UnitPair,
    own: frozenset[str],
    held: frozenset[str],
    often: Counter[str],
    language: str,
) -> str:
    """A clause of which the words are gone, where the sentence has got no others."""
    whole = _stems(" ".join(pair.before), language)
    if any(sign in unit for side in (pair.before, pair.after) for unit in side for sign in "=*"):
        return ""
    text = " ".join(pair.before)
    after = (unordered(unlabelled(unit, text).lower()) for unit in pair.after)
    come = _stems(" ".join(after), language) - own
    if whole <= held or any(len(stem) == LETTERS for stem in come):
        return ""
    bodies = [behind_opening(unit, language) for unit in pair.before]
    heads = (unit.partition(sign)[0] for unit in pair.after for sign in ":|" if sign in unit)
    labels = _stems(" ".join(heads), language)
    for frame in (_frame(body, held, labels, language) for body in bodies):
        held |= frame if len(frame) > 1 or labels else frozenset()
    parts = (_clause(language).split(body) for body in bodies)
    runs = (
        (body[n - 1] if n else "", *body[n : n + 2], "") for body in parts for n in range(len(body))
    )
    for before, clause, behind, *_ in runs:
        if _DIGIT.search(clause) or only_ties(clause) or _ANNOUNCES.match(clause):
            continue
        if clause.islower() and clause in pair.before and len(content(clause)) <= LEAST_SAID:
            continue  # a remark, and too little to be told from what it stands beside
        # What the request says need not be said again, nor a place that a number may now tell.
        known = held | _places(clause, language)
        wanted = _stems(clause, language)
        gone = frozenset(stem for stem in wanted - known if not _is_bent(stem, known))
        gone = frozenset(stem for stem in gone if often[stem] == 1 or not pair.after)
        if len(gone) >= LEAST_LOST and len(gone) >= LOST_SHARE * len(wanted):
            return clause.strip()
        if stretch := _lost_stretch(clause, known, language):
            return stretch
        both = (before, behind)
        if gone and not come and _is_all_its_own(clause, both, gone, often, language):
            return clause.strip()
    return ""


def _is_all_its_own(
    clause: str,
    both: tuple[str, str],
    gone: frozenset[str],
    often: Counter[str],
    language: str,
) -> bool:
    """Whether what this clause alone says is gone, or the entry that it begins or ends a list with.

    `both` are the clauses before and behind it.
    """
    told = [(m[0], *_stems(m[0], language)) for m in WORD.finditer(clause)]
    alone = [(word, stem[0]) for word, *stem in told if stem and often[stem[0]] == 1]
    known = is_word if language == "en" else _is_long
    if not any(known(word.lower()) for word, _ in alone):
        return False
    if all(stem in gone for _, stem in alone):
        return True
    ends, begins = (0 < len(other.split()) <= MOST_ENTRY_WORDS for other in both)
    first, last = alone[0][1], alone[-1][1]
    begins &= last in gone and last in _stems(clause.split()[-1], language)
    return begins or (ends and first in gone and told[0][0] in (alone[0][0], *_ARTICLES))


def _is_long(word: str) -> bool:
    return len(word) >= LETTERS


def only_ties(clause: str) -> bool:
    """`By contrast`, `D'abord`."""
    lowered = clause.lower().strip()
    turn = pattern("opener").fullmatch(f"{lowered} ") or pattern("orders").fullmatch(lowered)
    return bool(turn or pattern("aside").fullmatch(lowered))


def _is_bent(stem: str, known: frozenset[str]) -> bool:
    """Of a short word and its longer form one letter less is kept: `tour`, `tours`."""
    if len(stem) == LETTERS:
        return stem[:-1] in known
    return len(stem) == LETTERS - 1 and any(other.startswith(stem) for other in known)


def behind_opening(unit: str, language: str) -> str:
    """The sentence without what only ties it to others: `On the plus side,`."""
    m = _OPENING.match(unit)
    words = m[0].lower().split() if m else []
    small = FUNCTION_WORDS | small_words(language)
    ties = len(words) == 1 or bool(words and words[0] in small - _ARTICLES)
    return unit[m.end() :] if m and ties else unit


def _frame(
    unit: str, held: frozenset[str], labels: frozenset[str], language: str
) -> frozenset[str]:
    """Who does it, and what: `Hens need` may go where `Food: grain and water` is left.

    What is a label now may stand before them: `In Rome see the Forum`, `Rome: the Forum`.
    """
    lost = frozenset[str]()
    clause = _clause(language).split(unit)[0]
    for m in WORD.finditer(clause):
        told = _stems(m[0], language)
        is_kept = bool(told) and told <= held and (bool(lost) or not told <= labels)
        if is_kept or m[0][0].isdigit():
            rest = _stems(clause[m.start() :], language)
            is_name = m[0][0].isupper() or m[0][0].isdigit()
            most = MOST_FRAMING if is_name else min(MOST_FRAMING, len(rest))
            return lost if len(lost) <= most else frozenset()
        lost |= told - held
    return frozenset()


def _lost_stretch(clause: str, known: frozenset[str], language: str) -> str:
    """Words of content side by side that are all gone: `hung over the side`."""
    first = last = lost = 0
    for m in WORD.finditer(clause):
        told = _stems(m[0], language)
        if not told:
            continue
        if told <= known:
            lost = 0
            continue
        first = first if lost else m.start()
        last, lost = m.end(), lost + 1
        if lost >= LEAST_LOST:
            return clause[first:last]
    return ""


def _places(clause: str, language: str) -> frozenset[str]:
    """The beginnings of its ordinal numbers: `The fourth sentence is Romanian`, `4. Romanian`."""
    if language == "en":
        return _FIRST_TO_LAST & _stems(clause, language)
    places = (clause[found.start : found.end] for found in ordinals(clause, language))
    return _stems(" ".join(places), language)


def clause_added(case: Case) -> Verdict | None:
    """A clause of new words behind one that the request and the response account for.

    `It is Jupiter, because its gas rubs little`, of `Jupiter`.
    """
    if _NO_WORDS.search(case.original) or "```" in case.rewritten:
        return None
    aligned = align(case.original, case.rewritten)
    if not (aligned.pairs or aligned.extra):
        return None
    language = spoken(case.original, case.instruction)
    given = (case.original, case.instruction, *case.evidence)
    own = frozenset().union(*(_stems(plain(text), language) for text in given))
    for line in plain(case.rewritten).split("\n"):
        if "=" in line or "|" in line:
            continue
        last = ""
        for unit in units(line):
            goes_on = unit[0].islower() and last
            body = behind_opening(unit, language)
            clauses = [c for c in _clause(language).split(body) if _stems(c, language)]
            first = last if goes_on else clauses[0] if clauses else ""
            rest = clauses if goes_on else clauses[1:]
            told = _stems(first, language)
            if _ENDED.search(unit) and len(told & own) >= KNOWN_SHARE * len(told) > 0:
                rest.append(" ".join(rest))
                if new := next((c for c in rest if c and _is_new(c, own, language)), ""):
                    return fail(_NEW, new.strip(), detail="this was not said before")
            last = unit
    return None


def _strange(
    case: Case, extra: tuple[str, ...], own: frozenset[str], language: str
) -> Verdict | None:
    """A sentence most of whose words are new, put into a line or list of the original's.

    What opens or closes a text has a paragraph of its own, and beside code it explains.
    """
    if not extra or "```" in case.rewritten:
        return None
    added = frozenset(extra)
    asked = {key(unit) for unit in units(case.instruction)[1:] if not unit.endswith("?")}
    new = {
        unit
        for unit in added
        if _ENDED.search(unit) and (key(unit) in asked or _is_new(unit, own, language))
    }
    if not new:
        return None
    rest = [_stems(unit, language) for unit in units(case.rewritten) if unit not in added]
    if sum(len(told - own) for told in rest) > MOST_NEW * sum(map(len, rest)):
        return None
    before = ""
    for line in case.rewritten.split("\n"):
        found = units(line)
        listed = bool(before) and bool(_ITEM.match(line)) and before not in added
        for unit in found:
            if unit in new and (listed or found[0] not in added):
                return fail(_NEW, unit, detail="this was not said before")
        before = found[0] if found and _ITEM.match(line) else ""
    return None


def _is_new(unit: str, own: frozenset[str], language: str) -> bool:
    """An entry of a list of corrections quotes what it corrects."""
    told = _stems(unit, language)
    new = told - own
    return unit.lstrip()[:1] != '"' and len(new) >= max(LEAST_STRANGE, STRANGE_SHARE * len(told))


def item_added(case: Case) -> Verdict | None:
    """One entry of a list or enumeration that no given text has, where it has all the others."""
    if _NO_WORDS.search(case.original) or case.original == case.rewritten:
        return None
    language = spoken(case.original, case.instruction)
    given = (case.original, case.instruction, *case.evidence)
    own = frozenset().union(*(stems(plain(text), language) for text in given))
    lists: dict[tuple[object, ...], list[Piece]] = {}
    for piece in outline(case.rewritten):
        short = 0 < len(piece.text.split()) <= MOST_ENTRY_WORDS
        if short and piece.kind in ("bullet", "numbered", "part") and piece.run[-1] != ":":
            lists.setdefault(piece.run, []).append(piece)
    for items in lists.values():
        entries = [(piece, stems(piece.text, language)) for piece in items]
        own |= stems(_YES_OR_NO, language)
        new = [piece for piece, told in entries if told and told.isdisjoint(own)]
        known = [piece for piece, told in entries if told and told <= own]
        if len(new) == 1 and len(known) >= max(LEAST_KNOWN, len(items) - 1):
            return fail(_NEW, new[0].text, detail="this was not named before")
    return None
