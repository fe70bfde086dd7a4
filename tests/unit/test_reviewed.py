"""The report of a run that somebody reviewed: what was decided, and what the rows come to."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from realign_local.commands.export import export_run
from realign_local.report.reviewed import Reviewed, reviewed_section
from realign_local.report.rows import ShownResponse, shown_rows
from realign_local.report.write import write_report
from realign_local.run.files.decisions import REVIEW, Decision, DecisionLog, read_review
from realign_local.run.files.finished import open_finished
from tests.reported import make_run
from tests.unit.test_report import embedded


def keys(run: Path) -> list[str]:
    return [shown.key for shown in shown_rows(open_finished(run))]


def decide(run: Path, *decisions: Decision) -> Reviewed:
    with closing(DecisionLog(run)) as log:
        for decision in decisions:
            log.add(decision)
    found = Reviewed(read_review(run))
    list(found.decided(shown_rows(open_finished(run))))
    return found


def test_counts_after_the_review_are_those_of_the_export(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")  # 4 rewritten, 4 kept, 4 skipped and one malformed
    key = keys(run)
    found = decide(
        run,
        Decision(key[0], "accept"),
        Decision(key[3], "reject"),
        Decision(key[6], "edit", "By hand."),
        Decision(key[7], "edit", "A kept one by hand."),
        Decision(key[10], "reject"),
        Decision(key[12], "reject"),  # nothing can be decided on what could not be read
    )
    assert found.before == {"rewritten": 4, "kept": 4, "skipped": 5}
    assert found.after == {"rewritten": 4, "kept": 4, "skipped": 5}
    assert found.verdicts == {"accept": 1, "reject": 2, "edit": 2}
    assert found.of_rewrites.total() == 3
    notes = export_run(run, tmp_path / "o.jsonl", target="alpaca").notes
    assert "2 responses rejected in the review" in notes
    assert "2 responses edited in the review" in notes


def test_the_page_has_the_decisions_and_its_texts(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    assert "verdict" not in embedded(write_report(run))["columns"]
    key = keys(run)
    decide(run, Decision(key[3], "reject"), Decision(key[4], "edit", "A <b> by hand."))
    page = write_report(run)
    found = embedded(page)
    assert found["columns"]["verdict"][3:6] == [2, 3, 0]
    assert found["block-0"][4]["edited"] == "A <b> by hand."
    assert "edited" not in found["block-0"][3]
    assert "decided on 2 of 13 responses" in page.read_text("utf-8")


def test_what_is_wrong_with_the_review_stands_in_the_page(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    decide(run, Decision("gone", "reject"), Decision("too", "accept"))
    (run / REVIEW).write_bytes((run / REVIEW).read_bytes().splitlines(keepends=True)[1])
    heard: list[str] = []
    page = write_report(run, warn=heard.append).read_text("utf-8")
    assert heard == [
        "review.jsonl: 1 decision was made that is not there any more",
        "review.jsonl: 1 decision belongs to other texts and was not applied",
    ]
    assert all(told in page for told in heard)


def test_a_run_that_nobody_reviewed_has_no_such_section() -> None:
    found = Reviewed(read_review(Path("/nowhere")))
    list(found.decided([ShownResponse({"status": "kept", "reason": ""}, "Ask")]))
    assert reviewed_section(found) == {"reviewed": "", "reviewed_link": ""}
