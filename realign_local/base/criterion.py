"""The tasks and the form each one asks for: criteria/*.toml, read into frozen Criterion objects."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from realign_local.base.errors import UsageError
from realign_local.base.untrusted import loads_toml, read_text

Kind = Literal["write", "items", "verbatim", "changes", "free"]
Style = Literal["paragraph", "numbered", "bullets", "table", "code", "as_is"]
Part = Literal[
    "", "all", "rest", "steps", "sentences", "list_items", "terms", "paragraphs", "code", "table",
    "answer", "result", "body", "refusal", "evidence",
]  # fmt: skip


class Section(BaseModel):
    """One section of a layout, in the order in which the rewritten response shows them.

    It says what the shape of a rewrite is, for the gate `layout`: `write` is a paragraph of its
    own, `items` a list of the original's parts, `verbatim` a part of the original or a sentence of
    the evidence, `changes` a list of what differs between the user's text and the response, `free`
    anything.

    An `optional` section may be missing. `label` says that each entry begins with a label in bold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    name: str = Field(min_length=1)
    style: Style = "paragraph"
    part: Part = ""
    min_items: int = Field(default=2, ge=1)
    label: Literal["none", "label", "explain"] = "none"
    optional: bool = False

    @model_validator(mode="after")
    def _part_fits_kind(self) -> Section:
        if self.kind in ("items", "verbatim") and not self.part:
            raise ValueError(f"section {self.name!r}: kind {self.kind!r} must name a part")
        if self.kind in ("write", "changes", "free") and self.part:
            raise ValueError(f"section {self.name!r}: kind {self.kind!r} takes no part")
        if self.kind == "items" and self.style not in ("numbered", "bullets"):
            raise ValueError(f"section {self.name!r}: items must be numbered or bullets")
        return self


class Example(BaseModel):
    """A worked example: what came in, and the same content in the form of the task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str = Field(min_length=1)
    response: str = Field(min_length=1)
    rewritten: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()


class Criterion(BaseModel):
    """What one task is, and the form its responses are given (paper, section 3.1).

    `operations` are the things that a model may do to a response of this task beside what the
    program does alone. A `layout`, where there is one, has to be met by every rewrite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    group: str = Field(min_length=1)
    description: str = Field(min_length=1)
    rewrite: bool
    needs_evidence: bool = False
    format: str = ""
    operations: tuple[str, ...] = ()
    layout: tuple[Section, ...] = ()
    queries: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _rewritten_tasks_have_a_form(self) -> Criterion:
        if self.rewrite and not self.format.strip():
            raise ValueError("a task that is rewritten must have a format")
        names = [section.name for section in self.layout]
        if len(set(names)) < len(names):
            raise ValueError("two sections of a layout must not have the same name")
        return self

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, not of the file: comments and spacing do not count."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


DEFAULT = "default"
"""The task of a row that is of no other."""


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


def told_of_no_default(criteria: Criteria) -> str:
    """What to say of criteria without a task for whatever fits none of them; else ""."""
    if DEFAULT in criteria or not criteria:
        return ""
    some = ", ".join(list(criteria)[:3]) + ", ..." * (len(criteria) > 3)
    return (
        f"there is no criterion {DEFAULT!r}: a row that fits no task is taken for one of those"
        f" that there are ({some}); copy {DEFAULT}.toml from the built-in ones"
    )


def read_criterion(path: Path) -> Criterion:
    """Read one file; raises UsageError that names the file and the key that is wrong."""
    try:
        criterion = Criterion.model_validate(loads_toml(read_text(path)))
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
