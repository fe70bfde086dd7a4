"""For which card llama.cpp is to be built here, with which arguments; and the wheel instead.

Standard library only: scripts/bootstrap.py chooses by this, `realign doctor` advises by it.
"""

from __future__ import annotations

import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from realign_local.base.gpu.cards import Card, NvidiaReport, Version

OWN_BACKEND = re.compile(
    r"-D\s*GGML_(?:CUDA|HIP|MUSA|VULKAN|METAL|SYCL|OPENCL|CANN|WEBGPU|OPENVINO)\b(?::\w+)?=(\w+)",
    re.IGNORECASE,
)
"""A backend for cards that the user's own CMAKE_ARGS switch on or off."""
OFF = {"off", "0", "no", "false", "n"}

TOOLKITS = Path("/usr/local")
ROCM = Path("/opt/rocm/bin")
SYSTEM = Path("/usr")
DRM = Path("/sys/class/drm")
DISCRETE_VENDORS = {"0x1002", "0x10de"}
"""AMD and NVIDIA. Intel's is that of nearly every laptop, and servers have others for a console."""
NATIVE_SINCE: Version = (3, 24)
"""CMake that knows `native`, the architecture of the card that is there."""
ASK_S = 60

WHEELS = "https://abetlen.github.io/llama-cpp-python/whl"
CUDA_WHEELS: tuple[Version, ...] = (
    (11, 8), (12, 1), (12, 2), (12, 3), (12, 4), (12, 5), (13, 0), (13, 2),
)  # fmt: skip
"""For these versions of CUDA the llama-cpp-python project publishes wheels, as its readme says."""
CAPABILITIES: dict[int, tuple[float, float]] = {11: (6.0, 8.9), 12: (6.0, 99.0), 13: (7.5, 99.0)}
"""Compute capabilities, least and most, that the wheels of a major version of CUDA run on."""


@dataclass(frozen=True, slots=True)
class GpuBuild:
    """`arguments` for CMake that build llama.cpp for a card; no backend means for the CPU alone.

    `why` says in words why it is not for a card that is there; empty where nothing is to be said.
    """

    backend: str = ""
    arguments: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    why: str = ""


def choose_build(
    report: NvidiaReport, *, environment: Mapping[str, str], refused: bool = False
) -> GpuBuild:
    """CUDA, else ROCm, else Vulkan, where there is a card and what its build needs; else the CPU.

    The user's own CMAKE_ARGS come before, where they name a backend.
    """
    own = OWN_BACKEND.findall(environment.get("CMAKE_ARGS", ""))
    if own:
        on = any(value.lower() not in OFF for value in own)
        return GpuBuild("your CMAKE_ARGS" if on else "")
    if refused:
        return GpuBuild()
    path = environment.get("PATH", "")
    nvcc, why = _fitting_compiler(report, environment)
    if nvcc:
        return GpuBuild("CUDA", _cuda_arguments(nvcc, report, path), _generator(environment))
    if _has_rocm(path):
        return GpuBuild("HIP", "-DGGML_HIP=on", _generator(environment))
    if (report.cards or _has_discrete_card()) and _has_vulkan(environment):
        return GpuBuild("Vulkan", "-DGGML_VULKAN=on", _generator(environment))
    return GpuBuild(why=report.trouble or why)


def wheel_line(cards: tuple[Card, ...], *, version: str, pip: str) -> str:
    """The command that installs a wheel built for CUDA; empty where none fits card and driver.

    The wheels bring no CUDA libraries of their own, so where the system has none, theirs come too.
    Without `--only-binary` pip would compile for the CPU where the index lacks this version.
    """
    cuda = wheel_cuda(cards)
    if cuda is None:
        return ""
    libraries = "" if _has_cuda_libraries(cuda[0]) else f" {_library_packages(cuda[0])}"
    return (
        f"{pip} install --force-reinstall --no-deps --only-binary llama-cpp-python"
        f" llama-cpp-python=={version}{libraries}"
        f" --extra-index-url {WHEELS}/cu{cuda[0]}{cuda[1]}"
    )


def wheel_cuda(cards: tuple[Card, ...]) -> Version | None:
    """The newest CUDA with wheels that the driver runs and that knows every card."""
    if platform.machine().lower() not in ("x86_64", "amd64") or sys.platform == "darwin":
        return None
    fits = [
        version for version in CUDA_WHEELS if cards and all(_suits(card, version) for card in cards)
    ]
    return max(fits, default=None)


def _suits(card: Card, version: Version) -> bool:
    least, most = CAPABILITIES[version[0]]
    knows = not card.capability or least <= float(card.capability) <= most
    return knows and card.cuda is not None and version <= card.cuda


def _fitting_compiler(
    report: NvidiaReport, environment: Mapping[str, str]
) -> tuple[Path | None, str]:
    """The first nvcc that the driver is new enough for; else why there is none, where one misses.

    Programs of a newer major version of CUDA do not start on an older driver.
    """
    if not report.cards:
        return None, ""
    driver = report.cards[0].cuda
    found = list(_compilers(environment))
    for nvcc in found:
        version = _version(nvcc, r"release (\d+)\.(\d+)")
        if version is None or driver is None or version[0] <= driver[0]:
            return nvcc, ""
    name = report.cards[0].name
    if found and driver:
        have = f"{driver[0]}.{driver[1]}"
        return None, f"{name} has a driver for CUDA {have}, and {found[0]} is newer"
    return None, f"{name} is there, but no CUDA compiler (nvcc)"


