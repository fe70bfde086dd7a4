"""The search for words takes any text as a query, in scripts with and without spaces."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from realign_local.evidence import lexical
from realign_local.evidence.lexical import Lexical, build
from realign_local.evidence.native_errors import sqlite_as_os_error
from realign_local.evidence.store import StoredPassage


def _index(folder: Path, *texts: str, language: str) -> Lexical:
    rows = [StoredPassage(n, f"p{n}", n, "", "", "", text) for n, text in enumerate(texts)]
    build(folder, rows, language=language)
    return Lexical(folder, language=language)


@pytest.mark.parametrize(
    "query",
    [
        "most_common(3)",
        "H_AR_",
        "İstanbul",
        'a "b" -c +d AND title:x ^2',
        "\ud83d",
        "a\u0301b",
        "__",
    ],
)
def test_any_text_is_a_query(tmp_path: Path, query: str) -> None:
    index = _index(tmp_path, "The most common words.", language="en")
    rows, scores = index.search(f"{query} words", 5)
    assert rows == [0]
    assert scores[0] > 0


def test_a_word_said_twice_counts_once(tmp_path: Path) -> None:
    index = _index(tmp_path, "The most common words.", "Other things.", language="en")
    assert index.search("words Words", 5) == index.search("words", 5)
    assert index.search("_ ?!", 5) == ([], [])


def test_a_script_without_spaces_is_searched(tmp_path: Path) -> None:
    index = _index(tmp_path, "北京是首都。", "上海是一个城市。", language="zh")
    assert index.search("首都在哪里？", 5)[0][0] == 0
    assert index.search("上海", 5)[0][0] == 1


WRITES_TOO_MUCH = """
import resource, sys
from pathlib import Path
from realign_local.evidence.lexical import build
from realign_local.evidence.store import StoredPassage
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
rows = (StoredPassage(n, "", n, f"t{n}", "", "", f"word{n} other{n * 7}") for n in range(3000))
try:
    build(Path(sys.argv[1]), rows, language="en")
except OSError as error:
    print(error.errno, error.strerror)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files")
def test_what_the_system_says_of_a_write_is_told_as_such(tmp_path: Path) -> None:
    ran = [sys.executable, "-c", WRITES_TOO_MUCH, str(tmp_path)]
    said = subprocess.run(ran, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{errno.EFBIG} ")


@pytest.mark.parametrize(
    "text",
    [
        "Failed to open file for write: 'IoError { io_error: Os { code: 28, kind: StorageFull,"
        ' message: "No space left on device" }, filepath: "meta.json" }\'',
        "An IO error occurred: 'No space left on device (os error 28)'",
    ],
)
def test_a_full_disk_is_an_error_of_the_disk(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr(lexical, "_write", full)
    with pytest.raises(OSError, match="No space left") as raised:
        build(tmp_path, [], language="en")
    assert raised.value.errno == errno.ENOSPC


def test_other_trouble_of_tantivy_is_not_taken_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise ValueError("The field does not exist: 'text'")

    monkeypatch.setattr(lexical, "_write", wrong)
    with pytest.raises(ValueError, match="does not exist"):
        build(tmp_path, [], language="en")


def test_a_full_disk_under_sqlite_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.execute("CREATE TABLE t(x)")
        db.execute("PRAGMA max_page_count = 2")
        with pytest.raises(OSError, match="No space left") as raised, sqlite_as_os_error(tmp_path):
            db.execute("INSERT INTO t VALUES(?)", ("x" * 100_000,))
        assert raised.value.errno == errno.ENOSPC
    (tmp_path / "b.sqlite").write_text("this is no database, but long enough to be one" * 20)
    with (
        closing(sqlite3.connect(tmp_path / "b.sqlite")) as db,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
        sqlite_as_os_error(tmp_path),
    ):
        db.execute("CREATE TABLE t(x)")
