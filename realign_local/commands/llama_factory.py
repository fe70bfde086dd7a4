"""The entry in dataset_info.json without which LLaMA-Factory does not see a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError, UsageError
from realign_local.base.untrusted import loads, read_text
from realign_local.run.files.rundir import write_json

INFO = "dataset_info.json"
TARGETS = ("alpaca", "sharegpt", "realign", "messages", "dpo", "kto")
"""What LLaMA-Factory can read."""
_ALPACA = {"prompt": "instruction", "query": "input", "response": "output"}
_MESSAGE_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}


def companion_path(output: Path) -> Path:
    """Where the shape goes that LLaMA-Factory reads, where TRL reads another one."""
    return output.with_name(f"{output.stem}_llama_factory{output.suffix}")


def check_entry(file: Path, target: str) -> None:
    """Raises what `register` would raise of the dataset_info.json that is there, before anything
    is written.
    """
    if _entry(file.name, target, frozenset()) is not None:
        _key(file, _entries(file.with_name(INFO)))


def register(file: Path, target: str, columns: frozenset[str]) -> list[Path]:
    """Write the entry for `file` beside it, named after it; entries of other files stay.

    Returns the files written: none for a target that LLaMA-Factory cannot read. Raises DataError
    where a dataset_info.json is there that cannot be read, UsageError where the entry for `file` in
    it is somebody else's, DiskError.
    """
    entry = _entry(file.name, target, columns)
    if entry is None:
        return []
    path = file.with_name(INFO)
    entries = _entries(path)
    write_json(path, {**entries, _key(file, entries): entry})
    return [path]


def _key(file: Path, entries: Mapping[str, Any]) -> str:
    """The file's name without its ending, as is usual; with it where that is another file's."""
    held = entries.get(file.stem)
    is_others = isinstance(held, dict) and held.get("file_name") != file.name
    key = file.name if is_others else file.stem
    if key in entries and not _is_own(entries[key], file.name):
        raise UsageError(
            f"{file.with_name(INFO)} has an entry {key!r} that this program did not write",
            hint="Give another name with -o, or take that entry out first.",
        )
    return key


def _is_own(held: Any, name: str) -> bool:
    """Whether an entry is one of those that are written here, whatever columns the rows had."""
    columns = held.get("columns") if isinstance(held, dict) else None
    if not isinstance(columns, dict):
        return False
    also = frozenset(column for column, named in columns.items() if column == named)
    return any(held == _entry(name, target, also) for target in TARGETS)


def _entry(name: str, target: str, columns: frozenset[str]) -> dict[str, Any] | None:
    also = {column: column for column in sorted(columns)}
    chat: dict[str, Any] = {"file_name": name, "formatting": "sharegpt"}
    turns = {"messages": "conversations"}
    return {
        "alpaca": {"file_name": name, "columns": {**_ALPACA, **also}},
        "sharegpt": {**chat, "columns": {**turns, **also}},
        "realign": {**chat, "columns": {"messages": "items"}},
        "messages": {**chat, "columns": {"messages": "messages"}, "tags": _MESSAGE_TAGS},
        "dpo": {
            **chat,
            "ranking": True,
            "columns": {**turns, "chosen": "chosen", "rejected": "rejected"},
        },
        "kto": {**chat, "columns": {**turns, "kto_tag": "label"}},
    }.get(target)


def _entries(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        entries = loads(read_text(path))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}", hint="Mend or move it.") from error
    if not isinstance(entries, dict):
        raise DataError(f"{path} is not a JSON object", hint="Mend or move it.")
    return entries
