"""Stand-ins for the tools of graphics cards: shell scripts, in a folder that is the whole PATH."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from realign_local.base.gpu import builds, cards

HOPPER = "NVIDIA H100 80GB HBM3, 580.159.04, 81559, 81000, 9.0"
HEADING = "| NVIDIA-SMI 580.159.04    Driver Version: 580.159.04    CUDA Version: {cuda}     |"


class Tools:
    """A folder of stand-ins; nothing else is on the PATH, and nothing is in the usual places."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder / "bin", folder
        self.folder.mkdir()

    def add(self, name: str, script: str) -> Path:
        """A program of this name that runs these lines of sh."""
        return write_tool(self.folder / name, script)

    def nvidia(self, *rows: str, cuda: str = "13.0") -> None:
        """A driver that shows these cards."""
        table = "\n".join(f"echo {shlex.quote(row)}" for row in rows)
        heading = HEADING.format(cuda=cuda)
        self.add("nvidia-smi", f'case "$1" in --query*) {table};; *) echo "{heading}";; esac')

    def nvcc(self, release: str, *, place: Path | None = None) -> Path:
        """A compiler of this version, on the PATH or where it is put."""
        text = f'echo "Cuda compilation tools, release {release}, V{release}.88"'
        return write_tool(place or self.folder / "nvcc", text)

    def version(self, name: str, version: str) -> None:
        """A tool that tells its version as cmake does."""
        self.add(name, f'echo "{name} version {version}"')


def write_tool(path: Path, script: str) -> Path:
    """A program that runs these lines of sh."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def bare_machine(folder: Path, patch: pytest.MonkeyPatch) -> Tools:
    """A machine on which nothing is installed but what is added."""
    tools = Tools(folder)
    for name in ("CMAKE_ARGS", "CMAKE_GENERATOR", "CUDA_HOME", "CUDA_PATH", "VULKAN_SDK"):
        patch.delenv(name, raising=False)
    for name in ("REALIGN_CPU", "CUDA_VISIBLE_DEVICES"):
        patch.delenv(name, raising=False)
    patch.setenv("PATH", str(tools.folder))
    patch.setattr(cards, "WSL_TOOL", folder / "no-wsl")
    for name in ("TOOLKITS", "ROCM", "SYSTEM", "DRM"):
        patch.setattr(builds, name, folder / f"no-{name}")
    return tools
