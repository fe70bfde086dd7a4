"""Checks that the main job can run on this machine; what may crash is tried in a child process."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from realign_local.base.assets import find_encoder, find_model, shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError, RealignError
from realign_local.base.machine import cpu_name, free_memory_bytes, physical_cores
from realign_local.base.weights.catalog import known_as
from realign_local.base.weights.gguf import read_gguf
from realign_local.engine.capacity import GIB, choose_capacity
from realign_local.engine.chat import ChatTemplate
from realign_local.engine.process.probe import REBUILD, build_facts, find_crash
from realign_local.run.agreement import agreement_of

PACKAGES = (
    "llama-cpp-python", "faiss-cpu", "sentence-transformers", "torch", "tantivy", "pydantic",
    "numpy", "pyarrow", "mwparserfromhell", "jinja2", "tree-sitter", "click", "rich",
)  # fmt: skip
LEAST_PYTHON = (3, 11)
LEAST_DISK_BYTES = GIB
GPU_HINT = "For a GPU, rebuild llama-cpp-python with CMAKE_ARGS=-DGGML_CUDA=on (or HIP, VULKAN)."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at; `hint` says how to mend or better it."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the main job would use; None stands for the default, and for no index."""

    model: str | None = None
    encoder: str | None = None
    index: str | None = None
    criteria: str | None = None
    server: tuple[str, ...] = ()
    server_model: str = ""
    threads: int = field(default_factory=physical_cores)


def diagnose(wanted: Wanted) -> list[CheckResult]:
    """All findings, in the order in which to mend them. The main job can run if all are ok."""
    return list(_findings(wanted))


def _findings(wanted: Wanted) -> Iterator[CheckResult]:
    yield _python()
    yield _packages()
    if wanted.server:
        yield _guarded("server", partial(_server, wanted))
    else:
        yield from _model_findings(wanted)
    yield _guarded("encoder", partial(_encoder, wanted))
    yield _guarded("index", partial(_index, wanted))
    yield _guarded("criteria", partial(_criteria, wanted))
    yield _disk()


def _model_findings(wanted: Wanted) -> Iterator[CheckResult]:
    """llama.cpp here, and a model in a file."""
    build = _guarded("llama.cpp", _build)
    yield build
    if build.ok:
        yield _gpu()
    model = _guarded("model", partial(_model, wanted))
    yield model
    if model.ok:
        yield _guarded("chat template", partial(_chat_template, wanted))
        yield _guarded("model hash", partial(_model_hash, wanted))
        yield _guarded("judge", partial(_judge, wanted))
        yield _guarded("memory", partial(_memory, wanted))
    if model.ok and build.ok:
        yield _guarded("decode", partial(_decode, wanted))


def _server(wanted: Wanted) -> CheckResult:
    from realign_local.run.models.served import survey_of

    survey, _ = survey_of(wanted.server, wanted.server_model)
    places = ", ".join(survey.addresses[number].url for number in survey.known)
    away = len(survey.addresses) - len(survey.known)
    hint = "One that does not answer now may come later." if away else ""
    told = f"{survey.model.name} at {places}: {survey.abilities.told}"
    return CheckResult("server", True, told, hint)


def _guarded(name: str, look: Callable[[], CheckResult]) -> CheckResult:
    """A finding, also where looking for it fails: that is the finding then."""
    try:
        return look()
    except RealignError as error:
        return CheckResult(name, False, str(error), error.hint)


def _python() -> CheckResult:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= LEAST_PYTHON
    return CheckResult(
        "python", ok, f"{version} at {sys.executable}", "" if ok else "Use 3.11 or newer."
    )


def _packages() -> CheckResult:
    versions, missing = [], []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        hint = f"pip install {' '.join(missing)}"
        return CheckResult("packages", False, f"missing: {', '.join(missing)}", hint)
    return CheckResult("packages", True, ", ".join(versions))


def _build() -> CheckResult:
    facts = build_facts()
    detail = f"llama-cpp-python {facts['version']} on {cpu_name()}: {', '.join(facts['features'])}"
    return CheckResult("llama.cpp", True, detail)


def _gpu() -> CheckResult:
    if build_facts()["gpu_offload"]:
        return CheckResult("gpu", True, "this build of llama.cpp offloads layers to a GPU")
    return CheckResult("gpu", True, "none: this build of llama.cpp uses the CPU alone", GPU_HINT)


