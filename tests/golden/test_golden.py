"""Every worked example of every task through the scripted engine, compared with text files.

The scripted model writes what the example shows, and the judge prefers it: so the files show what
the program does alone, what it takes over from a model, and what the gates say to the examples.
A reviewer reads tests/golden/<task>.txt. After a wanted change: REALIGN_GOLDEN=write pytest
tests/golden, then read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import Criteria, Criterion, Example, read_criteria
from realign_local.base.records import Passage
from realign_local.engine.request import Request
from realign_local.rewriting.plan import RewriteSettings
from tests.scripted import FREE, GUIDED, ScriptedTools, rewrite_preferred, run

FOLDER = Path(__file__).parent
CRITERIA = read_criteria(shared_path("criteria"))
PAPER = read_criteria(shared_path("criteria") / "paper")
REWRITTEN = [task for task, criterion in CRITERIA.items() if criterion.rewrite]


@pytest.mark.parametrize("task", REWRITTEN)
def test_worked_examples(task: str, tmp_path: Path) -> None:
    shown = "\n".join(
        [
            *_shown("criteria, guided", CRITERIA, task, GUIDED, tmp_path / "guided"),
            *_shown("criteria/paper, free", PAPER, task, FREE, tmp_path / "free"),
        ]
    )
    golden = FOLDER / f"{task}.txt"
    if os.environ.get("REALIGN_GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_there_is_a_file_for_each_task_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == REWRITTEN


def _shown(
    title: str, criteria: Criteria, task: str, settings: RewriteSettings, folder: Path
) -> Iterator[str]:
    folder.mkdir()
    criterion, source = criteria[task], folder / "in.jsonl"
    rows = [
        {"instruction": e.instruction.strip(), "output": e.response.strip()}
        for e in criterion.examples
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tools = ScriptedTools(
        task,
        criteria=criteria,
        answer=lambda request: [_meant(criterion, request).rewritten.strip()],
        passages=_passages(criterion),
        margin=rewrite_preferred,
    )
    run(source, folder / "run", tools, rewriting=settings)
    asked = {_meant(criterion, r).instruction: r.messages[-1].content for r in tools.generated}
    yield f"##### {title}"
    for line in (folder / "run" / "provenance.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        example = criterion.examples[record["index"]]
        seen = asked.get(example.instruction, "")
        # What a free rewrite is asked with differs from row to row only by the row itself.
        brief = settings is FREE and record["index"] > 0
        yield from _row(record, "as above, with this row" if seen and brief else seen)


def _meant(criterion: Criterion, request: Request) -> Example:
    """The example that a request is about: the one whose response it shows most of."""
    words = set(request.messages[-1].content.partition("\n\nEvidence:\n")[0].split())

    def known(example: Example) -> float:
        said = set(example.response.split())
        return len(words & said) / len(said)

    return max(criterion.examples, key=known)


def _passages(criterion: Criterion) -> list[Passage]:
    """What the worked examples cite; every row of the task finds it."""
    cited = [text.split(": ", 1) for example in criterion.examples for text in example.evidence]
    return [Passage(str(place), title, "", text) for place, (title, text) in enumerate(cited)]


def _row(record: dict[str, Any], asked: str) -> Iterator[str]:
    told = f"=== row {record['index']}: {record['status']} {record['reason']} {record['detail']}"
    yield " ".join(told.split())
    yield f"--- operations: {', '.join(record['operations']) or 'none'}"
    yield f"--- the model is {'asked:' if asked else 'not asked'}"
    if asked:
        yield asked
    same = record["rewritten"] == record["original"]
    yield f"--- response{' as it was' if same else ':'}"
    if not same:
        yield record["rewritten"]
    yield ""
