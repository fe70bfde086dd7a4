"""An index built over a cluster, without Ray: stations in threads of this process, which die."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import AssetError, EngineError, Interrupted
from realign_local.evidence import dense, filenames, manifest
from realign_local.evidence.building import reader
from realign_local.evidence.building.documents import Document, Site
from realign_local.evidence.building.parts import Context, UnitTask
from realign_local.evidence.building.pipeline import BuildPlan, build_index
from realign_local.evidence.building.workshop import PartEncoding, PartTask
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.run.cluster import crew
from realign_local.run.cluster.ray_link import Node, RayLink
from realign_local.run.cluster.recipe import Recipe
from realign_local.run.cluster.spread_build import (
    UNITS,
    VECTORS,
    ClusterWorkshop,
    facts_of_build,
    unit_from_line,
    unit_to_line,
)
from tests.dumped import dump_of, static_encoder

PAGES, PER_UNIT, PER_PART = 60, 8, 32
DEAD = "it was killed"
Line = dict[str, Any]


class StationsHere(RayLink):
    """Two nodes whose stations are threads here; one that is given what is `deadly` dies of it."""

    def __init__(self, deadly: Callable[[Line], bool] = lambda _: False, *, gpus: int = 0) -> None:
        self.there = [Node(name, f"10.0.0.{name}", cpus=2, gpus=gpus) for name in ("1", "2")]
        self.deadly = deadly
        self.given: Counter[tuple[str, int]] = Counter()
        self.recipes: list[tuple[str, Recipe, int]] = []
        self.dead: list[Any] = []

    def nodes(self) -> list[Node]:
        return self.there

    def start(self, kind: type, brief: bytes, *, node: str, gpus: float, **_: Any) -> Any:
        self.recipes.append((node, Recipe.from_bytes(brief), int(gpus)))
        return kind(brief)

    def tell(self, actor: Any, method: str, content: bytes) -> None:
        for text in content.splitlines():
            line = json.loads(text)
            self.given["unit" if "unit" in line else "part", line.get("unit", line["number"])] += 1
            if self.deadly(line):
                self.dead.append(actor)
        if actor not in self.dead:
            getattr(actor, method)(content)

    def ask(self, actor: Any, method: str, then: Callable[[bytes | str], None]) -> None:
        def wait() -> None:
            told = getattr(actor, method)() if actor not in self.dead else b""
            then(DEAD if actor in self.dead else told)

        threading.Thread(target=wait, daemon=True).start()

    def end(self, actor: Any) -> None:
        return


class Once:
    """True for the first line that holds this word, and not again."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)

    def __call__(self, line: Line) -> bool:
        word = next((word for word in self.words if word in line), None)
        if word:
            self.words.remove(word)
        return word is not None


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "LOOK_S", 0.05)
    monkeypatch.setattr("realign_local.run.cluster.station.POLL_S", 0.05)
    monkeypatch.setattr(reader, "DOCUMENTS_PER_UNIT", PER_UNIT)
    monkeypatch.setattr(reader, "LEAST_BYTES_FOR_PROCESSES", 0)
    for module in (dense, filenames):
        monkeypatch.setattr(module, "ROWS_PER_PART", PER_PART)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return static_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def plan(tmp_path: Path, encoder: Path) -> BuildPlan:
    source = dump_of(tmp_path / "pages.xml", PAGES, sentences=60)
    return BuildPlan((source,), tmp_path / "over", encoder, jobs=1)


def plain(plan: BuildPlan) -> Path:
    folder = plan.folder.with_name("plain")
    build_index(BuildPlan(plan.sources, folder, plan.encoder, jobs=1))
    return folder


def assert_same(one: Path, other: Path) -> None:
    """All but the words' index, which tantivy numbers by chance, and when it was built."""
    files = {p.relative_to(one) for p in one.rglob("*") if p.is_file() and "lexical" not in str(p)}
    for name in files - {Path(manifest.NAME)}:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (
        manifest.read_manifest(folder).model_dump(exclude={"created", "files"})
        for folder in (one, other)
    )
    assert first == second


def test_nodes_make_what_one_machine_makes(plan: BuildPlan) -> None:
    link, said = StationsHere(), list[str]()
    made = build_index(plan, workshop=ClusterWorkshop(link, warn=said.append))
    assert made.passages > 2 * PER_PART
    assert_same(plain(plan), plan.folder)
    assert {(node, recipe.work) for node, recipe, _ in link.recipes} == {
        (node, work) for node in ("1", "2") for work in (UNITS, VECTORS)
    }
    assert set(link.given.values()) == {1}
    assert said == []


