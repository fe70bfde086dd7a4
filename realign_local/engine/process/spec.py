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


def llama_spec(
    model: Path, capacity: Capacity, *, kept: Mapping[str, str] | None = None
) -> EngineSpec:
    """The real engine over this GGUF file; `kept` are the arguments of its `StateFiles`."""
    spec = {"kind": "llama", "model": str(model.absolute()), "capacity": asdict(capacity)}
    return {**spec, "kept": dict(kept)} if kept else spec


def without_kept(spec: EngineSpec) -> EngineSpec:
    """The same engine, which then reads nothing that an earlier process has left."""
    return {key: value for key, value in spec.items() if key != "kept"}


def fault_spec(**options: Any) -> EngineSpec:
    """The engine of fault_injection.py, which misbehaves on cue, for tests."""
    return {"kind": "faults", "options": options}


def make_from_spec(spec: EngineSpec) -> Engine:
    """Build the engine in this process. Raises AssetError or EngineError where it cannot be."""
    if spec["kind"] == "llama":
        from realign_local.engine.engine import make_engine
        from realign_local.engine.kept.state_files import StateFiles

        kept = spec.get("kept")
        files = StateFiles(Path(kept["folder"]), kept["identity"]) if kept else None
        return make_engine(Path(spec["model"]), Capacity(**spec["capacity"]), kept=files)
    if spec["kind"] == "faults":
        from realign_local.engine.backends.fault_injection import FaultInjection

        return FaultInjection(**spec["options"], on_kept=spec.get("kept", ""))
    raise UsageError(f"the kind of engine must be llama or faults, was: {spec['kind']}")
