"""The search for words takes any text as a query, in scripts with and without spaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from realign_local.evidence.lexical import Lexical, build
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