def test_actors_that_die_cost_what_they_had_in_hand(plan: BuildPlan) -> None:
    link, said = StationsHere(Once("documents", "texts")), list[str]()
    build_index(plan, workshop=ClusterWorkshop(link, warn=said.append))
    assert_same(plain(plan), plan.folder)
    assert len(said) == 2
    assert all(f"{DEAD}; to be done again: " in line for line in said)
    again = [times for times in link.given.values() if times > 1]
    assert 2 <= len(again) <= 4
    assert set(again) == {2}


@pytest.mark.parametrize("phase", ["read", "encode"])
def test_what_is_finished_is_not_done_again(plan: BuildPlan, phase: str) -> None:
    begun, link, later = Counter[str](), StationsHere(), StationsHere()

    def stop(now: str, _done: int, _total: int) -> None:
        begun[now] += 1
        if begun[phase] == 6:
            raise Interrupted("stopped", signal_number=2)

    with pytest.raises(Interrupted):
        build_index(plan, report=stop, workshop=ClusterWorkshop(link, warn=print))
    kept = {path: path.stat().st_mtime_ns for path in plan.folder.rglob("vectors/part-*")}
    units = {int(path.name[:7]) for path in plan.folder.rglob("units/*.gz")}
    assert kept if phase == "encode" else units
    build_index(plan, workshop=ClusterWorkshop(later, warn=print))
    assert_same(plain(plan), plan.folder)
    assert not units & {number for what, number in later.given if what == "unit"}
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())


def test_a_unit_that_ends_every_actor_ends_the_build_and_is_named(plan: BuildPlan) -> None:
    link = StationsHere(lambda line: line.get("unit") == 2)
    with pytest.raises(EngineError, match="no node gets over unit 2 of the index, from 'Page 16'"):
        build_index(plan, workshop=ClusterWorkshop(link, warn=lambda _: None))
    assert not (plan.folder / manifest.NAME).exists()
    build_index(plan)
    assert_same(plain(plan), plan.folder)


def test_a_node_with_another_encoder_or_program_does_not_begin(
    plan: BuildPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = "realign_local.run.cluster.spread_build.facts_of_build"
    found = facts_of_build(plan.encoder)
    answers = iter([found])  # of the driver; then come the nodes
    monkeypatch.setattr(named, lambda _: next(answers, {**found, "encoder": "another"}))
    with pytest.raises(AssetError, match=r"10\.0\.0\..: not the same here .*: encoder$"):
        build_index(plan, workshop=ClusterWorkshop(StationsHere(), warn=print))
    assert not (plan.folder / manifest.NAME).exists()


def test_where_an_encoder_cannot_compute_as_the_build_does_it_does_not_begin(
    encoder: Path,
) -> None:
    encoding = PartEncoding(Encoder(encoder), "int8", ["the old lake"])  # a static one has no int8
    with (
        pytest.raises(AssetError, match="cannot compute in int8 here"),
        ClusterWorkshop(StationsHere(), warn=print).vectors(encoding, lambda _: None) as make,
    ):
        list(make([PartTask(0, ["the lake"])]))


def test_a_build_on_a_card_goes_on_on_cards_alone(encoder: Path) -> None:
    class OnCard(Encoder):
        device = "cuda"  # type: ignore[assignment]

    link = StationsHere(gpus=1)
    link.there.append(Node("3", "10.0.0.3", cpus=8, gpus=0))
    encoding = PartEncoding(OnCard(encoder), "float32", [])
    with (
        pytest.raises(AssetError, match=r"not the same here .*: device$"),  # there is none here
        ClusterWorkshop(link, warn=print).vectors(encoding, lambda _: None) as make,
    ):
        list(make([PartTask(0, ["the lake"])]))
    assert {(node, gpus) for node, _, gpus in link.recipes} == {("1", 1), ("2", 1)}


def test_as_many_actors_read_on_a_node_as_are_wanted(encoder: Path) -> None:
    counts = []
    for jobs in (None, 1):
        link = StationsHere()
        with ClusterWorkshop(link, warn=print).units(Context(encoder, 64), jobs=jobs) as make:
            list(make([UnitTask(0, 0, [Document("Lake", "The lake is deep.")], Site())]))
        counts.append(len(link.recipes))
    assert counts == [4, 2]


def test_documents_come_over_as_they_are() -> None:
    full = Document("Ä\ud800", "x\n", "n", "1", "s", "r", "to", ("a", "b"), "wikitext")
    task = UnitTask(3, 1, [full, Document("B", "")], Site("de", {"datei": 6}))
    assert unit_from_line(json.loads(json.dumps(unit_to_line(task)))) == task
