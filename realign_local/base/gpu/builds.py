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
from collections.abc import Iterator, Mapping, Sequence
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
CAREFUL = ("-DGGML_NATIVE=off", "-DGGML_CUDA_NO_VMM=on")
"""What the one build had that ran on a card. One without crashed as it loaded a model, in Python
alone; why is not known (docs/gpu.md). A card needs neither: the processor has little to do beside
it, and a pool of memory that cannot grow costs nothing where its size stays the same."""
NO_NCCL = "-DGGML_CUDA_NCCL=off"
"""NVIDIA's library for talk between cards: one card alone has no use for it."""
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
    report: NvidiaReport,
    *,
    environment: Mapping[str, str],
    refused: bool = False,
    prefix: Path | None = None,
) -> GpuBuild:
    """CUDA, else ROCm, else Vulkan, where there is a card and what its build needs; else the CPU.

    The user's own CMAKE_ARGS come before, where they name a backend. `prefix` is the environment
    that the build is for: a CUDA build of PyTorch brings cuBLAS into it.
    """
    own = OWN_BACKEND.findall(environment.get("CMAKE_ARGS", ""))
    if own:
        on = any(value.lower() not in OFF for value in own)
        return GpuBuild("your CMAKE_ARGS" if on else "")
    if refused:
        return GpuBuild()
    path = _path(environment)
    prefixes = tuple(map(Path, dict.fromkeys([str(prefix or sys.prefix), sys.prefix])))
    nvcc, why = _fitting_compiler(report, environment, prefixes)
    if nvcc:
        arguments = _cuda_arguments(nvcc, report, path, prefixes, environment.get("CMAKE_ARGS", ""))
        return GpuBuild("CUDA", arguments, _generator(environment))
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
    report: NvidiaReport, environment: Mapping[str, str], prefixes: Sequence[Path]
) -> tuple[Path | None, str]:
    """The first nvcc that the driver is new enough for; else why there is none, where one misses.

    Programs of a newer major version of CUDA do not start on an older driver.
    """
    if not report.cards:
        return None, ""
    name, driver = report.cards[0].name, report.cards[0].cuda
    why = f"{name} is there, but no CUDA compiler (nvcc)"
    for nvcc in _compilers(environment):
        version = _release(nvcc)
        if version and driver and version[0] > driver[0]:
            have = f"{driver[0]}.{driver[1]}"
            why = f"{name} has a driver for CUDA {have}, and {nvcc} is newer"
        elif _lacks_cublas(nvcc) and not _cublas_beside(version, prefixes):
            why = f"{name} is there, and {nvcc}, but not cuBLAS with its headers"
        else:
            return nvcc, ""
    return None, why


def _compilers(environment: Mapping[str, str]) -> Iterator[Path]:
    """Every nvcc: where variables point, on the PATH, in the folders of NVIDIA's installers."""
    named = [environment[name] for name in ("CUDA_HOME", "CUDA_PATH") if environment.get(name)]
    others = sorted(TOOLKITS.glob("cuda-*"), key=_digits, reverse=True)
    name = "nvcc.exe" if sys.platform == "win32" else "nvcc"
    on_path = shutil.which("nvcc", path=_path(environment))
    places = [
        *(Path(folder) / "bin" / name for folder in named),
        *([Path(on_path)] if on_path else []),
    ]
    places += [folder / "bin" / name for folder in (TOOLKITS / "cuda", *others)]
    yield from (nvcc for nvcc in places if nvcc.is_file())


def _cuda_arguments(
    nvcc: Path, report: NvidiaReport, path: str, prefixes: Sequence[Path], own: str
) -> str:
    """For the architecture of the cards that are there: the others cost most of the time.

    What the user's `own` arguments set stays as they set it.
    """
    arguments = ["-DGGML_CUDA=on", f"-DCMAKE_CUDA_ARCHITECTURES={_architectures(report, path)}"]
    careful = [*CAREFUL, *([NO_NCCL] if len(report.cards) == 1 else [])]
    arguments += [one for one in careful if one.partition("=")[0] not in own]
    root, libraries = _toolkit(nvcc), _toolkit_libraries(nvcc)
    if shutil.which("nvcc", path=path) != str(nvcc):
        # The root too: CMake looks for libraries beside the nvcc of the PATH otherwise.
        arguments += [f"-DCMAKE_CUDA_COMPILER={nvcc}", f"-DCUDAToolkit_ROOT={root}"]
    if libraries:
        # llama-cpp-python's own search path is its folder alone, and a toolkit beside the system
        # is seldom among those of the loader: the library would be built and then not load.
        beside = _cublas_beside(_release(nvcc), prefixes) if _lacks_cublas(nvcc) else None
        if beside:
            arguments += [
                f"-DCUDA_cublas_LIBRARY={beside}",
                f"-DCUDA_cublasLt_LIBRARY={str(beside).replace('libcublas', 'libcublasLt')}",
                # As a system folder it comes after the toolkit's own headers.
                f"-DCMAKE_CUDA_FLAGS=-isystem={beside.parents[1] / 'include'}",
            ]
        paths = ":".join(map(str, [libraries, *([beside.parent] if beside else [])]))
        arguments.append(f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-rpath,{paths}")
    return shlex.join(arguments)


def _architectures(report: NvidiaReport, path: str) -> str:
    cmake = shutil.which("cmake", path=path)
    version = _version(Path(cmake), r"version (\d+)\.(\d+)") if cmake else None
    known = {card.capability.replace(".", "") for card in report.cards}
    if version is None or version >= NATIVE_SINCE or "" in known:
        return "native"
    return ";".join(sorted(known))


def _toolkit(nvcc: Path) -> Path:
    """The toolkit's root; the nvcc of the PATH may be a script that calls the real one."""
    told = re.search(r"TOP=(.+)", _output(str(nvcc), "--dryrun", "-v", "none.cu"))
    return Path(told[1].strip()).resolve() if told else nvcc.resolve().parents[1]


def _toolkit_libraries(nvcc: Path) -> Path | None:
    """The folder of the toolkit's libcudart, on Linux, where it is not the system's own."""
    root = _toolkit(nvcc)
    if not sys.platform.startswith("linux") or root == SYSTEM:
        return None
    folders = (root / "lib64", root / "lib")
    return next((folder for folder in folders if any(folder.glob("libcudart.so*"))), None)


def _lacks_cublas(nvcc: Path) -> bool:
    """Whether the toolkit is one of NVIDIA's, and the part with cuBLAS is not installed."""
    libraries = _toolkit_libraries(nvcc)
    return libraries is not None and not any(libraries.glob("libcublas.so*"))


def _cublas_beside(version: Version | None, prefixes: Sequence[Path]) -> Path | None:
    """cuBLAS of the same major version, with its headers, from NVIDIA's packages for Python."""
    name = f"libcublas.so.{version[0]}" if version else "libcublas.so"
    for prefix in prefixes:
        for library in sorted(prefix.glob(f"lib/python*/site-packages/nvidia/*/lib/{name}")):
            if (library.parents[1] / "include/cublas_v2.h").is_file():
                return library
    return None


def _release(nvcc: Path) -> Version | None:
    return _version(nvcc, r"release (\d+)\.(\d+)")


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
    compiler = shutil.which("glslc", path=_path(environment))
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
    if environment.get("CMAKE_GENERATOR") or not shutil.which("ninja", path=_path(environment)):
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


def _path(environment: Mapping[str, str]) -> str:
    return environment.get("PATH", "")


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
    return done.stdout + done.stderr


def _digits(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", folder.name)))
