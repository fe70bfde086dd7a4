"""Tries llama.cpp out in a child process: what the build can do, and whether it survives a decode.

Builds made with gcc 12 crash on CPUs with AMX: the compiler drops the stores to the tile
configuration as dead. Without the repacked "extra" buffers that code is not reached, so a model
whose probe crashes is tried once more without them.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from realign_local.base.assets import package_folder, sha256_cached
from realign_local.base.cache import recall, remember
from realign_local.base.errors import EngineError
from realign_local.base.machine import cpu_name
from realign_local.engine.capacity import Capacity
from realign_local.engine.process.handle import Patience, Process, child_environment, error_from
from realign_local.engine.process.retry import RunningRow
from realign_local.engine.process.session import Session
from realign_local.engine.process.spec import EngineSpec, llama_spec
from realign_local.engine.request import Finish, Message, Request, Span

REBUILD = (
    "CMAKE_ARGS=\"-DCMAKE_CXX_FLAGS='-fno-tree-dse -fno-dse'\" pip install --no-cache-dir "
    "--force-reinstall --no-deps --no-binary llama-cpp-python llama-cpp-python"
)
"""Mends a build that crashes on AMX and keeps AMX."""
MISSING = {
    "libcuda.so": "It is built for CUDA, and there is no driver; a container needs `--gpus all`.",
    "libcudart": "CUDA's libraries are missing; docs/gpu.md says where they come from.",
    "libcublas": "CUDA's libraries are missing; docs/gpu.md says where they come from.",
}
"""A library that cannot be found, and what to do about it instead of a rebuild."""
PROBE_TEXT = "Count the following words. " + "one two three four five six seven eight " * 16
"""Long enough for the matrix code that single tokens do not reach."""
PROBE_TOKENS = 512
PROBE_PATIENCE = Patience(start_s=600.0, first_step_s=300.0, least_s=60.0)
INFO_TIMEOUT_S = 120
OTHER_LIBRARIES = "LLAMA_CPP_LIB_PATH"
"""The folder from which llama-cpp-python then takes llama.cpp instead of its own."""
ASK = (
    "import json, sys; from realign_local.engine.backends import llama_facts; "
    "print(json.dumps(getattr(llama_facts, sys.argv[1])(*json.loads(sys.argv[2]))))"
)
STATES_HANG_ON = ("sequences", "gpu_layers", "kv_type", "split", "extra_buffers")
"""What of the capacity decides the form of a state, or how its numbers are rounded."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """Whether the engine answered; `words` says how it ended where it did not."""

    ok: bool
    words: str = ""


def settle_buffers(model: Path, capacity: Capacity) -> Capacity:
    """The capacity with extra buffers switched off where they would crash this build.

    The verdict is remembered for the build of llama.cpp, the CPU and the model's sha256. Raises
    EngineError when llama.cpp does not survive without them either, AssetError when the model
    cannot be loaded at all.
    """
    extra = recall("probe", _probe_key(model))
    if not isinstance(extra, bool):
        extra = not (crash := find_crash(model, threads=capacity.threads))
        if crash:
            log.warning("llama.cpp runs without its extra buffers: %s. Faster: %s", crash, REBUILD)
    return replace(capacity, extra_buffers=extra and capacity.extra_buffers)


def is_probed(model: Path) -> bool:
    """Whether this build, processor and model have been tried out before."""
    return isinstance(recall("probe", _probe_key(model)), bool)


def find_crash(model: Path, *, threads: int) -> str:
    """Probe anew: how a decode with extra buffers crashed, or the empty string if it did not.

    On the CPU alone: only there are such buffers. Raises EngineError when a decode without them
    does not work either.
    """
    first = try_decode(_probe_spec(model, threads=threads, extra_buffers=True))
    if not first.ok:
        second = try_decode(_probe_spec(model, threads=threads, extra_buffers=False))
        if not second.ok:
            hint = f"Rebuild llama.cpp: {REBUILD}"
            raise EngineError(f"llama.cpp cannot run {model.name}: {second.words}", hint=hint)
    remember("probe", _probe_key(model), first.ok)
    return first.words


def try_decode(spec: EngineSpec) -> ProbeVerdict:
    """Start the engine in a child, have it answer one request of about 150 tokens, and end it.

    Raises what the engine refuses with; a crash or a hang is a verdict.
    """
    process = Process(spec, patience=PROBE_PATIENCE)
    try:
        line = process.events.get()
        if line["event"] == "refused":
            raise error_from(line)
        request = Request("probe", (Message("user", PROBE_TEXT),), (Span(4),))
        session = Session(process, iter([RunningRow(0, request)]), None)
        answers = list(session.serve()) if line["event"] == "ready" else []
        if [answer.finish for answer in answers] in ([Finish.STOP], [Finish.LENGTH]):
            return ProbeVerdict(True)
        return ProbeVerdict(False, session.fault or process.last_words)
    finally:
        process.close()


def try_on_card(model: Path, *, threads: int, layers: int) -> ProbeVerdict:
    """The same request with so many layers on the cards."""
    tiny = Capacity(PROBE_TOKENS, 1, PROBE_TOKENS, PROBE_TOKENS, threads, gpu_layers=layers)
    return try_decode(llama_spec(model, tiny))


def build_facts() -> Mapping[str, Any]:
    """What the build of llama.cpp says about itself; see `llama_facts.system_facts`.

    Raises EngineError when it cannot even be loaded.
    """
    known = recall("build", build_key())
    if isinstance(known, dict) and "gpu_backends" in known:
        return known
    facts: dict[str, Any] = ask_llama("system_facts")
    remember("build", build_key(), facts)
    return facts


def build_key() -> list[Any]:
    """What tells builds of llama.cpp and machines apart: version, libraries, CPU."""
    try:
        version = importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineError("llama-cpp-python is not installed", hint="pip install it.") from error
    package = package_folder("llama_cpp")
    folder = os.environ.get(OTHER_LIBRARIES) or (package / "lib" if package else "")
    files = sorted(Path(folder).glob("*")) if folder else []
    status = [(file.name, file.stat()) for file in files if file.is_file()]
    return [version, cpu_name(), [[name, s.st_size, s.st_mtime_ns] for name, s in status]]


def kept_for(model: Path, capacity: Capacity, folder: Path) -> Mapping[str, str]:
    """Where the states of this engine are kept, and all that they hang on beside their tokens."""
    sizes = {name: getattr(capacity, name) for name in STATES_HANG_ON}
    identity = json.dumps([*_probe_key(model), sizes], sort_keys=True)
    return {"folder": str(folder.absolute()), "identity": identity}


def _probe_key(model: Path) -> list[Any]:
    return [*build_key(), sha256_cached(model)]


def _probe_spec(model: Path, *, threads: int, extra_buffers: bool) -> EngineSpec:
    """The smallest engine that can answer."""
    tiny = Capacity(PROBE_TOKENS, 1, PROBE_TOKENS, PROBE_TOKENS, threads)
    return llama_spec(model, replace(tiny, extra_buffers=extra_buffers))


def ask_llama(function: str, *arguments: Any) -> dict[str, Any]:
    """What a function of llama_facts.py returns in a fresh process; a crash is an EngineError."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", ASK, function, json.dumps(arguments)],
            capture_output=True,
            text=True,
            env=child_environment(),
            timeout=INFO_TIMEOUT_S,
        )
        done.check_returncode()
        facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        words = (getattr(error, "stderr", None) or "").strip() or str(error)
        last = words.splitlines()[-1]
        hint = next((h for name, h in MISSING.items() if name in last), f"Rebuild it: {REBUILD}")
        raise EngineError(f"llama.cpp cannot be loaded: {last}", hint=hint) from error
    return facts
