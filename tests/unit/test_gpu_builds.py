"""For what llama.cpp is built, by the tools that are there; and which wheel does instead."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from realign_local.base.gpu import builds
from realign_local.base.gpu.builds import GpuBuild, choose_build, wheel_cuda, wheel_line
from realign_local.base.gpu.cards import Card, NvidiaReport, ask_nvidia
from tests.stand_ins import HOPPER, Tools, bare_machine, write_tool

CAREFUL = "-DGGML_NATIVE=off -DGGML_CUDA_NO_VMM=on -DGGML_CUDA_NCCL=off"
CUDA = f"-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=native {CAREFUL}"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    return bare_machine(tmp_path, monkeypatch)


def _choose(*, refused: bool = False) -> GpuBuild:
    return choose_build(ask_nvidia(), environment=os.environ, refused=refused)


def test_a_machine_without_a_card(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds.subprocess, "run", lambda *_a, **_k: pytest.fail("a process"))
    assert _choose() == GpuBuild()
    tools.nvcc("13.0")
    tools.version("ninja", "1.11.1")
    assert _choose() == GpuBuild(), "a compiler alone is no card"


def test_a_card_and_a_compiler(tools: Tools) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    assert _choose() == GpuBuild("CUDA", CUDA)
    tools.version("ninja", "1.11.1")
    assert _choose().environment == (("CMAKE_GENERATOR", "Ninja"),)


def test_the_users_generator_stays(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    tools.version("ninja", "1.11.1")
    monkeypatch.setenv("CMAKE_GENERATOR", "Unix Makefiles")
    assert _choose().environment == ()


@pytest.mark.parametrize("variable", ["CUDA_HOME", "CUDA_PATH", ""])
def test_a_compiler_off_the_path(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    tools.nvidia(HOPPER)
    monkeypatch.setattr(builds, "TOOLKITS", tools.root / "local")
    root = tools.root / ("my toolkit" if variable else "local/cuda")
    nvcc = tools.nvcc("12.8", place=root / "bin/nvcc")
    if variable:
        monkeypatch.setenv(variable, str(root))
    (root / "lib64").mkdir()
    for name in ("libcudart.so.12", "libcublas.so.12", "stubs/libcuda.so"):
        write_tool(root / "lib64" / name, "")
    arguments = _choose().arguments
    rpath = f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-rpath,{root}/lib64"
    compiler = f"-DCMAKE_CUDA_COMPILER={nvcc}"
    place = f"-DCUDAToolkit_ROOT={root}"
    assert shlex.split(arguments) == [*CUDA.split(), compiler, place, rpath]


def test_the_newest_toolkit_that_the_driver_runs(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a newer major version would be built, and not start."""
    monkeypatch.setattr(builds, "TOOLKITS", tools.root / "local")
    for version in ("12.9", "12.10", "13.0"):
        tools.nvcc(version, place=tools.root / f"local/cuda-{version}/bin/nvcc")
    tools.nvcc("13.2")
    tools.nvidia(HOPPER, cuda="12.4")
    assert f"{tools.root}/local/cuda-12.10/bin/nvcc" in _choose().arguments


def test_a_driver_too_old_for_the_compiler(tools: Tools) -> None:
    tools.nvcc("13.0")
    tools.nvidia(HOPPER, cuda="12.4")
    assert _choose().backend == ""
    assert "has a driver for CUDA 12.4, and" in _choose().why


def test_a_script_in_the_place_of_the_compiler(tools: Tools) -> None:
    """It is asked where the toolkit is, whose libraries the build has to find again."""
    tools.nvidia(HOPPER)
    toolkit = tools.root / "opt/cuda"
    (toolkit / "bin").mkdir(parents=True)
    (toolkit / "lib").mkdir()
    (toolkit / "lib/libcudart.so").touch()
    (toolkit / "lib/libcublas.so").touch()
    text = (
        f'case "$1" in --dryrun) echo "#$ TOP={toolkit}/bin/.." >&2;; *) echo release 13.0;; esac'
    )
    tools.add("nvcc", text)
    rpath = f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-rpath,{toolkit}/lib"
    assert _choose().arguments == f"{CUDA} {rpath}"