def _compilers(environment: Mapping[str, str]) -> Iterator[Path]:
    """Every nvcc: on the PATH, where variables point, in the folders of NVIDIA's installers."""
    if on_path := shutil.which("nvcc", path=environment.get("PATH", "")):
        yield Path(on_path)
    named = [environment[name] for name in ("CUDA_HOME", "CUDA_PATH") if environment.get(name)]
    others = sorted(TOOLKITS.glob("cuda-*"), key=_digits, reverse=True)
    for folder in (*map(Path, named), TOOLKITS / "cuda", *others):
        nvcc = folder / "bin" / ("nvcc.exe" if sys.platform == "win32" else "nvcc")
        if nvcc.is_file():
            yield nvcc


def _cuda_arguments(nvcc: Path, report: NvidiaReport, path: str) -> str:
    """For the architecture of the cards that are there: the others cost most of the time."""
    arguments = ["-DGGML_CUDA=on", f"-DCMAKE_CUDA_ARCHITECTURES={_architectures(report, path)}"]
    if shutil.which("nvcc", path=path) != str(nvcc):
        arguments.append(f"-DCMAKE_CUDA_COMPILER={nvcc}")
    if libraries := _toolkit_libraries(nvcc):
        # llama-cpp-python's own search path is its folder alone, and a toolkit beside the system
        # is seldom among those of the loader: the library would be built and then not load.
        arguments.append(f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-rpath,{libraries}")
    return shlex.join(arguments)


def _architectures(report: NvidiaReport, path: str) -> str:
    cmake = shutil.which("cmake", path=path)
    version = _version(Path(cmake), r"version (\d+)\.(\d+)") if cmake else None
    known = {card.capability.replace(".", "") for card in report.cards}
    if version is None or version >= NATIVE_SINCE or "" in known:
        return "native"
    return ";".join(sorted(known))


def _toolkit_libraries(nvcc: Path) -> Path | None:
    """The folder of the toolkit's libcudart, on Linux, where it is not the system's own."""
    root = nvcc.resolve().parents[1]
    if not sys.platform.startswith("linux") or root == SYSTEM:
        return None
    folders = (root / "lib64", root / "lib")
    return next((folder for folder in folders if any(folder.glob("libcudart.so*"))), None)


def _has_rocm(path: str) -> bool:
    """A compiler for HIP, and a card that the driver of ROCm lists."""
    where = f"{path}:{ROCM}"
    rocminfo = shutil.which("rocminfo", path=where)
    return bool(
        rocminfo and shutil.which("hipcc", path=where) and re.search(r"\bgfx\d", _output(rocminfo))
    )


def _has_vulkan(environment: Mapping[str, str]) -> bool:
    """The compiler for shaders, and the headers."""
    sdk = environment.get("VULKAN_SDK", "")
    compiler = shutil.which("glslc", path=environment.get("PATH", ""))
    roots = [Path(sdk), SYSTEM, SYSTEM / "local"] if sdk else [SYSTEM, SYSTEM / "local"]
    headers = any((root / "include/vulkan/vulkan.h").is_file() for root in roots)
    return bool(compiler) and headers


def _has_discrete_card() -> bool:
    """Whether the kernel drives a card of a maker whose cards are worth a build of their own."""
    for file in DRM.glob("card*/device/vendor"):
        try:
            if file.read_text(encoding="ascii").strip() in DISCRETE_VENDORS:
                return True
        except (OSError, UnicodeDecodeError):
            continue
    return False


def _generator(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Ninja, where it is there and nothing else was asked for: it keeps all cores at work."""
    if environment.get("CMAKE_GENERATOR") or not shutil.which("ninja", path=environment["PATH"]):
        return ()
    return (("CMAKE_GENERATOR", "Ninja"),)


def _library_packages(major: int) -> str:
    """From CUDA 13 on NVIDIA's packages have no version in their names."""
    names = ("nvidia-cuda-runtime", "nvidia-cublas")
    if major >= 13:
        return " ".join(f'"{name}>={major},<{major + 1}"' for name in names)
    return " ".join(f"{name}-cu{major}" for name in names)


def _has_cuda_libraries(major: int) -> bool:
    """Whether the loader, or a CUDA build of PyTorch beside us, has cuBLAS of this version."""
    name = f"libcublas.so.{major}"
    beside = Path(sys.prefix).glob(f"lib/python*/site-packages/nvidia/*/lib/{name}")
    return any(beside) or name in _output("ldconfig", "-p")


def _version(tool: Path, pattern: str) -> Version | None:
    found = re.search(pattern, _output(str(tool), "--version"))
    return (int(found[1]), int(found[2])) if found else None


def _output(*command: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=ASK_S
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _digits(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", folder.name)))
