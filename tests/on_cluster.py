"""A scripted run on the nodes of a Ray cluster, as a program: python -m tests.on_cluster IN RUN.

Actors make their tools by `node_tools`: the scripted engine, so many rows a second, which writes
down what it is asked. With --address none all of it happens in this process, as in a plain run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from realign_local.base.errors import RealignError
from realign_local.base.progress import Silent
from realign_local.base.records import Passage
from realign_local.base.stop import Budget, orderly_stop
from realign_local.commands.run import run_job
from realign_local.data.formats import open_dataset
from realign_local.engine.process.spec import fault_spec
from realign_local.engine.process.worker import Worker
from realign_local.engine.request import Engine, Request
from realign_local.run.cluster import cluster_tools
from realign_local.run.cluster.ray_link import RayLink
from realign_local.run.files.opening import open_run
from realign_local.run.job import Job
from tests.scripted import FREE, GUIDED, ScriptedTools, rewrite_preferred

ROOT = Path(__file__).parents[1]
ASKED = re.compile(r"the town of Nord(\d+)")
PASSAGES = (Passage("1", "Elbe", "", "The Elbe flows through the towns of the north.", 0.5),)


def rows(count: int) -> list[dict[str, str]]:
    """Questions of which the scripted engine knows the answers."""
    return [
        {
            "instruction": f"Which river flows through the town of Nord{n}?",
            "output": f"the Elbe{n}",
        }
        for n in range(count)
    ]


def number_of(request: Request) -> int:
    """The row that a request is about."""
    found = ASKED.findall(request.messages[-1].content)
    return int(found[-1]) if found else -1


def node_tools(settings: Mapping[str, Any]) -> ScriptedTools:
    """The tools of an actor, and of a plain run."""
    log = settings.get("log")
    pause_s = 1 / settings["rate"] if settings.get("rate") else 0.0

    def answer(request: Request) -> Sequence[str]:
        number = number_of(request)
        time.sleep(pause_s)
        if number in settings.get("ends", ()):
            os.kill(os.getpid(), signal.SIGKILL)
        if log:
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(f"{number} {os.getpid()}\n")
        return [f"The Elbe{number} flows through the town of Nord{number}."]

    found = PASSAGES if settings.get("passages") else ()
    tools = ScriptedTools(
        answer=answer, passages=found, margin=rewrite_preferred, gates=settings.get("gates")
    )
    if settings.get("crashes"):
        tools.engine = _crashing  # type: ignore[method-assign]
    return tools


@contextmanager
def _crashing(*, longest_tokens: int) -> Iterator[Engine]:  # noqa: ARG001
    """The engine of a child process that dies of rows with the word [crash] in them."""
    with Worker(fault_spec()) as engine:
        yield engine


def main() -> None:
    """Run the job and print what stats.json holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--address", default="none")
    parser.add_argument("--settings", type=json.loads, default={})
    parser.add_argument("--mode", default="guided")
    parser.add_argument("--target-rows", type=int)
    parser.add_argument("--budget", type=float)
    parser.add_argument("--worth-it", type=int, default=cluster_tools.WORTH_IT)
    options = parser.parse_args()
    try:
        _run(options)
    except RealignError as error:
        print(error)
        sys.exit(error.exit_code)


def _run(options: argparse.Namespace) -> None:
    cluster_tools.WORTH_IT = options.worth_it
    job = Job(
        open_dataset(options.source),
        options.run_dir,
        FREE if options.mode == "free" else GUIDED,
        target_rows=options.target_rows,
        budget=Budget(options.budget) if options.budget else None,
    )
    inner = node_tools(options.settings)
    with orderly_stop(saves=True), open_run(options.run_dir, "auto") as journal:
        if options.address == "none":
            print(json.dumps(run_job(job, inner, journal, progress=Silent())))
            return
        link = RayLink(options.address)
        try:
            tools = cluster_tools.ClusterTools(
                inner,
                link,
                options.settings,
                progress=Told(),
                maker="tests.on_cluster:node_tools",
            )
            print(json.dumps(run_job(job, tools, journal, progress=Told())))
        finally:
            link.close()


class Told(Silent):
    """Says what a person would be told, as lines on stdout."""

    def note(self, text: str) -> None:
        print(f"note: {text}", flush=True)

    def warn(self, text: str) -> None:
        print(f"warning: {text}", flush=True)


if __name__ == "__main__":
    main()
