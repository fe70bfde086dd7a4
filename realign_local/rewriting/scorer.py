"""Answers scored, each once: what is known by content, model and question is not asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from realign_local.base.records import content_key
from realign_local.engine.request import Completion
from realign_local.rewriting.judge import Generate
from realign_local.rewriting.scores import WORDING, Scored, Scores, questions, scores_of

QUESTIONS_A_PART = 2
"""The two scales, or an answer with and without its form."""


@dataclass(frozen=True, slots=True)
class AnswerToScore:
    """An answer with its request; with the `form` of its task the fit is scored, too."""

    request: str
    answer: str
    form: str = ""


class KnownScores(Protocol):
    """Scores by key that outlive the scorer."""

    def recall(self, keys: Sequence[str]) -> Mapping[str, Scores]:
        """Those of these keys that are known."""
        ...

    def keep(self, key: str, scores: Scores) -> None:
        """Remember the scores of one answer; durable when it returns."""
        ...


ScoreAnswers = Callable[[Sequence[AnswerToScore]], list[Scores]]


def nothing(_done: int) -> None:
    """Tells nobody."""


class Scorer:
    """Asks a model about answers; `asked` counts those that were not known.

    What is found out is kept at once, so that a kill costs only what the model is working on.
    """

    def __init__(self, generate: Generate, *, model: str, known: KnownScores | None = None) -> None:
        self._generate = generate
        self._model = model
        self._known = known
        self.asked = 0

    def scores(
        self, answers: Sequence[AnswerToScore], *, done: Callable[[int], None] = nothing
    ) -> list[Scores]:
        """The scores of some answers, in their order; `done` hears of parts as they are known.

        An answer has one part, and one more where its fit is wanted. Raises EngineError.
        """
        wanted = [list(self._parts(answer)) for answer in answers]
        parts = {part.key: part for own in wanted for part in own}
        times = Counter(part.key for own in wanted for part in own)
        found = dict(self._known.recall(list(parts)) if self._known else {})
        new = [part for key, part in parts.items() if key not in found]
        done(sum(times[key] for key in found))
        for key, scores in self._ask(new) if new else ():  # else no model need be there
            found[key] = scores
            done(times[key])
        self.asked += len({(part.request, part.answer) for part in new})
        return [{k: v for part in own for k, v in found[part.key].items()} for own in wanted]

    def _ask(self, parts: Sequence[Scored]) -> Iterator[tuple[str, Scores]]:
        """Each part's key and scores as soon as both of its questions are answered."""
        answered: dict[str, dict[str, Completion]] = {}
        for completion in self._generate(r for part in parts for r in questions(part)):
            question, key = completion.key.split("|", 1)
            answered.setdefault(key, {})[question] = completion
            if len(answered[key]) == QUESTIONS_A_PART:
                scores = scores_of(answered.pop(key))
                if self._known and scores:
                    self._known.keep(key, scores)
                yield key, scores

    def _parts(self, answer: AnswerToScore) -> Iterator[Scored]:
        for form in ("", answer.form) if answer.form else ("",):
            key = content_key(WORDING, self._model, answer.request, answer.answer, form)
            yield Scored(key, answer.request, answer.answer, form)
