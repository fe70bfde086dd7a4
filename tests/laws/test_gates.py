"""Laws of the gates: they never raise or stall, depend on the case alone, and pass a copy."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realign_local.gates import GATES, Case, first_failure, judge
from realign_local.rewriting.tidy import tidy

ROOT = Path(__file__).resolve().parents[2]
ODD = (
    "```\n",
    "````\n~~~\n",
    "\\boxed{",
    "\\frac{1}{",
    "$$",
    "$x",
    "}{",
    "<<1+1=",
    ">>",
    "#### ",
    "####",
    "1. ",
    "- ",
    "| a | b |\n|---|\n",
    "\0",
    "\ud800",
    "\u202e",
    "\u200f",
    "لا 70 ",
    "不是3个",
    "👍",
    "½",
    "1,2.3,4",
    "-5 km",
    "$5",
    "12:30 pm",
    "2021-13-45",
    "(A)",
    "The answer is ",
    "https://a.b/c?",
    "a@b.cd",
    "“x",
    "'",
    '"',
    "`",
    "**",
    "*",
    "\r\n",
    "\u2028",
    "I'm sorry, but I can't help",
    "<|im_start|>",
    "twenty-two hundred million",
    "1e999",
    "0.0.0",
    "x = = 3",
    "3/0 = 1",
    "not",
    "Anna",
    "Step 1:",
)
TEXT = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=12)), max_size=24).map("".join)
HUGE = {
    "letters": "a",
    "numbers": "17 ",
    "equations": "1+2=3 ",
    "sentences": "This is number 5. ",
    "items": "- item 3 costs $4.50\n",
    "stars": "*",
    "ticks": "`",
    "hashes": "#",
    "brackets": "(",
    "fractions": "\\frac{",
    "boxes": "\\boxed{",
    "dollars": "$x ",
    "digits": "1",
    "commas": "1,",
    "quotes": '"',
    "signs": "不",
    "right to left": "لا يسمح 5 ",
    "nul": "\0",
    "surrogates": "\ud800",
    "pipes": "|",
    "marks": "<<",
    "paths": "/a",
    "addresses": "a@",
    "spaces": " ",
    "words": "hundred ",
    "names": "Abc ",
    "answers": "answer is ",
    "options": "A. ",
    "minus": "-1",
    "links": "https://",
    "newlines": "\n",
    "blank lines": " \n",
    "lists": "1. a\n",
    "fences": "```\n",
    "statements": "; \n",
    "nested JSON": '{"a":[',
    "accents": "e\u0301",
    "invisible": "\u200b",
    "line separators": "\u2028",
    "definitions": "def f():\n",
    "remarks": "x = 1; # a\n# b\n",
    "openers": "a # ",
    "values": "(1,",
    "powers": "4 * 10^",
    "variables": "y = e ",
    "halves": "½",
    "roots": "√(",
    "ends of ranges": "5-",
    "raised": "x^",
    "differences": "5 - ",
    "small words": "if ",
    "stops": "it is! it was? ",
}
LABELS = ("python", "rust", "sql", "bash", "yaml", "json", "html")


@given(TEXT, TEXT, TEXT)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_makes_a_gate_raise(instruction: str, original: str, rewritten: str) -> None:
    for verdict in judge(Case(instruction, original, rewritten, (instruction,))).values():
        assert (verdict.outcome == "fail") == bool(verdict.reason)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_verdicts_do_not_depend_on_what_was_judged_before(pairs: list[tuple[str, str]]) -> None:
    cases = [Case("", original, rewritten) for original, rewritten in pairs]
    forwards = [judge(case) for case in cases]
    backwards = [judge(case) for case in reversed(cases)]
    assert forwards == backwards[::-1]


@pytest.mark.parametrize("name", HUGE)
def test_a_large_row_ends(name: str) -> None:
    text = HUGE[name] * (120_000 // len(HUGE[name]))
    for case in (
        Case("Do it.", text, text + " b"),
        Case("Do it.", "Five short words, 5 of them.", text),
    ):
        assert list(judge(case)) == list(GATES)


@pytest.mark.parametrize(
    ("one", "other"),
    [("½", "½"), ("√(", "√ ( "), ("5-", "5 - "), ("if ", " i f"), ("abc", "abb"), ("不", "不")],
)
def test_a_row_that_is_put_in_the_other_spelling_ends(one: str, other: str) -> None:
    """Just short enough that the steps which put both texts alike do not leave it out."""
    pieces = (19_900 // len(one)) * one, (19_880 // len(other)) * other
    start = time.process_time()
    assert list(judge(Case("Do it.", *pieces))) == list(GATES)
    assert time.process_time() - start < 6


def test_tidy_reads_a_line_of_many_stops_once() -> None:
    start = time.process_time()
    tidy("it is! it was? " * 6_700, "Do it.")
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    "piece", ["the first second 3rd fourth ", "$x^2$ \\frac{1}{2} ", "1 egg and 2 x 5 km "]
)
def test_a_large_row_with_a_line_put_in_ends(piece: str) -> None:
    """Every number behind the line is compared anew; each of them must not read the whole text."""
    text = piece * (120_000 // len(piece))
    broken = text.replace(" ", "  \n", 1)
    rewritten = f"{broken[:40_000]}\nThis line was put in.\n{broken[40_000:]}"
    assert list(judge(Case("Do it.", text, rewritten))) == list(GATES)


@pytest.mark.parametrize("label", LABELS)
def test_garbage_in_a_labelled_fence_ends(label: str) -> None:
    for sign in (" ", "(", "|", "\0", "\u2028", '"', "/*", "- "):
        text = f"```{label}\n{sign * (40_000 // len(sign))}\n```"
        assert list(judge(Case("Do it.", text, text.replace("\n```", " x\n```")))) == list(GATES)


def test_deeply_nested_lists_do_not_end_the_process() -> None:
    """A YAML grammar that keeps its levels in a small buffer did; a crash would end this run."""
    for depth in (200, 300, 1000):
        for label in ("yaml", "python", "bash", "json", "html"):
            code = f"```{label}\n{'- ' * depth}a: 1\n{'  ' * depth}b: 2\n```"
            judge(Case("Do it.", code, code.replace("b: 2", "b: 3")))


def test_broken_markup_in_typescript_ends() -> None:
    code = '[*/\n"<t>|\n")\n\tfmt.Fpt(w, '
    for label in ("tsx", "typescript", "jsx"):
        judge(Case("Do it.", f"```{label}\n{code}\n```", f"```{label}\n{code} x\n```"))


PROGRAM = """
from realign_local.gates import Case, judge
original = "Anna gave Ben 5 km of rope. It is not 6 m. He must keep the 7 dollars."
rewritten = "Cleo gave Ben 6 km of rope. It is 5 m. He may keep the 8 dollars and the 9 euros."
print(judge(Case("How many?", original, rewritten)))
"""


def test_the_seed_of_hashes_changes_no_verdict() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(found) == 1


SENTENCES = ("Anna has 5 cats.", "It is not $3.50.", "See https://a.b/c now.", "不是3个。")


@given(
    st.lists(
        st.sampled_from(SENTENCES),
        min_size=1,
    )
)
@settings(max_examples=50)
def test_a_copy_passes(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert first_failure(judge(Case("Tell me.", text, text))) is None
