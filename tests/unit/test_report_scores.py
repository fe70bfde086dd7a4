"""The report's section about scores: counted by hand, absent where nobody scored, harmless text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from realign_local.base.errors import DataError
from realign_local.report.score_figures import FIT_BINS, ScoreFigures, score_figures
from realign_local.report.score_section import score_section
from realign_local.report.write import write_report
from realign_local.rewriting.scores import Scores
from realign_local.run.files.run_scores import (
    ScoredResponse,
    columns_of_run,
    read_scores,
    writing_scores,
)
from tests.scripted import ScriptedTools, run

ROWS = [
    {"instruction": "Name two rivers.", "output": "1)Rhine.\n2)Rhone."},
    {"instruction": "Name a river.", "output": "The Elbe is a river."},
]


def _both(helpful: float, accurate: float, fit: float | None = None) -> Scores:
    found: Scores = {"helpfulness": helpful, "accuracy": accurate}
    return found if fit is None else {**found, "fit": fit}


FOUND = [
    ScoredResponse(0, 0, "open_qa", _both(2.0, 3.0, -9.0), _both(5.0, 4.6, 0.04)),
    ScoredResponse(1, 0, "open_qa", _both(4.9, 1.0), _both(4.9, 1.0)),
    ScoredResponse(2, 0, "", {}, {}),
]


def _run(folder: Path) -> Path:
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    run(source, folder / "run", ScriptedTools())
    return folder / "run"


def _keep(folder: Path, *, model: str = "tiny.gguf", judge: str = "") -> None:
    with writing_scores(folder, model=model, judge=judge) as record:
        for one in FOUND:
            record(one)


def _figures(folder: Path) -> ScoreFigures:
    kept = read_scores(folder)
    assert kept is not None
    return score_figures(kept)


def test_the_figures_by_hand(tmp_path: Path) -> None:
    _keep(folder := _run(tmp_path))
    figures = _figures(folder)
    assert (figures.responses, figures.changed) == (3, 1)
    helpful = figures.spreads["helpfulness"]
    assert helpful.mean("before") == pytest.approx(3.45)
    assert helpful.mean("after") == pytest.approx(4.95)
    assert helpful.counts["before"][8] == helpful.counts["before"][19] == 1
    assert helpful.counts["after"][19] == 2  # 5 is in the last bin, not behind it
    fit = figures.spreads["fit"]
    assert fit.counts["before"][0] == 1  # with all that is beyond
    assert fit.counts["after"][FIT_BINS // 2] == 1
    good = figures.tasks["open_qa"]
    assert (good.good["before"], good.good["after"], good.of["after"]) == (0, 1, 2)
    assert good.sums == pytest.approx({"before": 3.0, "after": 5.6})


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a line lost": lambda data: data[: data.rindex(b"\n", 0, -1) + 1],
    "a line lost in the midst": lambda data: data.replace(data.splitlines(True)[1], b"", 1),
    "cut": lambda data: data[:-10],
    "a digit turned": lambda data: data.replace(b"0.", b"4.", 1),
    "about another model": lambda data: data.replace(b"tiny", b"huge", 1),
    "a line more": lambda data: data + data.splitlines(True)[1],
    "empty": lambda data: data[:0],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_scores_that_were_damaged_are_told(tmp_path: Path, damage: str) -> None:
    _keep(folder := _run(tmp_path))
    file = folder / "scores.jsonl"
    whole = file.read_bytes()
    file.write_bytes(DAMAGES[damage](whole))
    assert file.read_bytes() != whole
    with pytest.raises(DataError, match=r"scores\.jsonl is not as it was written"):
        columns_of_run(folder)
    with pytest.raises(DataError, match=r"scores\.jsonl is not"):
        write_report(folder, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_scores_of_other_files_count_as_none(tmp_path: Path) -> None:
    _keep(folder := _run(tmp_path))
    stats = json.loads((folder / "stats.json").read_text("utf-8"))
    (folder / "stats.json").write_text(json.dumps({**stats, "files": [1]}), encoding="utf-8")
    assert read_scores(folder) is None


def test_the_section_says_whose_opinion_it_is(tmp_path: Path) -> None:
    _keep(folder := _run(tmp_path), judge="agrees with people on 70 % of 60 pairs")
    page = write_report(folder, tmp_path / "report.html").read_text("utf-8")
    section = re.findall(r'<section id="scores">.*?</section>', page, re.DOTALL)[0]
    assert 'href="#scores"' in page
    assert "tiny.gguf" in section
    assert "70 % of 60 pairs" in section
    assert section.count('<svg class="plot"') == 3
    assert ">50 %</td>" in section
    assert "<script" not in section


def test_without_scores_there_is_no_section_and_no_link(tmp_path: Path) -> None:
    page = write_report(_run(tmp_path), tmp_path / "report.html").read_text("utf-8")
    assert "#scores" not in page
    assert set(score_section(None).values()) == {""}


def test_names_are_only_text(tmp_path: Path) -> None:
    _keep(folder := _run(tmp_path), model="<script>alert(1)</script>", judge="<b>")
    section = score_section(_figures(folder))["scores"]
    assert "<script" not in section
    assert "&lt;b&gt;" in section
    assert "nobody has measured" not in section
