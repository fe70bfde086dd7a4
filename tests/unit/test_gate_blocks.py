"""Sums in columns, aligned equations and LaTeX environments are kept as they are, or told."""

from __future__ import annotations

import pytest

from realign_local.gates import Case, judge
from realign_local.gates.blocks_kept import check
from realign_local.text.code.code_blocks import cut
from realign_local.text.code.code_detect import bare_blocks
from tests.mutation.faithful import EDITED, faithful

PLUS = "Write one below the other:\n\n  347\n+ 586\n-----\n  933\n\nSo 347 + 586 = 933."
MINUS = "Line by line:\n\n  810\n- 455\n-----\n  355"
TIMES = "   14\n*  12\n-----\n  168\n\nHence 14 * 12 = 168."
BILL = "Begin with $9.\n+ $4 for the ferry\n- $3 with the card\n= $10 to pay."
STEPS = "20\n- 6\n+ 1\n= 15 metres."


def outcome(original: str, rewritten: str, instruction: str = "") -> str:
    return check(Case(instruction, original, rewritten)).outcome


@pytest.mark.parametrize(
    ("original", "old", "new"),
    [
        (PLUS, "+ 586\n", "1. 586\n"),
        (PLUS, "+ 586\n", "- 586\n"),
        (PLUS, "+ 586\n", "• 586\n"),
        (PLUS, "+ 586\n", "  586\n"),
        (PLUS, "  347\n+ 586\n-----\n  933", "1. 347\n2. 586\n\n933"),
        (PLUS, "347\n+ 586\n-----\n  933", "347 586 933"),
        (PLUS, "347\n+ 586\n-----\n  933", "347 + 586 ----- 933"),
        (MINUS, "- 455\n", "1. 455\n"),
        (MINUS, "- 455\n", "* 455\n"),
        (MINUS, "- 455\n", "+ 455\n"),
        (TIMES, "*  12\n", "- 12\n"),
        (TIMES, "*  12\n", "1. 12\n"),
        (BILL, "+ $4", "- $4"),
        (BILL, "+ $4", "1. $4"),
        (BILL, "- $3", "* $3"),
        (STEPS, "20\n- 6\n+ 1", "20\n1. 6\n2. 1"),
        (STEPS, "- 6\n+ 1", "- 6\n- 1"),
    ],
)
def test_a_sign_before_a_number_is_no_bullet(original: str, old: str, new: str) -> None:
    assert old in original
    assert outcome(original, original.replace(old, new)) == "fail"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (PLUS, f"The sum is 933.\n\n{PLUS}"),
        (PLUS, PLUS.replace("  347", "```\n  347").replace("933\n", "933\n```\n", 1)),
        (PLUS, "Adding 347 and 586 by columns gives 933.\n\nSo 347 + 586 = 933."),
        (PLUS, "We compute $347 + 586 = 933$."),
        (MINUS, "810 minus 455 is 355."),
        (MINUS, MINUS.replace("- 455", "− 455")),
        (TIMES, TIMES.replace("* ", "× ")),
        (TIMES, "1. Multiply: 14 * 12 = 168.\n2. Hence 14 * 12 = 168."),
        (BILL, "1. Begin with $9.\n2. + $4 for the ferry\n3. - $3 with the card\n4. = $10 to pay."),
        (BILL, "You begin with $9, add $4 for the ferry, take off $3 with the card and pay $10."),
        (STEPS, "20 - 6 + 1 = 15 metres."),
        ("Take with you:\n- 2 ropes\n- 3 hooks", "Take with you:\n1. 2 ropes\n2. 3 hooks"),
        ("2019\n- 4 talks were held\n- 2 were not", "2019\n1. 4 talks were held\n2. 2 were not"),
        ("+ 4 eggs\n+ 2 lemons", "- 4 eggs\n- 2 lemons"),
        ("Lows:\n3\n-5\n-7", "Lows:\n- 3\n- -5\n- -7"),
        ("x1 = 3\nx2 = 5", "- x1 = 3\n- x2 = 5"),
        ("12 + 3\n= 15\n\nThe answer is 15.", "12 + 3 = 15\n\nThe answer is:\n\n15"),
    ],
)
def test_sums_and_lists_in_another_form(original: str, rewritten: str) -> None:
    assert outcome(original, rewritten) != "fail"


CHAIN = "So\nwidth = a + b\n      = 3 + 8\n      = 11\nmetres."


