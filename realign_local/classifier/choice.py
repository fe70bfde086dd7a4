"""What `--classifier` asks for: who decides, and which trained classifier takes part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

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
    """Read encoder, llm or both, a folder, or both as in both:DIR."""
    head, _, rest = text.partition(":")
    for mode in get_args(Mode):
        if head == mode:
            return Choice(mode, Path(rest) if rest else None)
    return Choice("encoder", Path(text))
