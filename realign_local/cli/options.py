"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from realign_local.base.config import Settings
from realign_local.base.errors import UsageError
from realign_local.cli.numbers import DecimalNumber, WholeNumber
from realign_local.data.reading.spool import needs_copy, spool
from realign_local.data.turns import OWN_ROLE, ROLE_NAMES

NO_JSONL = {
    *(".json", ".csv", ".tsv", ".parquet", ".arrow", ".xlsx", ".gz", ".zst", ".bz2", ".xz", ".zip"),
}
"""Endings that promise something else: a reader that trusts them fails, or takes in nonsense."""
_NUMBER = r"(\d+(?:\.\d+)?)"
TIME = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m(?:in)?)?(?:{_NUMBER}s?)?", re.ASCII)
SHARD = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")
LONGEST_S = 8760 * 3600
Command = TypeVar("Command", bound=Callable[..., Any])


class OutputPath(click.Path):
    """A path to write to. A dash is no such path: nothing here is written to stdout."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, unless it is a dash, or a link that leads back to itself."""
        if str(value) == "-":
            self.fail("- is no file to write; name one, such as out.jsonl.", param, ctx)
        try:
            Path(value).stat()
        except OSError as error:
            if error.errno == errno.ELOOP:
                self.fail(f"{value} is a link that leads back to itself.", param, ctx)
        except ValueError:  # a NUL, which click itself refuses
            pass
        return super().convert(value, param, ctx)


OUTPUT = OutputPath(path_type=Path)


def input_options(command: Command) -> Command:
    """--format, --field, --role, --encoding and --turns: how the input is read."""
    for option in (
        click.option("--encoding", metavar="NAME",
                     help="Encoding of a file that is not UTF-8, such as gb18030 or cp1252; what is"
                     " written is UTF-8.  [default: utf-8; UTF-16 with its mark]"),
        click.option("--role", "roles", metavar="OURS=THEIRS", multiple=True, callback=as_roles,
                     help="What a role is called in the turns, such as assistant=agent; ours are"
                     " system, user, assistant, call and tool.  [default: detected]"),
        click.option("--turns", type=click.Choice(["last", "all"]),
                     help="Which responses of a conversation to rewrite.  [default: last]"),
        click.option("--field", "fields", metavar="OURS=THEIRS", multiple=True, callback=as_pairs,
                     help="Name a field, such as instruction=question.  [default: detected]"),
        click.option("--format", metavar="NAME",
                     help="Format of the rows, such as alpaca or messages.  [default: detected]"),
    ):  # fmt: skip
        command = option(command)
    return command


def classifier_options(command: Command) -> Command:
    """--classifier and --reclassify: who finds the task of a row."""
    for option in reversed(_CLASSIFIER):
        command = option(command)
    return command


def setting_options(command: Command) -> Command:
    """What decides the result of a run: model, index, criteria and how to rewrite; and --limit."""
    return rewrite_options(_LIMIT(command))


