"""What this machine has to offer: cores, free memory, the name of its processor."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")
CGROUP = Path("/sys/fs/cgroup")
UNLIMITED_BYTES = 1 << 60
"""cgroup v1 writes a huge number where there is no limit."""


def physical_cores() -> int:
    """Cores that this process may use: hyper-threads counted once, affinity and quota heeded.

    Both threads of a core share its vector units, so llama.cpp gains nothing from the second one.
    """
    if sys.platform == "darwin":
        return _sysctl("hw.perflevel0.physicalcpu") or _sysctl("hw.physicalcpu") or 1
    if not hasattr(os, "sched_getaffinity"):
        return max(1, (os.cpu_count() or 2) // 2)
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
    if named := os.environ.get("REALIGN_CACHE") or os.environ.get("XDG_CACHE_HOME"):
        return Path(named) / "realign-local"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home()) / "realign-local"
    middle = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return _home() / middle / "realign-local"


def _home() -> Path:
    """The user's folder; one for temporary files where the system knows no home."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir())


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
    for line in _read(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return _windows_free_bytes()
    if sys.platform == "darwin":
        return _sysctl("hw.memsize") // 2  # what is free is not told there without privileges
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


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


def _windows_free_bytes() -> int:
    """`GlobalMemoryStatusEx`; the structure is 64 bytes, the available memory at offset 16."""
    status = ctypes.create_string_buffer(64)
    ctypes.c_uint32.from_buffer(status).value = 64
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (only there on Windows)
    kernel.GlobalMemoryStatusEx(status)
    return ctypes.c_uint64.from_buffer(status, 16).value


def peak_memory_bytes() -> int:
    """The most memory that this process or any child that has ended ever held; 0 if unknown."""
    try:
        import resource
    except ImportError:  # Windows has no getrusage
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in who) * unit
