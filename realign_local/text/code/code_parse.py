"""Code as a list of tokens: tree-sitter finds comments and strings, a pattern splits the rest.

Whatever is not white space or a comment becomes a token, so nothing can change unseen even where
the grammar finds an error. Where a line's beginning means something (Python, YAML, shell), a token
that is an int stands before each logical line and gives its column.
"""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from realign_local.text.code.code_grammars import GRAMMARS, CodeGrammar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Language, Node, Parser, QueryCursor

Token = str | int

MAX_PARSED_CHARS = 20_000
"""No response of use holds longer code in one piece; a parser lost in garbage is quadratic."""
MAX_NESTING = 100
_PUA = re.compile("[\ue000\ue001]")
_OPERATOR = r"[!=]==?|[<>]=|&&|\|\||\+\+|--|[-+*/%|&^]=|[-=]>|::|<<=|>>=|\?\?|\?\."
"""Signs that are one only without a blank between them; not those that are also two (`> >`)."""
_HELD = "\ue000(\\d+)\ue001"
_TOKEN = re.compile(rf"{_HELD}|\d+(?:\.\d+)?\w*|\w+|{_OPERATOR}|[^\w\s]")
_PLACEHOLDER = re.compile(_HELD)
_FOLD = re.compile(r"\s*\n\s*")
_BLANK_LINES = re.compile(r"\s*\n")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_CLOSED_BY_BRACE = frozenset({"css", "scss"})
_GARBAGE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u2028\u2029]|(\S{1,3}\s?)\1{150}|<(?:[^<>]{0,20}<){40}"
)
_BRACKET = re.compile(r"[(\[{]|[)\]}]")


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


def _disjoint(source: bytes, language: str) -> Iterator[Mark]:
    """The marks without those inside a string or a comment that is already one."""
    done = 0
    for start, end, kind in _marks(source, language):
        if start >= done:
            yield start, end, kind
            done = end


def _masked(source: bytes, language: str) -> tuple[str, list[str]]:
    """The text with comments blanked and each string replaced by a numbered placeholder."""
    pieces: list[str] = []
    strings: list[str] = []
    done = 0
    for start, end, kind in _disjoint(source, language):
        pieces.append(source[done:start].decode("utf-8", "replace"))
        text, done = source[start:end].decode("utf-8", "replace"), end
        if kind == "comment":
            pieces.append("\n" if text.endswith("\n") else " ")
        else:
            before = source[source.rfind(b"\n", 0, start) + 1 : start].decode("utf-8", "replace")
            pieces.append(f"\ue000{len(strings)}\ue001")
            documents = language == "python" and not before.strip()
            strings.append(_FOLD.sub("\n", text) if documents else _dedented(text, before))
    pieces.append(source[done:].decode("utf-8", "replace"))
    return "".join(pieces), strings


def _dedented(text: str, before: str) -> str:
    """A string whose lines keep their indentation towards each other, wherever the whole stands."""
    if "\n" not in text:
        return text
    first, *more = _BLANK_LINES.sub("\n", text.expandtabs(8)).split("\n")
    margins = [len(line) - len(line.lstrip()) for line in more if line.strip()]
    if not before.strip():
        margins.append(len(before.expandtabs(8)) + len(first) - len(first.lstrip()))
    margin = min(margins, default=0)
    return "\n".join([first.lstrip(), *(line[margin:] for line in more)])


def _blanked(source: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", source)


def noted_lines(code: str, language: str) -> list[tuple[str, str]]:
    """What each line has of comments, and what else; nothing where comments are tokens anyway."""
    if language not in GRAMMARS or not is_readable(code):
        return []
    source = code.encode("utf-8", "replace")
    rest, notes = bytearray(source), bytearray(_blanked(source))
    for start, end, kind in _disjoint(source, language):
        if kind == "comment":
            notes[start:end] = source[start:end]
            rest[start:end] = _blanked(source[start:end])
    both = (bytes(text).decode("utf-8", "replace").split("\n") for text in (notes, rest))
    return list(zip(*both, strict=True))


def lex(code: str, language: str = "") -> list[Token]:
    """The tokens of a piece of code, without white space and comments.

    A string literal is one token; how far the whole of it is indented does not count. Without a
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
        tokens = _split(masked, strings)
        return _without_idle(tokens) if language in _CLOSED_BY_BRACE else tokens
    return _split_lines(masked, strings, grammar)


def _without_idle(tokens: list[Token]) -> list[Token]:
    """Without the `;` behind the last statement of a block, which its brace ends anyway."""
    return [a for a, b in zip_longest(tokens, tokens[1:]) if (a, b) != (";", "}")]


def _split(text: str, strings: list[str], words: str = "") -> list[Token]:
    if words:
        found = re.findall(words, text)
        return [_PLACEHOLDER.sub(lambda m: strings[int(m[1])], word) for word in found]
    return [strings[int(m[1])] if m[1] else m[0] for m in _TOKEN.finditer(text)]


def _split_lines(text: str, strings: list[str], grammar: CodeGrammar) -> list[Token]:
    tokens: list[Token] = []
    depth, goes_on = 0, False
    for line in text.split("\n"):
        body = line.rstrip()
        found = _split(body.removesuffix("\\"), strings, grammar.words)
        if found and depth <= 0 and not goes_on:
            tokens.append(_column(line) if grammar.indents else 0)
        if found and grammar.tabs and line.startswith("\t"):
            tokens.append("tab")
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
