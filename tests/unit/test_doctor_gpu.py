"""What doctor says of graphics cards: used, idle, failing, refused; all of them are pretended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realign_local.base.errors import AssetError, EngineError, UsageError
from realign_local.base.gpu import builds
from realign_local.cli.setup import doctor as cli_doctor
from realign_local.commands import doctor
from realign_local.commands.doctor import CheckResult, Wanted
from realign_local.engine.capacity import Device
from realign_local.engine.process.devices import DeviceReport
from tests.stand_ins import HOPPER, Tools, bare_machine

GIB = 1 << 30
CARD = (
    "NVIDIA H100 80GB HBM3 (driver 580.159.04, CUDA 13.0, architecture 9.0, 79.1 of 79.6 GiB free)"
)
NOTHING = DeviceReport()
USED = DeviceReport((Device("CUDA0", "NVIDIA H100", 79 * GIB, 80 * GIB),), "13.0")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    monkeypatch.setattr(builds.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(builds.sys, "platform", "linux")
    monkeypatch.setattr(doctor, "BOOTSTRAP", "scripts/absent.py")
    return bare_machine(tmp_path, monkeypatch)


def _look(
    patch: pytest.MonkeyPatch,
    seen: DeviceReport = NOTHING,
    *,
    backends: tuple[str, ...] = (),
    layers: int | None = None,
) -> CheckResult:
    facts: dict[str, Any] = {"gpu_offload": bool(backends), "gpu_backends": backends}
    patch.setattr(doctor, "build_facts", lambda: facts)
    patch.setattr(doctor, "device_report", lambda: seen)
    return doctor._gpu(Wanted(threads=2, gpu_layers=layers))


@pytest.mark.usefixtures("tools")
def test_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _look(monkeypatch)
    assert found.ok
    assert found.detail == "none: this build of llama.cpp uses the CPU alone"
    found = _look(monkeypatch, backends=("CUDA",))
    assert found.ok
    assert found.detail == "none: this build of llama.cpp is for CUDA and finds no card"


def test_a_card_that_is_used(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    found = _look(monkeypatch, USED, backends=("CUDA",))
    assert found.ok
    assert found.detail == (f"CUDA0: NVIDIA H100, 79.0 of 80.0 GiB free; CUDA runtime 13.0; {CARD}")


@pytest.mark.usefixtures("tools")
def test_a_card_of_another_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = DeviceReport((Device("Vulkan0", "AMD Radeon", 7 * GIB, 8 * GIB),))
    found = _look(monkeypatch, seen, backends=("Vulkan",))
    assert found.ok
    assert found.detail == "Vulkan0: AMD Radeon, 7.0 of 8.0 GiB free"


def test_an_idle_card_and_a_compiler(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    tools.nvcc("13.0")
    found = _look(monkeypatch)
    assert not found.ok
    assert found.detail == f"{CARD}: not used, this build of llama.cpp uses the CPU alone"
    assert "CMAKE_ARGS='-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=native -D" in found.hint
    assert "--no-cache-dir --force-reinstall --no-deps --no-binary" in found.hint
    assert "--gpu-layers 0" in found.hint
    monkeypatch.setattr(doctor, "BOOTSTRAP", "scripts/bootstrap.py")
    assert "To use it: python3 scripts/bootstrap.py --llama" in _look(monkeypatch).hint


def test_an_idle_card_without_a_compiler(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    found = _look(monkeypatch)
    assert not found.ok
    assert "/whl/cu130" in found.hint
    tools.nvidia(HOPPER, cuda="11.2")
    assert "install NVIDIA's CUDA toolkit" in _look(monkeypatch).hint


def test_a_build_for_cuda_that_finds_no_card(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    seen = DeviceReport(said="CUDA driver version is insufficient for CUDA runtime version")
    found = _look(monkeypatch, seen, backends=("CUDA",))
    assert not found.ok
    assert "finds no graphics card: CUDA driver version is insufficient" in found.detail
    assert found.hint.startswith("To use it: ")
    newer = DeviceReport(said="no CUDA-capable device", runtime="13.2")
    assert _look(monkeypatch, newer, backends=("CUDA",)).hint.startswith("To use it: ")
    as_new = DeviceReport(said="no CUDA-capable device", runtime="13.0")
    assert "restart the machine" in _look(monkeypatch, as_new, backends=("CUDA",)).hint
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    found = _look(monkeypatch, DeviceReport(), backends=("CUDA",))
    assert found.hint.startswith("CUDA_VISIBLE_DEVICES is set")


def test_a_driver_that_fails(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.add("nvidia-smi", "echo NVIDIA-SMI has failed because; exit 9")
    found = _look(monkeypatch)
    assert not found.ok
    assert found.detail.startswith("NVIDIA-SMI has failed because: not used")
    assert found.hint.startswith("Mend the driver")


def test_a_card_that_is_refused(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.nvidia(HOPPER)
    found = _look(monkeypatch, layers=0)
    assert found.ok
    assert found.detail == f"{CARD}: not used, as asked"
    assert not found.hint
    (tools.folder / "nvidia-smi").unlink()
    assert _look(monkeypatch, layers=0).detail == "whatever is there: not used, as asked"


def _decode(patch: pytest.MonkeyPatch, proof: str | EngineError, **wanted: Any) -> CheckResult:
    def prove(_model: Path, *, threads: int, layers: int | None) -> str:
        assert (threads, layers) == (2, wanted.get("gpu_layers"))
        if isinstance(proof, EngineError):
            raise proof
        return proof

    patch.setattr(doctor, "find_model", lambda _name: Path("model.gguf"))
    patch.setattr(doctor, "find_crash", lambda *_a, **_k: "")
    patch.setattr(doctor, "gpu_devices", lambda: USED.devices)
    patch.setattr(doctor, "prove_offload", prove)
    task = Wanted(threads=2, **wanted)
    return doctor._guarded("decode", lambda: doctor._decode(task))


def test_the_decode_says_where_it_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "31 of 31 layers on CUDA0 (NVIDIA H100)"
    assert _decode(monkeypatch, told).detail == f"the model answers, {told}"
    assert _decode(monkeypatch, told, gpu_layers=5).ok
    refused = _decode(monkeypatch, EngineError("must not be asked"), gpu_layers=0)
    assert refused.detail == "the model answers, on the CPU"
    failed = _decode(monkeypatch, EngineError("llama.cpp put no layer on the graphics card"))
    assert not failed.ok


def test_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(wanted: Wanted) -> list[CheckResult]:
        return [CheckResult("gpu", wanted.gpu_layers == 0, "idle")]

    monkeypatch.setattr(doctor, "findings", findings)
    done = CliRunner().invoke(cli_doctor.command, ["--json"])
    assert isinstance(done.exception, AssetError)
    assert done.exception.exit_code == 4
    assert not json.loads(done.stdout)["ok"]
    assert CliRunner().invoke(cli_doctor.command, ["--gpu-layers", "0"]).exit_code == 0
    monkeypatch.setenv("REALIGN_GPU_LAYERS", "0")
    assert CliRunner().invoke(cli_doctor.command).exit_code == 0
    done = CliRunner().invoke(cli_doctor.command, ["--gpu-layers", "few"])
    assert isinstance(done.exception, UsageError)


def test_each_line_is_shown_as_soon_as_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(_wanted: Wanted) -> Iterator[CheckResult]:
        yield CheckResult("python", True, "new enough")
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "findings", findings)
    assert "new enough" in CliRunner().invoke(cli_doctor.command).stdout
    assert "new enough" not in CliRunner().invoke(cli_doctor.command, ["--json"]).stdout
