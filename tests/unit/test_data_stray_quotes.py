"""Quotes of CSV that make the reader guess: such a record is told and nothing of it is lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from realign_local.base.config import Settings
from realign_local.base.errors import DataError
from realign_local.base.reasons import Reason
from realign_local.commands.run import rewrite_dataset
from realign_local.data.formats import open_dataset
from realign_local.data.reading.columnar import STRAY

HEAD, GOOD = "instruction,output\n", 'Name a tree.,"An oak."\n'
GUESSED = [
    '"Name" a bird.,A wren.\n',
    'Name a bird.,"A \\"wren\\" it is."\n',
    'Name a bird.,"A wren.\nName a fish.,"A carp."\n',
    'Name a bird.,"A wren." \n',
]


@pytest.mark.parametrize("record", GUESSED)
def test_a_record_that_can_only_be_guessed_is_kept_whole(tmp_path: Path, record: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(HEAD + GOOD + record + GOOD, encoding="utf-8")
    rows = list(open_dataset(path).rows())
    assert len(rows) == 3
    assert STRAY in rows[1].samples[0].detail
    rewrite_dataset(path, tmp_path / "run", Settings(mode="tidy"))
    written = (tmp_path / "run" / "output.csv").read_text("utf-8")
    assert list(csv.reader(io.StringIO(written, newline="")))[2] == [record.rstrip("\n")]
    provenance = (tmp_path / "run" / "provenance.jsonl").read_text("utf-8").splitlines()
    assert json.loads(provenance[1])["reason"] == Reason.MALFORMED_ROW


@pytest.mark.parametrize(
    "record", ['a "b" c,d\n', '"a ""b""",d\n', '"a\n\nb",d\n', '"x","d"\n', 'a",d\n', '"a",d\r\n']
)
def test_quotes_that_have_a_meaning_are_no_fault(tmp_path: Path, record: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes((HEAD + record).encode())
    (row,) = open_dataset(path).rows()
    assert row.conversation is not None
    assert row.conversation.turns[-1].text == "d"


def test_names_with_blanks_are_shown_as_such(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("instruction, output\nName a bird.,A wren.\n")
    with pytest.raises(DataError, match=r"\(fields: instruction, ' output'\)"):
        open_dataset(path)
