"""What a request asks for, as numbers: what is asked in it, its words, and marks of its structure.

An embedding sees what a text is about. The task is what is asked: a verb, attached text or code, a
blank to fill, options to choose from.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from realign_local.classifier.gloss import gloss, plain_signs

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Texts in, unit vectors (n, dim) out."""

VERSION = 5
"""Raised whenever a feature below changes: weights belong to one version."""

LAYERS = (1 / 3, 2 / 3, 1.0)
"""Of the encoder's depth: the vectors of these layers, side by side. The early ones know words, the
late ones what a text is about; together they find more tasks than the best one alone."""

HEAD_CHARS = 400
MARKED_CHARS = 2000
WORD_BUCKETS = 4096
"""Words and pairs of words are hashed into so many features; 2,000 queries have 20,000 of them."""

MOST_ASK_CHARS = 220
LEAST_ATTACHED_CHARS = 30
PREAMBLE_CHARS = 800
"""So far into its first paragraph a request may tell what it is about before it says the wish."""

PREAMBLE_SENTENCES = 6
KEPT_OF_PREAMBLE_CHARS = 100

VERBS = (
    "act|add|analyze|answer|assess|build|calculate|categorize|change|choose|classify|come up|"
    "compare|complete|compose|compute|continue|convert|correct|create|decide|describe|design|"
    "determine|develop|discuss|draft|edit|evaluate|explain|extract|fill|find|finish|fix|generate|"
    "give|help|identify|imagine|implement|improve|judge|list|look|make|name|order|paraphrase|pick|"
    "plan|predict|prepare|pretend|produce|prove|provide|put|rate|read|remove|replace|rewrite|say|"
    "select|show|simplify|solve|sort|state|suggest|summari[sz]e|take|tell|think|translate|turn|use|"
    "write"
)
"""With one of these a wish begins, after a few words of politeness."""

