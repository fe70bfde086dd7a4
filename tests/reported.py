"""A finished run made by hand, for tests of its report and its review; every text is our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from realign_local.base.atomic import write_lines
from realign_local.data.formats import open_dataset
from realign_local.run.files import rundir
from tests.vouched import vouch

NASTY = [
    "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>",
    "a lone \ud800 surrogate and a \x00 zero",
    "\u202eright to left\u202c and ‏שלום עולם",
    "{{blocks}} {{title}} <!-- <script>",
]


def make_run(folder: Path, *, rows: int = 12, long_chars: int = 0) -> Path:
    """Rows by turns rewritten, kept and skipped, with nasty texts among them, and one malformed."""
    folder.mkdir(parents=True)
    source = folder / "in.jsonl"
    texts = [_texts(n, long_chars) for n in range(rows)]
    lines = [json.dumps({"instruction": asked, "output": said}) for asked, said in texts]
    write_lines(source, [*lines, '{"instruction": "torn'])
    output, provenance = [], []
    for row in open_dataset(source).rows():
        record = _record(row.index, row.samples[0].original)
        won = record["status"] == "rewritten"
        output.append(row.render({row.samples[0].turn: record["rewritten"]} if won else {}))
        provenance.append(rundir.to_json_line(record))
    write_lines(folder / rundir.OUTPUT, output)
    write_lines(folder / rundir.PROVENANCE, provenance)
    settings = {"mode": "guided", "input": {"path": "in.jsonl", "format": "alpaca",
                "described": "alpaca rows", "turns": "last"}}  # fmt: skip
    rundir.write_text(folder / rundir.SETTINGS, rundir.to_toml(settings))
    rundir.write_json(folder / rundir.STATS, {"model_file": "<b>.gguf", "tokens_per_s": 5.0})
    vouch(folder)
    return folder


def _texts(number: int, long_chars: int) -> tuple[str, str]:
    nasty = NASTY[number % len(NASTY)] if number < 2 * len(NASTY) else ""
    said = f"Mill {number} turns with the wind. It was built beside the water. {nasty}"
    return f"What drives mill {number}? {nasty}", said + "x" * (long_chars if number == 0 else 0)


def _record(index: int, original: str) -> dict[str, Any]:
    status = ("rewritten", "kept", "skipped")[index % 3] if original else "skipped"
    reason = {"rewritten": "", "kept": "number_added", "skipped": "already_conforms"}[status]
    parts = [["given", "To begin:"], ["model", " seven oars help."], ["given", "\n\n1. "],
             ["original", original]]  # fmt: skip
    candidate = "" if status == "skipped" else "".join(text for _, text in parts)
    passage = {"passage_id": "7", "title": "Mills", "section": "Oars", "score": 0.5,
               "text": "A mill without oars stands still."}  # fmt: skip
    return {
        "id": f"mill-{index}", "index": index, "turn": 0,
        "task": "open_qa" if index % 2 else "planning", "confidence": 0.9, "status": status,
        "reason": reason if original else "malformed_row", "detail": "7 oars" if reason else "",
        "checks": {"numbers": "fail" if status == "kept" else "pass", "code": "n/a"},
        "evidence": [passage] if index % 3 == 0 else [], "candidates": int(status != "skipped"),
        "original": original, "rewritten": candidate if status == "rewritten" else original,
        "rejected": candidate if status == "kept" else "",
        "sections": parts if candidate else [],
        "operations": ["steps", "free"] if candidate else [], "margin": 1.5,
        "length_ratio": len(candidate) / len(original) if status == "rewritten" else 1.0,
        "prompt_tokens": 10, "completion_tokens": 4,
    }  # fmt: skip
