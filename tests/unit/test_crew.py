"""The actors of a pass without Ray: stations in threads of this process, which die on cue."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.config import Settings
from realign_local.base.errors import AssetError, EngineError, RealignError, UsageError
from realign_local.base.progress import Silent
from realign_local.base.stop import Budget
from realign_local.commands.run import rewrite_dataset, run_job
from realign_local.data.formats import open_dataset
from realign_local.run.cluster import cluster_tools, crew
from realign_local.run.cluster.crew import Crew, Share
from realign_local.run.cluster.ray_link import Node, RayLink
from realign_local.run.cluster.recipe import Recipe
from realign_local.run.cluster.station import SEQUENCES, SPARE
from realign_local.run.files.opening import open_run
from realign_local.run.job import Job
from tests import on_cluster
from tests.scripted import FREE, GUIDED

MAKER = "tests.on_cluster:node_tools"
A, B = Node("a", "10.0.0.1", cpus=1, gpus=0), Node("b", "10.0.0.2", cpus=1, gpus=0)


class Hand:
    """Stands for a station: answers with what it was given, unless its node or the row kills it."""

    def __init__(self, link: PlayedLink, node: str, recipe: Recipe) -> None:
        self.link, self.node, self.recipe = link, node, recipe
        self.out: list[dict[str, Any]] = [link.first_word(node, recipe)]
        self.is_dead = False

    def give(self, content: bytes) -> None:
        for text in content.splitlines():
            line = json.loads(text)
            self.link.begun.append((self.node, line["row"]))
            self.is_dead |= line["row"] in self.link.deadly
            self.out.append({"event": "done", "number": line["number"], "row": line["row"]})


class PlayedLink:
    """A cluster of which a test decides everything; `deadly` rows end the actor that has them."""

    def __init__(self, *nodes: Node, deadly: tuple[int, ...] = (), room: int = 4) -> None:
        self.there, self.deadly, self.room = list(nodes), deadly, room
        self.bad: dict[str, RealignError] = {}
        self.begun: list[tuple[str, int]] = []
        self.ended: list[Hand] = []
        self.hands: list[Hand] = []

    def nodes(self) -> list[Node]:
        return list(self.there)

    def first_word(self, node: str, recipe: Recipe) -> dict[str, Any]:
        error = self.bad.get(node)
        if error is None:
            return {"event": "ready", "room": self.room}
        kind = type(error).__name__
        return {"event": "refused", "kind": kind, "message": str(error), "hint": error.hint}

    def start(self, kind: type, brief: bytes, *, node: str, **share: Any) -> Hand:
        self.hands.append(Hand(self, node, Recipe.from_bytes(brief)))
        return self.hands[-1]

    def tell(self, actor: Hand, method: str, content: bytes) -> None:
        actor.give(content)

    def ask(self, actor: Hand, method: str, then: Callable[[bytes | str], None]) -> None:
        def wait() -> None:
            while not (actor.is_dead or actor in self.ended or actor.out):
                time.sleep(0.005)
            lines, actor.out = actor.out, []
            told = b"\n".join(json.dumps(line).encode() for line in lines)
            then(told if actor not in self.ended and not actor.is_dead else "it was killed")

        threading.Thread(target=wait, daemon=True).start()

    def end(self, actor: Hand) -> None:
        self.ended.append(actor)


def crew_of(link: PlayedLink, said: list[str] | None = None) -> Crew[int]:
    recipe = Recipe("rewrite", MAKER, {}, {})
    say = (said if said is not None else []).append
    return Crew(link, recipe, lambda node: [Share(1)] * node.cpus, say=say)  # type: ignore[arg-type]


def answers(link: PlayedLink, rows: int, said: list[str] | None = None) -> dict[int, Any]:
    with closing(crew_of(link, said)) as hands:
        return dict(hands.answer((row, {"row": row}) for row in range(rows)))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "LOOK_S", 0.05)


def test_all_nodes_have_a_hand_in_it_and_every_row_comes_once() -> None:
    link = PlayedLink(A, B)
    assert sorted(answers(link, 50)) == list(range(50))
    assert {node for node, _ in link.begun} == {"a", "b"}
    assert sorted(row for _, row in link.begun) == list(range(50))
    assert link.hands == link.ended


def test_nothing_goes_out_before_there_is_room_for_it() -> None:
    link, pulled = PlayedLink(A, room=3), []

    def rows() -> Iterator[tuple[int, dict[str, Any]]]:
        for row in range(20):
            pulled.append(row)
            yield row, {"row": row}

    with closing(crew_of(link)) as hands:
        answered = hands.answer(rows())
        next(answered)
        assert len(pulled) == 3
        answered.close()
    assert link.ended == link.hands, "what it had in hand ends with it"


def test_a_row_that_ends_every_actor_is_given_up_and_the_others_are_not() -> None:
    found = answers(PlayedLink(A, B, deadly=(7,)), 20)
    assert found.pop(7) == "it was killed"
    assert sorted(found) == [n for n in range(20) if n != 7]
    assert not any(isinstance(result, str) for result in found.values())


def test_one_deadly_row_after_another_ends_the_run() -> None:
    with pytest.raises(
        EngineError, match="pieces of work in a row ended their actor; it was killed"
    ):
        answers(PlayedLink(A, deadly=tuple(range(8)), room=1), 8)


def test_a_node_that_lacks_something_is_left_out_and_named() -> None:
    link, said = PlayedLink(A, B), list[str]()
    link.bad["b"] = AssetError("the model is not there", hint="Copy it.")
    assert len(answers(link, 10, said)) == 10
    assert {node for node, _ in link.begun} == {"a"}
    assert said == ["10.0.0.2: the model is not there; going on without this node"]


def test_where_no_node_is_left_the_run_ends_with_what_is_lacking() -> None:
    link = PlayedLink(A)
    link.bad["a"] = AssetError("the model is not there", hint="Copy it.")
    with pytest.raises(AssetError, match=r"10\.0\.0\.1: the model is not there") as caught:
        answers(link, 3)
    assert caught.value.hint == "Copy it."


def test_a_node_that_joins_is_used_and_one_that_goes_blames_no_row() -> None:
    link, said = PlayedLink(A, room=1), list[str]()

    def rows() -> Iterator[tuple[int, dict[str, Any]]]:
        for row in range(40):
            if row == 10:
                link.there.append(B)
            if row == 30:
                link.there.remove(A)
                link.hands[0].is_dead = True
            time.sleep(0.01)
            yield row, {"row": row}

    with closing(crew_of(link, said)) as hands:
        assert sorted(row for row, _ in hands.answer(rows())) == list(range(40))
        assert hands.lost == 1
    assert {node for node, _ in link.begun} == {"a", "b"}
    assert len(said) == 1
    assert said[0].startswith("10.0.0.1: it was killed; to be done again: ")


def test_a_cluster_without_room_is_waited_for_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew, "WAIT_S", 0.3)
    monkeypatch.setattr(crew, "TELL_S", 0.1)
    said: list[str] = []
    with pytest.raises(EngineError, match="no node of the cluster has room for rewrite"):
        answers(PlayedLink(), 3, said)
    assert said == ["waiting for a node of the cluster with room for rewrite"]


def test_actors_have_the_threads_that_they_take_of_their_node() -> None:
    link = PlayedLink(Node("a", "h", cpus=8, gpus=0))
    answers(link, 1)
    assert [hand.recipe.settings["threads"] for hand in link.hands] == [1] * 8
    tools = cluster_of(link, {"threads": 3})
    shares = {name: tools._shares_of(name)(link.there[0]) for name in ("rewrite", "verify")}
    assert shares == {"rewrite": [Share(3)] * 2, "verify": [Share(1)] * 8}


def test_cards_and_the_index_decide_where_what_is_done() -> None:
    cards = Node("a", "h", cpus=16, gpus=2)
    index = Node("b", "i", cpus=4, gpus=0, resources={"realign_index": 1.0})
    tools = cluster_of(PlayedLink(cards, index), {})
    assert tools._shares_of("rewrite")(cards) == [Share(8, 1)] * 2
    assert tools._shares_of("retrieve")(cards) == []
    assert tools._shares_of("retrieve")(index) == [Share(4, extra={"realign_index": 0.001})]
    assert tools._shares_of("classify")(cards) == [Share(16)]
    fewer = cluster_of(PlayedLink(cards), {"threads": 4})
    assert fewer._shares_of("rewrite")(cards) == [Share(4, 1)] * 2
    without = cluster_of(PlayedLink(cards), {"gpu_layers": 0})
    assert without._shares_of("rewrite")(cards) == [Share(16)]


def cluster_of(link: Any, settings: dict[str, Any]) -> cluster_tools.ClusterTools:
    link.hosts_elsewhere = lambda: []
    inner = on_cluster.node_tools(settings)
    return cluster_tools.ClusterTools(inner, link, settings, progress=Silent(), maker=MAKER)


class StationLink(RayLink):
    """Real stations, in threads of this process instead of in Ray's actors."""

    def __init__(self) -> None:
        self.there = [A, B]

    def nodes(self) -> list[Node]:
        return self.there

    def hosts_elsewhere(self) -> list[str]:
        return ["10.0.0.2"]

    def start(self, kind: type, brief: bytes, **share: Any) -> Any:
        return kind(brief)

    def tell(self, actor: Any, method: str, content: bytes) -> None:
        getattr(actor, method)(content)

    def ask(self, actor: Any, method: str, then: Callable[[bytes | str], None]) -> None:
        threading.Thread(target=lambda: then(getattr(actor, method)()), daemon=True).start()

    def end(self, actor: Any) -> None:
        return