_WISH = re.compile(
    r"(?:(?:now|then|also|please),? |kindly |(?:can|could|would) you "
    r"|you (?:need|should|have|must|are (?:asked|supposed|expected)|will need)(?: to)? "
    r"|your (?:task|job) is to |i (?:want|need|would like|'d like) (?:you )?to )*"
    rf"(?:{VERBS})\b",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"(?<=[.!?\"”])\s+(?:(?:also|and|please|finally),? )*(?:"
    r"(?:do not|don't|never|avoid|no) (?:use|using|include|commas?|other|mention|capital)"
    r"|(?:your|the) (?:whole |entire |complete )?(?:answer|response|reply|output|letter|poem|essay"
    r"|article|post|story|list) (?:should|must|needs? to|has to|will|cannot)"
    r"|(?:make sure|ensure|be sure)\b|there (?:should|must) be\b"
    r"|(?:wrap|italici[sz]e|highlight|separate|mention) |(?:end|start|finish) (?:your|the|with)\b"
    r"|(?:answer|reply|respond) (?:in|with|using)\b"
    r"|(?:use|include|put)\b[^.!?\n]{0,40}\b(?:markdown|bullet|keywords?|lowercase|uppercase"
    r"|capital|quotation|brackets?|placeholders?|asterisks?|commas?)"
    r"|at the (?:very )?end\b|(?:at least|less than|no more than|exactly) \d+"
    r")(?:i\.e\.|e\.g\.|[^.!?\n])*(?:[.!?]|$)",
    re.IGNORECASE | re.MULTILINE,
)
"""A sentence about the form of the answer. It says nothing about the task, and its words (title,
keywords, letter) are those of others."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
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
    r"\?[\"”')]*\s+\S.{80,}",
    r"\A.{121,}\?\s*\Z",
    r"\A[^?\n]{8,120}\?\s*\Z",
    r"\A\W*(?:who|whom|whose|when|where|which|what|why|how|is|are|was|were|did|does|do|can)\b"
    r"[^\n]{3,160}\n+[^\n]{100}",
    r"\b(?:i|i'm|my|me|we|our|us)\b",
    r"\b(?:you|your)\b",
    r"\b(?:given|following|above|below|attached|provided)\b",
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
"""Words that name what is to be done, as they begin; none begins like another one of them."""

EMBEDDING = 1.7
"""Of the vector of what is asked beside those of its words, which are unit vectors, too."""

WEIGHT = 0.8
"""Of a mark beside the components of unit vectors; chosen by measurement among 0.35 to 1."""

_MARKS = tuple(re.compile(mark, re.DOTALL | re.IGNORECASE) for mark in MARKS)
_SIGN = "[\u3040-\u30ff\u4e00-\u9fff]"
"""Of Chinese and Japanese, where no blank tells words apart: pairs of signs are the words."""

_TOKEN = re.compile(rf"{_SIGN}|(?:(?!{_SIGN})[^\W\d_]|')+|[0-9]+|[^\w\s]")
_WORDS = re.compile(rf"\b(?:{'|'.join(map(re.escape, WORDS))})")


def asked(instruction: str) -> str:
    """The part of a request that says what is to be done, without the text that it is about.

    That is its first line or sentence, up to a colon with text behind it, and a short last line,
    where some people put the question. Where a long first paragraph begins with what it is about,
    the sentence with the wish is added.
    """
    lines = [line.strip() for line in instruction.split("\n") if line.strip()]
    if not lines:
        return ""
    first, last = _wish(lines[0]), lines[-1] if len(lines) > 1 else ""
    is_asking = len(last) < 120 and last.endswith(("?", ".", ":"))
    return f"{first} {last}" if is_asking else first


def _wish(line: str) -> str:
    if len(line) > MOST_ASK_CHARS:
        line = _without_preamble(line)
    if len(line) > MOST_ASK_CHARS:
        found = _FIRST_SENTENCE.match(line)
        return found.group() if found else line[:MOST_ASK_CHARS]
    before_colon = _BEFORE_COLON.match(line)
    return before_colon.group(1) if before_colon else line


def _without_preamble(line: str) -> str:
    """The line itself where its first sentence is a wish or none is found."""
    first, *more = _SENTENCE_END.split(line[:PREAMBLE_CHARS])[:PREAMBLE_SENTENCES]
    if _WISH.match(first) or first.endswith("?"):
        return line
    for sentence in more:
        if _WISH.match(sentence) or sentence.endswith("?"):
            return f"{first[:KEPT_OF_PREAMBLE_CHARS]} {sentence}"[:MOST_ASK_CHARS]
    return line


def marks(instruction: str) -> Vectors:
    """Shape (len(MARKS) + len(WORDS),): the weight of each mark and word that is there, else 0."""
    head = instruction[:MARKED_CHARS]
    words = set(_WORDS.findall(head.lower()))
    there = [pattern.search(head) is not None for pattern in _MARKS]
    there += [word in words for word in WORDS]
    return np.array(there, dtype=np.float32) * WEIGHT


def wording(text: str, *, salt: str) -> Vectors:
    """Shape (WORD_BUCKETS,): a unit vector of words and pairs of neighbours, by hash.

    The first word also counts as a pair with the beginning. `salt` keeps two texts of one request
    apart. Counts enter by log(1 + n), so that a repeated word does not drown the others.
    """
    words = ["^", *_TOKEN.findall(text.lower())]
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    found = np.zeros(WORD_BUCKETS, dtype=np.float32)
    buckets = Counter(_bucket(salt + gram) for gram in (*words, *pairs))
    found[list(buckets)] = np.log1p(np.array(list(buckets.values()), dtype=np.float32))
    return found / np.float32(np.linalg.norm(found))


@lru_cache(maxsize=1 << 16)
def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "replace")) % WORD_BUCKETS


def without_demands(instruction: str) -> str:
    """A request without what it says about the form of its answer, which is not its task."""
    head, tail = instruction[:MARKED_CHARS], instruction[MARKED_CHARS:]
    return _DEMAND.sub("", head) + tail


def design(instructions: Sequence[str], encode: Encode) -> Vectors:
    """The features of each request, shape (n, dim + marks + 2 * WORD_BUCKETS).

    Only what is asked is embedded: the text that it is about hardly helps and takes the most time.
    Of another language its gloss is, and that stands before the request's own words.
    """
    texts = [without_demands(plain_signs(text)) for text in instructions]
    asks = [asked(text) for text in texts]
    glosses = [gloss(ask) for ask in asks]
    found = np.stack([_all_marks(*pair) for pair in zip(texts, glosses, strict=True)])
    wishes = [f"{one} {ask}".lstrip() for one, ask in zip(glosses, asks, strict=True)]
    heads = [
        f"{one} {text[:HEAD_CHARS]}".lstrip() for one, text in zip(glosses, texts, strict=True)
    ]
    said = np.stack([wording(text, salt="a") for text in wishes])
    words = np.stack([wording(text, salt="w") for text in heads])
    embedded = encode([one or ask for one, ask in zip(glosses, asks, strict=True)])
    return np.hstack([EMBEDDING * embedded, found, said, words])


def _all_marks(text: str, english: str) -> Vectors:
    return np.maximum(marks(text), marks(english)) if english else marks(text)
