"""Code as a list of tokens: tree-sitter finds comments and strings, a pattern splits the rest.

Whatever is not white space or a comment becomes a token, so nothing can change unseen even where
the grammar finds an error. Where a line's beginning means something (Python, YAML, shell), a token
that is an int stands before each logical line and gives its column.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, QueryCursor

Token = str | int

MAX_PARSED_CHARS = 20_000
"""No response of use holds longer code in one piece; a parser lost in garbage is quadratic."""
MAX_NESTING = 100
_PUA = re.compile("[\ue000\ue001]")
_TOKEN = re.compile("\ue000(\\d+)\ue001|\\d+(?:\\.\\d+)?\\w*|\\w+|[^\\w\\s]")
_FOLD = re.compile(r"\s*\n\s*")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_GARBAGE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u2028\u2029]|(\S{1,3}\s?)\1{150}|<(?:[^<>]{0,20}<){40}"
)
_BRACKET = re.compile(r"[(\[{]|[)\]}]")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where a language's grammar comes from and what its comments and strings are called in it."""

    module: str
    """"" where there is none to trust: that of YAML crashes the process on deeply nested lists."""
    comments: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    lines: bool = False
    """Line breaks separate statements."""
    indents: bool = False
    """The column of a line is meaning."""
    function: str = "language"
    pattern: str = ""
    """Finds comments and strings instead of the grammar, where that loses them in fragments."""


_C_STRINGS = ("string_literal", "char_literal", "system_lib_string")
_JS_STRINGS = ("string", "template_string", "regex")
GRAMMARS = {
    "python": Grammar("tree_sitter_python", ("comment",), ("string",), lines=True, indents=True),
    "javascript": Grammar("tree_sitter_javascript", ("comment", "html_comment"), _JS_STRINGS),
    # not its own grammar: that never comes back from some broken code; comments and strings are
    # those of JavaScript
    "typescript": Grammar("tree_sitter_javascript", ("comment", "html_comment"), _JS_STRINGS),
    "java": Grammar(
        "tree_sitter_java",
        ("line_comment", "block_comment"),
        ("string_literal", "character_literal"),
    ),
    "go": Grammar(
        "tree_sitter_go",
        ("comment",),
        ("interpreted_string_literal", "raw_string_literal", "rune_literal"),
    ),
    "rust": Grammar(
        "tree_sitter_rust",
        ("line_comment", "block_comment"),
        ("string_literal", "raw_string_literal", "char_literal"),
    ),
    "c": Grammar("tree_sitter_c", ("comment",), _C_STRINGS),
    "cpp": Grammar("tree_sitter_cpp", ("comment",), (*_C_STRINGS, "raw_string_literal")),
    "sql": Grammar(
        "tree_sitter_sql",
        pattern=r"(?P<comment>--[^\n]*|/\*[\s\S]*?(?:\*/|\Z))|(?P<string>'(?:[^']|'')*'|\"[^\"\n]*\")",
    ),
    "shell": Grammar(
        "tree_sitter_bash", ("comment",), ("string", "raw_string", "heredoc_body"), lines=True
    ),
    "json": Grammar("tree_sitter_json", ("comment",), ("string",)),
    "yaml": Grammar(
        "",
        lines=True,
        indents=True,
        pattern=r"(?P<string>(?<![^\s\[{,:])(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'))"
        r"|(?P<comment>(?<![^\s])#[^\n]*)",
    ),
    "html": Grammar("tree_sitter_html", ("comment",), ("quoted_attribute_value",)),
}

_LABELS = {
    "python": "py python3 py3 ipython pycon python2",
    "javascript": "js jsx node nodejs mjs",
    "typescript": "ts tsx",
    "java": "",
    "go": "golang",
    "rust": "rs",
    "c": "h",
    "cpp": "c++ cc cxx hpp",
    "sql": "mysql postgresql postgres sqlite tsql plsql",
    "shell": "sh bash zsh console shellscript shell-session",
    "json": "jsonc json5 jsonl",
    "yaml": "yml",
    "html": "htm xhtml",
}
LANGUAGE_OF = {
    label: language for language, labels in _LABELS.items() for label in (language, *labels.split())
}


@lru_cache(maxsize=32)
def _native(language: str) -> Language:
    from tree_sitter import Language

    grammar = GRAMMARS[language]
    return Language(getattr(importlib.import_module(grammar.module), grammar.function)())


@lru_cache(maxsize=32)
def _finder(language: str) -> QueryCursor:
    """The query for the comments and strings of a language, made once a process."""
    from tree_sitter import Query, QueryCursor

    grammar, native = GRAMMARS[language], _native(language)
    known = {native.node_kind_for_id(number) for number in range(native.node_kind_count)}
    comments = " ".join(f"({name})" for name in grammar.comments if name in known)
    strings = " ".join(f"({name})" for name in grammar.strings if name in known)
    return QueryCursor(Query(native, f"[{comments}] @comment [{strings}] @string"))


