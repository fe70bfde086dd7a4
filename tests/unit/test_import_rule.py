"""The import rule of ARCHITECTURE.md: imports point down, one native library lives in one file."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "realign_local"
FILES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"base"},
    {"text", "data", "engine", "evidence"},
    {"gates", "classifier"},
    {"rewriting"},
    {"stages"},
    {"run"},
    {"report"},
    {"commands"},
    {"cli"},
    {"__main__", "__init__"},
)
"""From the ground up. A room knows the layers below its own, and no other room of its own."""
RANKS = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
SHARED = "engine.request"
"""What is asked of the engine, as plain data: the one module that any room may name."""
MOST_FILES = 16

NATIVE = {
    "llama_cpp": "engine/backends/llama.py",
    "faiss": "evidence/dense.py",
    "sentence_transformers": "evidence/encoders/encoder.py",
    "torch": "evidence/encoders/encoder.py",
    "tantivy": "evidence/lexical.py",
    "tree_sitter": "text/code/code_parse.py",
    "httpx2": "engine/remote/link.py",
    "ray": "run/cluster/ray_link.py",
    "xllamacpp": "engine/bench/xllamacpp_server.py",
    "openvino_genai": "engine/bench/openvino_peer.py",
}
HEAVY = {*NATIVE, "numpy", "pyarrow", "mwparserfromhell", "transformers", "tokenizers"}


def _imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "realign_local":
                yield from (f"realign_local.{alias.name}" for alias in node.names)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_imports_point_down(path: Path) -> None:
    own = _name(path).split(".")[0]
    for module in _imports(path):
        inner = module.removeprefix("realign_local.")
        room = inner.split(".")[0]
        if inner == module or room not in RANKS or room == own or inner.startswith(SHARED):
            continue
        assert RANKS[room] < RANKS[own], f"{_name(path)} must not import {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "stages").glob("*.py")), ids=_name)
def test_stages_never_import_each_other(path: Path) -> None:
    others = {m for m in _imports(path) if m.startswith("realign_local.stages")}
    assert {m.removeprefix("realign_local.") for m in others} <= {"stages.stage"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "rewriting").rglob("*.py")), ids=_name)
def test_rewriting_knows_neither_engine_nor_files(path: Path) -> None:
    rooms = {m.removeprefix("realign_local.").split(".")[0] for m in _imports(path)}
    others = {m for m in _imports(path) if m.startswith("realign_local.engine.")}
    assert not rooms & {"data", "evidence", "classifier"}
    assert all(m.startswith(f"realign_local.{SHARED}") for m in others)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_one_native_library_one_file(path: Path) -> None:
    for module in _imports(path):
        home = NATIVE.get(module.split(".")[0])
        assert home in (None, path.relative_to(PACKAGE).as_posix()), f"{module} belongs in {home}"
        if module.split(".")[0] == "click":
            assert _name(path).startswith("cli"), "click only under cli/"


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").rglob("*.py")), ids=_name)
def test_commands_import_nothing_heavy(path: Path) -> None:
    assert not HEAVY & {m.split(".")[0] for m in _imports(path, top_level_only=True)}


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{_name(path)} has no docstring"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_every_module_has_a_rank() -> None:
    assert {_name(path).split(".")[0] for path in FILES} <= set(RANKS)


def test_no_name_stands_for_two_modules() -> None:
    """Commands are named alike in `commands`, which does the work, and `cli`, which parses."""
    names = Counter(
        path.stem for path in FILES if path.stem != "__init__" and "cli" not in path.parts
    )
    assert not [name for name, times in names.items() if times > 1]


def test_no_folder_is_crowded() -> None:
    folders = Counter(path.parent for path in PACKAGE.rglob("*.*") if path.suffix in (".py", ".js"))
    assert not {f.name: n for f, n in folders.items() if n > MOST_FILES}
