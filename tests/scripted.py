"""A whole run without a model: real criteria, real gates, the scripted engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from realign_local.assets import shared_path
from realign_local.classifier.guess import Guess
from realign_local.criteria import read_criteria
from realign_local.data.formats import open_dataset
from realign_local.data.records import Passage
from realign_local.engine.request import Engine, Request
from realign_local.engine.scripted import AnswerScript, ScriptedEngine, placeholders
from realign_local.ledger import Identity
from realign_local.pipeline import Job, open_run, run_job
from realign_local.progress import Silent
from realign_local.stages.classify import Label
from realign_local.stages.retrieve import Search
from realign_local.stages.rewrite import RewriteSettings
from realign_local.tools import make_judge

GUIDED = RewriteSettings("guided", True, 1, 0.0, 0, 0.0)


class ScriptedTools:
    """Tools whose answers a test decides; `generated` holds the rows that reached the engine."""

    def __init__(
        self,
        task: str = "open_qa",
        *,
        answer: AnswerScript = placeholders,
        passages: Sequence[Passage] = (),
        stop_after: int | None = None,
        needs_evidence: bool = False,
    ) -> None:
        self.criteria = read_criteria(shared_path("criteria"))
        self.judge = make_judge(self.criteria, {})
        self.generated: list[Request] = []
        self._begun: set[str] = set()
        self._task, self._answer, self._passages = task, answer, tuple(passages)
        self._stop_after = stop_after
        self._needs_evidence = needs_evidence

    @property
    def identity(self) -> Identity:
        return Identity("scripted", "index" if self._passages else "", "model", "gates", 3)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        yield lambda texts: [Guess(self._task, 0.9, self._needs_evidence) for _ in texts]

    @contextmanager
    def search(self) -> Iterator[Search]:
        yield lambda queries, k: [self._passages[:k] for _ in queries]

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        assert longest_tokens > 0
        self._begun.clear()
        with ScriptedEngine(self._script) as engine:
            yield engine

    def _script(self, request: Request) -> Sequence[str]:
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