@lru_cache(maxsize=32)
def _parser(language: str) -> Parser:
    from tree_sitter import Parser

    return Parser(_native(language))


def _root(source: bytes, language: str) -> Node:
    return _parser(language).parse(source).root_node


@lru_cache(maxsize=256)
def is_readable(code: str) -> bool:
    """Whether a parser may see the code: it is of a sane length and depth, and no garbage.

    On anything else error recovery takes seconds, and some grammars are not safe.
    """
    if len(code) > MAX_PARSED_CHARS or _GARBAGE.search(code):
        return False
    depth = deepest = 0
    for m in _BRACKET.finditer(code):
        depth = max(0, depth + (1 if m[0] in _OPEN else -1))
        deepest = max(deepest, depth)
    return deepest <= MAX_NESTING


@lru_cache(maxsize=256)
def parses(code: str, language: str) -> bool:
    """Whether the grammar reads all of the code without an error.

    False for a language that is not known, True for one that has no grammar: its shape tells.
    """
    if language not in GRAMMARS or not is_readable(code):
        return False
    if not GRAMMARS[language].module:
        return True
    return not _root(code.encode("utf-8", "replace"), language).has_error


Mark = tuple[int, int, str]
"""Where a comment or a string begins and ends, in bytes, and which of the two it is."""


def _marks(source: bytes, language: str) -> list[Mark]:
    if pattern := GRAMMARS[language].pattern:
        found = re.finditer(pattern.encode(), source)
        return [(*match.span(), match.lastgroup or "") for match in found]
    captures = _finder(language).captures(_root(source, language))
    marks = [(n.start_byte, n.end_byte, kind) for kind, nodes in captures.items() for n in nodes]
    first_line = [(0, (source + b"\n").index(b"\n"), "string")] if source.startswith(b"#!") else []
    return first_line + sorted(marks, key=lambda mark: (mark[0], -mark[1]))


def _masked(source: bytes, language: str) -> tuple[str, list[str]]:
    """The text with comments blanked and each string replaced by a numbered placeholder."""
    pieces: list[str] = []
    strings: list[str] = []
    done = 0
    for start, end, kind in _marks(source, language):
        if start < done:
            continue  # inside a string that is already one token
        pieces.append(source[done:start].decode("utf-8", "replace"))
        text, done = source[start:end].decode("utf-8", "replace"), end
        if kind == "comment":
            pieces.append("\n" if text.endswith("\n") else " ")
        else:
            pieces.append(f"\ue000{len(strings)}\ue001")
            strings.append(_FOLD.sub("\n", text))
    pieces.append(source[done:].decode("utf-8", "replace"))
    return "".join(pieces), strings


def lex(code: str, language: str = "") -> list[Token]:
    """The tokens of a piece of code, without white space and comments.

    A string literal is one token; the indentation of its further lines does not count. Without a
    grammar (`language` "", or very long code) everything is kept, comments too.
    """
    code = _PUA.sub("\ufffd", code).replace("\r\n", "\n").replace("\r", "\n")
    grammar = GRAMMARS.get(language)
    if grammar is None:
        return _split(code, [])
    if not is_readable(code):
        masked, strings = code, list[str]()
    else:
        masked, strings = _masked(code.encode("utf-8", "replace"), language)
    if not grammar.lines:
        return _split(masked, strings)
    return _split_lines(masked, strings, columns=grammar.indents)


def _split(text: str, strings: list[str]) -> list[Token]:
    return [strings[int(m[1])] if m[1] else m[0] for m in _TOKEN.finditer(text)]


def _split_lines(text: str, strings: list[str], *, columns: bool) -> list[Token]:
    tokens: list[Token] = []
    depth, goes_on = 0, False
    for line in text.split("\n"):
        body = line.rstrip()
        found = _split(body.removesuffix("\\"), strings)
        if found and depth <= 0 and not goes_on:
            tokens.append(_column(line) if columns else 0)
        tokens += found
        depth += sum((t in _OPEN) - (t in _CLOSE) for t in found)
        depth = max(depth, 0)
        goes_on = body.endswith("\\")
    return tokens


def _column(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip())


SEPARATOR = "\x1f"


def joined(tokens: list[Token], unit: int) -> str:
    """The tokens as one string that can be searched.

    Columns become steps in and out, counted in `unit` columns, so that a piece reads the same at
    any depth; the first line has none.
    """
    previous: int | None = None
    texts: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            texts.append(token)
            continue
        if previous is not None:
            texts.append(f"\n{(token - previous) / unit:g}")
        previous = token
    return SEPARATOR + SEPARATOR.join(texts) + SEPARATOR if texts else ""


def indent_unit(tokens: list[Token]) -> int:
    """The smallest step between the columns of the lines: 4, 2, 8 for tabs; 1 if there is none."""
    seen = sorted({token for token in tokens if isinstance(token, int)})
    return min((b - a for a, b in pairwise(seen)), default=1)
