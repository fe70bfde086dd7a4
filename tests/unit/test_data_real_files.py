"""Real files of every format: as many rows out as in, equal but for the rewritten responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from realign_local.base.atomic import write_lines
from realign_local.base.reasons import Reason
from realign_local.data.formats import open_dataset
from realign_local.data.write_like import write_like

SHARED = Path(__file__).parents[3] / "shared" / "data"
NAMES = [
    *(f"formats/{name}.json" for name in ("alpaca", "alpaca_zh", "dpo", "identity", "kto")),
    *("formats/sharegpt.json", "formats/sharegpt_tools.json", "formats/v1_sft.jsonl"),
    *("instructions_dev.jsonl", "gsm8k_dev.jsonl", "ifeval_dev.jsonl"),
]
FORMATS = {
    "dpo": "sharegpt",
    "kto": "messages",
    "v1_sft": "messages",
    "gsm8k_dev": "question-answer",
    "ifeval_dev": "question-answer",
}


def expected(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [*map(json.loads, text.split("\n")[:-1])]


@pytest.fixture(params=NAMES)
def real(request: pytest.FixtureRequest) -> Path:
    path = SHARED / str(request.param)
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    return path


@pytest.mark.parametrize("turns", ["last", "all"])
def test_rows_in_are_rows_out(real: Path, turns: Literal["last", "all"], tmp_path: Path) -> None:
    dataset = open_dataset(real)
    kind = real.stem.partition("_")[0]
    assert dataset.format == FORMATS.get(real.stem, "sharegpt" if kind == "sharegpt" else "alpaca")
    out = tmp_path / "out.jsonl"
    write_lines(out, (row.render({}) for row in dataset.rows(turns=turns)))
    rows = expected(real)
    assert [json.loads(row.text) for row in open_dataset(out).rows()] == rows
    written = write_like(dataset, tmp_path / "like", (r.render({}) for r in dataset.rows()))
    assert written is None or json.loads(written.read_text(encoding="utf-8")) == rows


def test_a_rewrite_changes_the_response_alone(real: Path) -> None:
    mark = "\u2028«new»\n"
    for row, before in zip(open_dataset(real).rows(turns="all"), expected(real), strict=True):
        for sample in row.samples:
            if sample.reason is not None:
                continue
            after = json.dumps(json.loads(row.render({sample.turn: mark})), ensure_ascii=False)
            old = json.dumps(sample.original, ensure_ascii=False)
            new = json.dumps(mark, ensure_ascii=False)
            plain = json.dumps(before, ensure_ascii=False)
            assert after.count(new) == 1
            assert after.replace(new, old) == plain


def test_a_preference_file_is_kept_and_reported() -> None:
    path = SHARED / "formats/dpo.json"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    rows = list(open_dataset(path).rows())
    assert len(rows) == 10
    assert {row.samples[0].reason for row in rows} == {Reason.NOTHING_TO_REWRITE}
