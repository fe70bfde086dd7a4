"""The import rule of ARCHITECTURE.md: imports point down, one native library lives in one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "realign_local"
FILES = sorted(PACKAGE.rglob("*.py"))

RANKS = {
    "errors": 0, "reasons": 0, "plural": 0, "wilson": 0, "untrusted": 0, "forecast": 0.5,
    "config": 1, "progress": 1, "stop": 1, "versions": 1,
    "machine": 2, "cache": 2.5, "assets": 3, "gguf": 3, "catalog": 3.5,
    "data": 4, "gates": 4, "criteria": 4, "engine": 4, "evidence": 4, "classifier": 4,
    "rewriting": 6,
    "stages": 7,
    "report": 7.5,
    "ledger": 8, "linting": 8, "claims": 8, "priority": 8, "agreement": 8,
    "tools": 9, "doctor": 9, "verifying": 9, "job": 9, "tidying": 9.5,
    "writing": 9.5, "few": 9.6, "benching": 10,
    "bundling": 10, "training": 10,
    "estimating": 10, "previewing": 10.5, "pipeline": 10, "merging": 10.5,
    "cli": 11, "__main__": 12,
}  # fmt: skip
CONTRACTS = {"data.records", "data.batches", "data.atomic", "engine.request", "gates.gate"}
"""Pure types and helpers that packages of one rank may share."""

NATIVE = {
    "llama_cpp": "engine/llama.py",
    "faiss": "evidence/dense.py",
    "sentence_transformers": "evidence/encoder.py",
    "torch": "evidence/encoder.py",
    "tantivy": "evidence/lexical.py",
    "tree_sitter": "gates/code_parse.py",
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
        package = inner.split(".")[0]
        if inner == module or package not in RANKS or package == own:
            continue
        if own == "__init__":
            pytest.fail("the package itself must import nothing of its own")
        down = RANKS[package] < RANKS[own] or inner in CONTRACTS or package == "criteria"
        assert down, f"{_name(path)} must not import {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "stages").glob("*.py")), ids=_name)
def test_stages_never_import_each_other(path: Path) -> None:
    assert not [m for m in _imports(path) if m.startswith("realign_local.stages")]


REWRITING_MAY = {"data.records", "criteria", "engine.request", "reasons", "rewriting"}
"""What decides a response's form is pure: records, criteria, gates and requests, no engine."""


@pytest.mark.parametrize("path", sorted((PACKAGE / "rewriting").rglob("*.py")), ids=_name)
def test_rewriting_knows_neither_engine_nor_files(path: Path) -> None:
    for module in _imports(path):
        inner = module.removeprefix("realign_local.")
        if inner not in (module, "realign_local"):
            package = inner.split(".")[0]
            assert {inner, package} & {*REWRITING_MAY, "gates"}, f"{_name(path)} has {module}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_one_native_library_one_file(path: Path) -> None:
    for module in _imports(path):
        home = NATIVE.get(module.split(".")[0])
        assert home in (None, path.relative_to(PACKAGE).as_posix()), f"{module} belongs in {home}"
        if module.split(".")[0] == "click":
            assert _name(path).startswith("cli"), "click only under cli/"


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").glob("*.py")), ids=_name)
def test_commands_import_nothing_heavy(path: Path) -> None:
    assert not HEAVY & {m.split(".")[0] for m in _imports(path, top_level_only=True)}


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{_name(path)} has no docstring"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_every_module_has_a_rank() -> None:
    assert {_name(path).split(".")[0] for path in FILES} - {"__init__"} <= set(RANKS)
