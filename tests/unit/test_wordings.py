"""How wordings are read."""

from __future__ import annotations

import pytest

from realign_local.text.wordings import read_wording

WORDS = {"fruit": "plum(s) pear(s)", "food": "{fruit} bread"}


@pytest.mark.parametrize(
    ("says", "text", "found"),
    [
        ("red|green plum", "a green plum", "green plum"),
        ("red|green plum", "a green plump", ""),
        ("eat(s|ing) plum(s)", "eating plums", "eating plums"),
        ("eat(s|ing) plum(s)", "eaten plums", ""),
        ("repeat* it", "repeatedly it", "repeatedly it"),
        ("upper-case", "uppercase, upper case", "uppercase"),
        ("upper-case", "upper-case", "upper-case"),
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
        ("don't say \"", "don't say “plum”", "don't say “"),
        ("только слов*", "и только словами", "только словами"),
        ("表格", "用表格列出", "表格"),
        ("format: plum", "format: plum", "format: plum"),
    ],
)
def test_a_wording_finds_what_it_says(says: str, text: str, found: str) -> None:
    match = read_wording(says, WORDS).find(text)
    assert (match.group() if match else "") == found


@pytest.mark.parametrize(("text", "found"), [("a plum tree", False), ("a plum cake", True)])
def test_what_must_not_follow(text: str, found: bool) -> None:
    assert bool(read_wording("{fruit}", WORDS, unless="tree|wood").find(text)) == found


@pytest.mark.parametrize(
    ("says", "signs"),
    [
        ("eat a plum", {"plum"}),
        ("eat [mirabelle] plum|pear", {"plum", "pear"}),
        ("eat|buy|have #|bread", {"eat", "buy", "have"}),
        ("repeat(s|ed) it", {"repeat"}),
        ("un*able to", {"able"}),
        ("not-in-a-position to", {"position"}),
        ("can-not be", {"cannot", "can not", "can-not"}),
    ],
)
def test_the_signs_are_the_words_of_the_place_whose_words_are_long(
    says: str, signs: set[str]
) -> None:
    assert set(read_wording(says, WORDS).signs) == signs


def test_a_list_that_is_not_there_is_no_wording() -> None:
    with pytest.raises(KeyError):
        read_wording("eat {meat}", WORDS)
