"""The tools of `--mode tidy`: criteria and gates, and nothing that takes time to load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from realign_local import __version__
from realign_local.base.config import Settings, go_offline
from realign_local.base.criterion import DEFAULT, Criteria, told_of_no_default
from realign_local.base.errors import UsageError
from realign_local.base.progress import Progress
from realign_local.classifier.guess import Guess
from realign_local.engine.request import Engine
from realign_local.run import tools
from realign_local.run.job import HERE, Tools, Workplace
from realign_local.run.models.loaded_ahead import LoadedAhead
from realign_local.run.results import Identity
from realign_local.run.tools import criteria_of
from realign_local.stages.classification import Label
from realign_local.stages.gate_check import GateCheck, gates_id
from realign_local.stages.retrieval import Search
from realign_local.stages.verification import Check

NEEDLESS = ("index", "model", "server", "server_model")
"""Settings that mean nothing where no model is asked."""


class TidyTools:
    """No model, no encoder, no index; rows that name no task are of the task `default`."""

    model_name = "no model"
    workplace: Workplace = HERE
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __init__(self, settings: Settings) -> None:
        go_offline()
        self.settings = settings
        self.criteria: Criteria = criteria_of(settings.criteria)
        self.check: Check = GateCheck(self.criteria, settings.gates, settings.origin)
        self.distrust = self.template_fault = ""

    @property
    def resolved(self) -> Settings:
        """The settings, with the folder of criteria as an absolute path."""
        own = self.settings.criteria
        path = own if own in (None, "paper") else str(Path(own).absolute())
        return self.settings.model_copy(update={"criteria": path, **dict.fromkeys(NEEDLESS)})

    @cached_property
    def identity(self) -> Identity:
        """Only the gates decide a result here, beside the row and its criterion."""
        gates, passages = gates_id(self.settings), self.settings.passages
        return Identity("tidy", "", "", gates, passages, unknown_task=self._unknown_task)

    @property
    def _unknown_task(self) -> str:
        return DEFAULT if DEFAULT in self.criteria else min(self.criteria)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """Every text is of no known task."""
        yield lambda texts: [Guess(self._unknown_task, 0.0) for _ in texts]

    @contextmanager
    def search(self) -> Iterator[Search]:
        """There is none."""
        raise UsageError("--mode tidy looks nothing up", hint="Leave --index away.")
        yield

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """There is none."""
        raise UsageError("--mode tidy has no model", hint="Use --mode guided.")
        yield

    def describe(self) -> Mapping[str, Any]:
        """What run.toml and stats.json say about the tools."""
        return {
            "realign_version": __version__,
            "model_file": "",
            "model_sha256": "",
            "criteria_sha256": self.criteria.sha256,
        }

    def effort(self) -> Mapping[str, Any]:
        """Nothing was generated."""
        return {}


def make_tools(settings: Settings) -> tools.LocalTools | TidyTools:
    """The tools that the settings ask for; raises what `LocalTools` and `ServedTools` raise."""
    if settings.mode == "tidy":
        return TidyTools(settings)
    if settings.server:
        from realign_local.run.models.served import ServedTools

        return ServedTools(settings)
    local = tools.LocalTools(settings)
    local.ahead = LoadedAhead()
    return local


def check_place(ray: str | None) -> None:
    """Raise UsageError where a cluster is asked for and Ray is not installed."""
    if ray is not None:
        from realign_local.run.cluster.ray_link import check_installed

        check_installed()


@contextmanager
def at_work(
    made: tools.LocalTools | TidyTools, ray: str | None, progress: Progress
) -> Iterator[Tools]:
    """These tools in this process, or on the nodes of the cluster at the address `ray`."""
    if ray is None:
        yield made
        return
    from realign_local.run.cluster.cluster_tools import over_cluster

    if isinstance(made, tools.LocalTools):
        made.ahead = None  # the models are loaded elsewhere
    with over_cluster(made, made.resolved, ray, progress) as spread:
        yield spread


def load_ahead(made: tools.LocalTools | TidyTools) -> None:
    """Begin to load the model, where there is one to load, while the dataset is read."""
    if isinstance(made, tools.LocalTools):
        made.load_ahead()


def tell(made: tools.ModelTools | TidyTools, progress: Progress) -> None:
    """Say what is worth knowing of the model before anything is asked of it."""
    for line in made.notes:
        progress.note(line)
    for line in filter(None, [*made.warnings, told_of_no_default(made.criteria)]):
        progress.warn(line)
