"""NVIDIA's cards by nvidia-smi: old and new versions of it, and all the ways in which it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from realign_local.base.gpu import cards
from realign_local.base.gpu.cards import ask_nvidia, nvidia_cards
from tests.stand_ins import HOPPER, Tools, bare_machine, write_tool

MIB = 1 << 20


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    return bare_machine(tmp_path, monkeypatch)


@pytest.mark.usefixtures("tools")
def test_without_the_tool_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards.subprocess, "run", lambda *_a, **_k: pytest.fail("a process"))
    assert ask_nvidia() == cards.NvidiaReport()


def test_a_card_in_full(tools: Tools) -> None:
    tools.nvidia(HOPPER)
    (card,) = nvidia_cards()
    assert (card.name, card.driver, card.capability) == (
        "NVIDIA H100 80GB HBM3",
        "580.159.04",
        "9.0",
    )
    assert (card.total_bytes, card.free_bytes) == (81559 * MIB, 81000 * MIB)
    assert card.cuda == (13, 0)


def test_several_cards(tools: Tools) -> None:
    tools.nvidia(
        "RTX A2000, 550.1, 6000, 5000, 8.6", "GT 1030, 550.1, 2000, 1990, 6.1", cuda="12.4"
    )
    assert [card.name for card in nvidia_cards()] == ["RTX A2000", "GT 1030"]
    assert {card.cuda for card in nvidia_cards()} == {(12, 4)}


def test_a_tool_too_old_for_the_architecture(tools: Tools) -> None:
    tools.add(
        "nvidia-smi",
        """case "$1" in
        *compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2;;
        --query*) echo "Tesla K80, 418.67, 11441, 11400";;
        *) echo "| NVIDIA-SMI 418.67  Driver Version: 418.67  CUDA Version: 10.1 |";;
        esac""",
    )
    (card,) = nvidia_cards()
    assert (card.name, card.capability, card.cuda) == ("Tesla K80", "", (10, 1))


def test_the_version_where_the_heading_has_another_form(tools: Tools) -> None:
    tools.add(
        "nvidia-smi",
        f'case "$1" in --query*) echo "{HOPPER}";; --version) echo "CUDA Version        : 13.1";;'
        ' *) echo "CUDA Version: N/A";; esac',
    )
    assert nvidia_cards()[0].cuda == (13, 1)


def test_what_a_card_does_not_tell_is_nothing(tools: Tools) -> None:
    tools.nvidia("NVIDIA GB10, 580.9, [N/A], [Not Supported], 12.1", cuda="ERR!")
    (card,) = nvidia_cards()
    assert (card.total_bytes, card.free_bytes, card.cuda) == (0, 0, None)
    assert card.capability == "12.1"


FAILED = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."


def test_a_driver_that_fails_is_said(tools: Tools) -> None:
    tools.add("nvidia-smi", f'echo "{FAILED}"; echo "Make sure ..."; exit 9')
    assert ask_nvidia().trouble == FAILED
    assert nvidia_cards() == ()


def test_a_driver_without_a_card_is_no_trouble(tools: Tools) -> None:
    tools.add("nvidia-smi", "echo No devices were found; exit 6")
    assert ask_nvidia() == cards.NvidiaReport()


def test_a_tool_that_hangs_or_does_not_start(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "TIMEOUT_S", 0.2)
    tools.add("nvidia-smi", "while :; do :; done")
    assert ask_nvidia().trouble.startswith("nvidia-smi does not answer within")
    tools.add("nvidia-smi", "").write_text("#!/nowhere/sh\n")
    assert ask_nvidia().trouble.startswith("nvidia-smi does not start")
    tools.add("nvidia-smi", "exit 3")
    assert ask_nvidia().trouble == "nvidia-smi ended with code 3"


def test_in_wsl_it_may_be_off_the_path(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    moved = write_tool(tools.root / "wsl/nvidia-smi", "")
    (tools.folder / "nvidia-smi").rename(moved)
    assert nvidia_cards() == ()
    monkeypatch.setattr(cards, "WSL_TOOL", moved)
    assert len(nvidia_cards()) == 1
