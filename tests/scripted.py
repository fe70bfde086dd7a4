"""A whole run without a model: real criteria, real gates, the scripted engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from realign_local.base.assets import shared_path
from realign_local.base.criterion import Criteria, read_criteria
from realign_local.base.progress import Silent
from realign_local.base.records import Passage
from realign_local.classifier.guess import Guess
from realign_local.commands.run import run_job
from realign_local.data.formats import open_dataset
from realign_local.engine.backends.scripted import AnswerScript, ScriptedEngine, placeholders
from realign_local.engine.request import Completion, Engine, Given, OnPiece, Request
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.files.opening import open_run
from realign_local.run.job import HERE, Job, Workplace
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.gate_check import GateCheck
from realign_local.stages.retrieval import Search

GUIDED = RewriteSettings(min_confidence=0.0, off=("calculator_marks",))
FREE = replace(GUIDED, mode="free")

Margin = Callable[[str, str], float]
"""(what the judge is asked, "in order" or "exchanged") -> by how much the rewrite is preferred."""


def no_preference(_asked: str, _order: str) -> float:
    """A judge to whom all answers are alike."""
    return 0.0


def rewrite_preferred(_asked: str, _order: str) -> float:
    """A judge who prefers whatever was rewritten."""
    return 3.0


class JudgingEngine(ScriptedEngine):
    """The scripted engine that also knows how probable each letter of a verdict is."""

    def __init__(self, answer: AnswerScript, margin: Margin) -> None:
        super().__init__(answer)
        self._margin = margin

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        """The letter that stands for the rewrite is the more probable one, by the margin."""
        for request in requests:
            (completion,) = super().generate([request], on_piece=on_piece)
            if is_verdict(request):
                order, letter, _ = request.key.split("|", 2)
                is_rewrite = letter == ("B" if order == "in order" else "A")
                margin = self._margin(request.messages[-1].content, order)
                log_probability = margin if is_rewrite else 0.0
                completion = replace(completion, log_probability=log_probability)
            yield completion


def is_verdict(request: Request) -> bool:
    """Whether the judge is asked, rather than a writer."""
    is_scored = any(isinstance(part, Given) and part.scored for part in request.answer)
    return is_scored and request.key.startswith(("in order|", "exchanged|"))


class ScriptedTools:
    """Tools whose answers a test decides.

    `generated` holds the requests to write that reached the engine, `judged` those for a verdict;
    `started` counts how often a model was loaded.
    """

    workplace: Workplace = HERE

    def __init__(
        self,
        task: str = "open_qa",
        *,
        answer: AnswerScript = placeholders,
        passages: Sequence[Passage] = (),
        stop_after: int | None = None,
        needs_evidence: bool = False,
        margin: Margin = no_preference,
        distrust: str = "",
        template_fault: str = "",
        confidence: float = 0.9,
        criteria: Criteria | None = None,
        gates: Mapping[str, bool] | None = None,
        stop_at_verdict: bool = False,
    ) -> None:
        self.criteria = criteria or read_criteria(shared_path("criteria"))
        self.check = GateCheck(self.criteria, gates or {})
        self.distrust, self.template_fault = distrust, template_fault
        self.generated: list[Request] = []
        self.judged: list[Request] = []
        self.started = 0
        self._margin, self._confidence = margin, confidence
        self._gates, self._stop_at_verdict = str(gates or {}), stop_at_verdict
        self._begun: set[str] = set()
        self._task, self._answer, self._passages = task, answer, tuple(passages)
        self._stop_after = stop_after
        self._needs_evidence = needs_evidence

    @property
    def identity(self) -> Identity:
        index = "index" if self._passages else ""
        return Identity("scripted", index, "model", f"gates {self._gates}", 3, judge=self.distrust)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        yield lambda texts: [
            Guess(self._task, self._confidence, self._needs_evidence) for _ in texts
        ]

    @contextmanager
    def search(self) -> Iterator[Search]:
        yield lambda queries, k: [self._passages[:k] for _ in queries]

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        assert longest_tokens > 0
        self._begun.clear()
        self.started += 1
        with JudgingEngine(self._script, self._margin) as engine:
            yield engine

    def _script(self, request: Request) -> Sequence[str]:
        if is_verdict(request):
            if self._stop_at_verdict:
                raise KeyboardInterrupt
            self.judged.append(request)
            return ()
        if self._stop_after is not None and len(self.generated) >= self._stop_after:
            raise KeyboardInterrupt
        if request.key not in self._begun:  # else a piece of it is asked for once more
            self.generated.append(request)
        self._begun.add(request.key)
        return self._answer(request)

    def describe(self) -> Mapping[str, Any]:
        return {"model_file": "scripted"}

    def effort(self) -> Mapping[str, Any]:
        return {}


def run(source: Path, run_dir: Path, tools: ScriptedTools, **options: Any) -> dict[str, Any]:
    """Run the main job; returns what stats.json holds."""
    resume = options.pop("resume", "auto")
    rewriting = options.pop("rewriting", GUIDED)
    progress = options.pop("progress", None) or Silent()
    job = Job(open_dataset(source), run_dir, rewriting, **options)
    with open_run(run_dir, resume) as journal:
        return run_job(job, tools, journal, progress=progress)