def test_a_toolkit_without_cublas_gives_way_to_one_that_has_it(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.nvidia(HOPPER)
    bare, whole = tools.root / "bare", tools.root / "local/cuda-12.6"
    monkeypatch.setenv("CUDA_HOME", str(bare))
    for root, names in ((bare, ["libcudart.so"]), (whole, ["libcudart.so", "libcublas.so.12"])):
        tools.nvcc("12.6", place=root / "bin/nvcc")
        (root / "lib64").mkdir()
        for name in names:
            (root / "lib64" / name).touch()
    assert "but not cuBLAS with its headers" in _choose().why
    monkeypatch.setattr(builds, "TOOLKITS", tools.root / "local")
    assert f"{whole}/bin/nvcc" in _choose().arguments


def test_cublas_as_pytorch_brings_it(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    toolkit, venv = tools.root / "local/cuda", tools.root / "venv"
    monkeypatch.setattr(builds, "TOOLKITS", tools.root / "local")
    nvcc = tools.nvcc("13.0", place=toolkit / "bin/nvcc")
    for name in ("lib64/libcudart.so", "lib64/stubs/libcuda.so"):
        write_tool(toolkit / name, "")
    beside = venv / "lib/python3.12/site-packages/nvidia/cu13"
    write_tool(beside / "lib/libcublas.so.13", "")
    report = ask_nvidia()
    assert choose_build(report, environment=os.environ, prefix=venv).why, "headers are missing"
    write_tool(beside / "include/cublas_v2.h", "")
    build = choose_build(report, environment=os.environ, prefix=venv)
    assert shlex.split(build.arguments) == [
        *CUDA.split(),
        f"-DCMAKE_CUDA_COMPILER={nvcc}",
        f"-DCUDAToolkit_ROOT={toolkit}",
        f"-DCUDA_cublas_LIBRARY={beside}/lib/libcublas.so.13",
        f"-DCUDA_cublasLt_LIBRARY={beside}/lib/libcublasLt.so.13",
        f"-DCMAKE_CUDA_FLAGS=-isystem={beside}/include",
        f"-DCMAKE_SHARED_LINKER_FLAGS=-Wl,-rpath,{toolkit}/lib64:{beside}/lib",
    ]
    assert choose_build(report, environment=os.environ).why, "another environment"


def test_an_old_cmake_does_not_know_native(tools: Tools) -> None:
    tools.nvidia("A, 550.1, 1, 1, 8.6", "B, 550.1, 1, 1, 9.0", cuda="12.4")
    tools.nvcc("12.4")
    tools.version("cmake", "3.22.1")
    assert "'-DCMAKE_CUDA_ARCHITECTURES=86;90'" in _choose().arguments
    tools.version("cmake", "3.28.3")
    several = CUDA.removesuffix(" -DGGML_CUDA_NCCL=off")
    assert _choose().arguments == several, "two cards may talk to each other"


def test_what_the_user_sets_of_a_build_stays(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_NATIVE=on")
    assert _choose().arguments == CUDA.replace("-DGGML_NATIVE=off ", "")


def test_a_card_and_no_compiler(tools: Tools) -> None:
    tools.nvidia(HOPPER)
    assert _choose() == GpuBuild(why="NVIDIA H100 80GB HBM3 is there, but no CUDA compiler (nvcc)")


def test_a_driver_that_fails(tools: Tools) -> None:
    tools.nvcc("13.0")
    tools.add("nvidia-smi", "echo NVIDIA-SMI has failed; exit 9")
    assert _choose() == GpuBuild(why="NVIDIA-SMI has failed")


def _vulkan(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.version("glslc", "2024.1")
    monkeypatch.setenv("VULKAN_SDK", str(tools.root / "sdk"))
    (tools.root / "sdk/include/vulkan").mkdir(parents=True)
    (tools.root / "sdk/include/vulkan/vulkan.h").touch()


def test_vulkan_for_a_card_without_its_makers_compiler(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    _vulkan(tools, monkeypatch)
    assert _choose() == GpuBuild(), "no card"
    tools.nvidia(HOPPER)
    assert _choose() == GpuBuild("Vulkan", "-DGGML_VULKAN=on")
    tools.nvcc("13.0")
    assert _choose().backend == "CUDA"


@pytest.mark.parametrize(("vendor", "backend"), [("0x1002", "Vulkan"), ("0x8086", ""), ("?", "")])
def test_vulkan_by_the_cards_that_the_kernel_drives(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, vendor: str, backend: str
) -> None:
    _vulkan(tools, monkeypatch)
    monkeypatch.setattr(builds, "DRM", tools.root / "drm")
    write_tool(tools.root / "drm/card1/device/vendor", "").write_text(f"{vendor}\n")
    assert _choose().backend == backend


def test_vulkan_without_headers_or_compiler(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    tools.version("glslc", "2024.1")
    assert _choose().backend == ""
    (tools.folder / "glslc").unlink()
    _vulkan(tools, monkeypatch)
    (tools.folder / "glslc").unlink()
    assert _choose().backend == ""


def test_rocm(tools: Tools) -> None:
    tools.add("hipcc", "exit 0")
    assert _choose() == GpuBuild()
    tools.add("rocminfo", "echo ROCk module is NOT loaded; exit 1")
    assert _choose() == GpuBuild(), "a driver that shows no card"
    tools.add("rocminfo", "echo '  Name:                    gfx1100'")
    assert _choose() == GpuBuild("HIP", "-DGGML_HIP=on")


def test_refused(tools: Tools) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    assert _choose(refused=True) == GpuBuild()


@pytest.mark.parametrize(
    ("arguments", "backend"),
    [
        ("-DGGML_VULKAN=on", "your CMAKE_ARGS"),
        ("-D GGML_SYCL:BOOL=1 -DX=y", "your CMAKE_ARGS"),
        ("-DGGML_CUDA=off", ""),
        ("-DGGML_AVX512=off -DGGML_CUDA_F16=on", "CUDA"),
    ],
)
def test_the_users_own_backend_wins(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, arguments: str, backend: str
) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    monkeypatch.setenv("CMAKE_ARGS", arguments)
    assert _choose().backend == backend
    assert bool(_choose().arguments) == (backend == "CUDA")


def _card(cuda: tuple[int, int] | None, capability: str) -> Card:
    return Card("a card", "1.0", 1, 1, capability, cuda)


@pytest.mark.parametrize(
    ("cuda", "capability", "wheel"),
    [
        ((13, 0), "9.0", (13, 0)),
        ((13, 1), "9.0", (13, 0)),
        ((14, 0), "12.0", (13, 2)),
        ((12, 9), "8.9", (12, 5)),
        ((12, 0), "8.6", (11, 8)),
        ((12, 0), "9.0", None),
        ((13, 0), "7.0", (12, 5)),
        ((13, 0), "5.2", None),
        ((11, 4), "8.0", None),
        ((12, 4), "", (12, 4)),
        (None, "9.0", None),
    ],
)
def test_the_newest_wheel_for_driver_and_card(
    monkeypatch: pytest.MonkeyPatch,
    cuda: tuple[int, int] | None,
    capability: str,
    wheel: tuple[int, int] | None,
) -> None:
    monkeypatch.setattr(builds.sys, "platform", "linux")
    monkeypatch.setattr(builds.platform, "machine", lambda: "x86_64")
    assert wheel_cuda((_card(cuda, capability),)) == wheel
    monkeypatch.setattr(builds.platform, "machine", lambda: "aarch64")
    assert wheel_cuda((_card(cuda, capability),)) is None


def test_the_line(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds.sys, "platform", "linux")
    monkeypatch.setattr(builds.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(builds.sys, "prefix", str(tools.root))
    start = (
        "pip install --force-reinstall --no-deps --only-binary llama-cpp-python"
        " llama-cpp-python==1.2.3"
    )
    index = "--extra-index-url https://abetlen.github.io/llama-cpp-python/whl/cu"
    twelve, thirteen = _card((12, 4), "9.0"), _card((13, 0), "9.0")
    libraries = "nvidia-cuda-runtime-cu12 nvidia-cublas-cu12"
    line = wheel_line((twelve,), version="1.2.3", pip="pip")
    assert line == f"{start} {libraries} {index}124"
    assert '"nvidia-cublas>=13,<14"' in wheel_line((thirteen,), version="1.2.3", pip="pip")
    tools.add("ldconfig", "echo '	libcublas.so.12 (libc6,x86-64) => /usr/lib/libcublas.so.12'")
    assert wheel_line((twelve,), version="1.2.3", pip="pip") == f"{start} {index}124"
    beside = tools.root / "lib/python3.11/site-packages/nvidia/cu13/lib"
    beside.mkdir(parents=True)
    (beside / "libcublas.so.13").touch()
    assert wheel_line((thirteen,), version="1.2.3", pip="pip") == f"{start} {index}130"
    assert wheel_line((), version="1.2.3", pip="pip") == ""
    assert NvidiaReport().cards == ()
