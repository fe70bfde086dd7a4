"""Tables and styled text for a terminal, in which text of data may stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from realign_local.cli.terminal.output import visible


class Screen(Console):
    """A rich console for text of data: what would steer the terminal is shown, not sent.

    Square brackets are plain text, whatever stands in them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of what is printed; those that rich itself steers with stay as they are."""
        for segment in super().render(renderable, options):
            shown = segment.text if segment.control else visible(segment.text)
            yield Segment(shown, segment.style, segment.control)

    def render_str(self, text: str, **options: Any) -> Text:
        """A plain string as text, written out before its width is measured."""
        return super().render_str(visible(text), **options)
