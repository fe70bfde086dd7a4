"""What a running command tells whoever watches it; the command line draws it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told about phases and steps; must be cheap to call for every row."""

    def phase(self, name: str, total: int | None) -> None:
        """A new phase begins; `total` steps where that is known."""
        ...

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        """So many steps more are done, and so many tokens were written for them."""
        ...

    def note(self, text: str) -> None:
        """One line that is worth reading now."""
        ...


class Silent:
    """Tells nobody."""

    def phase(self, name: str, total: int | None) -> None:
        return

    def advance(self, steps: int = 1, *, tokens: int = 0) -> None:
        return

    def note(self, text: str) -> None:
        return
