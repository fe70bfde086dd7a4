"""What a wrong task does to a row: results with its own task, the next likely one and any other.

python -m benchmarks.wrong_task ROWS.jsonl [--mode guided] [-m MODEL]: each row is taken through the
operations and the gates once by each of the three labels, each believed firmly. The own task is the
row's category where that is a task, else the classifier's first guess. Without a model no words are
written, and what the model would be asked is compared.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from realign_local.base.config import Settings
from realign_local.base.records import Sample
from realign_local.data.formats import open_dataset
from realign_local.engine.backends.scripted import ScriptedEngine
from realign_local.rewriting.choose import settled
from realign_local.rewriting.evident import ruled_out
from realign_local.rewriting.plan import Mode, Plan, RewriteSettings, plan_row
from realign_local.run.tools import ClassifierTools, LocalTools
from realign_local.stages.gate_check import GateCheck
from realign_local.stages.rewrite import Generate, rewrite
from realign_local.stages.verification import verify

LABELS = ("own", "second", "random")
SURE = 0.9
ROOM_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its text, why, and what the model was asked for it."""

    text: str
    reason: str
    asked: tuple[str, ...]


def samples_of(path: Path, most: int) -> list[Sample]:
    """The last sample of each row that can be read."""
    rows = (row.samples[-1] for row in open_dataset(path).rows())
    return [sample for sample in rows if sample.reason is None][:most]


def labelled(samples: Sequence[Sample], tools: ClassifierTools, seed: int) -> list[dict[str, str]]:
    """For each sample its task, the next likely one, and one drawn from all others."""
    with tools.classifier() as label:
        guesses = label([sample.instruction for sample in samples])
    draw = random.Random(seed)
    found = []
    for sample, guess in zip(samples, guesses, strict=True):
        ranked = [task for task, _ in guess.without(ruled_out(sample.original)).ranking]
        own = sample.category if sample.category in tools.criteria else ranked[0]
        second = next(task for task in ranked if task != own)
        others = [task for task in tools.criteria if task != own]
        found.append({"own": own, "second": second, "random": draw.choice(others)})
    return found


@contextmanager
def generator(settings: Settings) -> Iterator[Generate]:
    """The model's, or one that has nothing to say."""
    if not settings.model:
        yield ScriptedEngine(lambda _: ()).generate
        return
    with LocalTools(settings).engine(longest_tokens=ROOM_TOKENS) as engine:
        yield engine.generate


def outcomes(
    samples: Sequence[Sample], generate: Generate, tools: ClassifierTools, mode: Mode
) -> dict[int, Outcome]:
    """By the row's number."""
    settings = RewriteSettings(mode)
    asked = {s.index: _asked(plan_row(s, tools.criteria, settings)) for s in samples}
    done = rewrite(samples, generate, criteria=tools.criteria, settings=settings)
    found = {}
    for sample in verify(done, GateCheck(tools.criteria, {})):
        end = settled(sample) if sample.reason is None and sample.candidates else sample
        text = end.candidates[end.chosen].text if end.chosen >= 0 else end.original
        reason = end.reason.name.lower() if end.reason is not None else ""
        found[end.index] = Outcome(text, reason, asked[end.index])
    return found


def _asked(plan: object) -> tuple[str, ...]:
    drafts = plan.drafts if isinstance(plan, Plan) else ()
    return tuple(message.content for d in drafts for a in d.asks for message in a.messages)


def summary(
    samples: Sequence[Sample], by_label: Mapping[str, Mapping[int, Outcome]]
) -> dict[str, dict[str, object]]:
    """Counts for each label; `other_text` and `other_question` are against the own task's."""
    table: dict[str, dict[str, object]] = {}
    for label, found in by_label.items():
        own = by_label["own"]
        table[label] = {
            "rows": len(samples),
            "changed": sum(found[s.index].text != s.original for s in samples),
            "asked": sum(bool(found[s.index].asked) for s in samples),
            "other_text": sum(found[s.index].text != own[s.index].text for s in samples),
            "other_question": sum(found[s.index].asked != own[s.index].asked for s in samples),
            "reasons": dict(Counter(one.reason for one in found.values()).most_common()),
        }
    return table


def main() -> None:
    """Print one JSON object a label."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--mode", choices=get_args(Mode), default="guided")
    parser.add_argument("-m", "--model")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="rows whose text differs, as JSONL")
    options = parser.parse_args()
    settings = Settings.model_validate({"model": options.model} if options.model else {})
    tools = ClassifierTools(settings)
    samples = samples_of(options.rows, options.most)
    tasks = labelled(samples, tools, options.seed)
    by_label: dict[str, dict[int, Outcome]] = {}
    with generator(settings) as generate:
        for label in LABELS:
            some = [
                replace(sample, task=names[label], confidence=SURE, category="")
                for sample, names in zip(samples, tasks, strict=True)
            ]
            by_label[label] = outcomes(some, generate, tools, options.mode)
            print(label, json.dumps(summary(samples, by_label)[label]), flush=True)
    if options.output:
        options.output.write_text("".join(_lines(samples, tasks, by_label)), encoding="utf-8")


def _lines(
    samples: Sequence[Sample],
    tasks: Sequence[Mapping[str, str]],
    by_label: Mapping[str, Mapping[int, Outcome]],
) -> Iterator[str]:
    for sample, names in zip(samples, tasks, strict=True):
        texts = {label: found[sample.index].text for label, found in by_label.items()}
        if len(set(texts.values())) > 1:
            row = {"request": sample.instruction, "original": sample.original}
            yield json.dumps({**row, "tasks": names, "texts": texts}, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