def rewrite_options(command: Command) -> Command:
    """The same for a command that takes rows by another rule than the first N."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


_CLASSIFIER = (
    click.option("--classifier", metavar="WHAT",
                 help="Who finds the task: encoder, llm, both (the model on doubtful rows), a"
                 " folder of your own classifier, or both:FOLDER.  [default: encoder]"),
    click.option("--reclassify", is_flag=True, default=None,
                 help="Find the task even where the row names one.  [default: off]"),
)  # fmt: skip
_LIMIT = click.option(
    "-n", "--limit", metavar="N", type=WholeNumber(min=1),
    help="Only the first N rows.  [default: all rows]",
)  # fmt: skip
_SETTINGS = (
    click.option("-m", "--model", metavar="MODEL",
                 help="GGUF file or a name under models/.  [default: the demo model]"),
    click.option("--index", metavar="DIR",
                 help="Evidence index.  [default: none, no evidence is looked up]"),
    click.option("--encoder", metavar="DIR",
                 help="Folder of a sentence-transformers model.  [default: the demo encoder]"),
    click.option("--criteria", metavar="DIR|paper",
                 help="Folder of criteria, or the paper's formats.  [default: the 46 built in]"),
    *_CLASSIFIER,
    click.option("-c", "--config", metavar="FILE", type=click.Path(path_type=Path),
                 help="Settings in TOML, or the run.toml of a run; flags win.  [default: none]"),
    click.option("--mode", type=click.Choice(["tidy", "guided", "free", "auto"]),
                 help="tidy: the program alone, no model; guided: the model adds words that the"
                 " program can check; free: the model rewrites, and a judge must prefer it; auto:"
                 " guided and free.  [default: guided]"),
    click.option("--drop-calculator-marks", is_flag=True,
                 help="Take out marks such as <<48/2=24>>.  [default: off]"),
    click.option("--candidates", metavar="N", type=WholeNumber(1, 16),
                 help="Rewrites to try for each row; the first is greedy.  [default: 1]"),
    click.option("--temperature", metavar="T", type=DecimalNumber(0, 2),
                 help="For the second candidate and on.  [default: 0.7]"),
    click.option("--seed", metavar="N", type=WholeNumber(min=0),
                 help="Start of all random numbers.  [default: 0]"),
    click.option("--passages", metavar="N", type=WholeNumber(1, 20),
                 help="Passages of evidence for each row.  [default: 3]"),
    click.option("--min-confidence", metavar="P", type=DecimalNumber(0, 1),
                 help="Only tidy rows whose task is less sure.  [default: 0.3]"),
    click.option("--force", is_flag=True,
                 help="Rewrite even where the request sets a form of its own.  [default: off]"),
)  # fmt: skip


def engine_options(command: Command) -> Command:
    """--threads, --parallel and the graphics card: how much of the machine the engine takes."""
    for option in (
        click.option("--split", metavar="A,B",
                     help="Proportions in which several cards share a model."
                     "  [default: by their memory]"),
        click.option("--kv-type", type=click.Choice(["f16", "q8_0"]),
                     help="Keys and values on a card; q8_0 takes half.  [default: f16]"),
        click.option("--gpu-layers", metavar="N|auto",
                     help="Layers of the model on the graphics card; 0 does without it."
                     "  [default: auto, all that fit]"),
        click.option("--parallel", metavar="N|auto", help="Rows at once.  [default: auto]"),
        click.option("--threads", metavar="N", type=WholeNumber(min=1),
                     help="CPU threads.  [default: all physical cores]"),
    ):  # fmt: skip
        command = option(command)
    return command


QUIET = click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors.")
CACHE = click.option(
    "--cache",
    metavar="DIR",
    help="Folder for what other runs and commands may use again: results by content, scores, and"
    " what the engine has read of the prompts.  [default: scores alone, in the user's cache]",
)


def server_options(command: Command) -> Command:
    """--server and --server-model: a model that a server holds, in the place of a file."""
    for option in (
        click.option("--server-model", metavar="NAME",
                     help="Which of the server's models.  [default: the first that it offers]"),
        click.option("--server", metavar="URL", multiple=True, callback=as_list,
                     help="Ask a server that speaks OpenAI's protocol instead of loading a model;"
                     " again for each further one. The key is read from REALIGN_SERVER_KEY."
                     "  [default: none, no connection is opened]"),
    ):  # fmt: skip
        command = option(command)
    return command


RERANKER = click.option(
    "--reranker",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of a cross-encoder that orders the best 24 again.  [default: none]",
)

RAY = click.option(
    "--ray",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="local",
    help="Have the work done on the nodes of a Ray cluster, such as 10.0.0.1:6379; without an"
    " address on one that is started here for this command.  [default: none, on this machine]",
)


@contextlib.contextmanager
def readable(source: Path, encoding: str | None = None) -> Iterator[Path]:
    """The file to read; a copy that is removed at the end for - and whatever else needs one.

    Where no encoding is given here, the command's own --encoding counts.
    """
    context = click.get_current_context(silent=True)
    encoding = encoding or (context.params.get("encoding") if context else None)
    if not needs_copy(source, encoding):
        yield source
        return
    with TemporaryDirectory() as folder:
        name = "stdin" if str(source) == "-" else source.name
        yield spool(source, Path(folder) / name, encoding=encoding)


def as_list(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> list[str] | None:
    """The values as a setting has them; None where there are none."""
    return list(value) or None


def as_pairs(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    """Read OURS=THEIRS pairs; None where there are none."""
    pairs = [text.partition("=") for text in value]
    for ours, _, theirs in pairs:
        if not ours or not theirs:
            raise click.BadParameter("must be OURS=THEIRS, such as instruction=question")
    return {ours: theirs for ours, _, theirs in pairs} or None


def as_roles(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    """Read OURS=THEIRS pairs of roles as fields; one role may have several names."""
    found: dict[str, list[str]] = {}
    for text in value:
        as_pairs(ctx, param, (text,))
        ours, _, theirs = text.partition("=")
        if ours not in ROLE_NAMES:
            raise click.BadParameter(f"{ours!r} is none of {', '.join(ROLE_NAMES)}")
        found.setdefault(f"{OWN_ROLE}{ours}", []).append(theirs)
    return {name: ",".join(names) for name, names in found.items()} or None


def as_seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Read 6h, 90m, 45s or 1h30m; None where nothing was given."""
    if value is None:
        return None
    match = TIME.fullmatch(value.replace(" ", "").lower())
    seconds = sum(
        float(part) * unit
        for part, unit in zip(match.groups() if match else (), (3600, 60, 1), strict=False)
        if part
    )
    if not seconds:
        raise click.BadParameter("must be a time such as 6h, 90m, 45s or 1h30m")
    if seconds > LONGEST_S:
        raise click.BadParameter("must be at most 8760h, which is a year")
    return seconds


def as_shard(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, int]:
    """Read i/n with 1 <= i <= n."""
    found = SHARD.fullmatch(value)
    if not (found and 1 <= int(found[1]) <= int(found[2])):
        raise click.BadParameter("must be i/n with i from 1 to n, such as 2/4")
    return int(found[1]), int(found[2])


def check_output(output: Path, *, source: Path, alike: bool = False) -> None:
    """Raise UsageError where `output` is the input, in a run, or not by name JSON lines.

    With `alike` it may also have the ending of the source, for rows that keep their container.
    """
    from realign_local.run.files.rundir import refuse_inside_run

    refuse_inside_run(output)
    if source.exists() and output.exists() and output.samefile(source):
        raise UsageError(f"-o {output} is the input itself", hint="Give -o another name.")
    if output.suffix.lower() in NO_JSONL and not (alike and output.suffix == source.suffix):
        bare = output
        while bare.suffix.lower() in {*NO_JSONL, ".jsonl"}:
            bare = bare.with_suffix("")
        raise UsageError(
            f"-o {output}: what is written is JSON lines, not {output.suffix}",
            hint=f"Give a name such as {bare.with_name(bare.name + '.jsonl')}.",
        )


def flags_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are settings; a flag that was not given stays out."""
    flags = {key: value for key, value in options.items() if key in Settings.model_fields}
    if roles := options.get("roles"):
        flags["fields"] = {**(flags.get("fields") or {}), **roles}
    if options.get("force"):
        flags["adaptive"] = False
    if options.get("drop_calculator_marks"):
        flags["operations"] = {"calculator_marks": True}
    if not flags.get("annotate"):
        flags.pop("annotate", None)
    return flags
