"""What a request asks for, as numbers: its wording's head, and marks of its structure.

An embedding sees what a text is about. The task is what is asked: a verb, attached text or code, a
blank to fill, options to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HEAD_CHARS = 500
MOST_ASK_CHARS = 220
LEAST_ATTACHED_CHARS = 30

_FIRST_SENTENCE = re.compile(r".{20,220}?[.:?!](?=\s|$)")
_BEFORE_COLON = re.compile(rf"(.{{15,200}}?:)\s+\S.{{{LEAST_ATTACHED_CHARS},}}")

MARKS: tuple[str, ...] = (
    r"\A.{0,59}\Z",
    r"\A.{200,}",
    r"\A.{600,}",
    r"\n",
    r"```",
    r"(?m)[{};]\s*$",
    r"\bdef |\bfunction |#include|public class|console\.log|print\(|select .* from",
    r"___|\[blank\]",
    r"\s[a-d][).]\s",
    r"\?\s*\Z",
    r"\d\s*[-+*/=]\s*\d",
    r"\A\W*(?:who|when|where|which|what)\b",
    r"\A\W*how (?:do|can|to)\b",
    r"\A\W*(?:why|how)\b",
    r"[\"“]",
    r":\s*\S",
    r"[^\x00-\x7f]",
)
"""Patterns of form; each is a feature that is there or not."""

WORDS: tuple[str, ...] = (
    "translate", "convert", "explain", "summarize", "summary", "keyword", "title", "email",
    "letter", "story", "poem", "plan", "recommend", "advice", "should", "correct", "grammar",
    "rewrite", "paraphrase", "polish", "classif", "sentiment", "language", "topic", "order", "sort",
    "extract", "table", "list", "question", "generate", "code", "function", "python", "sql", "java",
    "fix", "simplif", "optimi", "comment", "document", "true", "false", "verify", "fact", "opinion",
    "think", "act", "pretend", "imagine", "you are", "role", "note", "solve", "calculate",
    "how many", "fill", "blank", "step", "schedule", "best", "data", "neural", "network", "model",
    "learning", "machine",
)  # fmt: skip
"""Words that name what is to be done, as they begin."""

WEIGHT = 0.5
"""Of a mark beside the components of two unit vectors; chosen by measurement (0.3 is no better)."""

_MARKS = tuple(re.compile(mark, re.DOTALL | re.IGNORECASE) for mark in MARKS)
_WORDS = tuple(re.compile(rf"\b{word}", re.IGNORECASE) for word in WORDS)


def asked(instruction: str) -> str:
    """The part of a request that says what is to be done, without the text that it is about.

    That is its first line or sentence, up to a colon with text behind it, and a short last line,
    where some people put the question.
    """
    lines = [line.strip() for line in instruction.split("\n") if line.strip()]
    if not lines:
        return ""
    first, last = lines[0], lines[-1] if len(lines) > 1 else ""
    if len(first) > MOST_ASK_CHARS:
        found = _FIRST_SENTENCE.match(first)
        first = found.group() if found else first[:MOST_ASK_CHARS]
    elif found := _BEFORE_COLON.match(first):
        first = found.group(1)
    is_asking = len(last) < 120 and last.endswith(("?", ".", ":"))
    return f"{first} {last}" if is_asking else first


def marks(instruction: str) -> NDArray[np.float32]:
    """Shape (len(MARKS) + len(WORDS),): the weight of each mark and word that is there, else 0."""
    head = instruction[: 4 * HEAD_CHARS]
    there = [pattern.search(head) is not None for pattern in (*_MARKS, *_WORDS)]
    return np.array(there, dtype=np.float32) * WEIGHT


def views(instructions: Sequence[str]) -> tuple[list[str], list[str]]:
    """The two texts that are encoded for each request: its head, and what is asked in it."""
    return [text[:HEAD_CHARS] for text in instructions], [asked(text) for text in instructions]
