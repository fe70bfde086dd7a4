"""The same content in another dress passes; damage that the dress hides does not."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, first_failure, judge

STEPS = ("Ann has 408 - 113 = 295 pages left.", "She reads 295 / 5 = 59 pages a day.")
ORIGINAL = "\n".join(STEPS) + "\n#### 59"


def failed(rewritten: str, original: str = ORIGINAL, asked: str = "How many pages?") -> str:
    found = first_failure(judge(Case(asked, original, rewritten)))
    return found[0] if found else ""


@pytest.mark.parametrize(
    "label", ["Point {}: ", "**Step {}.** ", "#{}: ", "({}) ", "| {} | ", "- [{}] ", "✅ "]
)
def test_numbering_is_form(label: str) -> None:
    end = " |" if label.startswith("|") else ""
    listed = "\n".join(label.format(n) + step + end for n, step in enumerate(STEPS, start=1))
    assert failed(f"We go step by step.\n\n{listed}\n\n**Final answer:** fifty-nine") == ""


def test_an_answer_of_one_in_words() -> None:
    rewritten = "We subtract.\n\n- 3 - 2 = 1 is left.\n\nThe answer is **one** (1)."
    assert failed(rewritten, "3 - 2 = 1 is left.\n#### 1") == ""


@pytest.mark.parametrize(
    ("rewritten", "gate"),
    [
        (f"{STEPS[0]}\n{STEPS[1]}\n#### 59 This was found in 1952.", "numbers"),
        (f"{STEPS[0]}\n{STEPS[1]}\nThe answer is fifty-nine (57).", "numbers"),
        (f"- Ann has 408 - 295 = 113 pages left.\n- {STEPS[1]}\n#### 59", "numbers"),
        (f"- Point 1: {STEPS[0]}\n- Point 4: {STEPS[1]}\n#### 59", "numbers"),
        (f"Here is a rewrite that keeps the facts:\n{ORIGINAL}", "leak"),
        (f"{ORIGINAL}\n\nI kept all the numbers unchanged.", "leak"),
        (f"{ORIGINAL}\n\n## Explan", "truncation"),
    ],
)  # fmt: skip
def test_damage_in_the_new_dress(rewritten: str, gate: str) -> None:
    assert failed(rewritten) == gate


def test_a_docstring_may_be_added_and_not_taken() -> None:
    bare = "def double(n):\n    return 2 * n"
    told = 'def double(n):\n    """Twice n."""\n    return 2 * n'
    frame = "This doubles a number:\n\n```python\n{}\n```"
    assert failed(frame.format(told), bare, "Double a number in Python.") == ""
    assert failed(frame.format(bare), told, "Double a number in Python.") == "code"


@pytest.mark.parametrize(
    ("original", "rewritten", "asked"),
    [
        ("The  liver .", "The liver.", "Which organ is it?"),
        ("cafe\u0301 cre\u0300me", "caf\u00e9 cr\u00e8me", "What did she order?"),
        ("We add up. So the sum is 2400 euros.", "We add up. So the sum is 2,400 euros.", "Sum?"),
        (
            "We take the root. So the root is \\( z \\).",
            "We take the root. So the root is $z$.",
            "What is the root?",
        ),
    ],
)  # fmt: skip
def test_signs_alone(original: str, rewritten: str, asked: str) -> None:
    assert failed(rewritten, original, asked) == ""