def test_an_equation_over_several_lines_keeps_them() -> None:
    assert outcome(CHAIN, CHAIN.replace("\n      =", "\n=")) == "pass"
    assert outcome(CHAIN, f"```\n{CHAIN}\n```") == "pass"
    assert outcome(CHAIN, CHAIN.replace("\n      =", " =")) == "fail"
    assert outcome(CHAIN, f"1. {CHAIN}".replace("\n", "  ")) == "fail"
    assert outcome("a = b\n= c", "a = b = c") != "fail"


ALIGN = "We get\n\\begin{align}\n2a &= 8 \\\\\na &= 4\n\\end{align}\n\nand so $a = 4$ is all."
MATRIX = "Take\n\n\\[\nM = \\begin{pmatrix}\n5 & 6 \\\\\n7 & 8\n\\end{pmatrix}\n\\]\n\nas it is."
DISPLAY = "Then\n\n$$\nE = m c^2 + p\n$$\n\nholds."


@pytest.mark.parametrize(
    ("original", "row"), [(ALIGN, "2a &= 8"), (MATRIX, "5 & 6"), (DISPLAY, "E = m")]
)
@pytest.mark.parametrize("form", ["1. {}", "```\n{}", "{}\n```", "## {}", "1) {}"])
def test_rows_of_formulas_are_no_items(original: str, row: str, form: str) -> None:
    assert outcome(original, original.replace(row, form.format(row))) == "fail"


@pytest.mark.parametrize(
    ("original", "rewritten"),
    [
        (
            ALIGN,
            ALIGN.replace("\\begin{align}", "```\n\\begin{align}").replace("n}\n", "n}\n```\n"),
        ),
        (ALIGN, ALIGN.replace("a &= 4", "a &= 5")),
        (ALIGN, ALIGN.replace("2a &= 8 \\\\\n", "")),
        (ALIGN, "We get\n\nand so $a = 4$ is all."),
        (MATRIX, MATRIX.replace("6", "7").replace("7 & 8", "6 & 8")),
        (MATRIX, MATRIX.replace("pmatrix", "vmatrix")),
        (MATRIX, MATRIX.replace("\\[", "```\n\\[").replace("\\]", "\\]\n```")),
        (DISPLAY, "Then\n\n```\n$$\nE = m c^2 + p\n$$\n```\n\nholds."),
    ],
)
def test_changed_environments(original: str, rewritten: str) -> None:
    assert outcome(original, rewritten) == "fail"


@pytest.mark.parametrize(
    ("original", "rewritten", "instruction"),
    [
        (ALIGN, f"The value is found in two lines.\n\n{ALIGN}", ""),
        (ALIGN, ALIGN.replace("align", "align*"), ""),
        (ALIGN, ALIGN.replace("\\begin{align}", "$$\n\\begin{aligned}").replace(
            "\\end{align}", "\\end{aligned}\n$$"), ""),
        (ALIGN, "We get\n1. $2a = 8$\n2. $a = 4$\n\nand so $a = 4$ is all.", ""),
        (ALIGN, f"```latex\n{ALIGN}\n```", "Write it in LaTeX."),
        (MATRIX, MATRIX.replace("\\[", "$$").replace("\\]", "$$"), ""),
        (MATRIX, MATRIX.replace(" & ", "&"), ""),
        (DISPLAY, DISPLAY.replace("$$", "$").replace("$\n", "$").replace("\n$", "$"), ""),
        ("\\begin{itemize}\n\\item tea\n\\end{itemize}", "- tea", ""),
        ("\\documentclass{article}\n\\begin{document}\nHi.\n\\end{document}",
         "```latex\n\\documentclass{article}\n\\begin{document}\nHi.\n\\end{document}\n```", ""),
    ],
)  # fmt: skip
def test_environments_in_another_frame(original: str, rewritten: str, instruction: str) -> None:
    assert outcome(original, rewritten, instruction) != "fail"


@pytest.mark.parametrize("text", [ALIGN, MATRIX, DISPLAY])
def test_formulas_are_not_code(text: str) -> None:
    assert bare_blocks(cut(text).lines) == []


def test_code_behind_a_formula_is_found() -> None:
    text = f"{ALIGN}\n\nfor n in range(4):\n    print(n)\n"
    assert [block.text for block in bare_blocks(cut(text).lines)] == [
        "for n in range(4):\n    print(n)"
    ]


def test_it_is_one_of_the_gates_and_gives_no_false_alarm() -> None:
    assert judge(Case("", PLUS, PLUS.replace("+ 586\n", "1. 586\n")))["blocks"].outcome == "fail"
    for case in (*faithful(), *faithful(file=EDITED)):
        assert check(case).outcome != "fail"
