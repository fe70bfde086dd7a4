"""Wikitext: what a reader sees stays, with every number; the rest is counted."""

from __future__ import annotations

import pytest

from realign_local.evidence.building.documents import Site
from realign_local.evidence.wiki import wikitext


def text_of(source: str) -> str:
    return "\n".join(text for _, text in wikitext.render(source).sections)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (
            "'''Bold''' and ''slanted'' [[link|text]] of [[Paris]]s",
            "Bold and slanted text of Pariss",
        ),
        ("10<sup>6</sup> m<sup>2</sup> of H<sub>2</sub>O", "10^6 m^2 of H2O"),
        ("5&nbsp;km &ndash; 6&nbsp;km", "5 km – 6 km"),
        ("a <math>x^2 + 1</math> b", "a $x^2 + 1$ b"),
        ("seen<!-- not seen -->.<ref>a source</ref><ref name=x />", "seen."),
        ("[https://a.example the page] and [https://b.example]", "the page and"),
        ("before [[File:A.jpg|thumb|a [[deep]] caption]] after", "before after"),
        ("It<span style='display: none'>hidden</span> shows", "It shows"),
        ("* one\n* two\n# three", "- one\n- two\n- three"),
        ("{|\n! Year !! People\n|-\n| 1990 || 1,200\n|}", "Year | People\n1990 | 1,200"),
        ("The name ({{IPAc-en|x}}; {{lang|fr|nom}}) is", "The name (nom) is"),
        ("{{unknown wrapper|kept text}}", "kept text"),
        ("a {{citation needed|date=May 2020}}{{sfn|Smith|2001|p=7}} b", "a b"),
        ("__NOTOC__text", "text"),
    ],
)
def test_reader_sees(source: str, seen: str) -> None:
    assert text_of(source) == seen


def test_infobox_gives_facts_and_leaves_looks_out() -> None:
    source = (
        "{{Infobox settlement\n| name = Aville\n| image_size = 250px\n"
        "| population_total = 12,345\n| area = {{convert|10|km2|sqmi|abbr=on}}\n}}\n"
        "Aville is a town."
    )
    prose, facts = (text for _, text in wikitext.render(source).sections)
    assert prose == "Aville is a town."
    assert facts.split("\n") == [
        "name: Aville",
        "population total: 12,345",
        "area: 10 km² (3.9 sq mi)",
    ]


def test_sections_carry_their_path_and_reference_sections_are_left_out() -> None:
    source = (
        "Lead.\n== A ==\nText a.\n=== B ===\nText b.\n== References ==\nA book.\n== C ==\nText c."
    )
    article = wikitext.render(source)
    assert article.sections == [
        ("", "Lead."), ("A", "Text a."), ("A > B", "Text b."), ("C", "Text c."),
    ]  # fmt: skip
    assert article.counts["sections_of_references"] == 1


def test_dropped_templates_are_counted_by_name() -> None:
    article = wikitext.render("a {{Odd Thing|x=a|y=b}} b {{odd_thing|date=May 2013}}")
    assert article.dropped == {"odd thing": 2}


def test_local_namespace_names_are_known() -> None:
    article = wikitext.render("a [[Категория:Нещо]] b", Site("bg", {"категория": 14}))
    assert article.sections == [("", "a b")]


@pytest.mark.parametrize(
    ("title", "source", "is_one"),
    [
        ("Mercury", "Mercury may be: {{disambiguation}}", True),
        ("Mercury (disambiguation)", "It may be", True),
        ("Mercury", "A planet. {{disambiguation needed|date=x}}", False),
        ("Mercury", "Ein Planet. {{Begriffsklärung}}", True),
    ],
)
def test_disambiguation(title: str, source: str, is_one: bool) -> None:
    assert wikitext.is_disambiguation(title, source) is is_one


@pytest.mark.parametrize("broken", ["{{" * 6000, "[[" * 6000, "{|\n" * 500, "<b>" * 3000])
def test_broken_markup_ends(broken: str) -> None:
    assert "word" in text_of(f"word\n\n{broken}\n\nword")
