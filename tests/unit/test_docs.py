"""The documents say what is so: links lead somewhere, commands parse, messages and trees exist."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from realign_local.base.reasons import Reason
from realign_local.cli import COMMANDS, realign
from tests.documents import GENERATED, PAGES, ROOT, Line, anchors, block_commands, span_commands

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HELP_EXAMPLE = re.compile(r"Example: (realign [^\n]+(?:\n[^\n]+)*)")
COMMANDS_SHOWN = [
    line
    for page in PAGES
    if page != GENERATED
    for line in (*block_commands(page), *span_commands(page))
    if line.words[0] == "realign"
]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{_name(page)} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{_name(page)} links to {target}"


def test_the_index_names_every_page() -> None:
    listed = set(LINK.findall((ROOT / "docs/README.md").read_text(encoding="utf-8")))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= listed


@pytest.fixture
def any_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths in documents need not exist to be right."""
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _param, _ctx: Path(value))


def _parse(words: list[str]) -> None:
    """Let click read a command line down to its options, without running anything."""
    ctx, command = click.Context(realign, info_name="realign", **realign.context_settings), realign
    words = [word for word in words[1:] if word not in ("-v", "-q")]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, found, words = command.resolve_command(ctx, words)
        assert found is not None
        command, ctx = found, click.Context(found, parent=ctx, info_name=name)
    if words and not isinstance(command, click.Group):
        command.make_context(ctx.info_name, list(words), parent=ctx.parent)


@pytest.mark.usefixtures("any_path")
@pytest.mark.parametrize("line", COMMANDS_SHOWN, ids=str)
def test_every_command_that_is_shown_parses(line: Line) -> None:
    try:
        _parse(line.words)
    except click.exceptions.Exit:
        pass
    except click.MissingParameter:
        assert line in [*span_commands(line.page)], f"{line} leaves out an argument"


def _commands() -> Iterator[tuple[str, click.Command]]:
    def walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        if isinstance(command, click.Group):
            ctx = click.Context(command, **realign.context_settings)
            for each in command.list_commands(ctx):
                inner = command.get_command(ctx, each)
                assert inner
                yield from walk(f"{name} {each}", inner)

    for name in COMMANDS:
        command = realign.get_command(click.Context(realign, **realign.context_settings), name)
        assert command
        yield from walk(name, command)


@pytest.mark.usefixtures("any_path")
@pytest.mark.parametrize(("name", "command"), list(_commands()), ids=lambda v: str(v)[:40])
def test_every_command_has_help_and_an_example_that_parses(
    name: str, command: click.Command
) -> None:
    assert command.help, f"{name} has no help"
    example = HELP_EXAMPLE.search(command.help)
    assert example, f"{name} has no example"
    words = Line(ROOT, " ".join(example[1].split())).words
    assert " ".join(words[1:]).startswith(name), f"the example of {name} shows another command"
    _parse(words)
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.name} has no help"


def test_the_command_reference_is_fresh() -> None:
    """In a process of its own: click remembers the help option of a command that ran before."""
    script = ROOT / "scripts/command_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"])
    assert done.returncode == 0, f"docs/commands.md is stale: run `python {script.name}`"


def test_every_command_is_in_a_guide() -> None:
    """A command that only the generated reference knows is one that nobody finds."""
    named = {line.words[1] for line in COMMANDS_SHOWN if len(line.words) > 1}
    assert set(COMMANDS) <= named


def test_every_reason_is_explained() -> None:
    told = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/gates.md").read_text("utf-8")
    told += "".join(p.read_text("utf-8") for p in (ROOT / "docs").glob("re*.md"))
    assert [r.value for r in Reason if r.value and f"`{r.value}`" not in told] == []


def test_the_tree_in_the_readme_is_the_tree_on_disk() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^    (\w+)/ ", text, re.M))
    ignored = {"build", "dist", "runs"}
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "__")) and path.name not in ignored
    }
    assert shown == folders


def _texts_in_the_source() -> str:
    """Every text of the program, with … for each value that is put into it."""
    texts: list[str] = []
    for path in (*(ROOT / "realign_local").rglob("*.py"), ROOT / "scripts/bootstrap.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (v.value if isinstance(v, ast.Constant) else "…" for v in node.values)
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


def test_every_message_in_troubleshooting_exists() -> None:
    source = _texts_in_the_source()
    rows = re.findall(r"^\| (`.+`) \|", (ROOT / "docs/troubleshooting.md").read_text("utf-8"), re.M)
    messages = [message for row in rows for message in re.findall(r"`([^`]+)`", row)]
    assert len(messages) > 40
    assert [message for message in messages if message not in source] == []


def test_the_map_names_every_module() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {
        path.stem for path in (ROOT / "realign_local").iterdir() if path.suffix in ("", ".py")
    }
    assert sorted(m for m in modules if not m.startswith("_") and m not in told) == []


NETWORK = {
    *("socket", "socketserver", "http", "ssl", "asyncio", "requests", "httpx", "httpx2", "ftplib"),
    "ray",
}
MAY_CONNECT = {
    "engine/bench/server.py",  # `bench engine --against URL`
    "engine/remote/link.py",  # `run --server URL`
    "engine/remote/background_loop.py",  # the same: its event loop, without a connection
    "engine/remote/dispatch.py",
    "engine/remote/remote_engine.py",
    "engine/remote/survey.py",
    "run/cluster/ray_link.py",  # `run --ray ADDRESS`
    "report/loopback.py",  # `review`, on the loopback address
}


def test_only_what_the_privacy_page_names_can_open_a_connection() -> None:
    package = ROOT / "realign_local"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            network = [
                n for n in names if n.split(".")[0] in NETWORK or n == "urllib.request.urlopen"
            ]
            place = path.relative_to(package).as_posix()
            assert not network or place in MAY_CONNECT, f"{place} imports {network}"