def whole_run(
    source: Path,
    run_dir: Path,
    *,
    over: bool,
    free: bool,
    budget: Budget | None = None,
    target_rows: int | None = None,
    **settings: Any,
) -> Any:
    tools: Any = on_cluster.node_tools(settings)
    if over:
        tools = cluster_tools.ClusterTools(
            tools, StationLink(), settings, progress=Silent(), maker=MAKER
        )
    job = Job(
        open_dataset(source),
        run_dir,
        FREE if free else GUIDED,
        budget=budget,
        target_rows=target_rows,
    )
    with open_run(run_dir, "auto") as journal:
        return run_job(job, tools, journal, progress=Silent())


@pytest.mark.parametrize("settings", [{"passages": True}, {"crashes": True}], ids=str)
def test_a_run_over_stations_is_a_run_without(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_tools, "WORTH_IT", 1)
    rows = on_cluster.rows(12)
    if "crashes" in settings:
        rows[5]["instruction"] += " [crash]"
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plain = whole_run(source, tmp_path / "plain", over=False, free=True, **settings)
    over = whole_run(source, tmp_path / "over", over=True, free=True, **settings)
    for name in ("output.jsonl", "provenance.jsonl"):
        assert (tmp_path / "over" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    assert over["sent_to"] == ["10.0.0.2"]
    assert over["status"] == plain["status"]
    assert over["reasons"].get("engine_failed", 0) == ("crashes" in settings)
    if settings.get("passages"):  # other gates: all rows are checked again, on the nodes
        again = {**settings, "gates": {"names": False}}
        whole_run(source, tmp_path / "over", over=True, free=True, **again)
        whole_run(source, tmp_path / "plain", over=False, free=True, **again)
        one, other = (tmp_path / run / "provenance.jsonl" for run in ("over", "plain"))
        assert one.read_bytes() == other.read_bytes()


def test_an_actor_with_other_files_does_not_begin() -> None:
    facts = {"model": "another model", "index": ""}
    with pytest.raises(AssetError, match=r"where the run was started: model$"):
        Recipe("rewrite", MAKER, {}, facts).make()


def test_a_budget_ends_a_run_over_stations_and_the_next_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    rows = on_cluster.rows(40)
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    slow = {"rate": 10}
    first = whole_run(source, tmp_path / "run", over=True, free=False, budget=Budget(3), **slow)
    assert 0 < first["generated"] < 40
    # What was generated as the budget ended may still have to be judged.
    assert 40 - first["generated"] <= first["unfinished"] < 40
    second = whole_run(source, tmp_path / "run", over=True, free=False)
    assert (second["generated"], second["generated_twice"], second["unfinished"]) == (40, 0, 0)


def test_so_many_rows_are_rewritten_as_are_wanted_and_a_few_on_their_way(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    rows = on_cluster.rows(400)
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    stats = whole_run(source, tmp_path / "run", over=True, free=False, target_rows=5)
    assert 5 <= stats["status"]["rewritten"] <= 5 + 2 * (SEQUENCES + SPARE)


def test_ray_is_an_extra_and_nothing_loads_it_unasked() -> None:
    project = tomllib.loads((on_cluster.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert not [line for line in project["dependencies"] if line.startswith("ray")]
    loads = "import realign_local.commands.run, realign_local.cli.rows.run, sys;"
    loads += "print([m for m in sys.modules if m == 'ray' or 'run.cluster' in m])"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_ray_the_way_to_it_is_told_and_no_folder_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="--ray needs Ray, which is not installed"):
        RayLink("10.0.0.1:6379")
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(on_cluster.rows(1)[0]) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--ray needs Ray, which is not installed"):
        rewrite_dataset(source, tmp_path / "run", Settings(mode="tidy"), ray="local")
    assert not (tmp_path / "run").exists()


def test_servers_are_not_asked_from_a_cluster() -> None:
    settings = Settings(server=["http://127.0.0.1:1"])
    tools = on_cluster.node_tools({})
    with (
        pytest.raises(UsageError, match="--ray and --server exclude each other"),
        cluster_tools.over_cluster(tools, settings, "local", Silent()),
    ):
        raise AssertionError("this must not begin")
