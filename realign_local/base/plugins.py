"""Gates, operations and targets of other installed packages, found by their entry points.

They are looked for when they are needed first, not on import: a plug-in imports this program too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from realign_local.base.errors import AssetError

Kind = Literal["gates", "operations", "targets"]
"""What can be plugged in; the entry points' group is `realign_local.` and this."""


def plugged(kind: Kind, *, taken: Collection[str], of: type | None = None) -> dict[str, Any]:
    """What other packages bring of this kind, by name, in the order of the names.

    Raises AssetError for one that cannot be loaded, is no `of`, or has a name that is `taken`.
    """
    return {entry.name: _loaded(entry, taken, of) for entry in _entries(kind)}


@cache
def plugins_id(kind: Kind) -> str:
    """Names, packages and versions of what is plugged in: for the journal's keys; "" for none."""
    return " ".join(f"{entry.name}={_package(entry)}" for entry in _entries(kind))


def _entries(kind: Kind) -> Iterator[EntryPoint]:
    yield from sorted(entry_points(group=f"realign_local.{kind}"), key=lambda e: (e.name, e.value))


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _loaded(entry: EntryPoint, taken: Collection[str], of: type | None) -> Any:
    try:
        found = entry.load()
    except Exception as error:  # whatever a foreign module may raise
        problem = f"cannot be loaded: {type(error).__name__}: {error}"
    else:
        if entry.name in taken:
            problem = "has a name that is taken"
        elif of is not None and not isinstance(found, of):
            problem = f"is no {of.__name__}"
        elif not callable(found) and of is None:
            problem = "cannot be called"
        else:
            return found
    raise AssetError(
        f"plug-in {entry.name!r} of {_package(entry)} {problem}",
        hint="Mend that package or uninstall it.",
    )
