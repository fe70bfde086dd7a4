"""What this machine has to offer: cores, who else uses them, free memory, the processor's name."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import psutil

CPUS = Path("/sys/devices/system/cpu")
CGROUP = Path("/sys/fs/cgroup")
NAME = "realign-local"
CROWDED = 0.4
"""With so large a share of the cores in other hands, threads that wait for each other run late."""
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


def wait_briefly() -> None:
    """Have OpenMP's threads spin for a moment and then sleep; before the library is loaded.

    By itself libgomp spins for milliseconds at every barrier, which with another program on the
    same cores makes a step two to ten times slower; threads that sleep at once lose a sixth on a
    quiet machine. A thousand turns cost neither (benchmarks/LOG.md). Other OpenMP libraries know
    no number of turns. What the user has set stays.
    """
    if "OMP_WAIT_POLICY" in os.environ or "GOMP_SPINCOUNT" in os.environ:
        return
    if sys.platform == "linux":
        os.environ["GOMP_SPINCOUNT"] = "1000"
    else:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


class OtherPrograms:
    """How many cores the other programs of this machine keep busy; a container shows its host."""

    def __init__(self) -> None:
        self.cores = psutil.cpu_count() or 1
        self._before = self._look()

    def busy_cores(self) -> float:
        """Their mean since the last call, from 0 to `cores`."""
        now, before = self._look(), self._before
        self._before = now
        wall, busy, own = (new - old for new, old in zip(now, before, strict=True))
        return min(float(self.cores), max(0.0, busy - own) / max(wall, 1e-3))

    def told(self) -> str:
        """Such as "other programs use 1.6 of 2 cores"; empty where most cores are free."""
        busy = self.busy_cores()
        if busy < self.cores * CROWDED:
            return ""
        return f"other programs use {busy:.1f} of {self.cores} cores"

    @staticmethod
    def _look() -> tuple[float, float, float]:
        """Seconds: on the clock, of all cores' work, of this process and its children."""
        every = psutil.cpu_times()
        busy = sum(every) - every.idle - getattr(every, "iowait", 0.0)
        # Linux counts a guest's time in that of its host's process as well.
        busy -= getattr(every, "guest", 0.0) + getattr(every, "guest_nice", 0.0)
        own = 0.0
        with contextlib.suppress(psutil.Error):
            me = psutil.Process()
            own = sum(me.cpu_times()[:4])  # with those of children that have ended
            for child in me.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    own += sum(child.cpu_times()[:2])
        return time.monotonic(), busy, own


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
