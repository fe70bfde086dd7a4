"""Our own word problems with careless workings: rows to train on, and questions to ask."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

TEMPLATES = Path(__file__).with_name("templates.toml")
MOST = 20_000  # answers beyond this are no problem for a head
TRIES = 10_000
Style = Literal["marked", "joined", "bare"]
STYLES: tuple[tuple[Style, float], ...] = (("marked", 0.6), ("joined", 0.3), ("bare", 0.1))
_VARIABLE = re.compile(r"\b[a-z]\b")
_ANSWER = re.compile(r"####\s*([-$\d.,]+)\s*\Z")

Row = dict[str, str]
Template = dict[str, Any]


def read_templates(split: str) -> list[Template]:
    """The templates of "train" or "test", in the order of the file, each with names and items."""
    with TEMPLATES.open("rb") as file:
        told = tomllib.load(file)
    shared = {"names": told["names"], "items": told["items"]}
    return [t | shared for t in told["template"] if t["split"] == split]


def make(split: str, count: int, *, seed: int, avoid: frozenset[str] = frozenset()) -> list[Row]:
    """`count` different problems, as many of each template, shuffled; none that is in `avoid`.

    Each has question, answer (a working that ends in `#### N`) and kind. The same seed gives the
    same problems on every machine.
    """
    rng = random.Random(f"{split} {seed}")
    templates = read_templates(split)
    seen, rows = set(avoid), []
    for n in range(count):
        for _ in range(TRIES):
            row = _filled(templates[n % len(templates)], rng)
            if row["question"] not in seen:
                break
        else:
            raise SystemExit(f"no more different problems of template {n % len(templates)}")
        seen.add(row["question"])
        rows.append(row)
    rng.shuffle(rows)
    return rows


def _filled(template: Template, rng: random.Random) -> Row:
    """One problem of a template, with numbers whose results are all whole and above nought."""
    for _ in range(TRIES):
        values = {
            name: Fraction(rng.randrange(low, high + 1, *step))
            for name, (low, high, *step) in template["numbers"].items()
        }
        solved = _solved(template["steps"], values)
        if solved:
            break
    else:
        raise SystemExit(f"no whole numbers for: {template['question']}")
    first, second = rng.sample(template["names"], 2)
    words = {"A": first, "B": second, "item": rng.choice(template["items"])}
    words |= {name: str(value) for name, value in values.items()}
    (style,) = rng.choices([s for s, _ in STYLES], [share for _, share in STYLES])
    return {
        "question": template["question"].format(**words),
        "answer": f"{_working(solved, words, style, rng)}\n#### {solved[-1][1]}",
        "kind": template["kind"],
    }


def _solved(steps: list[str], values: dict[str, Fraction]) -> list[tuple[str, int, str]]:
    """Each step's calculation in figures, result and sentence; empty if a result is not whole."""
    known, solved = dict(values), []
    for step in steps:
        sum_, _, sentence = step.partition(" | ")
        name, _, calculation = sum_.partition(" = ")
        result = eval(calculation, {"__builtins__": {}}, known)  # of our own table
        if result.denominator != 1 or not 0 < result <= MOST:
            return []
        figures = _VARIABLE.sub(lambda found: str(known[found[0]]), calculation)
        known[name] = result
        solved.append((figures, int(result), sentence))
    return solved


def _working(
    solved: list[tuple[str, int, str]], words: dict[str, str], style: Style, rng: random.Random
) -> str:
    """The steps in the manner of such data sets: terse, run together, with marks or without."""
    tight = rng.random() < 0.6
    capitals, stops = rng.random() < 0.8, rng.random() < 0.5
    pieces = []
    for figures, result, sentence in solved:
        shown = figures.replace(" ", "") if tight else figures
        mark = f"<<{figures.replace(' ', '')}={result}>>" if style == "marked" else ""
        sum_ = f"{shown}={mark}{result}" if tight else f"{shown} = {mark}{result}"
        # The sentence is filled after the calculation, whose braces are the bare ones.
        text = sum_ if style == "bare" else sentence.replace("{}", sum_).format(**words)
        pieces.append(text[0].upper() + text[1:] if capitals else text)
    if style == "marked":
        return "\n".join(piece + "." * stops for piece in pieces)
    if style == "joined" and stops:
        return ". ".join(pieces) + "."
    return rng.choice([", ", "; ", " so "] if style == "joined" else [", ", "; ", "\n"]).join(
        pieces
    )


def alpaca(row: Row) -> Row:
    """A row as the program reads it and fine-tuning takes it."""
    return {"instruction": row["question"], "input": "", "output": row["answer"]}


def question(row: Row) -> Row:
    """A question with the bare answer to it; raises ValueError where a working marks none."""
    found = _ANSWER.search(row["answer"])
    if not found:
        raise ValueError(f"no final answer in: {row['answer'][-60:]!r}")
    told = {"question": row["question"], "answer": found[1].replace(",", "").lstrip("$")}
    return {**told, "kind": row["kind"]} if "kind" in row else told


def _write(path: Path, rows: Iterator[Row]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(lines, encoding="utf-8")
    print(f"{path}: {lines.count(chr(10))} rows")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.effect.problems", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="where train.jsonl and the questions go")
    parser.add_argument("--rows", type=int, default=1000, help="training rows")
    parser.add_argument("--questions", type=int, default=400, help="questions of each file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--gsm8k", type=Path, help="take this file instead: the first --rows train, the rest ask"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Write train.jsonl, unseen.jsonl (other templates) and seen.jsonl (other numbers)."""
    options = _options(arguments)
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    if options.gsm8k:
        lines = options.gsm8k.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        _write(folder / "train.jsonl", map(alpaca, rows[: options.rows]))
        _write(folder / "questions.jsonl", map(question, rows[options.rows :]))
        return
    rows = make("train", options.rows, seed=options.seed)
    known = frozenset(row["question"] for row in rows)
    _write(folder / "train.jsonl", map(alpaca, rows))
    unseen = make("test", options.questions, seed=options.seed)
    _write(folder / "unseen.jsonl", map(question, unseen))
    seen = make("train", options.questions, seed=options.seed + 1, avoid=known)
    _write(folder / "seen.jsonl", map(question, seen))


if __name__ == "__main__":
    main(sys.argv[1:])
