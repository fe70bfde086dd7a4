"""Which of two answers a language model prefers, by the probability of its verdict in both orders.

Small models favour a place, so each pair is shown twice, the second time with the answers
exchanged. Nothing is generated and nothing parsed: the two letters are scored as given text, and
the pairs of a run share the beginning of their prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.rewriting.prompts import read_prompt

PROMPT = read_prompt("judge")
LETTERS = ("A", "B")
MAX_ANSWER_BYTES, MAX_REQUEST_BYTES = 1800, 1200
JUDGED_TOKENS = 2000
"""What a pair can take at most, the common beginning included, at three bytes a token (2.6 were
measured in Chinese)."""

Generate = Callable[[Iterable[Request]], Iterator[Completion]]


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers to one request; `key` comes back with the verdict."""

    key: str
    request: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Preference:
    """How much more probable "the second is better" is than "the first is better", in logarithms
    of odds: once with the first answer shown first, once with it shown last."""

    in_order: float
    exchanged: float

    @property
    def margin(self) -> float:
        """The mean over both orders: above 0 the second answer is preferred."""
        return (self.in_order + self.exchanged) / 2

    @property
    def agrees(self) -> bool:
        """Whether both orders say the same; a model that just favours a place never does."""
        return self.in_order * self.exchanged > 0


def preferences(
    pairs: Iterable[AnswerPair], generate: Generate
) -> Iterator[tuple[str, Preference]]:
    """Each pair's key and verdict as they are done; a pair that the engine refused is left out."""
    known: dict[str, dict[tuple[str, str], float]] = {}
    for completion in generate(request for pair in pairs for request in questions(pair)):
        order, letter, key = completion.key.split("|", 2)
        scores = known.setdefault(key, {})
        failed = completion.finish is not Finish.STOP
        scores[order, letter] = float("nan") if failed else completion.log_probability
        if len(scores) == 2 * len(LETTERS):
            found = _preference(known.pop(key))
            if found.margin == found.margin:
                yield key, found


def _preference(scores: Mapping[tuple[str, str], float]) -> Preference:
    return Preference(
        scores["in order", "B"] - scores["in order", "A"],
        scores["exchanged", "A"] - scores["exchanged", "B"],
    )


def questions(pair: AnswerPair) -> Iterator[Request]:
    """Four requests: both orders, both letters; each order's two share all but the letter."""
    shown = cut(pair.first, MAX_ANSWER_BYTES), cut(pair.second, MAX_ANSWER_BYTES)
    request = cut(pair.request, MAX_REQUEST_BYTES)
    for order, (a, b) in (("in order", shown), ("exchanged", shown[::-1])):
        text = f"Request:\n{request}\n\nAnswer A:\n{a}\n\nAnswer B:\n{b}\n\nWhich answer is better?"
        for letter in LETTERS:
            answer = (Given(letter, scored=True),)
            yield Request(f"{order}|{letter}|{pair.key}", PROMPT.ask(text), answer)


def cut(text: str, most_bytes: int) -> str:
    """A long text's beginning and end, where most of what is wrong with an answer shows.

    Bytes of UTF-8, because tokens follow them: a Chinese sign is a token, an English word is one.
    """
    text = text.strip()
    size = len(text.encode(errors="replace"))
    if size <= most_bytes:
        return text
    chars = len(text) * most_bytes // size
    return f"{text[: chars * 3 // 4]} [...] {text[-chars // 4 :]}"
