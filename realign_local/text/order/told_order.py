"""The order in which a text tells the items of a list, by the words that each has alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from realign_local.text.align import align, nearly_equal
from realign_local.text.order.ordering import orders, phrases, says, unordered
from realign_local.text.outline import MAX_SIGNS
from realign_local.text.segments import IDEOGRAPH, key, plain, units

_WORD = re.compile(r"[\u30a0-\u30ff\u3400-\u9fff]|(?:(?![\u3040-\u9fff])[^\W\d_])+")
_NUMBERED = re.compile(r"[ \t]*(?:[-*+] +)?\(?\d{1,3}[.)]\s")
LEAST_OF_A_STEP = 4
"""Words of a step that is known by more than its name."""
MOST_STEPS = 60
MOST_SIGNS = 600
"""A longer sentence tells more than two steps."""
FEW_WORDS = 2
"""Items that are names of so few words are in the order in which they are first named."""
_DETAIL = re.compile(r" *[:(,]| - ")
LEAST_SIGNS = 2
LEAST_KNOWN = 0.6
"""Of a step's words, those that the text has; a step of other words was worded anew."""
_MARKS = (". ", "\n", "。", "! ", "? ")
_LAST = re.compile(r"^(?:the )?(?:last|zuletzt|letzte[rnsm]?|dernière?|último|ultimo|laatste)\b")
"""What opens the sentence of the last name leads back to none before it."""
_LABELLED = re.compile(
    r"^[^\w\n]*(?:step|schritt|étape|paso|passo|stap|krok|шаг) \d+[^\w\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_THEN = re.compile(
    r",? (?:and |und |et |y |e |en )?(?:then|dann|danach|puis|ensuite|luego|después|poi|daarna) "
    r"|[，,](?=然后|接着|再)|、(?=それから|次に)|,? (?=그다음|그리고 나서)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;]) +|(?<=[。！？；])")
Place = tuple[int, int]
"""Where the first of a step's own words stands in the text, and where the last."""


def told_before(steps: Sequence[str], text: str) -> tuple[str, str] | None:
    """A step and one behind it in the list, all of whose words are told before it.

    Not where the text itself turns the order round, as in `before you bake it, grease the tin`.
    """
    if len(steps) > MOST_STEPS or len(text) > MAX_SIGNS or len(set(steps)) < len(steps):
        return None
    heads = [_DETAIL.split(step, maxsplit=1)[0] for step in steps]
    named = all(len(head.split()) <= FEW_WORDS for head in heads)
    lowered = unfolded(plain(text).casefold())
    if named and IDEOGRAPH.search(lowered) and says("time", lowered):
        named = False  # no blank tells a step from a name, but 然后 does
    if named and not _ranks_as_it_goes(lowered):
        return None
    places: dict[str, list[int]] = {}
    for m in _WORD.finditer(lowered):
        places.setdefault(m[0], []).append(m.start())
    found = _places(heads if named else steps, places, named)
    for (one, a), (other, b) in combinations(zip(steps, found, strict=True), 2):
        if other in one:
            continue
        if a and b and b[1] < a[0] and not says("around", _sentences(lowered, b[0], a[1])):
            return one, other
    return None


def told_steps(text: str) -> list[str]:
    """The steps of a text that says in most of its sentences when their turn is."""
    if len(text) > MAX_SIGNS or ("\n" in text.strip() and not _LABELLED.match(text)):
        return []
    sentences = units(_LABELLED.sub("", unfolded(plain(text))))
    steps = [step for sentence in sentences for step in _THEN.split(sentence) if step]
    turns = len(steps) - len(sentences) + sum(orders(sentence) for sentence in sentences)
    turns += len(_LABELLED.findall(text))
    return [unordered(step.lower().strip(" .,")) for step in steps] if turns > 1 else []


def unfolded(text: str) -> str:
    """Sentences that tell two steps the other way round, as two in their order.

    `After boiling it, peel it`, `Before peeling it, boil it`, `Boil it before peeling it`.
    """
    lines = (_SENTENCE.split(line) for line in text.split("\n"))
    return "\n".join(" ".join(map(_in_order, sentences)) for sentences in lines)


def _in_order(sentence: str) -> str:
    if len(sentence) > MOST_SIGNS:
        return sentence
    for entry in phrases()["unfolds"]:
        if m := re.match(entry["phrase"], sentence):
            steps = [step.strip(" ,、，") for step in m.groups() if step]
            if not any(says("around", step) for step in steps):
                return ". ".join(reversed(steps) if entry.get("turned") else steps)
    return sentence


def _ranks_as_it_goes(lowered: str) -> bool:
    """`The best is A, B comes second, C third`: no name is told before one that it is behind."""
    *others, last = units(lowered) or ("",)
    if not says("ranking", lowered) or says("leads", " ".join((*others, _LAST.sub("", last)))):
        return False
    ranks = [
        (m.start(), entry["number"])
        for entry in phrases()["rank"]
        for m in re.finditer(entry["phrase"], lowered)
    ]
    in_text = [number for _, number in sorted(ranks)]
    return in_text == sorted(in_text)


def _sentences(text: str, start: int, end: int) -> str:
    """All of the sentences between two words, theirs with them."""
    begins = max(text.rfind(mark, 0, start) for mark in _MARKS)
    ends = [at for mark in _MARKS if (at := text.find(mark, end)) >= 0]
    return text[begins + 1 : min(ends, default=len(text))]


def _places(steps: Sequence[str], places: dict[str, list[int]], named: bool) -> list[Place | None]:
    bags = [
        [w for w in dict.fromkeys(_WORD.findall(step)) if len(w) > LEAST_SIGNS or w > "\u3000"]
        for step in steps
    ]
    often = Counter(word for bag in bags for word in bag)
    found: list[Place | None] = []
    for bag in bags:
        known = [word for word in bag if word in places]
        alone = sorted(
            places[word][0] for word in known if often[word] == 1 and len(places[word]) == 1
        )
        if alone and LEAST_KNOWN * len(bag) <= len(known):
            found.append((alone[0], alone[-1]))
        elif known and named:
            found.append((places[known[0]][0], places[known[0]][0]))
        else:
            found.append(None)
    return found


def moved(original: str, rewritten: str) -> Iterator[tuple[str, str]]:
    """Numbered items that are sentences of the original but for a word or two, in another order.

    Each comes with the one that stands before it, and was told behind it.
    """
    before = units(original)
    places = {key(unit): at for at, unit in enumerate(before)}
    for pair in align(original, rewritten).pairs:
        if nearly_equal(pair):
            places[key(pair.after[0])] = places[key(pair.before[0])]
    last, told = -1, ""
    for line in rewritten.split("\n"):
        found = units(line) if _NUMBERED.match(line) else ()
        at = places.get(key(found[0])) if found else None
        if at is None or len(found[0].split()) < LEAST_OF_A_STEP:
            continue
        if at < last and not (says("earlier", before[at]) or says("earlier", before[last])):
            yield found[0], told
        last, told = at, found[0]
