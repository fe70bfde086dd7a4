"""Checks that the main job can run on this machine; what may crash is tried in a child process."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from realign_local.base.assets import PACKAGE, find_encoder, find_model, shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError, RealignError
from realign_local.base.gpu.builds import choose_build, wheel_line
from realign_local.base.gpu.cards import Card, NvidiaReport, ask_nvidia
from realign_local.base.machine import (
    OtherPrograms,
    cpu_name,
    free_memory_bytes,
    physical_cores,
)
from realign_local.base.weights.catalog import known_as
from realign_local.base.weights.gguf import read_gguf
from realign_local.engine.capacity import GIB, Device, choose_capacity
from realign_local.engine.chat import ChatTemplate
from realign_local.engine.process.devices import device_report, gpu_devices, prove_offload
from realign_local.engine.process.probe import REBUILD, build_facts, find_crash
from realign_local.run.agreement import agreement_of

PACKAGES = (
    "llama-cpp-python", "faiss-cpu", "sentence-transformers", "torch", "tantivy", "pydantic",
    "numpy", "pyarrow", "mwparserfromhell", "jinja2", "tree-sitter", "click", "rich",
)  # fmt: skip
LEAST_PYTHON = (3, 11)
BOOTSTRAP = "scripts/bootstrap.py"
LEAST_DISK_BYTES = GIB
GPU_HINT = "For a card that is there all the same, docs/gpu.md has the builds."
REFUSE = "`--gpu-layers 0` does without the card."


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
    gpu_layers: int | None = None
    """None: all, or one where the model does not fit. 0: the card may stay idle."""


def diagnose(wanted: Wanted) -> list[CheckResult]:
    """All findings, in the order in which to mend them. The main job can run if all are ok."""
    return list(findings(wanted))


def findings(wanted: Wanted) -> Iterator[CheckResult]:
    """The same one by one, each as soon as it is known: some take seconds."""
    others = OtherPrograms()
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
    yield _cores(others)


def _model_findings(wanted: Wanted) -> Iterator[CheckResult]:
    """llama.cpp here, and a model in a file."""
    build = _guarded("llama.cpp", _build)
    yield build
    if build.ok:
        yield _guarded("gpu", partial(_gpu, wanted))
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


def _gpu(wanted: Wanted) -> CheckResult:
    """A card that stays idle is a fault, unless it is meant to."""
    nvidia = ask_nvidia()
    if wanted.gpu_layers == 0:
        return CheckResult(
            "gpu", True, f"{_cards(nvidia) or 'whatever is there'}: not used, as asked"
        )
    seen = device_report()
    if seen.devices:
        runtime = f"CUDA runtime {seen.runtime}" if seen.runtime else ""
        parts = [*map(_device, seen.devices), runtime, _cards(nvidia)]
        return CheckResult("gpu", True, "; ".join(filter(None, parts)))
    if nvidia.cards or nvidia.trouble:
        why = "this build of llama.cpp uses the CPU alone"
        if build_facts()["gpu_offload"]:
            why = f"llama.cpp finds no graphics card{f': {seen.said}' if seen.said else ''}"
        hint = _gpu_hint(nvidia, seen.runtime)
        return CheckResult("gpu", False, f"{_cards(nvidia)}: not used, {why}", hint)
    backends = ", ".join(build_facts().get("gpu_backends", ()))
    detail = f"this build of llama.cpp is for {backends} and finds no card" if backends else ""
    detail = detail or "this build of llama.cpp uses the CPU alone"
    return CheckResult("gpu", True, f"none: {detail}", GPU_HINT)


def _device(device: Device) -> str:
    free, total = device.free_bytes / GIB, device.total_bytes / GIB
    return f"{device.name}: {device.description}, {free:.1f} of {total:.1f} GiB free"


def _cards(nvidia: NvidiaReport) -> str:
    """What the driver's own tool says, or that it fails."""
    return nvidia.trouble or "; ".join(map(_card, nvidia.cards))


def _card(card: Card) -> str:
    cuda = "CUDA {}.{}".format(*card.cuda) if card.cuda else ""
    architecture = f"architecture {card.capability}" if card.capability else ""
    memory = f"{card.free_bytes / GIB:.1f} of {card.total_bytes / GIB:.1f} GiB free"
    parts = [f"driver {card.driver}", cuda, architecture, memory if card.total_bytes else ""]
    return f"{card.name} ({', '.join(filter(None, parts))})"


def _gpu_hint(nvidia: NvidiaReport, runtime: str) -> str:
    """The one line that brings the card to work."""
    if nvidia.trouble:
        return f"Mend the driver: `nvidia-smi` must answer. {REFUSE}"
    if "CUDA_VISIBLE_DEVICES" in os.environ and build_facts()["gpu_offload"]:
        return f"CUDA_VISIBLE_DEVICES is set: it must name the card. {REFUSE}"
    driver = nvidia.cards[0].cuda
    if runtime and driver and tuple(map(int, runtime.split("."))) <= driver:
        return f"The driver is new enough, so restart the machine or install it again. {REFUSE}"
    build = choose_build(nvidia, environment=os.environ)
    version = importlib.metadata.version("llama-cpp-python")
    pip = f"{sys.executable} -m pip"
    if build.arguments:
        flags = " ".join(f"{key}={value}" for key, value in build.environment)
        line = (
            f"CMAKE_ARGS={shlex.quote(build.arguments)} {flags} {pip} install --no-cache-dir"
            " --force-reinstall --no-deps --no-binary llama-cpp-python"
            f" llama-cpp-python=={version}"
        )
        if (PACKAGE.parent / BOOTSTRAP).is_file():
            line = f"python3 {BOOTSTRAP} --llama"
    else:
        line = wheel_line(nvidia.cards, version=version, pip=pip)
    line = line or "install NVIDIA's CUDA toolkit, and rebuild as docs/gpu.md says"
    return f"To use it: {line}  {REFUSE}"


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
    model = find_model(wanted.model)
    crash = find_crash(model, threads=wanted.threads)
    where = "on the CPU"
    if wanted.gpu_layers != 0 and gpu_devices():
        where = prove_offload(model, threads=wanted.threads, layers=wanted.gpu_layers)
    if not crash:
        return CheckResult("decode", True, f"the model answers, {where}")
    amx = any(feature.startswith("AMX") for feature in build_facts()["features"])
    why = "builds with gcc 12 crash on CPUs with AMX" if amx else "this build crashes with them"
    detail = (
        f"the model answers, {where}, but works only without llama.cpp's extra buffers, so more"
        f" slowly: {why} ({crash})"
    )
    return CheckResult("decode", True, detail, f"Rebuild it: {REBUILD}")


def _encoder(wanted: Wanted) -> CheckResult:
    """Loads it: a file of weights with gaps is only found out so."""
    from realign_local.evidence.encoders.encoder import Encoder

    folder = find_encoder(wanted.encoder)
    encoder = Encoder(folder, threads=wanted.threads, use_card=wanted.gpu_layers != 0)
    where = "" if encoder.device == "cpu" else f", computed on {encoder.device}"
    return CheckResult("encoder", True, f"{folder}: {encoder.dim} numbers a text{where}")


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


def _cores(others: OtherPrograms) -> CheckResult:
    """Over the time of all checks before it: a machine at work is slow, and no fault."""
    told = others.told()
    hint = "The run takes longer than it has to; fewer --threads are no help." if told else ""
    return CheckResult("cores", True, told or f"{physical_cores()}, mostly free", hint)
