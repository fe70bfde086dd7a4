"""llama.cpp's cards: read from a stand-in of ggml, asked for in a child, and proved."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import EngineError
from realign_local.engine.backends import cuda_libraries, ggml
from realign_local.engine.backends.cuda_libraries import with_cuda_libraries
from realign_local.engine.backends.ggml import Ggml
from realign_local.engine.capacity import ALL_LAYERS, Device
from realign_local.engine.process import devices, probe
from realign_local.engine.process.devices import gpu_devices, prove_offload
from realign_local.engine.process.probe import ProbeVerdict

GIB = 1 << 30
KINDS = {11: 0, 12: 1, 13: 2, 14: 3}
"""A CPU, a card, an integrated card and an accelerator."""


class Library:
    """A stand-in for a loaded library: functions by attribute and by name."""

    def __init__(self, **functions: Callable[..., Any]) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            return self.__dict__["_functions"][name]
        except KeyError as error:
            raise AttributeError(name) from error

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._functions[name]


def _memory(device: int, free: Any, total: Any) -> None:
    free._obj.value, total._obj.value = device * GIB, 80 * GIB


def _ggml() -> Ggml:
    names = [b"CUDA", b"CPU", b"RPC"]
    main: Any = Library(
        ggml_backend_reg_count=lambda: len(names),
        ggml_backend_reg_get=lambda index: index,
        ggml_backend_dev_count=lambda: len(KINDS),
        ggml_backend_dev_get=lambda index: list(KINDS)[index],
    )
    base: Any = Library(
        ggml_backend_reg_name=lambda index: names[index],
        ggml_backend_dev_type=lambda device: KINDS[device],
        ggml_backend_dev_name=lambda device: f"CUDA{device - 12}".encode(),
        ggml_backend_dev_description=lambda _device: b"a card",
        ggml_backend_dev_memory=_memory,
    )
    return Ggml(main, base)


def test_cards_and_backends_by_ggml() -> None:
    assert _ggml().backends() == ["CUDA"]
    assert [Device(**device) for device in _ggml().devices()] == [
        Device("CUDA0", "a card", 12 * GIB, 80 * GIB),
        Device("CUDA1", "a card", 13 * GIB, 80 * GIB),
    ]


def test_the_library_of_this_build_has_all_functions() -> None:
    facts = probe.ask_llama("device_facts")
    assert set(facts) == {"devices", "runtime", "said"}
    backends = probe.ask_llama("system_facts")["gpu_backends"]
    assert backends or not facts["devices"]


def test_the_runtime_by_the_library_that_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ggml, "MAPS", tmp_path / "maps")
    assert ggml.cuda_runtime() == ""
    (tmp_path / "maps").write_text("7f00-7f01 r--p 0000 08:01 42   /opt/a b/libcudart.so.12.8.9\n")

    def version(pointer: Any) -> int:
        pointer._obj.value = 12080
        return 0

    def load(path: str) -> Library:
        assert path == "/opt/a b/libcudart.so.12.8.9"
        return Library(cudaRuntimeGetVersion=version)

    monkeypatch.setattr(ctypes, "CDLL", load)
    assert ggml.cuda_runtime() == "12.8"


def test_libraries_of_cuda_that_lie_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "nvidia/cu13/lib"
    folder.mkdir(parents=True)
    for name in ("libcublas.so.13", "libcudart.so.13", "libcublasLt.so.13", "libother.so.1"):
        (folder / name).touch()
    loaded: list[str] = []
    monkeypatch.setattr(cuda_libraries.sys, "path", ["", str(tmp_path)])
    monkeypatch.setattr(ctypes, "CDLL", lambda path, **_k: loaded.append(Path(path).name))

    def load() -> str:
        if not loaded:
            raise RuntimeError("cannot load: libcudart.so.13: cannot open shared object file")
        return "well"

    assert with_cuda_libraries(load) == "well"
    assert loaded == ["libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13"]


@pytest.mark.parametrize("words", ["libgomp.so.1: cannot open", "libcudart.so.13: cannot open"])
def test_another_library_that_is_missing(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_libraries.sys, "path", [])

    def load() -> None:
        raise RuntimeError(words)

    with pytest.raises(RuntimeError, match="cannot open"):
        with_cuda_libraries(load)


def _build(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], *, offload: bool = True
) -> None:
    def ask(function: str, *_arguments: Any) -> Any:
        if isinstance(answer := answers[function], Exception):
            raise answer
        return answer

    monkeypatch.setattr(devices, "build_facts", lambda: {"gpu_offload": offload})
    monkeypatch.setattr(devices, "ask_llama", ask)


CARD = {"name": "CUDA0", "description": "a card", "free_bytes": GIB, "total_bytes": 2 * GIB}
ONE = {"devices": [CARD], "runtime": "13.0", "said": []}
NONE = {"devices": [], "runtime": "", "said": ["ggml_cuda_init: failed to initialize CUDA"]}


def test_a_build_for_the_cpu_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    _build(monkeypatch, {}, offload=False)
    assert gpu_devices() == ()


def test_memory_is_asked_for_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"device_facts": ONE}
    _build(monkeypatch, answers)
    assert gpu_devices() == (Device("CUDA0", "a card", GIB, 2 * GIB),)
    answers["device_facts"] = {**ONE, "devices": [{**CARD, "free_bytes": 7}]}
    assert gpu_devices()[0].free_bytes == 7


def test_a_driver_of_which_llama_cpp_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    _build(monkeypatch, {"device_facts": EngineError("died by SIGSEGV")})
    with pytest.raises(EngineError, match="at the graphics card: died by SIGSEGV") as caught:
        gpu_devices()
    assert "--gpu-layers 0" in caught.value.hint


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model.gguf").write_bytes(b"x" * 1000)
    return tmp_path / "model.gguf"


def test_the_proof(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def decode(_model: Path, *, threads: int, layers: int) -> ProbeVerdict:
        assert threads == 2
        tried.append(layers)
        return ProbeVerdict(True)

    offload = {"layers": 31, "of": 31, "taken_bytes": 5}
    answers: dict[str, Any] = {"device_facts": ONE, "offload_facts": offload}
    _build(monkeypatch, answers)
    monkeypatch.setattr(devices, "try_on_card", decode)
    assert prove_offload(model, threads=2) == "31 of 31 layers on CUDA0 (a card)"
    answers["device_facts"] = {**ONE, "devices": [{**CARD, "free_bytes": 500}]}
    prove_offload(model, threads=2)
    prove_offload(model, threads=2, layers=7)
    assert tried == [ALL_LAYERS, 1, 7], "what does not fit is tried with one layer"


@pytest.mark.parametrize(
    ("facts", "offload", "verdict", "message"),
    [
        (NONE, {}, ProbeVerdict(True), "finds no graphics card: ggml_cuda_init: failed"),
        (ONE, {"layers": 0, "of": 31}, ProbeVerdict(True), "put no layer on"),
        (ONE, {"layers": 31, "of": 31}, ProbeVerdict(False, "SIGABRT"), "card fails: SIGABRT"),
    ],
)
def test_no_proof(
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    facts: dict[str, Any],
    offload: dict[str, int],
    verdict: ProbeVerdict,
    message: str,
) -> None:
    _build(monkeypatch, {"device_facts": facts, "offload_facts": offload})
    monkeypatch.setattr(devices, "try_on_card", lambda *_a, **_k: verdict)
    with pytest.raises(EngineError, match=message):
        prove_offload(model, threads=2)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("libcuda.so.1: cannot open shared object file", "no driver"),
        ("libcublas.so.13: cannot open shared object file", "docs/gpu.md"),
        ("libgomp.so.1: cannot open shared object file", "Rebuild it"),
    ],
)
def test_what_is_missing_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, words: str, hint: str
) -> None:
    monkeypatch.setattr(probe, "ASK", f"raise SystemExit({words!r})")
    with pytest.raises(EngineError, match="cannot be loaded") as caught:
        probe.ask_llama("system_facts")
    assert hint in caught.value.hint


def test_a_real_card_takes_the_model() -> None:
    from realign_local.base.assets import find_model

    if not gpu_devices():
        pytest.skip("no graphics card that this build of llama.cpp can use")
    assert " layers on " in prove_offload(find_model(None), threads=2)
