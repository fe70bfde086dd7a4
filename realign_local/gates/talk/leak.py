"""Prompt leakage: no preamble about the rewriting, no chat markup, no text of the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.text.align import align
from realign_local.text.rules import rules
from realign_local.text.segments import key, keys, plain, word_count

_ORDERS = re.compile(
    r"(?:please |now |then )?(?:write|give|list|explain|describe|answer|rewrite|summari[sz]e"
    r"|translate|generate|create|make|find|identify|provide|use|solve|compute|calculate"
    r"|determine|you are|you need|you should|your)\b",
    re.IGNORECASE,
)
"""Instructions ask; the facts that they give may be repeated."""
MIN_COPIED_WORDS = 9


@dataclass(frozen=True, slots=True)
class Leak:
    """A pattern of the table; `signs` are looked for first, because most sentences have none.

    What is a `label` in the original may be one in the rewrite, in any dress. What `heads` a
    line may head what the original says.
    """

    pattern: re.Pattern[str]
    signs: tuple[str, ...]
    asked: re.Pattern[str] | None
    label: bool
    heads: bool

    def found(self, lowered: str) -> Iterator[str]:
        """Its places in a text of small letters."""
        return (m[0].strip() for m in self.pattern.finditer(lowered))


@cache
def leaks(kind: str) -> tuple[Leak, ...]:
    """The patterns of one kind: `mark` or `talk`."""
    table = rules("leaks")
    return tuple(
        Leak(
            re.compile(entry["phrase"], re.MULTILINE),
            tuple(entry["signs"]),
            re.compile(entry["asked"], re.IGNORECASE) if "asked" in entry else None,
            entry.get("label", False),
            entry.get("heads", False),
        )
        for entry in table[kind]
    )


@cache
def _signs(kind: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Each sign with the places of its patterns in the table."""
    every = dict.fromkeys(sign for leak in leaks(kind) for sign in leak.signs)
    return tuple(
        (sign, tuple(n for n, leak in enumerate(leaks(kind)) if sign in leak.signs))
        for sign in every
    )


def _possible(kind: str, lowered: str) -> list[Leak]:
    """The patterns of which a sign is in the text; for most texts there are few."""
    places = {n for sign, found in _signs(kind) if sign in lowered for n in found}
    return [leaks(kind)[n] for n in sorted(places)]


def check(case: Case) -> Verdict:
    """Fail on markup, on talk about the rewriting, on sentences of the instruction copied out."""
    given = _Given(case)
    for mark in given.leaked("mark", (case.rewritten,)):
        return _leak(mark, "markup of a prompt")
    aligned = align(case.original, case.rewritten)
    worded = (" ".join(pair.after) for pair in aligned.pairs)
    for talk in given.leaked("talk", (*aligned.extra, *worded)):
        return _leak(talk, "this speaks about the rewriting")
    for unit in aligned.extra:
        if _is_copied_order(unit, case.instruction):
            return _leak(unit, "a sentence of the instruction is copied")
    return PASS


class _Given:
    """What the rewrite was given; its words are no leaks."""

    def __init__(self, case: Case) -> None:
        self.original = case.original.lower()
        self.instruction = case.instruction.lower()

    def leaked(self, kind: str, texts: Sequence[str]) -> Iterator[str]:
        """The texts with a leak of this kind; of the whole rewrite, the leak alone."""
        for leak in _possible(kind, "\n".join(texts).lower()):
            for text in texts:
                lowered = text.lower()
                for phrase in leak.found(lowered):
                    if self._is_new(phrase, lowered, leak):
                        yield phrase if kind == "mark" else text

    def _is_new(self, phrase: str, lowered: str, leak: Leak) -> bool:
        if phrase in self.instruction or lowered.count(phrase) <= self.original.count(phrase):
            return False
        if leak.asked and leak.asked.search(self.instruction):
            return False
        if leak.heads and self._is_said_behind(phrase, lowered):
            return False
        return not (leak.label and _is_label(phrase, self.original))

    def _is_said_behind(self, phrase: str, lowered: str) -> bool:
        """Whether the original says what stands behind the label, so that it is no rule."""
        said = key(lowered[lowered.find(phrase) + len(phrase.partition(":")[0]) + 1 :])
        return len(said.split()) > 2 and said in plain(self.original)


def _is_label(phrase: str, text: str) -> bool:
    name = phrase.strip("#:*_-=~ ")
    if not name or name not in text:
        return False
    return bool(re.search(rf"^\W*{re.escape(name)}[*_]*[ ]?(?::|\W*$)", text, re.MULTILINE))


def _is_copied_order(unit: str, instruction: str) -> bool:
    copied = key(unit)
    return (
        bool(_ORDERS.match(copied))
        and not unit.endswith("?")
        and word_count(unit) >= MIN_COPIED_WORDS
        and copied in keys(instruction)
    )


def _leak(span: str, detail: str) -> Verdict:
    return fail(Reason.PROMPT_LEAK, span, detail=detail)
