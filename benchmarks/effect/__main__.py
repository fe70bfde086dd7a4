"""Does training on rewritten rows help? The same small model, tuned on both, asked the same."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.effect.score import Answers, difference, read_questions, scores, table
from benchmarks.effect.tuning import (
    Budget,
    Example,
    TrainingFailed,
    ask,
    examples,
    tune,
)
from benchmarks.effect.weights import device_of, load

UNTRAINED = "untrained"


def main(arguments: list[str]) -> None:
    """Train every arm with every seed, ask all of them everything, print a table, write a file."""
    options = _options(arguments)
    started = time.monotonic()
    device = device_of(options.device)
    model, tokenizer = load(options.model, device)
    arms = _arms(options)
    budget = Budget(options.epochs, options.batch, options.rate, options.rank, options.max_tokens)
    encoded = {name: examples(tokenizer, rows, budget.most_tokens) for name, rows in arms.items()}
    _same_requests(encoded)
    sets = {path.stem: read_questions(path)[: options.most_questions] for path in options.questions}
    questions = [one for found in sets.values() for one in found]
    told: dict[str, Any] = {
        "model": options.model.name,
        "device": device.name,
        "versions": device.versions,
        "budget": asdict(budget),
        "rows": {name: len(rows) for name, rows in arms.items()},
        "changed_rows": _changed(arms),
        "questions": {name: len(found) for name, found in sets.items()},
        "runs": [],
        "failed": [],
    }
    answers: list[Answers] = []

    def test(tuned: Any, arm: str, seed: int | None, trained: dict[str, Any]) -> None:
        begin = time.monotonic()
        said = ask(tuned, tokenizer, questions, options.test_batch, options.answer_tokens)
        place, run = 0, {"arm": arm, "seed": seed, **trained, "sets": {}}
        run["test_s"] = round(time.monotonic() - begin, 1)
        for name, found in sets.items():
            part = said[place : place + len(found)]
            answers.append(Answers(arm, seed, name, found, part))
            run["sets"][name] = scores(answers[-1])
            place += len(found)
        told["runs"].append(run)
        figures = ", ".join(f"{n} {s['accuracy']:.1%}" for n, s in run["sets"].items())
        train = f"trained {trained['train_s']} s, " if trained else ""
        print(f"{arm} seed {seed}: {figures} ({train}asked {run['test_s']} s)", flush=True)

    if not options.without_untrained:
        test(model, UNTRAINED, None, {})
    longest = 0.0
    for n, seed in enumerate(range(options.seed, options.seed + options.seeds)):
        begin = time.monotonic()
        if n and begin - started + longest > 60 * options.minutes:
            told["stopped"] = f"{n} of {options.seeds} seeds: {options.minutes} minutes were over"
            print(told["stopped"])
            break
        for arm, rows in encoded.items():
            try:
                tuned, trained = tune(model, rows, budget, seed=seed)
            except TrainingFailed as failure:
                told["failed"].append({"arm": arm, "seed": seed, "why": str(failure)})
                print(f"{arm} seed {seed}: no result, {failure}", flush=True)
                continue
            test(tuned, arm, seed, trained)
            del tuned
        longest = max(longest, time.monotonic() - begin)
        _finish(told, answers, options.output, list(arms), started)
    _finish(told, answers, options.output, list(arms), started)
    print(table(told))
    print(f"{options.output}: all figures, {told['seconds']} s")


def _finish(
    told: dict[str, Any], answers: list[Answers], path: Path, arms: list[str], started: float
) -> None:
    """Written after each seed, so that what is cut off leaves what is finished."""
    told["seconds"] = round(time.monotonic() - started, 1)
    first = arms[0]
    told["differences"] = [
        found
        for name in told["questions"]
        for arm in arms[1:]
        if (found := difference(answers, name, first, arm))
    ]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _arms(options: argparse.Namespace) -> dict[str, list[dict[str, str]]]:
    """The rows of each arm, the first that of the original."""
    arms = {"original": _read_rows(options.original)}
    for text in options.rewritten:
        name, _, path = text.rpartition("=")
        arms[name or "rewritten"] = _read_rows(Path(path))
    return {name: rows[: options.most_rows] for name, rows in arms.items()}


def _read_rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _same_requests(encoded: dict[str, list[Example]]) -> None:
    """Arms may differ in their answers alone."""
    first, *others = encoded.values()
    for name, rows in zip(list(encoded)[1:], others, strict=True):
        if [row.prompt for row in rows] != [row.prompt for row in first]:
            raise SystemExit(f"{name}: its requests are not those of the original, in their order")


def _changed(arms: dict[str, list[dict[str, str]]]) -> dict[str, int]:
    first = arms["original"]
    return {
        name: sum(a["output"] != b["output"] for a, b in zip(first, rows, strict=True))
        for name, rows in arms.items()
    }


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.effect", description=__doc__)
    add = parser.add_argument
    add("--model", type=Path, required=True, help="a GGUF file, or a folder of transformers")
    add("--original", type=Path, required=True, help="alpaca rows as JSON lines")
    add(
        "--rewritten",
        action="append",
        required=True,
        metavar="[NAME=]FILE",
        help="the same rows, rewritten; more than once for more arms",
    )
    add(
        "--questions",
        type=Path,
        action="append",
        required=True,
        help="question and answer (the bare one, or ending in #### N); more than once",
    )
    add("-o", "--output", type=Path, default=Path("effect.json"))
    add("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    add("--seed", type=int, default=0, help="the first of them")
    add("--seeds", type=int, default=3)
    add("--minutes", type=float, default=1e9, help="begin no seed that would end later")
    add("--epochs", type=int, default=2)
    add("--batch", type=int, default=16)
    add("--rate", type=float, default=2e-4, help="learning rate")
    add("--rank", type=int, default=16, help="of the LoRA matrices")
    add("--max-tokens", type=int, default=512, help="of a row; longer ones are cut")
    add("--answer-tokens", type=int, default=320, help="at most, of an answer to a question")
    add("--test-batch", type=int, default=600, help="questions at a time")
    add("--most-rows", type=int, help="only the first")
    add("--most-questions", type=int, help="only the first of each file")
    add("--without-untrained", action="store_true", help="do not ask the untrained model")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
