"""The tasks and the form each one asks for: criteria/*.toml, read into frozen Criterion objects."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from realign_local.errors import UsageError

Kind = Literal["write", "items", "verbatim", "changes", "free"]
Style = Literal["paragraph", "numbered", "bullets", "table", "code", "as_is"]
Part = Literal[
    "", "all", "rest", "steps", "sentences", "list_items", "terms", "paragraphs", "code", "table",
    "answer", "result", "body", "refusal", "evidence",
]  # fmt: skip


class Section(BaseModel):
    """One section of a layout, in the order in which the rewritten response shows them.

    `write` is worded by the model; `items` turns the original's own parts into a list, verbatim;
    `verbatim` copies a part of the original, or a sentence of the evidence; `changes` lists what
    differs between the user's text and the response; `free` is rewritten by the model as a whole.

    An `optional` section is left out where its part is not in the original (or yields fewer than
    `min_items` items) and where its conditions do not hold: `evidence` asks for passages,
    `min_chars` and `max_chars` (0: no bound) for an original of that length, so that a short answer
    gets no conclusion that says it twice and a long one no explanation that it already holds;
    `bare` for an original that says at most one sentence beside its result, code or table (only who
    has taken it apart can tell); `unless` for one without a line that begins with these words.

    `fallback` holds sentences that need no model, one picked for each row, for when a gate turned
    down what the model wrote here; `{asked}` stands for the request's question or bid, `{question}`
    for it where it is a question, `{answer}` for the marked final answer. `sums_up` says that a
    `write` section must use at least one word of the response that the request has not; a
    conclusion that only names the subject says nothing. One that `restates` says what is asked: it
    gives no result, and where `new_words` bounds the words that neither request, response nor
    evidence has, it uses one of the request's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    name: str = Field(min_length=1)
    style: Style = "paragraph"
    part: Part = ""
    openings: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    sums_up: bool = False
    restates: bool = False
    new_words: int | None = Field(default=None, ge=0)
    sentences: int = Field(default=2, ge=1, le=8)
    max_tokens: int = Field(default=80, ge=4, le=2048)
    min_items: int = Field(default=2, ge=1)
    label: Literal["none", "label", "explain"] = "none"
    optional: bool = False
    evidence: bool = False
    min_chars: int = Field(default=0, ge=0)
    max_chars: int = Field(default=0, ge=0)
    bare: bool = False
    unless: str = ""

    def suits(self, original: str, *, evidence: bool) -> bool:
        """Whether this section's conditions hold for a response and what was found for it."""
        longest = self.max_chars or len(original)
        if self.unless and re.search(rf"(?im)^[\s*_#>]*{re.escape(self.unless)}", original):
            return False
        return self.min_chars <= len(original) <= longest and (evidence or not self.evidence)

    @model_validator(mode="after")
    def _conditions_make_it_optional(self) -> Section:
        conditions = (self.evidence, self.min_chars, self.max_chars, self.bare, self.unless)
        if any(conditions) and not self.optional:
            raise ValueError(f"section {self.name!r}: with a condition it must be optional")
        return self

    @model_validator(mode="after")
    def _part_fits_kind(self) -> Section:
        if self.kind in ("items", "verbatim") and not self.part:
            raise ValueError(f"section {self.name!r}: kind {self.kind!r} must name a part")
        if (self.part == "evidence") > (self.kind == "verbatim" and self.evidence):
            raise ValueError(
                f"section {self.name!r}: evidence is cited by an optional verbatim one"
            )
        if self.kind in ("write", "changes", "free") and self.part:
            raise ValueError(f"section {self.name!r}: kind {self.kind!r} takes no part")
        if self.kind == "items" and self.style not in ("numbered", "bullets"):
            raise ValueError(f"section {self.name!r}: items must be numbered or bullets")
        if self.fallback and self.kind not in ("write", "changes"):
            raise ValueError(f"section {self.name!r}: only write and changes may have a fallback")
        return self


class Example(BaseModel):
    """A worked example: what came in, and the same content in the form of the task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str = Field(min_length=1)
    response: str = Field(min_length=1)
    rewritten: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()


class Criterion(BaseModel):
    """What one task is, and the form its responses are given (paper, section 3.1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    group: str = Field(min_length=1)
    description: str = Field(min_length=1)
    rewrite: bool
    needs_evidence: bool = False
    format: str = ""
    layout: tuple[Section, ...] = ()
    queries: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _rewritten_tasks_have_a_form(self) -> Criterion:
        if self.rewrite and not (self.format.strip() and self.layout):
            raise ValueError("a task that is rewritten must have a format and a layout")
        names = [section.name for section in self.layout]
        if len(set(names)) < len(names):
            raise ValueError("two sections of a layout must not have the same name")
        return self

    @cached_property
    def example_texts(self) -> tuple[str, ...]:
        """All that the worked examples say."""
        return tuple(
            text
            for example in self.examples
            for text in (example.instruction, example.rewritten, *example.evidence)
        )

    @cached_property
    def example_requests(self) -> tuple[str, ...]:
        """What the worked examples are about."""
        return tuple(example.instruction for example in self.examples)

    @cached_property
    def openings(self) -> tuple[str, ...]:
        """All wording that the layout may give: openings, and sentences for the model's place."""
        return tuple(o for section in self.layout for o in (*section.openings, *section.fallback))

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, not of the file: comments and spacing do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Criteria(Mapping[str, Criterion]):
    """All tasks by name, in the order of their names."""

    def __init__(self, criteria: Iterator[Criterion] | list[Criterion]) -> None:
        self._by_task = {c.task: c for c in sorted(criteria, key=lambda c: c.task)}

    def __getitem__(self, task: str) -> Criterion:
        return self._by_task[task]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_task)

    def __len__(self) -> int:
        return len(self._by_task)

    @cached_property
    def sha256(self) -> str:
        """One hash over all tasks."""
        return hashlib.sha256("".join(c.sha256 for c in self.values()).encode()).hexdigest()


def read_criterion(path: Path) -> Criterion:
    """Read one file; raises UsageError that names the file and the key that is wrong."""
    try:
        criterion = Criterion.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"{path}: {where}: {first['msg']}") from error
    if criterion.task != path.stem:
        raise UsageError(
            f"{path}: task must be the file's name {path.stem!r}, was: {criterion.task!r}"
        )
    return criterion


def read_criteria(folder: Path) -> Criteria:
    """Read every *.toml of a folder; raises UsageError where there is none or one is wrong."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise UsageError(
            f"no criteria in {folder}", hint="Point --criteria at a folder of *.toml files."
        )
    return Criteria([read_criterion(path) for path in files])
