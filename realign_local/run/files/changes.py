"""What is other than in the run of before, in a user's words: options and names, not hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

HASHED = {
    "model_sha256": ("model", "model_file"),
    "encoder_sha256": ("encoder", "encoder"),
    "index_sha256": ("index", "index"),
    "criteria_sha256": ("criteria", "criteria"),
}
"""Of a hash: what it is of, and which setting has the name of that."""
NOT_TIDY = ("model_sha256", "encoder_sha256", "index_sha256", "judge", "server", "server_model")
"""What a run that only tidies does without: that the mode is another one says enough."""
WORDS = {"realign_version": "realign", "judge": "trust in the model as a judge"}
SHORT = 40
"""Signs of a value that is shown."""


def told_changes(old: Mapping[str, Any], new: Mapping[str, Any], keys: list[str]) -> str:
    """Each of `keys`, which differ between two run.toml, with the value of before and of now."""
    left_out = {"judge"} if "model_sha256" in keys else set[str]()
    if "mode" in keys and "tidy" in (old.get("mode"), new.get("mode")):
        left_out.update(NOT_TIDY)
    shown = [key for key in keys if key not in left_out]
    first = sorted(shown, key=lambda key: (key != "mode", key not in HASHED))
    return ", ".join(part for key in first for part in _change(key, old, new))


def _change(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if key in HASHED:
        yield _named(*HASHED[key], old, new)
        return
    name, was, now = WORDS.get(key, key.replace("_", " ")), old.get(key), new.get(key)
    if isinstance(was, dict) or isinstance(now, dict):
        before, after = was or {}, now or {}
        for one in sorted(before.keys() | after.keys()):
            if before.get(one) != after.get(one):
                yield f"{name} {one} {_pair(before.get(one), after.get(one))}"
        return
    told = _pair(was, now)
    yield f"{name} {told}" if len(told) <= SHORT * 2 else name


def _named(name: str, setting: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    was, now = (PurePath(str(one.get(setting) or "")).name for one in (old, new))
    return f"{name} {_pair(was, now)}" if was != now else f"{name} (what is in there)"


def _pair(was: Any, now: Any) -> str:
    return f"{_value(was)} -> {_value(now)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "default" if value in (None, "") else str(value)
