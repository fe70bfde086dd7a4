"""Every worked example of every task through the scripted engine, compared with text files.

A reviewer reads tests/golden/<task>.txt. After a wanted change: REALIGN_GOLDEN=write pytest
tests/golden, then read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import Criterion, read_criteria
from realign_local.data.records import Passage
from realign_local.engine.request import Request, Span
from tests.scripted import ScriptedTools, run

FOLDER = Path(__file__).parent
CRITERIA = read_criteria(shared_path("criteria"))
REWRITTEN = [task for task, criterion in CRITERIA.items() if criterion.rewrite]


def script(request: Request) -> Sequence[str]:
    """Each span says its name and the first words of the request, so that the gates know them."""
    asked = request.messages[-1].content.partition("Request:\n")[2]
    words = " ".join(w.strip(".,:;?!\"'`()") for w in asked.split()[:5])
    return [
        f"{words}" if part.name == "label" else f" what is asked, {words}."
        for part in request.answer
        if isinstance(part, Span)
    ]


@pytest.mark.parametrize("task", REWRITTEN)
def test_worked_examples(task: str, tmp_path: Path) -> None:
    shown = "\n".join(_shown(CRITERIA[task], tmp_path))
    golden = FOLDER / f"{task}.txt"
    if os.environ.get("REALIGN_GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def _shown(criterion: Criterion, folder: Path) -> Iterator[str]:
    source = folder / "in.jsonl"
    rows = [
        {"instruction": e.instruction.strip(), "output": e.response.strip()}
        for e in criterion.examples
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tools = ScriptedTools(criterion.task, answer=script, passages=_passages(criterion))
    run(source, folder / "run", tools)
    prompts = {r.messages[-1].content: r for r in tools.generated}
    for line in (folder / "run" / "provenance.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:
            yield from _row(json.loads(line), rows, prompts)


def _passages(criterion: Criterion) -> list[Passage]:
    """What the worked examples cite; every row of the task finds it."""
    cited = [text.split(": ", 1) for example in criterion.examples for text in example.evidence]
    return [Passage(str(place), title, "", text) for place, (title, text) in enumerate(cited)]


def _row(
    line: dict[str, object], rows: list[dict[str, str]], prompts: dict[str, Request]
) -> Iterator[str]:
    instruction = rows[int(str(line["index"]))]["instruction"]
    asked = [r for text, r in prompts.items() if f"Request:\n{instruction}\n" in text]
    yield f"=== row {line['index']}: {line['status']} {line['reason']} {line['detail']}".rstrip()
    yield f"--- the model sees {len(asked[0].messages) if asked else 0} messages, the last:"
    yield asked[0].messages[-1].content if asked else instruction
    yield "--- response, what the model wrote in ⟦ ⟧, what was cited in ⟪ ⟫:"
    sections = line["sections"] or [["original", line["original"]]]
    assert isinstance(sections, list)
    marks = {"model": "⟦{}⟧", "evidence": "⟪{}⟫"}
    yield "".join(marks.get(origin, "{}").format(text) for origin, text in sections)
    yield ""
