"""What `--classifier` asks for: who decides, and which trained classifier takes part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from realign_local.base.errors import UsageError

Mode = Literal["encoder", "llm", "both"]


@dataclass(frozen=True, slots=True)
class Choice:
    """`encoder` decides alone, `llm` hears the model on every row, `both` on doubtful rows.

    The model always chooses among the tasks that the encoder's classifier ranks first. `folder` is
    a classifier of the user's own; None is the shipped one.
    """

    mode: Mode
    folder: Path | None = None

    def __str__(self) -> str:
        return f"{self.mode}:{self.folder.absolute()}" if self.folder else self.mode


def read_choice(text: str) -> Choice:
    """Read encoder, llm or both, a folder, or both as in both:DIR; raises UsageError."""
    head, colon, rest = text.partition(":")
    if colon and not rest:
        raise UsageError(f"--classifier {text} names no folder", hint=f"Give {head}:DIR or {head}.")
    for mode in get_args(Mode):
        if head == mode:
            return Choice(mode, Path(rest) if rest else None)
    return Choice("encoder", Path(text))
