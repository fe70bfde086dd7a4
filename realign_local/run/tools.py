"""The real things that the stages work with: classifier, index, engine, gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from realign_local import __version__
from realign_local.base.assets import (
    find_encoder,
    find_model,
    sha256_cached,
    sha256_of,
    shared_path,
)
from realign_local.base.config import Settings, go_offline
from realign_local.base.criterion import Criteria, read_criteria
from realign_local.base.errors import AssetError, UsageError
from realign_local.base.machine import physical_cores
from realign_local.base.weights.catalog import known_as
from realign_local.base.weights.gguf import GgufInfo, read_gguf
from realign_local.classifier import opinion, similarity
from realign_local.classifier.choice import read_choice
from realign_local.classifier.features import LAYERS
from realign_local.classifier.labelled import shipped_labels
from realign_local.classifier.linear import LinearClassifier
from realign_local.classifier.model import MANIFEST, SHIPPED, Model, read_model
from realign_local.classifier.neighbours import Neighbours
from realign_local.engine.capacity import TYPICAL_TOKENS, Capacity
from realign_local.engine.process.fleet import Fleet, open_engine
from realign_local.engine.process.sizing import CardChoice, fit_to_machine
from realign_local.engine.process.worker import Worker
from realign_local.engine.request import Engine
from realign_local.evidence import manifest
from realign_local.evidence.encoders.encoder import Encoder, encoder_sha256
from realign_local.evidence.search import check_index, open_index
from realign_local.run.agreement import Agreement, agreement_of
from realign_local.run.job import HERE, Workplace, kept_folder
from realign_local.run.kept.machine_id import machine_id
from realign_local.run.models.loaded_ahead import LoadedAhead
from realign_local.run.models.template_fault import fault_of_template
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.gate_check import GateCheck, gates_id
from realign_local.stages.retrieval import Search
from realign_local.stages.verification import Check

PAPER = "paper"
"""The folder of criteria with the paper's own formats, for large models."""


class ClassifierTools:
    """Criteria and encoder: all that classifying needs."""

    def __init__(self, settings: Settings) -> None:
        go_offline()
        self.settings = settings
        self.criteria: Criteria = criteria_of(settings.criteria)
        self.encoder = find_encoder(settings.encoder)
        self.threads = settings.threads or physical_cores()
        self.use_card = settings.gpu_layers != 0
        self.choice = read_choice(settings.classifier)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """Who finds the task: the encoder's classifier, with the model's word where asked for."""
        layers = LAYERS if self._trained else (1.0,)
        encoder = Encoder(self.encoder, threads=self.threads, layers=layers, use_card=self.use_card)
        first = self._first(encoder)
        if self.choice.mode == "encoder":
            yield first
            return
        every_row = self.choice.mode == "llm"
        with self._small_engine() as engine:
            yield opinion.SecondOpinion(
                first,
                engine.generate,
                self.criteria,
                Neighbours(shipped_labels(self.criteria), encoder.encode),
                every_row=every_row,
            )

    @cached_property
    def template_fault(self) -> str:
        """Why prompts will not have the form of the model's own template; "" where none is made."""
        if self.choice.mode == "encoder":
            return ""
        return fault_of_template(read_gguf(find_model(self.settings.model)).chat_template)

    @cached_property
    def model_id(self) -> str:
        """What tells the language model apart: its file's hash, made once and remembered."""
        return sha256_cached(find_model(self.settings.model))

    def _first(self, encoder: Encoder) -> Label:
        """The trained classifier where it fits encoder and criteria, else the nearest query."""
        if self._trained:
            return LinearClassifier(self._trained, encoder.encode)
        return similarity.SimilarityClassifier(self.criteria, encoder.encode)

    @contextmanager
    def _small_engine(self) -> Iterator[Engine]:
        model = find_model(self.settings.model)
        capacity = fit_to_machine(
            read_gguf(model),
            threads=self.threads,
            longest_request_tokens=opinion.LONGEST_TOKENS,
            parallel=self.settings.parallel,
            cards=_cards(self.settings),
        )
        with open_engine(model, capacity, kept=kept_folder(self.settings)) as engine:
            yield engine

    @cached_property
    def _trained(self) -> Model | None:
        """The user's classifier, or the shipped one if it fits; without tasks unknown here.

        Raises AssetError for a classifier of the user's that does not fit.
        """
        model = read_model(self.choice.folder or SHIPPED)
        fits = model.encoder_sha256 == encoder_sha256(self.encoder)
        if self.choice.folder is None:
            fits = fits and set(self.criteria) <= set(model.tasks)
            return model.restricted(self.criteria) if fits else None
        if not fits or not set(self.criteria) & set(model.tasks):
            other = "tasks" if fits else "encoder"
            raise AssetError(
                f"{self.choice.folder} was trained for another {other}",
                hint="Train it again with this one: `realign classifier train LABELS -o DIR`.",
            )
        return model.restricted(self.criteria)

    @property
    def classifier_id(self) -> str:
        """What decides a label beside the request: encoder, weights or criteria, and the model."""
        encoder = encoder_sha256(self.encoder)
        if self._trained:
            weights = sha256_of((self.choice.folder or SHIPPED) / MANIFEST)
            first = f"linear:{encoder}:{weights}"
        else:
            first = f"{similarity.VERSION}:{encoder}:{self.criteria.sha256}"
        if self.choice.mode == "encoder":
            return first
        return (
            f"{self.choice.mode}:{opinion.VERSION}:{self.model_id}:{self.criteria.sha256}:{first}"
        )


