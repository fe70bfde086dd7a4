"""`realign verify`: rows by position, the same verdicts with any number of processes."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError
from realign_local.base.processes import in_order
from realign_local.base.reasons import Reason
from realign_local.cli.rows.verify import command
from realign_local.cli.terminal.verify_table import in_place
from realign_local.commands import verify
from realign_local.commands.verify import Checked, Finding, verify_files
from realign_local.data.formats import open_dataset

ORIGINAL = "Mia has 14 red pens and 9 blue pens.\nTogether that is 14+9 = 23 pens.\n#### 23"
FAITHFUL = (
    "To find the pens, we add both colours.\n\n1. Mia has 14 red pens and 9 blue pens.\n"
    "2. Together that is 14+9 = 23 pens.\n\n#### 23"
)
WRONG = FAITHFUL.replace("9 blue", "8 blue")


def row(
    response: str, *, asked: str = "How many pens does Mia have?", **more: Any
) -> dict[str, Any]:
    return {"instruction": asked, "output": response, **more}


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def checked(tmp_path: Path, old: list[Any], new: list[Any], **options: Any) -> list[Checked]:
    files = write(tmp_path / "old.jsonl", old), write(tmp_path / "new.jsonl", new)
    return list(verify_files(*files, **options))


def test_a_changed_number_is_found_and_a_faithful_row_passes(tmp_path: Path) -> None:
    good, bad = checked(tmp_path, [row(ORIGINAL)] * 2, [row(FAITHFUL), row(WRONG)])
    assert good.findings == ()
    assert bad.index == 1
    assert Reason.NUMBER_LOST in bad.reasons or Reason.NUMBER_ADDED in bad.reasons


def test_an_unchanged_row_passes_whatever_it_says(tmp_path: Path) -> None:
    odd = row("I am sorry, I can't. I can't. I can't. and then ``` it ends in the mid")
    assert checked(tmp_path, [odd], [odd])[0].findings == ()


def test_gates_can_be_left_out(tmp_path: Path) -> None:
    from realign_local.gates import GATES

    assert checked(tmp_path, [row(ORIGINAL)], [row(WRONG)], without=tuple(GATES))[0].findings == ()


def test_another_instruction_is_a_violation(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, [row(ORIGINAL)], [row(ORIGINAL, asked="How many?")])
    assert found.reasons == (Reason.REQUEST_CHANGED,)
    assert "How many?" in found.findings[0].span
    assert "by position" in found.findings[0].detail


def test_a_call_of_a_tool_with_another_argument_is_a_violation(tmp_path: Path) -> None:
    def talk(city: str, *, spaced: bool = False, ends: bool = False) -> dict[str, Any]:
        arguments = json.dumps({"city": city, "days": 2}, indent=1 if spaced else None)
        call = {"id": "c1", "type": "function", "function": {"name": "w", "arguments": arguments}}
        turns = [
            {"role": "user", "content": "How warm is it?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": "21", "tool_call_id": "c1"},
            {"role": "assistant", "content": "It is 21 degrees warm."},
        ]
        return {"messages": turns[:2] if ends else turns}

    old = [talk("Lyon"), talk("Lyon"), talk("Lyon", ends=True)]
    new = [talk("Lyon", spaced=True), talk("Metz"), talk("Metz", ends=True)]
    found = checked(tmp_path, old, new)
    assert [one.reasons for one in found] == [(), *[(Reason.REQUEST_CHANGED,)] * 2]
    assert "Metz" in found[1].findings[0].span


def test_a_thought_and_a_row_that_cannot_be_read_stay_as_they_are(tmp_path: Path) -> None:
    def thinking(thought: str) -> Any:
        return row(f"<think>{thought}</think>{ORIGINAL}")

    old = [thinking("two boxes"), {"instruction": "x", "output": None}]
    new = [thinking("ten boxes"), {"instruction": "y", "output": None}]
    assert [one.reasons for one in checked(tmp_path, old, new)] == [(Reason.REQUEST_CHANGED,)] * 2


def test_a_row_that_broke_is_a_violation_and_one_that_was_broken_is_not(tmp_path: Path) -> None:
    whole, broken = row(ORIGINAL), {"instruction": "x", "output": None}
    found = checked(tmp_path, [whole, broken, whole], [broken, broken, whole])
    assert [one.reasons for one in found] == [(Reason.MALFORMED_ROW,), (), ()]


@pytest.mark.parametrize(("old", "new"), [(3, 2), (2, 3)])
def test_different_counts_name_both(tmp_path: Path, old: int, new: int) -> None:
    with pytest.raises(DataError, match=r"3 rows.* has 2"):
        checked(tmp_path, [row(ORIGINAL)] * old, [row(ORIGINAL)] * new)


def test_every_turn_of_a_conversation_is_compared(tmp_path: Path) -> None:
    def talk(first: str, second: str) -> dict[str, Any]:
        texts = (
            ("user", "How many pens?"),
            ("assistant", first),
            ("user", "And pencils?"),
            ("assistant", second),
        )
        return {"messages": [{"role": role, "content": text} for role, text in texts]}

    old = [talk(ORIGINAL, "There are 12 pencils.")] * 2
    new = [talk(FAITHFUL, "There are 12 pencils."), talk(WRONG, "There are 12 pencils.")]
    good, bad = checked(tmp_path, old, new)
    assert good.findings == ()
    assert bad.findings != ()


def test_evidence_of_the_original_counts(tmp_path: Path) -> None:
    def realign(answer: str, evidence: list[str]) -> dict[str, Any]:
        human = {
            "from": "human",
            "value": "Who wrote it?",
            "category": "open_qa",
            "evidence": evidence,
        }
        return {"id": 0, "items": [human, {"from": "gpt", "value": answer}], "tag": "rewrite"}

    short = "Ada Brandt wrote the book."
    longer = f"{short}\n\nIt came out in 1931."
    known = ["The book by Ada Brandt came out in 1931."]
    assert checked(tmp_path, [realign(short, known)], [realign(longer, known)])[0].findings == ()
    (found,) = checked(tmp_path, [realign(short, [])], [realign(longer, [])])
    assert found.findings != ()
    assert found.task == "open_qa"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_verdicts_do_not_depend_on_the_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    monkeypatch.setattr(in_order, "_context", lambda: multiprocessing.get_context(method))
    monkeypatch.setattr(verify, "ROWS_FOR_POOL", 10)
    monkeypatch.setattr(verify, "BATCH_ROWS", 7)
    old = [row(ORIGINAL, asked=f"Question {n}?") for n in range(60)]
    new = [row(WRONG if n % 3 else FAITHFUL, asked=f"Question {n}?") for n in range(60)]
    alone = checked(tmp_path, old, new, jobs=1)
    assert checked(tmp_path, old, new, jobs=2) == alone
    assert [one.index for one in alone] == list(range(60))
    assert sum(bool(one.findings) for one in alone) == 40


def run(tmp_path: Path, new: list[Any], *options: str) -> Any:
    old = write(tmp_path / "old.jsonl", [row(ORIGINAL)] * len(new))
    paths = str(old), str(write(tmp_path / "new.jsonl", new))
    return CliRunner().invoke(command, [*paths, *options], standalone_mode=True)


def test_json_is_the_contract(tmp_path: Path) -> None:
    result = run(tmp_path, [row(FAITHFUL), row(WRONG)], "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert set(found) >= {"rows", "violations", "by_reason", "rows_failed"}
    assert found["rows"] == 2
    assert found["violations"] == sum(found["by_reason"].values())
    assert [set(one) for one in found["rows_failed"]] == [{"index", "id", "reasons"}]
    assert found["rows_failed"][0]["index"] == 1


def test_no_violation_exits_with_0(tmp_path: Path) -> None:
    result = run(tmp_path, [row(FAITHFUL)], "--json")
    assert (result.exit_code, json.loads(result.stdout)["violations"]) == (0, 0)
    assert run(tmp_path, [row(FAITHFUL)]).exit_code == 0


def test_the_table_marks_the_span(tmp_path: Path) -> None:
    result = run(tmp_path, [row(FAITHFUL), row(WRONG)])
    assert result.exit_code == 3
    assert "[" in result.stdout
    assert "2 rows, 2 differ, 1 of them with violations" in result.stdout
    assert "row 1, id " in result.stdout
    assert "(unknown)" not in result.stdout


def test_same_files_leave_nothing_to_judge(tmp_path: Path) -> None:
    result = run(tmp_path, [row(ORIGINAL), row(ORIGINAL)])
    assert result.exit_code == 0
    assert result.stdout == "2 rows, none differs: nothing to judge\n"
    assert "1 row, 1 differs, without violations" in run(tmp_path, [row(FAITHFUL)]).stdout


def test_rows_that_could_not_be_read_are_not_called_clean(tmp_path: Path) -> None:
    lost = [{"riddle": "x"}, {"riddle": "y"}]
    files = [
        str(write(tmp_path / name, [row(text), *lost]))
        for name, text in (("old.jsonl", ORIGINAL), ("new.jsonl", FAITHFUL))
    ]
    told = CliRunner().invoke(command, files)
    assert told.exit_code == 0
    whole = " ".join(told.stdout.split())
    assert "3 rows, 1 differs, without violations" in whole
    assert "2 rows could not be read and were not judged, the first: " in whole
    assert "old.jsonl:2: no " in whole
    found = json.loads(CliRunner().invoke(command, [*files, "--json"]).stdout)
    assert (found["rows"], found["rows_unread"]) == (3, 2)


def test_a_span_is_shown_in_place_and_safely() -> None:
    finding = Finding("numbers", Reason.NUMBER_ADDED, "8\x1b[31m")
    text = in_place(finding, "Mia has\n8\x1b[31m blue pens").plain
    assert text == "Mia has [8\\x1b[31m] blue pens"
    assert in_place(Finding("code", Reason.CODE_LOST, "gone"), "other").plain == "[gone]"


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; import realign_local.cli.rows.verify, realign_local.gates;"
        "heavy = 'torch faiss llama_cpp sentence_transformers tree_sitter'.split();"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_itself_exits_with_3(tmp_path: Path) -> None:
    files = (
        write(tmp_path / "old.jsonl", [row(ORIGINAL)]),
        write(tmp_path / "new.jsonl", [row(WRONG)]),
    )
    call = [sys.executable, "-m", "realign_local", "verify", *map(str, files), "--json"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (3, 1)
    done = subprocess.run(
        [*call, "--without", "nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no gate" in done.stderr


def test_an_original_in_another_encoding_and_with_other_roles(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Où?"}, {"role": "agent", "content": "À la gare, à midi."}]
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    text = json.dumps({"messages": turns}, ensure_ascii=False) + "\n"
    old.write_bytes(text.encode("cp1252"))
    new.write_text(text, encoding="utf-8")
    call = [str(old), str(new), "--role", "assistant=agent"]
    assert CliRunner().invoke(command, [*call, "--encoding", "cp1252"]).exit_code == 0
    refused = CliRunner().invoke(command, call, standalone_mode=False)
    assert "--encoding" in getattr(refused.exception, "hint", "")


def test_files_of_two_formats_are_told_as_such(tmp_path: Path) -> None:
    flat, turns = tmp_path / "flat.jsonl", tmp_path / "turns.jsonl"
    flat.write_text('{"instruction": "Name a lake.", "output": "Como."}\n', encoding="utf-8")
    said = [{"from": "human", "value": "Name a lake."}, {"from": "gpt", "value": "Como."}]
    turns.write_text(json.dumps({"conversations": said}) + "\n", encoding="utf-8")
    (row,) = verify_files(flat, turns)
    assert "of one format?" in row.findings[0].detail
    with pytest.raises(DataError, match="rows of the format sharegpt, not alpaca"):
        list(verify_files(turns, flat, format="alpaca"))


def test_a_row_of_csv_that_stayed_as_it_was_is_not_judged(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are told of in the CSV; as JSON the row can be read."""
    original, rewritten = tmp_path / "a.csv", tmp_path / "b.jsonl"
    original.write_bytes(b"question,answer\nHow deep?,nine\nHow cold?,\xe9t\xe9\n")
    rows = [row.text for row in open_dataset(original).rows()]
    rewritten.write_text("\n".join(rows) + "\n", encoding="utf-8")
    checked = list(verify_files(original, rewritten))
    assert [(row.differs, row.findings) for row in checked] == [(False, ()), (False, ())]
