"""The report's section about scores: counted by hand, absent where nobody scored, harmless text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from realign_local.report.score_figures import FIT_BINS, ScoreFigures, score_figures
from realign_local.report.score_section import score_section
from realign_local.report.write import write_report
from realign_local.rewriting.scores import Scores
from realign_local.run.files.run_scores import ScoredResponse, read_scores, writing_scores
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


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    _keep(folder := _run(tmp_path))
    with (folder / "scores.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"index":1e400,"turn":0,"task":"x","before":{},"after":{}}\nno line\n')
        beyond = {"helpfulness": -7, "accuracy": 5.01, "fit": -7}
        line = {"index": 9, "turn": 0, "task": "x", "before": beyond, "after": {}}
        file.write(json.dumps(line) + "\n")
    figures = _figures(folder)
    assert figures.responses == 4
    assert sum(figures.spreads["helpfulness"].counts["before"]) == 2
    assert sum(figures.spreads["accuracy"].counts["before"]) == 2
    assert sum(figures.spreads["fit"].counts["before"]) == 2
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
    assert "<td>50 %</td>" in section
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