class ModelTools:
    """A language model and the criteria: all that scoring, judging and exporting need.

    Raises AssetError for a model that is missing or damaged, UsageError for criteria that are
    wrong, before any work is done.
    """

    ahead: LoadedAhead | None = None

    def __init__(self, settings: Settings) -> None:
        go_offline()
        self.settings = settings
        self.criteria: Criteria = criteria_of(settings.criteria)
        self.threads = settings.threads or physical_cores()
        self._open_model()

    def _open_model(self) -> None:
        """Find the model and read what its file says of it; nothing is loaded."""
        self.model = find_model(self.settings.model)
        self.model_name = self.model.name
        self.info: GgufInfo = read_gguf(self.model)
        self.capacity: Capacity | None = None
        self.engine_stats: Mapping[str, float] = {}
        self._engine: Worker | Fleet | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines about the model that are worth reading when a command begins."""
        named = self.settings.model
        return () if named else (f"no model was named: {self.model_name} is taken",)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Such lines that must not be missed."""
        return ()

    def capacity_for(self, longest_tokens: int) -> Capacity:
        """Sizes for this machine and model, with room for a row of `longest_tokens`."""
        return fit_to_machine(
            self.info,
            threads=self.threads,
            longest_request_tokens=max(longest_tokens, TYPICAL_TOKENS),
            parallel=self.settings.parallel,
            cards=_cards(self.settings),
        )

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """The language model in a child process, with room for a row of `longest_tokens`."""
        if begun := self.ahead.take(longest_tokens) if self.ahead else None:
            self.capacity, made = begun
        else:
            self.capacity = self.capacity_for(longest_tokens)
            made = open_engine(self.model, self.capacity, kept=kept_folder(self.settings))
        with made as engine:
            self._engine = engine
            try:
                yield engine
            finally:
                self.engine_stats, self._engine = engine.stats, None

    @cached_property
    def agreement(self) -> Agreement | None:
        """How far the model's judgement agrees with people; None where nobody measured it."""
        return agreement_of(self.model)

    @cached_property
    def template_fault(self) -> str:
        """Why prompts will not have the form of the model's own template; "" where they will."""
        return fault_of_template(self.info.chat_template)

    def effort(self) -> Mapping[str, Any]:
        """What stats.json says about the engine; empty where this session generated nothing."""
        if self.capacity is None:
            return {}
        stats = self._engine.stats if self._engine else self.engine_stats
        return {"capacity": asdict(self.capacity), "engine": dict(stats)}


