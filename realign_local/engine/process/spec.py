"""Which engine a worker process is to hold, as JSON-able data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from realign_local.base.errors import UsageError
from realign_local.engine.capacity import Capacity
from realign_local.engine.request import Engine

EngineSpec = Mapping[str, Any]


def llama_spec(model: Path, capacity: Capacity) -> EngineSpec:
    """The real engine over this GGUF file."""
    return {"kind": "llama", "model": str(model.absolute()), "capacity": asdict(capacity)}


def fault_spec(**options: Any) -> EngineSpec:
    """The engine of fault_injection.py, which misbehaves on cue, for tests."""
    return {"kind": "faults", "options": options}


def make_from_spec(spec: EngineSpec) -> Engine:
    """Build the engine in this process. Raises AssetError or EngineError where it cannot be."""
    if spec["kind"] == "llama":
        from realign_local.engine.engine import make_engine

        return make_engine(Path(spec["model"]), Capacity(**spec["capacity"]))
    if spec["kind"] == "faults":
        from realign_local.engine.backends.fault_injection import FaultInjection

        return FaultInjection(**spec["options"])
    raise UsageError(f"the kind of engine must be llama or faults, was: {spec['kind']}")
