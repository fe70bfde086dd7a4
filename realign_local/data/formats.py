"""A dataset on disk: what it is was detected on its first rows, the rest is read row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.data.conversation import (
    Conversation,
    Malformed,
    NothingToRewrite,
    Slot,
    Turns,
    UnknownRole,
    asks,
    responses,
    samples,
    split_thought,
    without_response,
)
from realign_local.data.fields import Format, candidates, is_preference
from realign_local.data.json_text import MAX_NESTING, is_deeper_than, parse, splice
from realign_local.data.json_text import annotate as annotate
from realign_local.data.reading.containers import RawRow
from realign_local.data.reading.detect import JSON_LINES, Container, detect_container
from realign_local.data.reading.encodings import NOT_UTF8, not_utf8
from realign_local.data.reading.passes import Passes
from realign_local.data.reading.shapes import (
    misnamed,
    names_of,
    told_others,
    unknown_format,
    unreadable,
)
from realign_local.data.reading.source import reading

ROWS_TO_DETECT = 100
LOOK_INTO_ROWS, LOOK_INTO_CHARS, EVERY = 10_000, 1 << 25, 50
"""A file may begin with the rarer of two formats: so far every so many rows are looked at, too."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its text in one line, its samples, and where their responses stand in the text.

    A row that is not of the dataset's format has a single sample with the reason malformed_row;
    `conversation` is None there. One that is, but has nothing to be rewritten, has a single one
    with the reason nothing_to_rewrite, and no slot.
    """

    index: int
    line: int
    text: str
    samples: tuple[Sample, ...]
    slots: Mapping[int, Slot] = field(default_factory=dict)
    conversation: Conversation | None = None

    def render(self, replacements: Mapping[int, str]) -> str:
        """The row as one line, with new answers for the turns named; all else is as it was read.

        Raises KeyError for a turn that is not among the row's samples.
        """
        changed = {
            self.slots[turn].path: self.slots[turn].thought + answer
            for turn, answer in replacements.items()
            if answer != self.slots[turn].answer
        }
        return splice(self.text, changed) if changed else self.text


@dataclass(frozen=True, slots=True)
class Dataset:
    """A file of rows; `described` says in one line for a person what was found in it."""

    path: Path
    container: str
    format: str
    described: str
    _form: Format
    _raw_rows: Callable[[], Iterator[RawRow]]
    _answered: bool = True

    def rows(self, *, turns: Turns = "last") -> Iterator[Row]:
        """All rows in order, one at a time; may be called again for another pass.

        Raises DataError if the file turns out to be damaged on the way.
        """
        for index, raw in enumerate(self._raw_rows()):
            yield self.read(raw, index, turns=turns)

    def raw_rows(self) -> Iterator[RawRow]:
        """The text of all rows in order; raises as `rows` does."""
        return self._raw_rows()

    def read(self, raw: RawRow, index: int, *, turns: Turns = "last") -> Row:
        """The row that a text from `raw_rows` holds, which was the `index`-th."""
        name, answered = self.path.name, self._answered
        return _row(raw, index, form=self._form, turns=turns, name=name, answered=answered)

    def unknown_roles(self, raw: RawRow) -> tuple[str, ...]:
        """Who speaks in a row that cannot be read because nobody knows who that is."""
        try:
            self._form.read(_valid(raw.text))
        except UnknownRole as error:
            return error.roles
        except ValueError:
            pass
        return ()


def open_dataset(
    path: Path | str,
    *,
    format: str | None = None,
    fields: Mapping[str, str] | None = None,
    answered: bool = True,
) -> Dataset:
    """Find out what a file holds, from its first rows and not from its name.

    Without `answered` rows need no response, for whoever asks for their requests alone. Raises
    UsageError for a format or field name that does not exist, DataError for a file that cannot be
    read, has no rows, none of a known format, or not one that can be read.
    """
    path, forms = Path(path), candidates(format, fields or {})
    if not answered:
        forms += [form.unanswered() for form in forms]
    dataset = _open(path, detect_container(path, forms), forms, fields or {})
    if not answered:
        dataset = replace(dataset, _form=dataset._form.unanswered(), _answered=False)
    _check_readable(dataset)
    return dataset


def open_lines(path: Path, *, format: str | None, fields: Mapping[str, str]) -> Dataset:
    """The same for a file that is known to hold JSON lines, such as the output of a run."""
    return _open(path, JSON_LINES, candidates(format, fields), fields)


def _open(
    path: Path, container: Container, forms: list[Format], fields: Mapping[str, str]
) -> Dataset:
    with reading(path):
        raw_rows = Passes(path, container.rows)
    first = list(_some(raw_rows()))
    if not first:
        raise DataError(f"{path} has no rows", hint="Check that it is the right file.")
    form, example, others = _detect(forms, first, path=path, fields=fields)
    described = f"{form.name} rows in {container.described} ({names_of(example)})"
    if others:
        described += f"; {told_others(others, len(first))}"
    if "turns" in form.columns and is_preference(example, form.columns):
        described += "; preference data, in which nothing is rewritten"
    return Dataset(path, container.name, form.name, described, form, raw_rows)


def _some(rows: Iterator[RawRow]) -> Iterator[RawRow]:
    """The first rows, and some of those that follow."""
    chars = 0
    for number, raw in enumerate(islice(rows, LOOK_INTO_ROWS)):
        chars += len(raw.text)
        if number < ROWS_TO_DETECT or number % EVERY == 0:
            yield raw
        elif chars > LOOK_INTO_CHARS:
            break


def _detect(
    forms: list[Format], rows: list[RawRow], *, path: Path, fields: Mapping[str, str]
) -> tuple[Format, dict[str, Any], Counter[str]]:
    """The format that fits most rows, a row that it fits, and how many rows are of which other one.

    Where one is another with more columns, it is taken if half of the rows have them.
    """
    parsed = [_parsed(raw.text) for raw in rows]
    fits = [{n for n, row in enumerate(parsed) if form.matches(row)} for form in forms]
    most = max(fits, key=len)
    if not most:
        raise misnamed(path, parsed, forms, fields) or unknown_format(path, rows, parsed)
    own = next(one for one in fits if one <= most and 2 * len(one) >= len(most))
    others = Counter[str]()
    for number in range(len(parsed)):
        if number not in own:
            names = (form.name for form, one in zip(forms, fits, strict=True) if number in one)
            others.update(islice(names, 1))
    return forms[fits.index(own)], parsed[min(own)], others


def _check_readable(dataset: Dataset) -> None:
    """Raise DataError where not one row can be read: a run would only copy the file."""
    seen, first, roles = list[RawRow](), "", dict[str, None]()
    for index, raw in enumerate(dataset.raw_rows()):
        row = dataset.read(raw, index)
        if row.conversation is not None:
            return
        if index < ROWS_TO_DETECT:
            seen.append(raw)
            first = first or row.samples[0].detail
            roles |= dict.fromkeys(dataset.unknown_roles(raw))
    raise unreadable(dataset.path, first, seen, list(roles))


def _parsed(text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


def _row(raw: RawRow, index: int, *, form: Format, turns: Turns, name: str, answered: bool) -> Row:
    try:
        if raw.fault:
            raise Malformed(raw.fault)
        conversation = form.read(_valid(raw.text))
    except ValueError as error:
        return _unread(raw, index, error, name=name)
    own_id = conversation.id or f"row-{index:06d}"
    try:
        spoken = responses(conversation, turns)
    except ValueError as why:
        is_whole = isinstance(why, NothingToRewrite) or (not answered and asks(conversation))
        if not is_whole:
            return _unread(raw, index, why, name=name)
        alone = without_response(conversation, index=index, id=own_id, why=str(why))
        return Row(index, raw.line, raw.text, (alone,), conversation=conversation)
    ids = [own_id if len(spoken) == 1 else f"{own_id}/{turn.number}" for turn in spoken]
    return Row(
        index=index,
        line=raw.line,
        text=raw.text,
        samples=tuple(samples(conversation, spoken, index=index, ids=ids)),
        slots={t.number: Slot(t.path, *split_thought(t.text)) for t in spoken if t.path},
        conversation=conversation,
    )


def _unread(raw: RawRow, index: int, error: ValueError, *, name: str) -> Row:
    where = f"{name}:{raw.line}" if raw.line else f"{name}: row {index + 1}"
    return Row(index, raw.line, raw.text, (_malformed(index, f"{where}: {error}"),))


def _valid(text: str) -> Any:
    """The row's value; raises Malformed where it is not JSON, not UTF-8, or nested too deeply."""
    if not text.isascii() and NOT_UTF8.search(text):
        raise Malformed(not_utf8(text))
    try:
        value = parse(text)
    except ValueError as error:
        raise Malformed(f"not valid JSON: {error}") from None
    if _brackets(text) > MAX_NESTING and is_deeper_than(value, MAX_NESTING):
        raise Malformed(f"nested more than {MAX_NESTING} deep")
    return value


def _brackets(text: str) -> int:
    """No fewer than the levels of the text: a cheap look before the whole value is gone through."""
    return text.count("{") + text.count("[")


def _malformed(index: int, detail: str) -> Sample:
    return Sample(
        index=index,
        turn=0,
        id=f"row-{index:06d}",
        instruction="",
        original="",
        reason=Reason.MALFORMED_ROW,
        detail=detail,
    )
