"""From the command to the first row: how long each step takes, on the clock and of the processor.

    python scripts/start_up.py [-m MODEL] [--encoder] [--cache] [--rounds N] [--imports] [--json]

Runs `realign run` on a few rows, each time on others and in a fresh folder: a first time, so that
bytecode, hashes and the verdict of the probe are there as in every later session, then `--rounds`
times, and tells the medians. Rows carry their task, so that no encoder is needed; with --encoder
they name none. With --cache the beginnings of prompts are kept from round to round. The processor's
time is that of the command and of its worker: on a busy machine it tells more than the clock.
--imports adds what each package costs to import.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROWS = [
    {"instruction": f"What is {n} made of,", "output": word, "category": "closed_qa"}
    for n, word in (("glass", "Sand"), ("paper", "Wood"), ("bread", "Flour"), ("rope", "Hemp"))
]
FIRST = "first row"
MOST_IMPORTS = 12


def main() -> None:
    told = _arguments()
    if told.child:
        _child(told.child, told.rest)
        return
    with tempfile.TemporaryDirectory() as folder:
        found = [_once(Path(folder), number, told) for number in range(told.rounds + 1)][1:]
        imports = _imports(Path(folder), told) if told.imports else {}
    steps = {
        step: {
            unit: round(statistics.median(one[step][unit] for one in found), 2)
            for unit in ("clock_s", "processor_s")
        }
        for step in found[0]
    }
    if told.json:
        print(json.dumps({"steps": steps, "imports_s": imports}))
        return
    print(f"{'':24}{'clock, s':>10}{'processor, s':>14}")
    for step, units in steps.items():
        print(f"{step:24}{units['clock_s']:10.2f}{units['processor_s']:14.2f}")
    for name, seconds in imports.items():
        print(f"import {name:28}{seconds:7.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-m", "--model", default="", help="GGUF file [the demo model]")
    parser.add_argument("--encoder", action="store_true", help="rows name no task, so it is loaded")
    parser.add_argument("--cache", action="store_true", help="keep the beginnings of prompts")
    parser.add_argument("--rounds", type=int, default=3, help="runs that are measured [3]")
    parser.add_argument("--imports", action="store_true", help="what each package costs to import")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def _command(folder: Path, number: int, told: argparse.Namespace) -> list[str]:
    rows = [{**row, "instruction": f"{row['instruction']} in part {number}?"} for row in ROWS]
    if told.encoder:
        rows = [{**row, "category": ""} for row in rows]
    source = folder / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    model = ["-m", told.model] if told.model else []
    model += ["--cache", str(folder / "kept")] if told.cache else []
    return [
        "run",
        str(source),
        "-o",
        str(folder / f"run{number}"),
        "-q",
        "--gpu-layers",
        "0",
        *model,
    ]


def _environment(folder: Path) -> dict[str, str]:
    """Bytecode is kept as where the program is installed, but not beside the sources."""
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _once(folder: Path, number: int, told: argparse.Namespace) -> dict[str, dict[str, float]]:
    marks = folder / f"marks{number}.json"
    command = [sys.executable, __file__, "--child", str(marks), "--"]
    command += _command(folder, number, told)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment(folder))
    found: dict[str, dict[str, float]] = json.loads(marks.read_text(encoding="utf-8"))
    if FIRST not in found:
        raise SystemExit("no row reached the model")
    return found


def _child(marks: str, rest: list[str]) -> None:
    """The command, with a mark at the end of each step."""
    me = psutil.Process()
    found: dict[str, dict[str, float]] = {}

    def mark(step: str) -> None:
        """Where it stands when a step ends for the first time."""
        if step in found:
            return
        processes = [me, *me.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        used = sum(one.user + one.system for one in times)
        ended = times[0].children_user + times[0].children_system
        clock = time.time() - me.create_time()
        found[step] = {"clock_s": clock, "processor_s": used + ended}

    from realign_local import cli
    from realign_local.commands import run
    from realign_local.engine.process import handle, sizing
    from realign_local.run import tools
    from realign_local.run.results import Ledger

    mark("imports")
    _after(run, "make_tools", lambda *_: mark("tools"))
    _after(tools.Encoder, "__init__", lambda *_: mark("encoder"))
    _after(run, "_classify", lambda *_: mark("classified"))
    _after(sizing, "settle_buffers", lambda *_: mark("sizes and probe"))
    _after(handle.WorkerPace, "hear", lambda *_: mark("model loaded"))
    _after(Ledger, "file", lambda _ledger, _stage, done: mark(FIRST) if _written(done) else None)
    sys.argv = ["realign", *rest]
    try:
        cli.main()
    finally:
        mark("end of the command")
        Path(marks).write_text(json.dumps(found), encoding="utf-8")


def _written(done: Any) -> bool:
    """Whether the model had a hand in one of these samples."""
    return isinstance(done, list) and any(sample.completion_tokens for sample in done)


def _after(place: Any, name: str, then: Callable[..., None]) -> None:
    """Have something done, with its arguments, whenever that function has returned."""
    before = getattr(place, name)

    def marked(*arguments: Any, **more: Any) -> Any:
        made = before(*arguments, **more)
        then(*arguments)
        return made

    setattr(place, name, marked)


def _imports(folder: Path, told: argparse.Namespace) -> dict[str, float]:
    """Seconds by package, with all that it brings along; the dearest ones, this program's last."""
    command = [sys.executable, "-X", "importtime", "-m", "realign_local"]
    command += _command(folder, -1, told)
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=_environment(folder)
    )
    lines = done.stderr.splitlines()
    own: dict[str, int] = {}
    for line in lines:
        parts = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and parts[0].strip().isdigit():
            package = parts[2].strip().split(".")[0]
            own[package] = own.get(package, 0) + int(parts[0])
    dearest = sorted(own.items(), key=lambda pair: -pair[1])[:MOST_IMPORTS]
    return {name: round(spent / 1e6, 2) for name, spent in dearest}


if __name__ == "__main__":
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    main()
