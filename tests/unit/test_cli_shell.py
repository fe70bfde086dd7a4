"""The command line as a shell meets it: completion, versions, colours, times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from realign_local.cli.options import as_seconds
from realign_local.cli.setup.completion import SHELLS

PARAM = click.Option(["--budget"])
CONTEXT = click.Context(click.Command("run"))


def realign(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "realign_local", *arguments]
    env = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_its_script(shell: str) -> None:
    done = realign("completion", shell)
    assert done.returncode == 0, done.stderr
    assert f"_REALIGN_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "place", "expected"),
    [
        ("realign ru", "1", "plain,run"),
        ("realign run --bud", "2", "plain,--budget"),
        ("realign index bui", "2", "plain,build"),
        ("realign export r --to d", "4", "plain,dpo"),
    ],
)
def test_commands_options_and_choices_are_completed(words: str, place: str, expected: str) -> None:
    done = realign(COMP_WORDS=words, COMP_CWORD=place, _REALIGN_COMPLETE="bash_complete")
    assert done.stdout.split() == [expected]


def test_the_version_names_the_libraries() -> None:
    told = realign("--version").stdout.splitlines()
    assert told[0].startswith("realign 0.")
    assert {line.split()[0] for line in told[1:]} >= {"llama-cpp-python", "faiss-cpu", "torch"}


def test_a_wrong_name_is_met_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}", encoding="utf-8")
    for arguments, meant in (
        (("runn",), "'run'"),
        (("index", "bild"), "'build'"),
        (("run", "x", "--budgt", "1h"), "--budget"),
        (("criteria", "show", "math_puzle"), "math_puzzles"),
        (("classify", str(tmp_path / "trian.jsonl"), "-o", str(tmp_path / "o")), "train.jsonl"),
    ):
        done = realign(*arguments)
        assert done.returncode in (2, 5), done.stderr
        assert meant in done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6h", 21600), ("90m", 5400), ("45s", 45), ("1h30m", 5400), ("2H 5min 1s", 7501), ("30", 30),
     ("0.5h", 1800)],
)  # fmt: skip
def test_times_are_read(text: str, seconds: float) -> None:
    assert as_seconds(CONTEXT, PARAM, text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "6 hours", "-1h", "1.2.3h", "m", "1m1h"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="6h, 90m"):
        as_seconds(CONTEXT, PARAM, text)
