"""Faithful rewrites made by rule from the development data: not a word is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from realign_local.gates import Case

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_SENTENCES = re.compile(r"(?<=[.!?]) +(?=[A-Z])|(?<=[。！？])")
_OPENINGS = (
    "To find the answer, we go through the problem step by step.",
    "We need to work out each part of the question in turn.",
    "The question asks for a quantity that follows from the facts given.",
    "Start from what is known and combine it.",
)
_HAN = re.compile(r"[㐀-鿿]")
_FRAMES = {
    "latin": (
        ("Here is what matters most.", ""),
        ("The following points answer the question.", "In short, this covers what was asked."),
    ),
    "han": (("最重要的内容如下。", ""), ("以下内容回答了这个问题。", "总之，以上就是全部内容。")),
}
_LABELS = {
    "latin": ("Main point", "Detail", "Background", "Outcome"),
    "han": ("要点", "细节", "背景", "结果"),
}


def gsm8k() -> Iterator[Case]:
    """Steps to numbered lists and bullets, marks kept or dropped, the answer restated in words."""
    path = DATA / "gsm8k_dev.jsonl"
    for number, row in enumerate(_rows(path)):
        steps, answer = row["answer"].rsplit("\n#### ", 1)
        yield Case(
            row["question"],
            row["answer"],
            _math(number, row["question"], steps.split("\n"), answer),
        )


def _math(number: int, question: str, steps: list[str], answer: str) -> str:
    opening = _OPENINGS[number % 4]
    if number % 5 == 4:
        opening = f"We want to know: {question.split('. ')[-1]}"
    if number % 3 == 1:
        steps = [re.sub(r"<<.*?>>", "", step) for step in steps]
    marker = ("{}. ", "- ", "**Step {}:** ", "{}) ")[number % 4]
    listed = "\n".join(marker.format(i) + step for i, step in enumerate(steps, start=1))
    ending = (
        f"So the answer is {answer}.\n\n#### {answer}",
        f"Therefore, the result is {answer}.",
        f"The final answer is **{answer}**.",
        f"#### {answer}",
    )[number % 4]
    return f"{opening}\n\n{listed}\n\n{ending}"


def prose() -> Iterator[Case]:
    """Everyday responses: sentences to bullets or labelled items, with an opening or an end."""
    rows = [
        *_rows(DATA / "instructions_dev.jsonl"),
        *_json("alpaca.json"),
        *_json("alpaca_zh.json"),
    ]
    for number, row in enumerate(rows):
        asked = "\n\n".join(part for part in (row["instruction"], row.get("input", "")) if part)
        if len(row["output"]) > 20:
            yield Case(asked, row["output"], _prose(number, row["output"]))


def passages() -> Iterator[Case]:
    """Encyclopedic prose: the densest names, dates and numbers."""
    for number, row in enumerate([*_rows(DATA / "wiki_distractors.jsonl")][:1500:3]):
        yield Case(f"Tell me about {row['title']}.", row["text"], _prose(number, row["text"]))


def _prose(number: int, text: str) -> str:
    if "\n" in text or len(_SENTENCES.split(text)) < 2:
        opening, ending = _FRAMES["han" if _HAN.search(text) else "latin"][number % 2]
        return f"{opening}\n\n{text}\n\n{ending}".rstrip() + ("\n" if number % 5 == 0 else "")
    parts = [part for part in _SENTENCES.split(text) if part.strip()]
    if number % 3 == 0:
        heading = "要点如下：" if _HAN.search(text) else "The main points are these:"
        return f"{heading}\n\n" + "\n".join(f"- {part}" for part in parts)
    if number % 3 == 1:
        labels = _LABELS["han" if _HAN.search(text) else "latin"]
        listed = (f"{i}. **{labels[i % 4]}:** {part}" for i, part in enumerate(parts, start=1))
        return "\n".join(listed)
    ending = _FRAMES["han" if _HAN.search(text) else "latin"][1][1]
    return f"{parts[0]}\n\n" + "\n".join(f"* {part}" for part in parts[1:]) + f"\n\n{ending}"


def _rows(path: Path) -> list[dict[str, str]]:
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()
    ]


def _json(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((DATA / "formats" / name).read_text(encoding="utf-8"))
    return found
