"""The dataset formats: which columns each one has, and how a row of it becomes a conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realign_local.base.errors import UsageError
from realign_local.data.conversation import Conversation, Malformed, Spoken
from realign_local.data.json_text import encode, with_numbers
from realign_local.data.turns import (
    OWN_ROLE,
    ROLE_NAMES,
    chat_turns,
    content_text,
    joined_text,
    value_text,
)

Row = Mapping[str, Any]
Columns = Mapping[str, tuple[str, ...]]
"""Our name of a column -> the names it goes by in the file, the likeliest first."""

ALIASES = {
    "output": "response",
    "completion": "response",
    "messages": "turns",
    "conversations": "turns",
    "items": "turns",
    "from": "role",
    "value": "content",
}

PREFERENCE = ("chosen", "rejected")
"""Two responses, of which one is better: rewriting either would change what the row says."""
_ID = ("id", "_id", "prompt_id", "task_id", "question_id", "conversation_id", "uid", "uuid")
_CHAT: Columns = {
    "role": ("role", "from"),
    "content": ("content", "value", "text"),
    "system": ("system", "system_prompt"),
    "tools": ("tools",),
    "category": ("category",),
    "evidence": (),
    "id": _ID,
}
_FLAT: Columns = {
    "input": ("input",),
    "system": ("system", "system_prompt"),
    "tools": ("tools",),
    "history": ("history",),
    "category": ("category",),
    "evidence": (),
    "id": _ID,
}


@dataclass(frozen=True, slots=True)
class Format:
    """A dataset format. `required` names the columns that make a row one of this format."""

    name: str
    columns: Columns
    required: tuple[str, ...]
    reader: Callable[[Row, Columns], Conversation]

    def matches(self, row: Any) -> bool:
        """Whether the row has the required columns and, for chat formats, a list of turns."""
        if not isinstance(row, dict):
            return False
        if not all(column(row, self.columns[ours]) for ours in self.required):
            return False
        return "turns" not in self.columns or isinstance(_get(row, self.columns["turns"]), list)

    def read(self, row: Any) -> Conversation:
        """The row as a conversation; raises Malformed."""
        if not isinstance(row, dict):
            raise Malformed("not a JSON object")
        for ours in self.required:
            if not column(row, self.columns[ours]):
                raise Malformed(self._other(row) or _lacks(row, self.columns[ours]))
        return self.reader(row, self.columns)

    def _other(self, row: Row) -> str:
        """What to say of a row that is of another format, "" for one of none."""
        other = next((form.name for form in FORMATS if form.matches(row)), "")
        return other and (
            f"a row of the format {other} in a file that is read as {self.name}: give each format"
            " a file of its own, or say with --format which is read"
        )

    def unanswered(self) -> Format:
        """The same format for rows that may have a request alone."""
        return replace(self, required=tuple(n for n in self.required if n != "response"))

    def renamed(self, fields: Mapping[str, str]) -> Format:
        """The same format with the user's own column names in the first place."""
        ours = {ALIASES.get(name, name): theirs for name, theirs in fields.items()}
        known = {
            name: (ours[name],) if name in ours else names for name, names in self.columns.items()
        }
        of_rows = ours.keys() & known.keys() - {"role", "content"} - set(self.required)
        roles = {name: theirs.split(",") for name, theirs in fields.items() if _is_role(name)}
        known |= {name: tuple(filter(None, map(str.strip, names))) for name, names in roles.items()}
        return replace(self, columns=known, required=(*self.required, *sorted(of_rows)))


def _lacks(row: Row, names: Sequence[str]) -> str:
    return f"no {' or '.join(names)} (fields: {', '.join(map(str, row)) or 'none'})"


def column(row: Row, names: Sequence[str]) -> str:
    """The first of the names that the row has, or ""."""
    for name in names:  # several times for each row
        if name in row:
            return name
    return ""


def _is_role(name: str) -> bool:
    return name.startswith(OWN_ROLE)


def is_preference(row: Any, columns: Columns) -> bool:
    """Whether a row holds two responses to choose from, beside those that the columns name."""
    own = {name for names in columns.values() for name in names}
    return isinstance(row, dict) and set(PREFERENCE) <= row.keys() - own


def _get(row: Row, names: Sequence[str]) -> Any:
    for name in names:
        if name in row:
            return row[name]
    return None


def _read_chat(row: Row, columns: Columns) -> Conversation:
    name = column(row, columns["turns"])
    turns = chat_turns(row[name], (name,), keys=columns)
    return Conversation(
        turns=(*_system(row, columns), *turns),
        id=_id(row, columns),
        category=value_text(_get(row, columns["category"])) or "",
        evidence=_evidence(_get(row, columns["evidence"])),
        tools=_tools(_get(row, columns["tools"])),
        left="preference data: chosen and rejected stay" if is_preference(row, columns) else "",
    )


def _read_realign(row: Row, columns: Columns) -> Conversation:
    name = column(row, columns["turns"])
    plain = _read_chat(row, columns)
    first = next((item for item in row[name] if isinstance(item, dict)), {})
    return replace(
        plain,
        category=value_text(first.get("category")) or plain.category,
        evidence=_evidence(first.get("evidence")) or plain.evidence,
    )


