"""The languages that code can be read in: which grammar or pattern finds comments and strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

from realign_local.text.rules import rules


@dataclass(frozen=True, slots=True)
class CodeGrammar:
    """Where a language's grammar comes from and what its comments and strings are called in it."""

    module: str
    """"" where there is none to trust: that of YAML crashes the process on deeply nested lists."""
    comments: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    lines: bool = False
    """Line breaks separate statements."""
    indents: bool = False
    """The column of a line is meaning."""
    tabs: bool = False
    """A line that begins with a tab is another one than a line that begins with spaces."""
    words: str = ""
    """What is one token where blanks separate words: `x=1` is not `x = 1` in a shell."""
    function: str = "language"
    pattern: str = ""
    """Finds comments and strings instead of the grammar, where that loses them in fragments."""


class _Entry(TypedDict, total=False):
    """A language of code_grammars.toml."""

    labels: list[str]
    line: list[str]
    block: list[list[str]]
    quotes: str
    lines: bool
    indents: bool
    tabs: bool


_OPENS = r"(?<![^\s;,(){}\[\]])"
"""A comment of a line stands apart from what is before it: `a#b` and `http://` hold none."""
_QUOTED = {
    '"': r"\"\"\"[\s\S]*?\"\"\"|\"(?:[^\"\\\n]|\\.)*\"",
    "'": r"(?<!\w)'(?:[^'\\\n]|\\.)*'",
}


def _pattern(entry: _Entry) -> str:
    blocks = [
        rf"{re.escape(opens)}[\s\S]*?(?:{re.escape(closes)}|\Z)"
        for opens, closes in entry.get("block", [])
    ]
    lines = [rf"{_OPENS}{re.escape(opens)}[^\n]*" for opens in entry.get("line", [])]
    strings = [_QUOTED[quote] for quote in entry.get("quotes", "")]
    comment = f"(?P<comment>{'|'.join(blocks + lines)})"
    return "|".join([comment, *([f"(?P<string>{'|'.join(strings)})"] if strings else [])])


def _by_pattern() -> Iterator[tuple[str, CodeGrammar, Sequence[str]]]:
    """Each language of the table with its labels."""
    table: dict[str, _Entry] = rules("code_grammars")
    for name, entry in table.items():
        grammar = CodeGrammar(
            "",
            lines=entry.get("lines", False),
            indents=entry.get("indents", False),
            tabs=entry.get("tabs", False),
            pattern=_pattern(entry),
        )
        yield name, grammar, entry.get("labels", ())


_C_STRINGS = ("string_literal", "char_literal", "system_lib_string")
_JS_STRINGS = ("string", "template_string", "regex")
GRAMMARS = {
    "python": CodeGrammar(
        "tree_sitter_python", ("comment",), ("string",), lines=True, indents=True
    ),
    "javascript": CodeGrammar("tree_sitter_javascript", ("comment", "html_comment"), _JS_STRINGS),
    # not its own grammar: that never comes back from some broken code; comments and strings are
    # those of JavaScript
    "typescript": CodeGrammar("tree_sitter_javascript", ("comment", "html_comment"), _JS_STRINGS),
    "java": CodeGrammar(
        "tree_sitter_java",
        ("line_comment", "block_comment"),
        ("string_literal", "character_literal"),
    ),
    "go": CodeGrammar(
        "tree_sitter_go",
        ("comment",),
        ("interpreted_string_literal", "raw_string_literal", "rune_literal"),
    ),
    "rust": CodeGrammar(
        "tree_sitter_rust",
        ("line_comment", "block_comment"),
        ("string_literal", "raw_string_literal", "char_literal"),
    ),
    "c": CodeGrammar("tree_sitter_c", ("comment",), _C_STRINGS),
    "cpp": CodeGrammar("tree_sitter_cpp", ("comment",), (*_C_STRINGS, "raw_string_literal")),
    "sql": CodeGrammar(
        "tree_sitter_sql",
        pattern=r"(?P<comment>--[^\n]*|/\*[\s\S]*?(?:\*/|\Z))|(?P<string>'(?:[^']|'')*'|\"[^\"\n]*\")",
    ),
    "shell": CodeGrammar(
        "tree_sitter_bash",
        ("comment",),
        ("string", "raw_string", "heredoc_body"),
        lines=True,
        words=r"[^\s;|&<>()]+|[;|&<>()]",
    ),
    "json": CodeGrammar("tree_sitter_json", ("comment",), ("string",)),
    "yaml": CodeGrammar(
        "",
        lines=True,
        indents=True,
        words=r"[^\s,\[\]{}]+|[,\[\]{}]",
        pattern=r"(?P<string>(?<![^\s\[{,:])(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'))"
        r"|(?P<comment>(?<![^\s])#[^\n]*)",
    ),
    "html": CodeGrammar("tree_sitter_html", ("comment",), ("quoted_attribute_value",)),
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
    "html": "htm xhtml xml svg vue svelte",
}
LANGUAGE_OF = {
    label: language for language, labels in _LABELS.items() for label in (language, *labels.split())
}
for _name, _grammar, _others in _by_pattern():
    GRAMMARS[_name] = _grammar
    LANGUAGE_OF |= dict.fromkeys((_name, *_others), _name)
