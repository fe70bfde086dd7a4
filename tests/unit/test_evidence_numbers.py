"""Numbers that a reader of the rendered page sees must be in the text: 98 in 100 at the least."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from realign_local.evidence.wiki import wikitext

PAGES = [
    page
    for path in sorted(Path(__file__).parent.glob("number_pages*.toml"))
    for page in tomllib.loads(path.read_text("utf-8"))["page"]
]
_SIGN = re.compile(r"(?<!\w)-(?=\d)")


def lost(page: dict[str, Any]) -> list[str]:
    """The page's numbers that are not in its text, as often as they stand there."""
    text = " ".join(text for _, text in wikitext.render(page["source"]).sections)
    text = text.replace("−", "-").replace("⁄", "/")
    text = re.sub(r"(?<=\d)[,\u00a0\u2009\u202f](?=\d)", "", text)
    found = Counter(re.findall(r"-?\d+(?:[./:]\d+)*(?:rd|th|st|nd)?", text))
    for number in list(found):
        found.update(dict.fromkeys(re.findall(r"\d+(?:\.\d+)?", number), found[number]))
    missing = Counter(page["numbers"]) - found
    return sorted(missing.elements())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page["name"]))
def test_few_numbers_of_a_page_are_lost(page: dict[str, Any]) -> None:
    assert len(lost(page)) <= len(page["numbers"]) / 10, lost(page)


def test_nearly_all_numbers_survive() -> None:
    gone = sum(len(lost(page)) for page in PAGES)
    assert gone <= 0.02 * sum(len(page["numbers"]) for page in PAGES)
