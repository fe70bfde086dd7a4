"""The code gate: faithful rewrites of code pass, every kind of damage to it is caught."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates.exact.same_code import check
from realign_local.gates.gate import Case
from realign_local.text.code.code_blocks import cut, inline_spans
from realign_local.text.code.code_detect import bare_blocks
from realign_local.text.code.code_grammars import GRAMMARS
from realign_local.text.code.code_language import guess_language
from realign_local.text.code.code_parse import lex, parses
from tests.mutation.code_corruptions import CODE_CORRUPTIONS
from tests.mutation.code_pairs import SNIPPETS, Snippet, code_cases

DATA = Path(__file__).parents[3] / "shared" / "data"
CASES = list(code_cases())


def judged(original: str, rewritten: str, instruction: str = "") -> tuple[str, str]:
    verdict = check(Case(instruction, original, rewritten))
    return verdict.outcome, verdict.reason.value


def fenced(code: str, label: str = "python") -> str:
    return f"```{label}\n{code}\n```"


ADD = "def add(a, b):\n    total = a + b\n    return total"


def test_no_false_alarm_on_faithful_rewrites() -> None:
    alarms = [case for case in CASES if check(case).outcome != "pass"]
    assert alarms == []


def test_damage_is_caught() -> None:
    tried, caught = Counter[str](), Counter[str]()
    for number, case in enumerate(CASES):
        for kind, corrupt in CODE_CORRUPTIONS.items():
            spoiled = corrupt(case, random.Random(f"{number}/{kind}"))
            if spoiled is not None and spoiled != case.rewritten:
                tried[kind] += 1
                caught[kind] += check(replace(case, rewritten=spoiled)).outcome == "fail"
    assert set(tried) == set(CODE_CORRUPTIONS)
    assert caught.total() >= 0.99 * tried.total()
    assert all(caught[kind] >= 0.95 * tried[kind] for kind in tried)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: f"{s.language}: {s.asked}")
def test_the_language_of_bare_code_is_told(snippet: Snippet) -> None:
    kin = {"c": {"c", "cpp"}, "javascript": {"javascript", "typescript"}}
    assert guess_language(snippet.code) in kin.get(snippet.language, {snippet.language})
    assert parses(snippet.code, snippet.language) or snippet.language == "typescript"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: f"{s.language}: {s.asked}")
def test_bare_code_is_found_between_sentences(snippet: Snippet) -> None:
    text = f"One way to do it is this.\n\n{snippet.code}\n\n{snippet.does}"
    found = bare_blocks(cut(text).lines)
    assert [block.text.split() for block in found] == [snippet.code.split()]


@pytest.mark.parametrize(
    "prose",
    [
        "Dear Ms Ito,\n\nSubject: the visit on Friday\n\nI look forward to it; please call me.",
        "x = 5\ny = 3x + 2 = 17\nSo the answer is 17.",
        "Ingredients:\n- 2 eggs\n- flour (300 g)\n\nMethod: mix, then bake for 20 minutes.",
        "For example, if you want to travel: book early.\nWhile you wait: read.",
        "Select a seat from the plan; update it later.",
        "She has 12 - 5 = <<12-5=7>>7 apples.\n#### 7",
        "Import taxes rose. Return the form to the office; sign it (in ink).",
        "f(2) = 7 and f(3) = 10, so the slope is 3.",
        "最重要的内容如下：第一，水（H2O）是液体。",
    ],
)
def test_prose_is_not_code(prose: str) -> None:
    assert bare_blocks(cut(prose).lines) == []


@pytest.mark.parametrize(
    ("rewritten", "reason"),
    [
        (fenced(ADD), ""),
        (fenced(ADD.replace("    ", "  ")), ""),
        (fenced(ADD.replace("    ", "\t")), ""),
        (fenced("# adds\n" + ADD + "  # the sum"), ""),
        (fenced("def add(a, b):\n    total = (a + b)\n    return total"), ""),
        (f"{fenced('def add(a, b):')}\n\nAdd:\n\n{fenced('    total = a + b')}\n\n"
         f"{fenced('return total')}", ""),
        (f"- Code:\n\n  ```\n  {ADD.replace(chr(10), chr(10) + '  ')}\n  ```\n", ""),
        (f"{fenced(ADD)}\n\nThe part\n\n{fenced('total = a + b')}\n\nadds.", ""),
        (f"{fenced(ADD)}\n\nIn short:\n\n{fenced('def add(a, b):' + chr(10) + '    ...')}", ""),
        (fenced(ADD.replace("a + b", "a - b")), "code_changed"),
        (fenced("def add(a, b):\n    return total"), "code_lost"),
        (fenced("def add(a, b):\n    total = a + b\nreturn total"), "code_changed"),
        (fenced("def add(a, b):\n    total = a + b\n    return total\nprint(add(1, 2))"),
         "code_changed"),
        (f"{fenced(ADD)}\n\nTry it:\n\n{fenced('print(add(1, 2))')}", "code_changed"),
        ("The function adds two numbers.", "code_lost"),
        (f"{fenced('def add(a, b):' + chr(10) + '    total = a + b')}\n\nthen `return total`",
         "code_lost"),
    ],
)  # fmt: skip
def test_one_function_in_many_forms(rewritten: str, reason: str) -> None:
    for original in (ADD, fenced(ADD), f"Like this:\n\n{ADD}\n\nIt adds the two numbers."):
        assert judged(original, rewritten)[1] == reason


def test_the_offending_line_is_named() -> None:
    verdict = check(Case("", ADD, fenced(ADD.replace("a + b", "a - b"))))
    assert verdict.span == "total = a - b"
    assert "a + b" in verdict.detail


def test_code_of_the_instruction_may_be_quoted() -> None:
    asked = "What is wrong with `for i in rang(3):\n    print(i)`?"
    answer = "The name is misspelt: it should be range."
    rewritten = f"Look at the loop.\n\n{fenced('for i in rang(3):')}\n\n{answer}"
    assert judged(answer, rewritten, asked) == ("pass", "")
    assert judged(answer, rewritten, "What is wrong?")[1] == "code_changed"


def test_code_spans_are_kept() -> None:
    original = "Use `x = 1` and then `run(x)`."
    assert judged(original, "1. Use `x = 1`.\n2. Then `run( x )`.")[0] == "pass"
    assert judged(original, "1. Use `x = 2`.\n2. Then `run(x)`.")[1] == "code_lost"


def test_blocks_may_trade_places() -> None:
    first, second = fenced("pip install rich", "shell"), fenced(ADD)
    assert judged(f"{first}\n\n{second}", f"{second}\n\nBefore that:\n\n{first}")[0] == "pass"


def test_texts_without_code_are_not_applicable() -> None:
    assert judged("The sky is blue.", "In short: the sky is blue.") == ("n/a", "")


def test_fences_in_fences() -> None:
    text = "````md\n```py\nx = 1\n```\n````\n~~~\ny\n~~~"
    assert [(b.text, b.label) for b in cut(text).fenced] == [("```py\nx = 1\n```", "md"), ("y", "")]


def test_inline_spans() -> None:
    assert [s.text for s in inline_spans(cut("a `b` and ``c`d`` but not \\`e\\`"))] == ["b", "c`d"]


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_grammar_loads_and_keeps_all_but_space_and_comments(language: str) -> None:
    for snippet in SNIPPETS:
        if snippet.language == language:
            kept = "".join(str(t) for t in lex(snippet.code, language) if isinstance(t, str))
            assert "".join(kept.split()) == "".join(snippet.code.split())
    assert lex("", language) == []


def test_a_real_function_with_a_docstring() -> None:
    path = DATA / "humaneval_dev.jsonl"
    if not path.exists():
        pytest.skip("development data is not beside this checkout")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    failed = []
    for row in rows:
        code = row["prompt"] + row["canonical_solution"]
        rewritten = f"We do it in one pass.\n\n{fenced(code)}\n\nIt returns what was asked for."
        bad = fenced(code.rstrip()[: len(row["prompt"]) + len(row["canonical_solution"]) // 2])
        if judged(code, rewritten)[0] != "pass" or judged(code, bad)[0] != "fail":
            failed.append(row["task_id"])
    assert failed == []


def test_reasons_are_the_two_of_code() -> None:
    reasons = {check(replace(case, rewritten="nothing")).reason for case in CASES}
    assert reasons == {Reason.CODE_LOST}
