"""NVIDIA cards as their driver's own tool tells of them: `nvidia-smi`, and nothing where it is not.

Standard library only: scripts/bootstrap.py asks before anything is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
TOOL = "nvidia-smi"
WSL_TOOL = Path("/usr/lib/wsl/lib/nvidia-smi")
"""Where the Windows driver puts it; not every shell of WSL has that folder on its PATH."""
TIMEOUT_S = 30
"""It wakes every card up first, which takes seconds where nothing keeps them awake."""
FIELDS = ("name", "driver_version", "memory.total", "memory.free", "compute_cap")
SINCE_DRIVER_510 = 1
"""So many fields at the end are unknown to older tools, which then answer nothing at all."""
NO_CARD = "No devices were found"
CUDA_VERSION = re.compile(r"CUDA (?:\w+ )?Version\s*:\s*(\d+)\.(\d+)")

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Card:
    """One NVIDIA card; `cuda` is the newest version of CUDA that its driver can run."""

    name: str
    driver: str
    total_bytes: int
    free_bytes: int
    capability: str = ""
    cuda: Version | None = None


@dataclass(frozen=True, slots=True)
class NvidiaReport:
    """The cards; or how the driver's tool failed, where it is installed and does not answer."""

    cards: tuple[Card, ...] = ()
    trouble: str = ""


def nvidia_cards() -> tuple[Card, ...]:
    """The cards that the driver shows; none where there is no driver, or where it fails."""
    return ask_nvidia().cards


def ask_nvidia() -> NvidiaReport:
    """What `nvidia-smi` says of cards and driver. Free of cost where it is not installed."""
    tool = shutil.which(TOOL) or (str(WSL_TOOL) if WSL_TOOL.exists() else "")
    if not tool:
        return NvidiaReport()
    try:
        return _ask(tool)
    except subprocess.TimeoutExpired:
        return NvidiaReport(trouble=f"{TOOL} does not answer within {TIMEOUT_S} s")
    except OSError as error:
        return NvidiaReport(trouble=f"{TOOL} does not start: {error.strerror or error}")


def _ask(tool: str) -> NvidiaReport:
    query = _run(tool, *_query(FIELDS))
    if query.returncode and "not a valid field" in query.stdout + query.stderr:
        query = _run(tool, *_query(FIELDS[:-SINCE_DRIVER_510]))
    said = [line.strip() for line in (query.stdout + query.stderr).splitlines() if line.strip()]
    if any(NO_CARD in line for line in said):
        return NvidiaReport()
    if query.returncode:
        words = said[0] if said else f"{TOOL} ended with code {query.returncode}"
        return NvidiaReport(trouble=words)
    rows = [line for line in query.stdout.splitlines() if line.count(",") >= len(FIELDS) - 2]
    cuda = _cuda_version(tool) if rows else None
    return NvidiaReport(tuple(_card(row, cuda) for row in rows))


def _card(row: str, cuda: Version | None) -> Card:
    """A line of the table; what a card does not tell (`[N/A]`) is zero or empty."""
    name, driver, total, free, *rest = [value.strip() for value in row.split(",")]
    capability = rest[0] if rest and re.fullmatch(r"\d+\.\d+", rest[0]) else ""
    return Card(name, driver, _mib(total), _mib(free), capability, cuda)


def _cuda_version(tool: str) -> Version | None:
    """From the heading of the plain answer, else from --version, which older tools do not know."""
    for arguments in ((), ("--version",)):
        if found := CUDA_VERSION.search(_run(tool, *arguments).stdout):
            return int(found[1]), int(found[2])
    return None


def _query(fields: tuple[str, ...]) -> tuple[str, ...]:
    return f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"


def _mib(text: str) -> int:
    return int(text) * MIB if text.isdigit() else 0


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool, *arguments], capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S
    )
