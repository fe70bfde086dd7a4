"""Ctrl+C and SIGTERM become one orderly exception, so that everything is closed on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from realign_local.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Within the block the first signal raises Interrupted (exit 130 or 143).

    From then on both signals are ignored until the block is left: what is finished gets written. A
    process that hangs while it tidies up is still stopped by SIGKILL, and loses nothing by it.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        name = "Ctrl+C" if number == signal.SIGINT else "SIGTERM"
        raise Interrupted(f"stopped by {name}; what was finished is saved", signal_number=number)

    before = {each: signal.signal(each, stop) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