def _model(wanted: Wanted) -> CheckResult:
    info = read_gguf(find_model(wanted.model))
    template = "a chat template" if info.chat_template else "no chat template"
    detail = (
        f"{info.path}: {info.architecture}, {info.file_bytes / GIB:.2f} GiB, "
        f"context {info.context_tokens}, {template}"
    )
    hint = "" if info.chat_template else "An instruction-tuned model with a template does better."
    return CheckResult("model", True, detail, hint)


def _chat_template(wanted: Wanted) -> CheckResult:
    """Renders it as a run would; one that fails would give way to another form of prompt."""
    source = read_gguf(find_model(wanted.model)).chat_template
    if not source:
        return CheckResult("chat template", True, "none: prompts take the plain ChatML form")
    ChatTemplate(source).check()
    return CheckResult("chat template", True, "it renders the prompts of this program")


def _model_hash(wanted: Wanted) -> CheckResult:
    entry = known_as(find_model(wanted.model))
    if entry:
        return CheckResult("model hash", True, f"sha256 is that of {entry.name} ({entry.licence})")
    return CheckResult(
        "model hash", True, "not in the catalog", "`realign models add FILE` records its sha256."
    )


def _judge(wanted: Wanted) -> CheckResult:
    """A judge that is not trusted is no reason not to run: guided rewriting needs none."""
    found = agreement_of(find_model(wanted.model))
    if found is None:
        hint = "`realign evaluate --pairs FILE -m MODEL` measures it."
        return CheckResult(
            "judge", True, "not measured: free rewrites are judged all the same", hint
        )
    detail = found.told if found.is_clear else f"{found.told}: not asked, so no free rewrites"
    return CheckResult("judge", True, detail)


def _memory(wanted: Wanted) -> CheckResult:
    capacity = choose_capacity(
        read_gguf(find_model(wanted.model)),
        free_bytes=free_memory_bytes(),
        threads=wanted.threads,
    )
    return CheckResult("memory", True, f"{capacity.reason}; {capacity.threads} threads")


def _decode(wanted: Wanted) -> CheckResult:
    """The probe. A crash that the engine can work around is no reason not to run."""
    crash = find_crash(find_model(wanted.model), threads=wanted.threads)
    if not crash:
        return CheckResult("decode", True, "the model answers")
    amx = any(feature.startswith("AMX") for feature in build_facts()["features"])
    why = "builds with gcc 12 crash on CPUs with AMX" if amx else "this build crashes with them"
    detail = f"works only without llama.cpp's extra buffers, so more slowly: {why} ({crash})"
    return CheckResult("decode", True, detail, f"Rebuild it: {REBUILD}")


def _encoder(wanted: Wanted) -> CheckResult:
    """Loads it: a file of weights with gaps is only found out so."""
    from realign_local.evidence.encoders.encoder import Encoder

    folder = find_encoder(wanted.encoder)
    encoder = Encoder(folder, threads=wanted.threads)
    return CheckResult("encoder", True, f"{folder}: {encoder.dim} numbers a text")


def _index(wanted: Wanted) -> CheckResult:
    if wanted.index is None:
        return CheckResult(
            "index", True, "none given: rows get no evidence", "`realign index build` makes one."
        )
    if not (Path(wanted.index) / "manifest.json").is_file():
        hint = "Build it with `realign index build SOURCE -o DIR`; the same command resumes."
        raise AssetError(f"{wanted.index} is no finished index: no manifest.json", hint=hint)
    return CheckResult("index", True, f"{wanted.index}; `realign index verify` looks at all of it")


def _criteria(wanted: Wanted) -> CheckResult:
    folder = Path(wanted.criteria) if wanted.criteria else shared_path("criteria")
    return CheckResult("criteria", True, f"{len(list(read_criteria(folder)))} tasks in {folder}")


def _disk() -> CheckResult:
    free = shutil.disk_usage(Path.cwd()).free
    ok = free >= LEAST_DISK_BYTES
    hint = "" if ok else "Free some space, or write the run elsewhere with -o."
    return CheckResult("disk", ok, f"{free / GIB:.1f} GiB free in {Path.cwd()}", hint)
