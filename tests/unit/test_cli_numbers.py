"""Every option that takes a number takes the digits 0 to 9, and nothing else that Python reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from realign_local.cli import realign as group
from realign_local.cli.numbers import DecimalNumber, WholeNumber
from tests.command import realign

ODD = ["３", "٣", "1_0", "１/２", "²", "0x10", "nan", "inf", "1e", "", "1" * 19, "--", "½"]


def _options(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below
            yield from _options(below, f"{name} {word}")
    for option in command.params:
        yield f"{name} {option.name}", option


NUMBERS = [
    (name, option.type)
    for name, option in _options(group)
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType)
]


def test_there_are_numbers_and_all_are_of_our_kind() -> None:
    assert len(NUMBERS) > 20
    other = [n for n, kind in NUMBERS if not isinstance(kind, WholeNumber | DecimalNumber)]
    assert other == []


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_plain_number_is_refused_in_one_line(odd: str) -> None:
    for _name, kind in NUMBERS:
        with pytest.raises(click.BadParameter, match="digits 0 to 9"):
            kind.convert(odd, None, None)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(WholeNumber(), "12", 12), (WholeNumber(-5), "-3", -3), (WholeNumber(), " 7", 7),
     (DecimalNumber(), "0.5", 0.5), (DecimalNumber(), "2", 2.0), (DecimalNumber(), ".5", 0.5),
     (DecimalNumber(), "1e-3", 0.001), (DecimalNumber(), 0.25, 0.25)],
)  # fmt: skip
def test_plain_numbers_are_read(kind: click.ParamType, text: object, value: float) -> None:
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    "words",
    [("--shard", "１/２"), ("--shard", "1/２"), ("--shard", "1_0/20"), ("--shard", "²/3"),
     ("--threads", "１"), ("--parallel", "１"), ("--gpu-layers", "０"), ("--split", "１,２"),
     ("--budget", "１s"), ("-n", "１"), ("--temperature", "０.5"), ("--seed", "1_0")],
)  # fmt: skip
def test_a_run_is_not_begun_on_such_a_number(tmp_path: Path, words: tuple[str, str]) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"instruction": "Ask.", "output": "Say."}\n')
    ended = realign("run", data, "-o", tmp_path / "run", "--mode", "tidy", *words)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert len(ended.stderr.splitlines()) == 2  # the error and its hint
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("budget", ["５", "５０%", "1_0", "５.0%"])
def test_neither_is_anything_chosen(tmp_path: Path, budget: str) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"instruction": "Ask.", "output": "Say."}\n')
    ended = realign("select", data, "--budget", budget, "-o", tmp_path / "out.jsonl")
    assert ended.returncode == 2
    assert "must be a share such as 5% or a number of rows" in ended.stderr