class LocalTools(ModelTools, ClassifierTools):
    """Checks at once that everything a run needs is there; loads each part only for its pass.

    Raises AssetError for a model, encoder or index that is missing, damaged or does not fit, and
    UsageError for criteria or gates that are wrong, before any work is done.
    """

    workplace: Workplace = HERE

    def __init__(self, settings: Settings) -> None:
        ClassifierTools.__init__(self, settings)
        ModelTools.__init__(self, settings)
        self.check: Check = GateCheck(self.criteria, settings.gates, settings.origin)
        self.index = Path(settings.index) if settings.index else None
        if self.index:
            check_index(self.index, encoder=self.encoder)

    @property
    def resolved(self) -> Settings:
        """The settings with the files that were really taken, so that a run can be repeated."""
        found = {
            **self._model_file,
            "encoder": self.encoder,
            "index": self.index,
            "criteria": self.settings.criteria,
        }
        paths = {
            key: path if path == PAPER else str(Path(path).absolute())
            for key, path in found.items()
            if path
        }
        return self.settings.model_copy(update={**paths, "classifier": str(self.choice)})

    @property
    def _model_file(self) -> Mapping[str, Path]:
        return {"model": self.model}

    @cached_property
    def identity(self) -> Identity:
        """Hashes of all that decides results; the model's file is hashed once and remembered."""
        return Identity(
            classifier=self.classifier_id,
            index=sha256_of(self.index / manifest.NAME) if self.index else "",
            model=self.model_id,
            gates=gates_id(self.settings),
            passages=self.settings.passages,
            judge=self.distrust,
            machine=self._machine if self.settings.cache else "",
        )

    @property
    def _machine(self) -> str:
        return machine_id(self.settings, threads=self.threads)

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """While the encoder loads the model does, too."""
        self.load_ahead()
        with super().classifier() as label:
            yield label

    def load_ahead(self) -> None:
        """Begin to load the model before its turn, but never beside an index or itself."""
        if self.ahead and not self.index and self.choice.mode == "encoder":
            self.ahead.begin(self.model, self.capacity_for, kept=kept_folder(self.settings))

    @contextmanager
    def search(self) -> Iterator[Search]:
        """The evidence index; only for runs that have one."""
        if self.index is None:
            raise UsageError("no index was given", hint="Give --index DIR.")
        index = open_index(self.index, encoder=self.encoder, use_card=self.use_card)
        try:
            yield index.evidence
        finally:
            index.close()

    @property
    def distrust(self) -> str:
        """Why this model is not asked which of two answers is better; "" where it is."""
        known = self.agreement
        return "" if known is None or known.is_clear else f"{known.told}, too close to chance"

    def describe(self) -> Mapping[str, Any]:
        """What run.toml and stats.json say about the tools."""
        ids = self.identity
        return {
            "realign_version": __version__,
            "model_file": self.model_name,
            "model_sha256": ids.model,
            "index_sha256": ids.index,
            "criteria_sha256": self.criteria.sha256,
            "encoder_sha256": encoder_sha256(self.encoder),
            "threads": self.threads,
            "model_licence": self._model_licence,
            "judge": self.agreement.told if self.agreement else "",
            "evidence": self._evidence_sources,
        }

    @property
    def _model_licence(self) -> str:
        entry = known_as(self.model)
        return entry.licence if entry else self.info.licence

    @property
    def _evidence_sources(self) -> list[str]:
        """Name, size and licence of what the index was built from, in words."""
        return manifest.sources_told(self.index) if self.index else []


def _cards(settings: Settings) -> CardChoice:
    """What the settings say about graphics cards."""
    return CardChoice(settings.gpu_layers, settings.kv_type, settings.card_shares)


def criteria_of(folder: str | None) -> Criteria:
    """The criteria of a folder, the built-in ones (None), or those of the paper ("paper")."""
    if folder == PAPER:
        return read_criteria(shared_path("criteria") / PAPER)
    return read_criteria(Path(folder) if folder else shared_path("criteria"))
