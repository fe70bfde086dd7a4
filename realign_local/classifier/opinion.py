"""The language model as second opinion: it chooses among the tasks that the encoder ranks first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from realign_local.classifier.guess import Guess
from realign_local.criteria import Criteria
from realign_local.engine.request import Completion, Message, Request, Span

Generate = Callable[[Iterable[Request]], Iterator[Completion]]
Label = Callable[[Sequence[str]], Sequence[Guess]]

VERSION = 2
"""Part of what decides a label: raise it whenever the wording below changes."""

DOUBTFUL = 0.5
NEARLY = 0.7
"""Share of the first task's probability that another needs to be taken on a doubtful row: small
models choose badly among tasks of which one is clearly ahead (benchmarks/LOG.md)."""
CHOICES = 4
EXAMPLES = 2
SHOWN_CHARS = 700
LONGEST_TOKENS = 1400
LETTERS = "ABCDE"

RULES = """You sort requests to an assistant by the kind of task that they ask for. \
Each time you get a few kinds of task, marked with letters, and one request. \
Answer with the letter of the kind that fits the request best, and nothing else."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """A classifier that asks the model about every row and follows it, or about doubtful rows.

    On those it follows the model only to a task that is nearly as likely as the first.
    """

    first: Label
    generate: Generate
    criteria: Criteria
    every_row: bool = False

    def __call__(self, instructions: Sequence[str]) -> list[Guess]:
        """The encoder's guesses, with the model's word where it was asked."""
        guesses = list(self.first(instructions))
        asked = [
            question(str(place), text, guess, self.criteria)
            for place, (text, guess) in enumerate(zip(instructions, guesses, strict=True))
            if len(guess.ranking) > 1 and (self.every_row or guess.confidence < DOUBTFUL)
        ]
        for completion in self.generate(asked) if asked else ():
            place = int(completion.key)
            least = 0.0 if self.every_row else NEARLY
            guesses[place] = weighed(guesses[place], completion.text, least_share=least)
        return guesses


def question(key: str, instruction: str, guess: Guess, criteria: Criteria) -> Request:
    """The request that makes the model choose: one letter, by grammar, at temperature 0."""
    tasks = [task for task, _ in guess.ranking[:CHOICES]]
    letters = LETTERS[: len(tasks)]
    kinds = "\n".join(
        _kind(letter, task, criteria) for letter, task in zip(letters, sorted(tasks), strict=True)
    )
    text = f"{kinds}\n\nRequest:\n{instruction[:SHOWN_CHARS]}\n\nWhich kind of task is it?"
    options = " | ".join(f'"{letter}"' for letter in letters)
    span = Span(2, grammar=f"root ::= {options}", name="task")
    return Request(key, (Message("system", RULES), Message("user", text)), (span,))


def _kind(letter: str, task: str, criteria: Criteria) -> str:
    criterion = criteria[task]
    shown = "; ".join(query.replace("\n", " ")[:80] for query in criterion.queries[:EXAMPLES])
    return f"{letter}. {task.replace('_', ' ')}: {criterion.description} Such as: {shown}"


def weighed(guess: Guess, answer: str, *, least_share: float) -> Guess:
    """The guess after the model's answer; an answer that is no letter changes nothing.

    Nor does a task with less than `least_share` of the confidence.
    """
    shares = sorted(guess.ranking[:CHOICES])
    number = LETTERS.find(answer.strip()[:1] or "?")
    if not 0 <= number < len(shares) or shares[number][1] < least_share * guess.confidence:
        return guess
    return guess._replace(task=shares[number][0])
