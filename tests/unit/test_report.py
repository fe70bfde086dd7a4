"""report.html as a file: what is in it, what cannot get out of it, and that its size is bounded."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.config import Settings
from realign_local.base.errors import DataError, UsageError
from realign_local.base.reasons import Reason
from realign_local.cli.finished.report import command
from realign_local.commands.run import rewrite_dataset
from realign_local.report import write
from realign_local.report.packing import SizeBudget, grouped, packed
from realign_local.report.page import ASSETS
from realign_local.report.plain_words import REASONS
from realign_local.report.plots import nice
from realign_local.report.rows import shown_rows
from realign_local.report.write import write_report
from realign_local.run import pace
from realign_local.run.files import rundir
from realign_local.run.files.finished import open_finished
from tests.reported import NASTY, make_run
from tests.scripted import ScriptedTools, run

PACKED = re.compile(r'<script type="text/plain" id="([\w-]+)">([\w+/=]*)</script>')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("report") / "run")


def embedded(path: Path) -> dict[str, Any]:
    """What a browser finds in the page, by the name of its element."""
    page = path.read_text(encoding="utf-8")
    return {n: json.loads(gzip.decompress(base64.b64decode(d))) for n, d in PACKED.findall(page)}


def test_every_row_is_in_the_report_with_its_texts(folder: Path) -> None:
    found = embedded(write_report(folder))
    rows = [row for name, block in found.items() if name != "columns" for row in block]
    shown = list(shown_rows(open_finished(folder)))
    assert [row["instruction"] for row in rows] == [one.instruction for one in shown]
    assert [row["original"] for row in rows] == [one.record["original"] for one in shown]
    assert any("\ud800" in row["original"] for row in rows)
    columns = found["columns"]
    assert columns["index"] == list(range(13))
    named = [columns["statuses"][number] for number in columns["status"]]
    assert named == [one.status for one in shown]
    assert len(columns["title"]) == len(columns["ratio"]) == len(columns["reason"]) == 13


def test_texts_of_rows_never_reach_the_markup(folder: Path) -> None:
    page = write_report(folder).read_text(encoding="utf-8")
    assert (
        page.count("<script")
        == page.count("</script>")
        == 1 + len(embedded(folder / "report.html"))
    )
    assert not any(text in page for text in NASTY)
    assert "&lt;b&gt;.gguf" in page
    assert "\x00" not in page


def test_nothing_points_outside_the_file(folder: Path) -> None:
    page = PACKED.sub("", write_report(folder).read_text(encoding="utf-8"))
    assert "default-src 'none'" in page
    assert "connect-src 'none'" in page
    assert not re.findall(r"https?://|@import|url\(|srcset|<iframe|<object", page)
    assert set(re.findall(r'(?:href|src)="([^#"][^"]*)"', page)) == {"data:,"}
    for path in ASSETS.iterdir():
        assert "</script" not in path.read_text(encoding="utf-8") or path.suffix == ".html"


def test_the_same_run_gives_the_same_file(folder: Path, tmp_path: Path) -> None:
    first, second = (write_report(folder, tmp_path / name) for name in ("a.html", "b.html"))
    assert first.read_bytes() == second.read_bytes()


def test_counts_of_the_summary_are_those_of_the_rows(folder: Path) -> None:
    page = write_report(folder).read_text(encoding="utf-8")
    assert "Of 13 responses, <strong>4 were rewritten</strong>" in page
    assert 'data-reason="number_added"' in page
    assert "a number comes from nowhere" in page
    assert "1 rewrites" not in page
    for status, count in (("kept", 4), ("skipped", 4)):
        assert re.search(rf'<td class="bar"><svg[^>]*aria-label="{count} {status}"', page)


def test_one_of_a_kind_is_in_the_singular(tmp_path: Path) -> None:
    page = write_report(make_run(tmp_path / "run", rows=2)).read_text(encoding="utf-8")
    assert "<strong>1 was rewritten</strong>" in page
    assert "1 rewrite was made and turned down" in page


def test_a_run_of_rules_alone_says_nothing_of_what_there_is_not(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("instruction,output\nWhere is it?,It lies up north.\n", encoding="utf-8")
    rewrite_dataset(source, tmp_path / "run", Settings(mode="tidy"))
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")
    assert "In 1 nothing was found to mend: there the original stands" in page
    assert "20 random accepted rows are" not in page
    assert 'id="sample"' not in page
    assert "confidence in the task" not in page.lower()
    assert "report.html, output.csv" in page


def test_a_budget_cuts_texts_and_says_so(folder: Path) -> None:
    rows = list(shown_rows(open_finished(folder)))
    whole = len(packed([row.as_json() for row in rows]))
    budget = SizeBudget(whole // 2, len(rows))
    data = budget.pack(rows)
    cut = json.loads(gzip.decompress(data))
    assert len(data) <= whole // 2
    assert any(row.get("cut") for row in cut)
    assert [row["id"] for row in cut] == [row.record["id"] for row in rows]


def test_the_budget_holds_over_many_blocks(folder: Path) -> None:
    dice = random.Random(1)
    rows = [
        replace(row, instruction=f"{dice.getrandbits(4000):x}"[: dice.randrange(100, 1000)])
        for row in list(shown_rows(open_finished(folder))) * 20
    ]
    blocks = [rows[at : at + 10] for at in range(0, len(rows), 10)]
    whole = sum(len(packed([row.as_json() for row in block])) for block in blocks)
    budget = SizeBudget(whole * 2 // 3, len(rows))
    sizes = [len(budget.pack(block)) for block in blocks]
    assert sum(sizes) <= whole * 2 // 3


def test_long_rows_make_blocks_of_their_own(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path / "run", rows=3, long_chars=1_100_000)
    blocks = list(grouped(shown_rows(open_finished(run_dir))))
    assert [len(block) for block in blocks] == [1, 3]
    assert write_report(run_dir).stat().st_size < 1_000_000


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(Reason)


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a finished run"):
        write_report(tmp_path)


@pytest.mark.parametrize("name", [rundir.PROVENANCE, rundir.JOURNAL, "review.jsonl"])
def test_no_file_of_the_run_is_replaced(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a file of the run"):
        write_report(folder, folder / name)


def test_the_command_says_where_the_report_is(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(folder), "-o", str(tmp_path / "out.html")])
    assert done.exit_code == 0, done.output
    assert done.output.strip() == str(tmp_path / "out.html")


def test_a_run_writes_its_report_and_outlives_its_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.jsonl"
    write_lines = [
        {"instruction": f"Where is lake {n}?", "output": "It lies up north."} for n in (1, 2)
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in write_lines), encoding="utf-8")
    run(source, tmp_path / "run", ScriptedTools())
    assert len(embedded(tmp_path / "run" / "report.html")["block-0"]) == 2

    def fails(*_: object) -> int:
        raise OSError("no")

    monkeypatch.setattr(write, "_lines", fails)
    stats = run(source, tmp_path / "other", ScriptedTools())
    assert stats["rows"] == 2
    assert not (tmp_path / "other" / "report.html").exists()


def test_pace_has_the_tokens_and_leaves_out_the_night_between() -> None:
    counted = {100: 50.0, 101: 150.0, 103: 100.0, 9000: 200.0}
    found = pace.pace_of(counted)
    assert found is not None
    assert found.seconds == 50
    assert [value for _, value in found.points if value >= 0] == [5, 15, 0, 10, 20]
    assert [at for at, value in found.points if value < 0] == [0.8]
    assert pace.pace_of({1: 1.0}) is None


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.7, 0.7), (7, 8), (11, 20), (299, 300)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top if value != 0.7 else 0.8)
