"""What this machine has to offer: cores, free memory, the name of its processor."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import psutil

CPUS = Path("/sys/devices/system/cpu")
CGROUP = Path("/sys/fs/cgroup")
NAME = "realign-local"
UNLIMITED_BYTES = 1 << 60
"""cgroup v1 writes a huge number where there is no limit."""


def physical_cores() -> int:
    """Cores that this process may use: hyper-threads counted once, affinity and quota heeded.

    Both threads of a core share its vector units, so llama.cpp gains nothing from the second one.
    """
    if sys.platform == "darwin":
        return _sysctl("hw.perflevel0.physicalcpu") or _sysctl("hw.physicalcpu") or 1
    if not hasattr(os, "sched_getaffinity"):
        return psutil.cpu_count(logical=False) or 1
    allowed = os.sched_getaffinity(0)
    cores = {_read(CPUS / f"cpu{n}/topology/thread_siblings_list") or str(n) for n in allowed}
    return max(1, min(len(cores), _quota_cores() or len(cores)))


def free_memory_bytes() -> int:
    """Memory that can be taken without swapping, within the limit of the container."""
    return min(_system_free_bytes(), *_container_free_bytes(), UNLIMITED_BYTES)


def cpu_name() -> str:
    """The processor's model name, else its architecture."""
    for line in _read(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cache_folder() -> Path:
    """Where facts that cost time to find out are kept; all of it may be deleted at any time."""
    if named := os.environ.get("REALIGN_CACHE"):
        return Path(named) / NAME
    try:
        return Path(platformdirs.user_cache_dir(NAME, appauthor=False)).expanduser()
    except RuntimeError:  # the system knows no home
        return Path(tempfile.gettempdir()) / NAME


def gpu_refused() -> bool:
    """Whether a graphics card is to be left alone: REALIGN_GPU_LAYERS=0."""
    return os.environ.get("REALIGN_GPU_LAYERS") == "0"


def _quota_cores() -> int:
    """Whole cores of the cgroup's quota, 0 where there is none."""
    quota, period = [*_read(CGROUP / "cpu.max").split(), "", ""][:2]
    if not quota:
        quota = _read(CGROUP / "cpu/cpu.cfs_quota_us")
        period = _read(CGROUP / "cpu/cpu.cfs_period_us")
    if quota.isdigit() and period.isdigit():
        return max(1, int(quota) // int(period))
    return 0


def _system_free_bytes() -> int:
    return int(psutil.virtual_memory().available)


def _container_free_bytes() -> Iterator[int]:
    """Limit less usage of the process's own cgroup, version 2 then 1, where there is one."""
    for limit_name, used_name, reclaimable in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        for folder in _cgroup_folders():
            limit, used = _read(folder / limit_name), _read(folder / used_name)
            if limit.isdigit() and used.isdigit() and int(limit) < UNLIMITED_BYTES:
                cached = _field(folder / "memory.stat", reclaimable)
                yield max(0, int(limit) - int(used) + cached)


def _cgroup_folders() -> Iterator[Path]:
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers in ("", "memory"):
            root = CGROUP / controllers if controllers else CGROUP
            yield root / place.lstrip("/")
            yield root  # inside a container the mount begins at the container's own group


def _field(file: Path, name: str) -> int:
    for line in _read(file).splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _sysctl(name: str) -> int:
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        shown = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=10)
        return int(shown.stdout)
    return 0


def peak_memory_bytes() -> int:
    """The most memory that this process or any child that has ended ever held; 0 if unknown."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in who) * unit
