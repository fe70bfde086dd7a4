"""Answers sign by sign, answers that are added or denied, formulas of kept sentences, spellings."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case
from realign_local.gates.exact import final_answer
from realign_local.gates.exact.answer_forms import same_answer
from realign_local.gates.exact.formulas import tokens
from realign_local.text.math_forms import plain_math
from realign_local.text.rules import rules

EXAMPLES = rules("math_signs")["example"]
WORK = "We bring all terms to one side."


def kept(original: str, rewritten: str, asked: str = "What is it?") -> bool:
    return final_answer.check(Case(asked, original, rewritten)).outcome != "fail"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["latex"])
def test_the_table_of_signs(example: dict[str, str]) -> None:
    latex, same, other = (
        " ".join(plain_math(example[name]).split()) for name in ("latex", "same", "other")
    )
    assert latex == same
    assert latex != other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\sqrt{6}", "6"), (r"4\sqrt{7}", r"7\sqrt{4}"), (r"\sqrt{6}", r"\sqrt[3]{6}"),
        ("(2, -9)", "(-9, 2)"), ("[2, 6)", "(2, 6]"), (r"(-\infty, 2)", r"(2, \infty)"),
        (r"\frac{\pi}{6}", r"\frac{6}{\pi}"), (r"6\pi", "6"), ("7i", "7"), ("2+7i", "2-7i"),
        ("k^2+3", "k^2-3"), ("k^2", "k^3"), ("5k", "5m"), ("k", "k+2"), ("m!", "m"), ("7!", "7"),
        (r"\sin k", r"\cos k"), (r"\ln 3", r"\log 3"), (r"k \le 8", r"k \ge 8"), ("k<8", r"k\le 8"),
        (r"P \cup Q", r"P \cap Q"), ("h'(k)", "h(k)"), ("|k|", "k"), (r"\pm 6", "6"),
        ("6, 8", "6"), ("6", "6, 8"), ("60\\%", "60"), (r"6\text{ kg}", r"6\text{ g}"),
        (r"\binom{7}{3}", r"\binom{3}{7}"), ("y = 2k", "y = 3k"), ("y = 2k", "z = 2k"),
    ],
)  # fmt: skip
def test_every_sign_of_an_answer_counts(one: str, other: str) -> None:
    assert not same_answer(one, other)
    assert not same_answer(other, one)
    for mark in (r"So we get $\boxed{{{}}}$.", "So we are done.\n#### {}"):
        assert not kept(f"{WORK} {mark.format(one)}", f"{WORK}\n\n{mark.format(other)}")
    stated = "The final answer is ${}$."
    assert not kept(f"{WORK} {stated.format(one)}", f"{WORK}\n\n{stated.format(other)}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\frac{3}{4}", "0.75"), (r"\frac34", r"\dfrac{3}{4}"), (r"7{,}500", "7500"),
        (r"7\,500", "7,500"), (r"45^\circ", "45°"), (r"45^{\circ}", r"45^\circ"),
        (r"\sqrt{6}", r"\sqrt 6"), (r"\sqrt{6}", "√6"), ("k^{3}", "k^3"), ("k^3", "k³"),
        (r"\left(2, -9\right)", "(2,-9)"), (r"k \leq 8", "k ≤ 8"), (r"6\pi", "6π"),
        (r"\text{green}", "green"), ("k = 7", "7"), (r"7 \cdot k", "7k"), (r"\pm 6", "±6"),
        (r"-\frac{3}{4}", r"\frac{-3}{4}"), (r"\$7", "7 dollars"), (r"P \cup Q", "P ∪ Q"),
        (r"\frac{\sqrt{6}}{6}", r"\dfrac{\sqrt 6}{6}"), ("60\\%", "60 percent"),
    ],
)  # fmt: skip
def test_the_same_answer_in_another_spelling(one: str, other: str) -> None:
    assert same_answer(one, other)
    assert same_answer(other, one)


PRICE = "6 mugs cost 6 * 4 = 24 euros."


@pytest.mark.parametrize(
    ("original", "added", "allowed"),
    [
        (PRICE, "#### 42", False),
        (PRICE, "#### 6", False),
        (PRICE, "#### 24", True),
        (PRICE, r"\boxed{42}", False),
        ("It takes 35 minutes.", "#### 53", False),
        ("It takes 35 minutes.", "#### 35\n\nEnjoy the walk.", True),
        ("It takes 35 minutes.", "#### 53\n\nEnjoy the walk.", False),
        ("Oslo is the capital of Norway.", "#### Oslo", True),
        ("Oslo is the capital of Norway.", "#### Bergen", False),
        ("Yes, it floats.", "#### No", False),
        ("Yes, it is known that there is no end.", "#### No", False),
        ("Yes, it floats.", "#### Yes", True),
        (f"{PRICE}\n#### 24", "#### 42\n\n#### 24", False),
        (f"{PRICE} So \\boxed{{24}}", "So \\boxed{42} and \\boxed{24}", False),
        (f"{PRICE} So \\boxed{{24}}", "#### 42", False),
        (f"{PRICE} The answer is 24.", "#### 42", False),
        (f"{PRICE} #### 24", "#### 42", False),
        (f"{PRICE} #### 24", "#### 24", True),
        (f"{PRICE} #### 24", "The answer is not 24.", False),
        (f"{PRICE} So \\boxed{{24}}", "The result isn't 24.", False),
        (PRICE, "The answer is not 24.", False),
        ("Yes, it floats.", "So the answer is not yes.", False),
        ("No. It sinks at once.", "So the answer is no: it sinks.", True),
    ],
)
def test_answers_that_are_added(original: str, added: str, allowed: bool) -> None:
    assert kept(original, f"{original.replace(' #### 24', '')}\n\n{added}") is allowed


def test_a_heading_is_no_answer() -> None:
    original = "Whisk the eggs well. Bake them for an hour."
    assert kept(
        original, "#### Eggs\n\nWhisk the eggs well.\n\n#### Oven\n\nBake them for an hour."
    )


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("The union {5, 6} ∪ {7} is meant.", "The union {5, 6} ∩ {7} is meant."),
        (r"Put $\sigma + \tau = 40^\circ$ here.", r"Put $\sigma - \tau = 40^\circ$ here."),
        (r"Put $\sigma + \tau$ and $\omega$ here.", r"Put $\sigma + \omega$ and $\tau$ here."),
        (
            r"Take \(\begin{pmatrix} k & l \\ m & n \end{pmatrix}\) as a basis.",
            r"Take \(\begin{pmatrix} k & m \\ l & n \end{pmatrix}\) as a basis.",
        ),
        ("We know that $h'(k) = 3k$ holds.", "We know that $h''(k) = 3k$ holds."),
        ("The slope is $h'$.", "The slope is $h''$."),
        ("There are $m!$ ways to sit.", "There are $m$ ways to sit."),
        ("So $(k+l)m$ is even.", "So $k+lm$ is even."),
        ("The area is πk² in all.", "The area is ρk² in all."),
        ("Let k be the width and l the length, with k + l = 9.",
         "Let l be the width and k the length, with k + l = 9."),
        ("We see:\n\n$$E = p + q$$\n\nThis holds.", "We see:\n\n$$E = p - q$$\n\nThis holds."),
        (r"For all $k \in S$ it is so.", r"For all $k \notin S$ it is so."),
    ],
)  # fmt: skip
def test_a_formula_of_a_kept_sentence_is_kept(original: str, rewritten: str) -> None:
    for intro in ("", "We look at what is given.\n\n"):
        verdict = final_answer.check(Case("?", original, intro + rewritten))
        assert verdict.outcome == "fail"
        assert verdict.reason in (Reason.MEANING_DRIFT, Reason.ANSWER_CHANGED)


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (r"It is $\frac{1}{5}$ and $k^3$.", r"It is \(\frac{1}{5}\) and \(k^3\)."),
        (r"So $k \leq 6$ holds.", "So k ≤ 6 holds."),
        (r"Green: mild, cheap\nBlack: bitter, dear", "Green: mild, cheap\nBlack: bitter, dear"),
        (r"So $2 \cdot k = 6$ and $\beta$ is big.", "So 2·k = 6 and β is big."),
        (r"So $\frac{k+l}{3}$ is the mean.", "So (k+l)/3 is the mean."),
        ("First, $k = l$. Then $l = m$.", "1. First, $k = l$.\n2. Then $l = m$."),
        (r"\begin{align} k &= l + m \\ &= n \end{align}",
         "\\begin{align*}\nk &= l + m \\\\\n&= n\n\\end{align*}"),
        ("Set a well-known limit for x = 3.", "Set a well known limit for x = 3."),
        ("for i in range(n):\n    s += i", "```python\nfor i in range(n):\n    s += i\n```"),
    ],
)  # fmt: skip
def test_a_formula_may_be_spelled_otherwise(original: str, rewritten: str) -> None:
    assert kept(original, rewritten)


def test_formulas_of_both_marks_are_plain_in_one_way() -> None:
    mixed = r"Let \( w \) be larger than $\frac{w}{2}$ and $w - 1$."
    assert plain_math(mixed) == plain_math(mixed.replace(r"\( w \)", "$w$"))
    assert plain_math(r"It costs \$5, not $6 or $7.") == "It costs $5, not $6 or $7."


def test_tokens_of_a_sentence() -> None:
    found = [token.text for token in tokens(r"A well-known fact (see below): $x'_1 \le 2!$, a.")]
    assert found == [
        "a",
        "well",
        "known",
        "fact",
        "see",
        "below",
        "x",
        "'",
        "_",
        "#",
        "≤",
        "#",
        "a",
    ]


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("It's warm.", "It’s warm."),
        ("L'île", "L’île"),
        ("Zoe\u0308’s cafe\u0301", "Zoë's café"),
        ("《三体》是刘慈欣写的。", "《三体》是刘慈欣写的."),
        ("Write to c@example.com.", "Write to [c@example.com](mailto:c@example.com)."),
        ("The 'Odyssey' by Homer", 'The "Odyssey" by Homer'),
        ("“Persuasion” by Jane Austen", '"Persuasion" by Jane Austen'),
        ("He said &quot;go&quot;.", 'He said "go".'),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("Ber\u200blin", "Berlin"),
        ("co\u00adauthor", "coauthor"),
        ("<b>Berlin</b>", "**Berlin**"),
        ("Cup, plate, bowl, knife, and fork", "- Cup\n- Plate\n- Bowl\n- Knife\n- Fork"),
        ("Oak, ash, elm, birch and willow", "- Oak\n- Ash\n- Elm\n- Birch\n- Willow"),
        ("Rot, Blau oder Gelb", "- Rot\n- Blau\n- Gelb"),
        ("苹果、香蕉和梨", "- 苹果\n- 香蕉\n- 梨"),
        ("Fish and chips, peas", "- Fish and chips\n- Peas"),
        ("1300 dollars", "$1,300"),
        ("3/4", "0.75"),
    ],
)
def test_a_short_answer_in_another_dress(original: str, rewritten: str) -> None:
    assert kept(original, rewritten)


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        ("Oak, ash, elm, birch and willow", "- Oak\n- Ash\n- Elm\n- Beech\n- Willow"),
        ("Cup, plate, bowl, knife, and fork", "- Cup\n- Plate\n- Bowl\n- Knife"),
        ("Salt & pepper", "Salt & paper"),
        ("It's warm.", "It’s cold."),
        ("√7", "7"),
        ("(5, 8)", "(8, 5)"),
    ],
)
def test_another_short_answer(original: str, rewritten: str) -> None:
    assert not kept(original, rewritten)
