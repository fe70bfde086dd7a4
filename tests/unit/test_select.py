"""`realign select`: the share that was asked for, the rows as they were, and what they cover."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.errors import DataError, UsageError
from realign_local.base.progress import Silent
from realign_local.cli import realign
from realign_local.commands.select import RowBudget, by_model, select
from realign_local.data.formats import Dataset
from realign_local.evidence import coverage
from realign_local.evidence.clusters import Vectors
from realign_local.evidence.coverage import allotted, covering, distance, distinct
from realign_local.rewriting.scorer import AnswerToScore
from realign_local.rewriting.scores import Scores
from realign_local.run.files.run_scores import ScoredResponse, writing_scores
from tests.scripted import ScriptedTools, run

DEMO = Path(__file__).parents[2] / "examples" / "demo.jsonl"


def _vectors(rows: int, *, topics: int = 6, seed: int = 0) -> Vectors:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((topics, 16))
    found = centres[rng.integers(0, topics, rows)] * 2 + rng.standard_normal((rows, 16))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 5))
def test_as_many_as_asked_and_none_twice(rows: int, count: int, seed: int) -> None:
    count = min(count, rows)
    chosen = covering(_vectors(rows, seed=seed), count)
    assert len(set(chosen.tolist())) == count
    assert chosen.tolist() == sorted(chosen.tolist())


@pytest.mark.parametrize("group_rows", [4096, 50])
def test_the_chosen_rows_cover_the_rest_better_than_any(
    group_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "GROUP_ROWS", group_rows)
    vectors = _vectors(300)
    by_chance = [
        distance(vectors, np.sort(np.random.default_rng(s).permutation(300)[:15])) for s in range(9)
    ]
    assert distance(vectors, covering(vectors, 15)) < min(by_chance)


def test_equal_rows_are_no_trouble() -> None:
    vectors = np.ones((9, 4), dtype=np.float32) / 2
    assert len(covering(vectors, 5)) == 5
    assert distinct(vectors).tolist() == [0]
    assert distance(vectors, np.array([0])) == pytest.approx(0, abs=1e-6)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.data())
def test_a_budget_is_shared_out_to_the_last_row(sizes: list[int], data: st.DataObject) -> None:
    held = np.array(sizes, dtype=np.int64)
    count = data.draw(st.integers(0, sum(sizes)))
    shares = allotted(held, held + 0.5 * (held > 0), count)
    assert shares.sum() == count
    assert (shares <= held).all()


def _rows(number: int) -> list[dict[str, str]]:
    words = ["wool", "silk", "linen", "hemp", "cotton", "felt", "tweed", "denim", "satin", "velvet"]
    return [
        {"instruction": f"What is {words[n % 10]} ({n})?", "output": words[n % 10] * (n + 1)}
        for n in range(number)
    ]


def _select(source: Path, out: Path, *options: str) -> dict[str, object]:
    command = ["select", str(source), "-o", str(out), "--json", *options]
    if "--encoder" not in options and "--dedupe" not in options:
        command.append("--no-measure")
    done = CliRunner().invoke(realign, command, standalone_mode=False)
    assert done.exception is None, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("budget", "chosen"), [("10%", 2), ("25%", 5), ("1%", 1), ("7", 7)])
def test_the_share_is_rounded_and_the_lines_are_as_they_were(
    tmp_path: Path, budget: str, chosen: int
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps(row).replace(": ", " :  ") for row in _rows(20)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = _select(source, out, "--budget", budget, "--by", "random")
    assert found["rows"] == 20
    assert found["chosen"] == chosen
    written = out.read_text(encoding="utf-8").splitlines()
    assert written == [line for line in lines if line in written]
    assert len(written) == chosen


def test_the_longest_and_the_container(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["instruction", "output"])
        writer.writeheader()
        writer.writerows(_rows(12))
    _select(source, out, "--budget", "3", "--by", "longest")
    with out.open(newline="") as file:
        lengths = [len(row["output"]) for row in csv.DictReader(file)]
    assert sorted(lengths) == sorted(len(row["output"]) for row in _rows(12))[-3:]


def test_a_malformed_row_is_never_chosen(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = [json.dumps(row) for row in _rows(5)]
    source.write_text("\n".join([*good[:2], '{"instruction": 3', *good[2:]]) + "\n", "utf-8")
    found = _select(source, out, "--budget", "100%", "--by", "random")
    assert found == found | {"rows": 6, "chosen": 5, "unread": 1}
    assert out.read_text("utf-8").splitlines() == good
    command = ["select", str(source), "--budget", "2", "--by", "longest", "--no-measure"]
    done = CliRunner().invoke(realign, [*command, "-o", str(out)])
    assert f"warning: 1 row could not be read and is not chosen: {source.name}:3" in done.stderr


@pytest.mark.parametrize("budget", ["0%", "101%", "-5", "0", "five", "5 %", "1e3%", ""])
def test_a_budget_that_is_none(tmp_path: Path, budget: str) -> None:
    out = tmp_path / "out.jsonl"
    done = CliRunner().invoke(realign, ["select", str(DEMO), "-o", str(out), "--budget", budget])
    assert done.exit_code == 2
    assert not out.exists()


@pytest.mark.usefixtures("demo_assets")
def test_the_demo_by_coverage(tmp_path: Path) -> None:
    doubled = tmp_path / "doubled.jsonl"
    doubled.write_text(DEMO.read_text("utf-8") * 2, "utf-8")
    found = _select(doubled, tmp_path / "out.jsonl", "--budget", "8", "--dedupe")
    assert found["copies"] == 32
    measured = found["coverage"]
    assert isinstance(measured, dict)
    assert measured["coverage"] < min(measured["random"], measured["longest"])


def _scored(number: int) -> list[dict[str, object]]:
    scores = [(1.0, 5.0), (3.0, 2.5), (4.0, 4.5), (None, 4.0), (4.0, 4.0), ("4.9", "3.0")]
    rows: list[dict[str, object]] = list(map(dict, _rows(number)))
    for row, (helpful, accurate) in zip(rows, scores, strict=False):
        row |= {"realign_helpfulness": helpful, "realign_accuracy": accurate}
    return rows


def test_by_score_takes_the_worse_side_and_rows_without_a_score_last(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps(row) for row in _scored(8)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = _select(source, out, "--budget", "3", "--by", "score")
    assert out.read_text("utf-8").splitlines() == [lines[2], lines[4], lines[5]]
    assert found == found | {"unscored": 3, "least": 3.0}
    _select(source, out, "--budget", "6", "--by", "score")
    assert out.read_text("utf-8").splitlines() == lines[:6]  # of those without, the first


def test_a_dataset_that_nobody_scored(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = ["select", str(DEMO), "-o", str(out), "--budget", "3", "--by", "score"]
    done = CliRunner().invoke(realign, [*command, "--no-measure"])
    assert isinstance(done.exception, DataError)
    assert "has a score" in str(done.exception)
    assert "realign score" in (done.exception.hint or "")
    assert not out.exists()


def test_scores_in_a_table_are_text(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = [row for row in _scored(8) if row.get("realign_helpfulness")]
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    found = _select(source, out, "--budget", "1", "--by", "score")
    assert found == found | {"chosen": 1, "least": 4.0, "unscored": 0}


def test_a_model_scores_what_is_chosen_from(
    dataset: Callable[..., Dataset], tmp_path: Path
) -> None:
    def score(answers: Sequence[AnswerToScore]) -> list[Scores]:
        return [{"helpfulness": float(len(one.answer)), "accuracy": 99.0} for one in answers]

    rows = _rows(9)
    done = select(
        dataset(*rows), tmp_path / "out.jsonl", RowBudget(rows=2), by="score", seed=0, encode=None,
        score=by_model(score), progress=Silent(),
    )  # fmt: skip
    chosen = [json.loads(line) for line in done.file.read_text("utf-8").splitlines()]
    best = sorted(rows, key=lambda row: -len(row["output"]))[:2]
    assert chosen == [row for row in rows if row in best]
    assert done.coverage == {}


def test_the_rows_of_a_run_by_the_scores_that_it_keeps(tmp_path: Path) -> None:
    source, folder, out = tmp_path / "in.jsonl", tmp_path / "run", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in _rows(4)), encoding="utf-8")
    run(source, folder, ScriptedTools())
    with writing_scores(folder, model="m", judge="") as record:
        for number, value in enumerate((3.0, 1.0, 4.0, 2.0)):
            both: Scores = {"helpfulness": value, "accuracy": 5.0}
            record(ScoredResponse(number, 0, "open_qa", {}, both))
    lines = (folder / "output.jsonl").read_text("utf-8").splitlines()
    _select(folder, out, "--budget", "50%", "--by", "score")
    assert out.read_text("utf-8").splitlines() == [lines[0], lines[2]]
    _select(folder, out, "--budget", "1", "--by", "random")
    assert out.read_text("utf-8").splitlines()[0] in lines


@pytest.mark.parametrize("name", ["run/output.jsonl", "run/new.jsonl", "in.jsonl"])
def test_a_run_and_its_input_are_not_written_over(tmp_path: Path, name: str) -> None:
    source, folder = tmp_path / "in.jsonl", tmp_path / "run"
    source.write_text("".join(json.dumps(row) + "\n" for row in _rows(4)), encoding="utf-8")
    run(source, folder, ScriptedTools(), settings={})
    before = source.read_bytes(), (folder / "output.jsonl").read_bytes()
    command = ["select", str(folder), "-o", str(tmp_path / name), "--budget", "1", "--no-measure"]
    done = CliRunner().invoke(realign, [*command, "--by", "random"])
    assert isinstance(done.exception, UsageError)
    assert (source.read_bytes(), (folder / "output.jsonl").read_bytes()) == before


@pytest.mark.usefixtures("demo_assets")
def test_every_method_is_measured_beside_the_plain_ones(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in _scored(12)), encoding="utf-8")
    command = ["select", str(source), "-o", str(out), "--json", "--budget", "3", "--by", "score"]
    done = CliRunner().invoke(realign, command, standalone_mode=False)
    assert set(json.loads(done.stdout)["coverage"]) == {"score", "longest", "random"}
