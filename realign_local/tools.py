"""The real things that the stages work with: classifier, index, engine, gates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from realign_local import __version__, gates
from realign_local.assets import (
    PACKAGE,
    find_encoder,
    find_model,
    sha256_cached,
    sha256_of,
    shared_path,
)
from realign_local.classifier import linear, similarity
from realign_local.config import Settings, go_offline
from realign_local.criteria import Criteria, read_criteria
from realign_local.engine.capacity import TYPICAL_TOKENS, Capacity
from realign_local.engine.request import Engine
from realign_local.engine.sizing import fit_to_machine
from realign_local.engine.spec import llama_spec
from realign_local.engine.worker import Worker
from realign_local.errors import UsageError
from realign_local.evidence import manifest
from realign_local.evidence.encoder import Encoder, encoder_sha256
from realign_local.evidence.search import check_index, open_index
from realign_local.gates.borrowed import borrowed, topics_of
from realign_local.gates.gate import Case, Verdict
from realign_local.gates.layout import meets_layout
from realign_local.gguf import GgufInfo, read_gguf
from realign_local.ledger import Identity
from realign_local.machine import physical_cores
from realign_local.stages.classify import Label
from realign_local.stages.retrieve import Search
from realign_local.stages.rewrite import RewriteSettings
from realign_local.stages.verify import Judge


class ClassifierTools:
    """Criteria and encoder: all that classifying needs."""

    def __init__(self, settings: Settings) -> None:
        go_offline()
        self.settings = settings
        self.criteria: Criteria = read_criteria(
            Path(settings.criteria) if settings.criteria else shared_path("criteria")
        )
        self.encoder = find_encoder(settings.encoder)
        self.threads = settings.threads or physical_cores()

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """The trained classifier where it fits encoder and criteria, else the nearest query."""
        encoder = Encoder(self.encoder, threads=self.threads)
        weights = self._weights
        if weights:
            yield linear.LinearClassifier(weights, encoder.encode)
        else:
            yield similarity.SimilarityClassifier(self.criteria, encoder.encode)

    @cached_property
    def _weights(self) -> linear.Weights | None:
        """The shipped weights, if they were trained for this encoder and know every task."""
        weights = linear.read_weights()
        fits = weights.encoder_sha256 == encoder_sha256(self.encoder)
        return weights if fits and set(self.criteria) <= set(weights.tasks) else None

    @property
    def classifier_id(self) -> str:
        """What decides a label beside the request: the encoder, and the weights or the criteria."""
        encoder = encoder_sha256(self.encoder)
        if self._weights:
            return f"linear:{encoder}:{sha256_cached(linear.WEIGHTS)}"
        return f"{similarity.VERSION}:{encoder}:{self.criteria.sha256}"


class LocalTools(ClassifierTools):
    """Checks at once that everything a run needs is there; loads each part only for its pass.

    Raises AssetError for a model, encoder or index that is missing, damaged or does not fit, and
    UsageError for criteria or gates that are wrong, before any work is done.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.gates = _chosen_gates(settings.gates)
        self.model = find_model(settings.model)
        self.info: GgufInfo = read_gguf(self.model)
        self.index = Path(settings.index) if settings.index else None
        self.capacity: Capacity | None = None
        self.engine_stats: Mapping[str, float] = {}
        if self.index:
            check_index(self.index, encoder=self.encoder)

    @cached_property
    def identity(self) -> Identity:
        """Hashes of all that decides results; the model's file is hashed once and remembered."""
        return Identity(
            classifier=self.classifier_id,
            index=sha256_of(self.index / manifest.NAME) if self.index else "",
            model=sha256_cached(self.model),
            gates=f"{_gates_sha256()}:{','.join(self.gates)}:{self.settings.gates}",
            passages=self.settings.passages,
        )

    @contextmanager
    def search(self) -> Iterator[Search]:
        """The evidence index; only for runs that have one."""
        if self.index is None:
            raise UsageError("no index was given", hint="Give --index DIR.")
        index = open_index(self.index, encoder=self.encoder)
        try:
            yield index.search
        finally:
            index.close()

    def capacity_for(self, longest_tokens: int) -> Capacity:
        """Sizes for this machine and model, with room for a row of `longest_tokens`."""
        return fit_to_machine(
            self.info,
            threads=self.threads,
            longest_request_tokens=max(longest_tokens, TYPICAL_TOKENS),
            parallel=self.settings.parallel,
        )

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """The language model in a child process, with room for a row of `longest_tokens`."""
        self.capacity = self.capacity_for(longest_tokens)
        with Worker(llama_spec(self.model, self.capacity)) as worker:
            yield worker
            self.engine_stats = worker.stats

    @property
    def judge(self) -> Judge:
        """All gates that are switched on, with the layout of the row's own task."""
        return make_judge(self.criteria, self.settings.gates)

    def describe(self) -> Mapping[str, Any]:
        """What run.toml and stats.json say about the tools."""
        ids = self.identity
        return {
            "realign_version": __version__,
            "model_file": self.model.name,
            "model_sha256": ids.model,
            "index_sha256": ids.index,
            "criteria_sha256": self.criteria.sha256,
            "encoder_sha256": encoder_sha256(self.encoder),
            "threads": self.threads,
        }

    def effort(self) -> Mapping[str, Any]:
        """What stats.json says about the engine; empty where this session generated nothing."""
        if self.capacity is None:
            return {}
        return {"capacity": asdict(self.capacity), "engine": dict(self.engine_stats)}


def make_judge(criteria: Criteria, switches: Mapping[str, bool]) -> Judge:
    """The gates that are not switched off, and the layout of each row's task."""
    chosen = _chosen_gates(switches)
    topics = dict(
        zip(criteria, topics_of([c.example_requests for c in criteria.values()]), strict=True)
    )

    def judge(case: Case) -> Mapping[str, Verdict]:
        found = dict(gates.judge(case, chosen))
        criterion = criteria.get(case.task)
        if criterion and switches.get("borrowed", True):
            found["borrowed"] = borrowed(
                case,
                examples=criterion.example_texts,
                wording=criterion.openings,
                topics=topics[case.task],
            )
        if criterion and criterion.layout and switches.get("layout", True):
            found["layout"] = meets_layout(case.rewritten, case.original, criterion.layout)
        return found

    return judge


def rewrite_settings(settings: Settings) -> RewriteSettings:
    """The part of the settings that decides rewrites."""
    return RewriteSettings(
        mode=settings.mode,
        adaptive=settings.adaptive,
        candidates=settings.candidates,
        temperature=settings.temperature if settings.candidates > 1 else 0.0,
        seed=settings.seed,
        min_confidence=settings.min_confidence,
    )


def _gates_sha256() -> str:
    """Hash of the gates' own source: a verdict is only as good as the code that gave it."""
    digest = hashlib.sha256()
    for path in sorted((PACKAGE / "gates").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _chosen_gates(switches: Mapping[str, bool]) -> dict[str, gates.Gate]:
    unknown = sorted(set(switches) - set(gates.GATES) - {"borrowed", "layout"})
    if unknown:
        raise UsageError(
            f"no gate is called {unknown[0]!r}",
            hint=f"Gates: {', '.join(gates.GATES)}, borrowed, layout.",
        )
    return {name: gate for name, gate in gates.GATES.items() if switches.get(name, True)}
