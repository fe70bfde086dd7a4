"""The language model as second opinion: how likely it thinks each task that the encoder ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from realign_local.base.criterion import Criteria
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled
from realign_local.classifier.neighbours import Neighbours
from realign_local.engine.request import Completion, Finish, Given, Message, Request

Generate = Callable[[Iterable[Request]], Iterator[Completion]]
Label = Callable[[Sequence[str]], Sequence[Guess]]
Scores = Mapping[str, float]
"""Natural logarithm of the probability of each task's name as an answer."""

VERSION = 4
"""Part of what decides a label: raise it whenever the wording below changes."""

DOUBTFUL = 0.75
WEIGHT = 0.25
"""Of the model's word beside the encoder's on doubtful rows, in logarithms of odds; chosen on
queries of our own that the encoder's classifier had not seen (benchmarks/LOG.md)."""

LEANING = 0.5
"""How much of the model's leaning to a name is taken off. All of it is too much: what has no
content looks like one of the tasks itself."""

CHOICES = 4
EXAMPLES = 2
EXAMPLE_CHARS = 160
SHOWN_CHARS = 400
LONGEST_TOKENS = 1400

RULES = """You name the kind of task that a request to an assistant asks for. \
Answer with the name of the kind only."""
NOTHING = "N/A"
"""A request without content: what the model makes of it is its leaning to a name, whatever is asked
(contextual calibration, Zhao et al., ICML 2021)."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """A classifier that hears the model on doubtful rows, or follows it on every row.

    The model is shown the queries that are nearest to the request, with their tasks, and says how
    probable each task's name is; nothing is generated. The answers to one row share its prompt.
    """

    first: Label
    generate: Generate
    criteria: Criteria
    neighbours: Neighbours
    every_row: bool = False

    def __call__(self, instructions: Sequence[str]) -> list[Guess]:
        """The encoder's guesses, weighed with the model's word where it was asked."""
        guesses = list(self.first(instructions))
        places = [
            place
            for place, guess in enumerate(guesses)
            if len(guess.ranking) > 1 and (self.every_row or guess.confidence < DOUBTFUL)
        ]
        asked = self._questions(places, instructions, guesses)
        found = _scores(self.generate(asked)) if asked else {}
        for place, (scores, leaning) in found.items():
            guesses[place] = weighed(
                guesses[place], scores, leaning, weight=None if self.every_row else WEIGHT
            )
        return guesses

    def _questions(
        self, places: Sequence[int], instructions: Sequence[str], guesses: Sequence[Guess]
    ) -> list[Request]:
        texts = [instructions[place] for place in places]
        tasks = [candidates(guesses[place]) for place in places]
        shown = self.neighbours.near(texts, tasks, of_each=EXAMPLES)
        return [
            question
            for place, text, some, examples in zip(places, texts, tasks, shown, strict=True)
            for question in questions(place, text, some, examples, criteria=self.criteria)
        ]


def candidates(guess: Guess) -> tuple[str, ...]:
    """The tasks among which the model is heard."""
    return tuple(task for task, _ in guess.ranking[:CHOICES])


def questions(
    place: int,
    instruction: str,
    tasks: Sequence[str],
    examples: Sequence[Labelled],
    *,
    criteria: Criteria,
) -> Iterator[Request]:
    """A request for each task, and for each task without the row's content: eight for four tasks.

    Their messages are the same up to the row's own text, so the engine reads them once.
    """
    kinds = "\n".join(f"- {_name(task)}: {criteria[task].description}" for task in sorted(tasks))
    beginning = [Message("system", f"{RULES}\n{kinds}", recurs=True)]
    for example in examples:
        text = shortened(example.instruction, EXAMPLE_CHARS)
        beginning.append(Message("user", f"Request: {text}"))
        beginning.append(Message("assistant", _name(example.task)))
    for kind, text in (("row", shortened(instruction, SHOWN_CHARS)), ("nothing", NOTHING)):
        messages = (*beginning, Message("user", f"Request: {text}"))
        for task in tasks:
            answer = (Given(_name(task), scored=True),)
            yield Request(f"{place} {kind} {task}", messages, answer)


def shortened(text: str, most_chars: int) -> str:
    """One line; of a longer one the beginning and the end, where the wish stands."""
    line = " ".join(text.split())
    if len(line) <= most_chars:
        return line
    return f"{line[: most_chars * 3 // 4]} ... {line[-most_chars // 4 :]}"


def _name(task: str) -> str:
    return task.replace("_", " ")


def _scores(completions: Iterable[Completion]) -> dict[int, tuple[Scores, Scores]]:
    """For each place the scores of the row and of nothing; a request that failed has none."""
    found: dict[int, tuple[dict[str, float], dict[str, float]]] = {}
    for completion in completions:
        if completion.finish is Finish.STOP:
            place, kind, task = completion.key.split(" ")
            of_row, of_nothing = found.setdefault(int(place), ({}, {}))
            (of_row if kind == "row" else of_nothing)[task] = completion.log_probability
    return dict(found)


def weighed(guess: Guess, scores: Scores, leaning: Scores, *, weight: float | None) -> Guess:
    """The guess after the model's word; without a `weight` the model decides alone.

    The word is the score of a task's name less `LEANING` of its score without the request. Where it
    is missing for a candidate, nothing changes. The other tasks keep their shares.
    """
    tasks = candidates(guess)
    if not all(task in scores and task in leaning for task in tasks):
        return guess
    shares = np.array([share for _, share in guess.ranking[: len(tasks)]])
    word = np.array([scores[task] - LEANING * leaning[task] for task in tasks])
    odds = word if weight is None else np.log(np.maximum(shares, 1e-9)) + weight * word
    odds = np.exp(odds - odds.max())
    new = (odds / odds.sum() * shares.sum()).tolist()
    ranking = (*zip(tasks, new, strict=True), *guess.ranking[len(tasks) :])
    best = tuple(sorted(ranking, key=lambda pair: -pair[1]))
    return guess._replace(task=best[0][0], confidence=best[0][1], ranking=best)