def _read_flat(row: Row, columns: Columns) -> Conversation:
    asked, answer = column(row, columns["instruction"]), column(row, columns["response"])
    before = [*_system(row, columns), *_history(row, columns)]
    extra = joined_text(_get(row, columns["input"])) if asked not in columns["input"] else ""
    if not answer:  # only where the format is `unanswered`
        turns = [
            Spoken(-1, "user", "\n\n".join(filter(str.strip, (joined_text(row[asked]), extra))))
        ]
    elif isinstance(row[asked], list) and isinstance(row[answer], list):
        keys = {**_CHAT, **{name: names for name, names in columns.items() if _is_role(name)}}
        before += [replace(turn, path=None) for turn in chat_turns(row[asked], (asked,), keys=keys)]
        turns = chat_turns(row[answer], (answer,), keys=keys, first=len(row[asked]))
    else:
        request = "\n\n".join(filter(str.strip, (joined_text(row[asked]), extra)))
        text, path = content_text(row[answer], (answer,))
        turns = [Spoken(-1, "user", request), Spoken(0, "assistant", text, path)]
    return Conversation(
        turns=(*before, *turns),
        id=_id(row, columns),
        category=value_text(_get(row, columns["category"])) or "",
        evidence=_evidence(_get(row, columns["evidence"])),
        input=extra if extra.strip() else "",
        tools=_tools(_get(row, columns["tools"])),
    )


def _system(row: Row, columns: Columns) -> list[Spoken]:
    text = joined_text(_get(row, columns["system"]))
    return [Spoken(-1, "system", text)] if text.strip() else []


def _history(row: Row, columns: Columns) -> list[Spoken]:
    """The earlier rounds of alpaca's `history`; their answers count from turn 1."""
    name = column(row, columns["history"])
    rounds = row[name] if name else None
    if not rounds:
        return []
    if not isinstance(rounds, list) or not all(isinstance(r, list) and len(r) == 2 for r in rounds):
        raise Malformed(f"{name} is not a list of pairs")
    turns = []
    for number, (question, answer) in enumerate(rounds):
        text, path = content_text(answer, (name, number, 1))
        turns += [
            Spoken(-1, "user", joined_text(question)),
            Spoken(number + 1, "assistant", text, path),
        ]
    return turns


def _id(row: Row, columns: Columns) -> str:
    for name in columns["id"]:
        if name in row and (text := value_text(row[name])):
            return text
    return ""


def _tools(value: Any) -> str:
    """The tools that the row offers: a text as it is, anything else as JSON text."""
    text = value_text(value)
    return (encode(with_numbers(value)) if value else "") if text is None else text


def _evidence(value: Any) -> tuple[str, ...]:
    """Evidence that came with the row: a text or a list of texts; anything else is not evidence."""
    if value is None:
        return ()
    texts = value if isinstance(value, list) else [value]
    return tuple(str(text) for text in texts if isinstance(text, str) and text.strip())


FORMATS = (
    Format("realign", {**_CHAT, "turns": ("items",)}, ("turns",), _read_realign),
    Format(
        "no_robots",
        {**_CHAT, "turns": ("messages",), "prompt_id": ("prompt_id",)},
        ("turns", "prompt_id"),
        _read_chat,
    ),
    Format("messages", {**_CHAT, "turns": ("messages",)}, ("turns",), _read_chat),
    Format("sharegpt", {**_CHAT, "turns": ("conversations",)}, ("turns",), _read_chat),
    Format("thread", {**_CHAT, "turns": ("thread",)}, ("turns",), _read_chat),
    Format(
        "dolly",
        {
            **_FLAT,
            "instruction": ("instruction",),
            "input": ("context",),
            "response": ("response",),
        },
        ("instruction", "input", "response"),
        _read_flat,
    ),
    Format(
        "alpaca",
        {**_FLAT, "instruction": ("instruction",), "response": ("output", "response")},
        ("instruction", "response"),
        _read_flat,
    ),
    Format(
        "prompt-completion",
        {**_FLAT, "instruction": ("prompt",), "response": ("completion",)},
        ("instruction", "response"),
        _read_flat,
    ),
    Format(
        "question-answer",
        {
            **_FLAT,
            "instruction": ("question", "query", "prompt", "problem", "input"),
            "response": ("response", "answer", "solution", "output"),
        },
        ("instruction", "response"),
        _read_flat,
    ),
)
"""In the order in which they are tried on a dataset's first rows."""

ROLES = tuple(f"{OWN_ROLE}{name}" for name in ROLE_NAMES)
FIELD_NAMES = (
    *sorted({name for form in FORMATS for name in form.columns} | set(ALIASES)),
    *ROLES,
)


def candidates(format: str | None, fields: Mapping[str, str]) -> list[Format]:
    """The formats that a dataset may have, given what the user said; raises UsageError."""
    for name in fields:
        if name not in FIELD_NAMES:
            raise UsageError(f"unknown field {name!r}", hint=f"Fields: {', '.join(FIELD_NAMES)}.")
    names = [form.name for form in FORMATS]
    if format is not None and format not in names:
        raise UsageError(f"unknown format {format!r}", hint=f"Formats: {', '.join(names)}.")
    columns = Counter(theirs for ours, theirs in fields.items() if not _is_role(ours))
    twice = [name for name, count in columns.items() if count > 1]
    if twice:
        raise UsageError(f"column {twice[0]!r} cannot be two fields at once")
    asked = {ALIASES.get(name, name) for name in fields if not _is_role(name)}
    chosen = [
        form for form in FORMATS if format in (None, form.name) and asked <= set(form.columns)
    ]
    if not chosen:
        raise UsageError(f"format {format} has no field {', '.join(sorted(fields))}")
    return [form.renamed(fields) for form in chosen]
