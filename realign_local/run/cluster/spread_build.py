"""Units and vectors of an index, made on the nodes of a cluster: `realign index build --ray`.

What goes out are documents and passages, what comes back are units and vectors. The reading, the
ledger and all files stay with whoever builds, so that nodes share no disk.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from realign_local import __version__
from realign_local.base.errors import AssetError, EngineError
from realign_local.base.machine import physical_cores
from realign_local.engine.process.wire import Line
from realign_local.evidence.building.documents import Document, Site
from realign_local.evidence.building.parts import Context, MadeUnit, UnitMaker, UnitTask
from realign_local.evidence.building.workshop import MakeUnits, MakeVectors, PartEncoding, PartTask
from realign_local.evidence.encoders.batching import Vectors
from realign_local.evidence.encoders.encoder import Encoder, encoder_sha256
from realign_local.evidence.encoders.on_card import DEVICE
from realign_local.run.cluster.crew import Crew, Share, tell_where
from realign_local.run.cluster.ray_link import Node, RayLink
from realign_local.run.cluster.recipe import Recipe
from realign_local.run.cluster.station import BATCHES, Station
from realign_local.run.versions import installed

UNITS, VECTORS = "units", "vectors"
CPU = "cpu"
LIBRARIES = ("mwparserfromhell", "tokenizers", "sentence-transformers", "torch", "numpy")
"""Of another version they may cut or encode in another way."""
STORED = np.dtype("<f2")
"""As vectors go over the wire, and as an index keeps them."""

Make = Callable[[Line], Line]


def facts_of_build(encoder: Path) -> dict[str, Any]:
    """What decides a build's units and vectors, by name."""
    return {
        "version": __version__,
        "encoder": encoder_sha256(encoder),
        **{name: installed(name) for name in LIBRARIES},
    }


class BuildStation(Station):
    """Makes units or vectors."""

    def _carry_out(self, stack: ExitStack, recipe: Recipe) -> None:
        make = {UNITS: _unit_maker, VECTORS: _vector_maker}[recipe.work](recipe)
        self._tell("ready", room=BATCHES)
        while True:
            line = self._inbox.get()
            self._tell("done", number=line["number"], **make(line))


def _unit_maker(recipe: Recipe) -> Make:
    folder = Path(recipe.settings["encoder"])
    recipe.check(facts_of_build(folder))
    maker = UnitMaker(Context(folder, recipe.settings["max_tokens"]))

    def make(line: Line) -> Line:
        made = maker.make(unit_from_line(line))
        return {"unit": base64.b64encode(made.packed).decode(), "passages": made.passages}

    return make


def _vector_maker(recipe: Recipe) -> Make:
    settings = recipe.settings
    encoder = Encoder(
        Path(settings["encoder"]),
        threads=min(settings["threads"], physical_cores()),
        use_card=recipe.facts["device"] != CPU,
    )
    if settings["precision"] == "int8" and not encoder.calibrate(settings["probe"]):
        raise AssetError(
            "the encoder cannot compute in int8 here, as this build does",
            hint="Build on nodes of one kind.",
        )
    recipe.check({**facts_of_build(encoder.folder), "device": encoder.device})

    def make(line: Line) -> Line:
        found = encoder.encode(line["texts"], role="document", precision=settings["precision"])
        return {"vectors": base64.b64encode(found.astype(STORED).tobytes()).decode()}

    return make


def unit_to_line(task: UnitTask) -> Line:
    """The documents of a unit as JSON-able data."""
    site = {"language": task.site.language, "namespaces": dict(task.site.namespaces)}
    documents = [dataclasses.asdict(document) for document in task.documents]
    return {"unit": task.number, "source": task.source, "site": site, "documents": documents}


def unit_from_line(line: Mapping[str, Any]) -> UnitTask:
    """The inverse of `unit_to_line`."""
    documents = [Document(**{**d, "aliases": tuple(d["aliases"])}) for d in line["documents"]]
    return UnitTask(line["unit"], line["source"], documents, Site(**line["site"]))


class ClusterWorkshop:
    """The nodes of a cluster in the place of this machine; `warn` is told who died."""

    def __init__(self, link: RayLink, *, warn: Callable[[str], None]) -> None:
        self._link = link
        self._others: dict[str, Any] = {"say": warn, "station": BuildStation}

    @contextmanager
    def units(self, context: Context, *, jobs: int | None) -> Iterator[MakeUnits]:
        """An actor for each core of each node, at most `jobs` a node."""

        def shares(node: Node) -> list[Share]:
            return [Share(1)] * min(node.cpus, jobs or node.cpus)

        folder = context.encoder.resolve()
        settings = {"encoder": str(folder), "max_tokens": context.max_tokens}
        recipe = Recipe(UNITS, "", settings, facts_of_build(folder))
        with closing(Crew[UnitTask](self._link, recipe, shares, **self._others)) as crew:
            yield partial(_units, crew)

    @contextmanager
    def vectors(
        self, encoding: PartEncoding, heard: Callable[[int], None]
    ) -> Iterator[MakeVectors]:
        """An actor on each node, or on each of its cards where the encoder here is on one.

        `heard` is told nothing: a node sends a part when it is through with it.
        """
        on_card = encoding.encoder.device == DEVICE

        def shares(node: Node) -> list[Share]:
            if on_card:
                return [Share(max(1, node.cpus // node.gpus), 1)] * node.gpus if node.gpus else []
            return [Share(node.cpus)] if node.cpus else []

        folder = encoding.encoder.folder.resolve()
        probe = encoding.probe if encoding.precision == "int8" else []
        settings = {"encoder": str(folder), "precision": encoding.precision, "probe": probe}
        facts = {**facts_of_build(folder), "device": encoding.encoder.device}
        recipe = Recipe(VECTORS, "", settings, facts)
        with closing(Crew[PartTask](self._link, recipe, shares, **self._others)) as crew:
            yield partial(_vectors, crew, encoding.encoder.dim)


def _units(crew: Crew[UnitTask], tasks: Iterable[UnitTask]) -> Iterator[tuple[UnitTask, MadeUnit]]:
    for task, result in crew.answer((task, unit_to_line(task)) for task in tasks):
        line = _made(result, f"unit {task.number} of the index, from {task.documents[0].title!r}")
        yield task, MadeUnit(base64.b64decode(line["unit"]), line["passages"])


def _vectors(
    crew: Crew[PartTask], dim: int, tasks: Iterable[PartTask]
) -> Iterator[tuple[PartTask, Vectors]]:
    for task, result in crew.answer((task, {"texts": task.texts}) for task in tasks):
        line = _made(result, f"part {task.number} of the vectors")
        found = np.frombuffer(base64.b64decode(line["vectors"]), dtype=STORED)
        yield task, found.reshape(len(task.texts), dim).astype(np.float32)


def _made(result: Line | str, what: str) -> Line:
    """Raise EngineError where every actor died of it: an index with a gap would not show it."""
    if isinstance(result, str):
        raise EngineError(
            f"no node gets over {what}: {result}",
            hint="Mostly its memory is too small. The same command goes on, also without --ray.",
        )
    return result


@contextmanager
def workshop_on(
    address: str, *, note: Callable[[str], None], warn: Callable[[str], None]
) -> Iterator[ClusterWorkshop]:
    """The cluster at this address. Raises what RayLink raises."""
    link = RayLink(address)
    try:
        tell_where(link, "the texts of the source", note=note, warn=warn)
        yield ClusterWorkshop(link, warn=warn)
    finally:
        link.close()
