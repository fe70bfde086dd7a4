"""Signs of a bad sentence of the model's: it repeats itself, knows nothing, or solves too soon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.gates.prose import FUNCTION_WORDS, WORD, plain, vocabulary
from realign_local.layouts.units import STEM, sentences

LONGEST_REPEAT = 2
"""Words of meaning in a row that a sentence may say twice."""
NEAR = 2
"""Words on either side of a number that tell what it counts."""

_DENIES = re.compile(
    r"\b(?:we|I|you|one)\s+(?:(?:do|did|can|could|are|am)\s+not|don't|didn't|can't|cannot|couldn't"
    r"|aren't)\s+(?:\w+\s+)?(?:have|know|tell|say|given|told|sure|determine|find)\b"
    r"|\b(?:is|are|was|were)(?:\s+not|n't)\s+(?:given|known|stated|specified|provided|mentioned)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:which|answer|result)\s+(?:is|are|equals?)\s+[^\w\s]?\d"
    r"|\b(?:is|are|equals?)\s+[^\w\s]?\d[\d.,]*[%\s]*\.?\s*$",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:when|where|if|whose|given|whether|such that)\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_TURNS = vocabulary(
    "not no never none nobody nothing neither nor without cannot hardly fewer less more than least"
    " most nearly almost about around over under below above only except unless half twice"
)
"""Words that make another sentence of a true one."""
_LINKS = vocabulary("is are was were be equal equals which that the a an it")


def repeats_itself(text: str) -> bool:
    """Whether a sentence says the same three words of meaning twice."""
    return any(_has_twin(_telling(sentence)) for sentence in sentences(text))


def denies_knowledge(text: str, *rows: str) -> bool:
    """Whether a text says that something is not known or given, and none of `rows` says so."""
    denied = _DENIES.search(plain(text))
    return bool(denied) and not any(_DENIES.search(plain(row)) for row in rows)


def states_a_result(text: str, request: str) -> bool:
    """Whether the restatement of a request has a number that does not stand there in the request.

    A number of the request must have one of the words around it that it has there.
    """
    found = _RESULT.search(plain(text))
    if found and not _CONDITION.search(text[: found.start()]):
        return True
    known: dict[str, set[str]] = {}
    for number, near in _numbers(request):
        known.setdefault(number, set()).update(near)
    return any(known.get(number, set()).isdisjoint(near) for number, near in _numbers(text))


def turns_it_round(text: str, *row: str) -> bool:
    """Whether a sentence that sums up denies or bounds something, and nothing in `row` does so."""
    said = {word for word in _words(text) if word in _TURNS or word.endswith("n't")}
    return not said <= {word for one in row for word in _words(one)}


def tells_of_the_way(text: str, result: str, request: str) -> bool:
    """Whether the sentence that states a result has a number of neither result nor request.

    What was worked out on the way stands in the steps; told once more, small models mix it up.
    """
    known = {*_values(result), *_values(request)}
    return any(value not in known for value in _values(text))


def _values(text: str) -> Iterator[float]:
    for digits in _DIGITS.findall(plain(text)):
        yield float(digits.replace(",", ""))


def _has_twin(words: list[str]) -> bool:
    size = LONGEST_REPEAT + 1
    runs = [tuple(words[n : n + size]) for n in range(len(words) - size + 1)]
    return any(run in runs[place + size :] for place, run in enumerate(runs))


def _words(text: str) -> list[str]:
    return [str(word) for word in WORD.findall(plain(text).lower())]


def _telling(text: str) -> list[str]:
    return [word[:STEM] for word in _words(text) if word not in FUNCTION_WORDS]


def _numbers(text: str) -> Iterator[tuple[str, set[str]]]:
    words = [word for word in _words(text) if word not in _LINKS]
    for place, word in enumerate(words):
        if word[0].isdigit():
            near = words[max(0, place - NEAR) : place] + words[place + 1 : place + 1 + NEAR]
            yield word.replace(",", ""), {other[:STEM] for other in near}
