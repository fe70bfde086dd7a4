"""How wordings are read."""

from __future__ import annotations

import re

import pytest

from realign_local.text.wordings import pattern

WORDS = {"fruit": "plum(s) pear(s)", "food": "{fruit} bread"}


@pytest.mark.parametrize(
    ("wording", "text", "found"),
    [
        ("red|green plum", "a green plum", "green plum"),
        ("red|green plum", "a green plump", ""),
        ("eat(s|ing) plum(s)", "eating plums", "eating plums"),
        ("eat(s|ing) plum(s)", "eaten plums", ""),
        ("repeat* it", "repeatedly it", "repeatedly it"),
        ("upper-case", "uppercase, upper case", "uppercase"),
        ("upper-case", "upper\ncase", "upper\ncase"),
        ("in [a|the] box", "in the box", "in the box"),
        ("in [a|the] box", "in box", "in box"),
        ("in [a|the] box", "in my box", ""),
        ("# _ plum", "all 1,200 ripe plum", "1,200 ripe plum"),
        ("two words", "two **words**", "two **words"),
        ("two words", "two-words", "two-words"),
        ("eat {fruit}", "eat pears", "eat pears"),
        ("eat {food}", "eat pears", "eat pears"),
        ("eat ripe|{fruit}", "eat ripe", "eat ripe"),
        ("eat .. plum", "eat this or that plum", "eat this or that plum"),
        ("eat .. plum", "eat. a plum", ""),
        ("eat .. plum", f"eat {'very ' * 9}ripe plum", ""),
        ("don't say \"", "don’t say “plum”", "don’t say “"),
        ("только слов*", "и только словами", "только словами"),
        ("表格", "用表格列出", "表格"),
        ("format: plum", "format: plum", "format: plum"),
    ],
)
def test_a_wording_finds_what_it_says(wording: str, text: str, found: str) -> None:
    match = re.search(pattern(wording, WORDS), text)
    assert (match.group() if match else "") == found


def test_a_list_that_is_not_there_is_no_wording() -> None:
    with pytest.raises(KeyError):
        pattern("eat {meat}", WORDS)
