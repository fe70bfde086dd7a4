"""Signals that end a command: each is named, has its code, and leaves what was there before."""

from __future__ import annotations

import signal

import pytest

from realign_local.base.errors import Interrupted
from realign_local.base.stop import SIGNALS, orderly_stop

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")


@pytest.mark.parametrize(
    ("name", "told"),
    [("SIGINT", "Ctrl+C"), ("SIGTERM", "SIGTERM"), ("SIGHUP", "SIGHUP, its terminal was closed")],
)
def test_every_signal_ends_in_order(name: str, told: str) -> None:
    number = getattr(signal, name)
    before = {each: signal.getsignal(each) for each in SIGNALS}
    with pytest.raises(Interrupted) as stopped, orderly_stop(saves=True):
        signal.raise_signal(number)
    assert str(stopped.value) == f"stopped by {told}; what was finished is saved"
    assert stopped.value.exit_code == 128 + number
    assert {each: signal.getsignal(each) for each in SIGNALS} == before


def _stopped_more_than_once() -> None:
    with orderly_stop():
        try:
            signal.raise_signal(signal.SIGHUP)
        finally:
            for each in SIGNALS:
                signal.raise_signal(each)


def test_a_second_signal_does_not_disturb_the_tidying_up() -> None:
    with pytest.raises(Interrupted, match="SIGHUP"):
        _stopped_more_than_once()


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_stop():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
