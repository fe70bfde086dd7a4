"""The graphics cards that llama.cpp can use at this moment, and the proof that it does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from realign_local.base.errors import EngineError
from realign_local.engine.capacity import ALL_LAYERS, Device
from realign_local.engine.process.probe import ask_llama, build_facts, try_on_card

DRIVER_HINT = (
    "`nvidia-smi` (or `vulkaninfo`, `rocminfo`) must answer; `realign doctor` says more. "
    "`--gpu-layers 0` does without the card."
)
FITS = 0.8
"""A file of weights that is at most so much of the free memory can be tried as a whole."""


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """The cards; the version of the CUDA runtime; and what llama.cpp said where there are none."""

    devices: tuple[Device, ...] = ()
    runtime: str = ""
    said: str = ""


def gpu_devices() -> tuple[Device, ...]:
    """The cards with their free memory now; at once empty where the build is for the CPU alone.

    Raises EngineError where the driver fails in such a way that llama.cpp dies of it.
    """
    return device_report().devices


def device_report() -> DeviceReport:
    """Asks a fresh process each time: memory changes, and a driver may be mended."""
    if not build_facts()["gpu_offload"]:
        return DeviceReport()
    try:
        facts = ask_llama("device_facts")
    except EngineError as error:
        message = f"llama.cpp fails at the graphics card: {error}"
        raise EngineError(message, hint=DRIVER_HINT) from error
    devices = tuple(Device(**device) for device in facts["devices"])
    return DeviceReport(devices, facts["runtime"], facts["said"][-1] if facts["said"] else "")


def prove_offload(model: Path, *, threads: int, layers: int | None = None) -> str:
    """Where a decode ran, in words, after it ran on a card.

    With all layers there, or with one where the weights do not fit. llama.cpp tells how many layers
    a card took when the model was loaded; the probe's request is then answered with as many.
    Raises EngineError where there is no card, none took a layer, or the decode crashed.
    """
    report = device_report()
    if not report.devices:
        raise EngineError(f"llama.cpp finds no graphics card{_so(report.said)}", hint=DRIVER_HINT)
    free_bytes = sum(device.free_bytes for device in report.devices)
    if layers is None:
        layers = ALL_LAYERS if model.stat().st_size < FITS * free_bytes else 1
    facts = ask_llama("offload_facts", str(model.absolute()), layers)
    if not facts["layers"]:
        raise EngineError("llama.cpp put no layer on the graphics card", hint=DRIVER_HINT)
    verdict = try_on_card(model, threads=threads, layers=layers)
    if not verdict.ok:
        message = f"a decode on the graphics card fails: {verdict.words}"
        raise EngineError(message, hint=DRIVER_HINT)
    names = ", ".join(f"{device.name} ({device.description})" for device in report.devices)
    return f"{facts['layers']} of {facts['of']} layers on {names}"


def _so(words: str) -> str:
    return f": {words}" if words else ""
