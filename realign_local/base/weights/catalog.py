"""The catalog of language models: which files are known, by sha256, and where they lie here.

Three files are read: the catalog that ships with the program, ./models/catalog.toml (as a bundle
brings it), and ./models/local.toml, to which `realign models add` writes.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from realign_local.base.assets import find_model, sha256_cached, sha256_of, shared_path
from realign_local.base.atomic import replacing
from realign_local.base.errors import AssetError, DiskError, UsageError
from realign_local.base.untrusted import loads_toml, read_text
from realign_local.base.weights.gguf import GgufInfo, read_gguf

MODELS = Path("models")
CATALOG = "models/catalog.toml"
LOCAL = MODELS / "local.toml"
TEMPLATES = {
    "<|im_start|>": "chatml",
    "<|start_header_id|>": "llama3",
    "<start_of_turn>": "gemma",
    "[INST]": "mistral",
    "<|user|>": "zephyr",
}
"""A token that gives a chat template away, and the template's usual name."""

State = Literal["ok", "missing", "damaged", "changed"]


class Entry(BaseModel):
    """A model that is known: facts from its header, its hash, its licence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    file: str = Field(pattern=r"^[^/\\]+\.gguf$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)
    architecture: str
    context_tokens: int
    chat_template: str
    licence: str
    source: str = ""

    memory_mib: int | None = Field(
        default=None, gt=0, description="most memory of a whole run, measured"
    )
    acceptance: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="rewrites that passed the gates, of those tried, measured",
    )
    rows_per_s: float | None = Field(
        default=None, gt=0, description="of the language model, measured"
    )
    measured_on: str = Field(default="", description="the rows and the machine of these three")
    judge_agreement: float | None = Field(
        default=None, ge=0, le=1, description="pairs of answers judged as people do, measured"
    )
    judge_pairs: int | None = Field(default=None, gt=0, description="how many pairs that were")


def read_catalog() -> tuple[Entry, ...]:
    """The entries of all catalogs, each file of weights once; a later catalog wins."""
    entries: dict[str, Entry] = {}
    for file in (shared_path(CATALOG), Path(CATALOG), LOCAL):
        if file.is_file():
            entries.update({entry.sha256: entry for entry in _read(file)})
    return tuple(entries.values())


def locate(entry: Entry) -> Path | None:
    """Where the entry's file lies: in ./models, or in the installed demo package."""
    if (MODELS / entry.file).is_file():
        return MODELS / entry.file
    try:
        demo = find_model(None)
    except AssetError:
        return None
    return demo if demo.name == entry.file else None


def known_as(path: Path) -> Entry | None:
    """The entry with this file's sha256, else None."""
    digest = sha256_cached(path)
    return next((entry for entry in read_catalog() if entry.sha256 == digest), None)


def state_of(entry: Entry, path: Path | None) -> tuple[State, str]:
    """Whether the file is the one of the entry, hashed anew, and what is wrong if it is not."""
    if path is None:
        return "missing", f"put it into {MODELS}/"
    try:
        read_gguf(path)
    except AssetError as error:
        return "damaged", str(error)
    if (digest := sha256_of(path)) != entry.sha256:
        return "changed", f"sha256 must be {entry.sha256}, was: {digest}"
    return "ok", str(path)


def describe(info: GgufInfo, *, name: str = "", licence: str = "", source: str = "") -> Entry:
    """The catalog entry of a file, from its header and its hash."""
    return Entry(
        name=name or info.path.stem.lower(),
        file=info.path.name,
        sha256=sha256_cached(info.path),
        bytes=info.file_bytes,
        architecture=info.architecture,
        context_tokens=info.context_tokens,
        chat_template=template_name(info.chat_template),
        licence=licence or info.licence or "unknown",
        source=source,
    )


def template_name(template: str) -> str:
    """The usual name of a chat template: `custom` if it is not known, `none` if there is none."""
    if not template:
        return "none"
    return next((name for token, name in TEMPLATES.items() if token in template), "custom")


def add_model(path: Path, *, name: str = "", licence: str = "") -> tuple[Entry, Path]:
    """Bring a GGUF file into ./models and its entry into ./models/local.toml.

    Raises AssetError for a file that is no sound model, UsageError for a name that is taken.
    """
    if not name.isprintable() or {"/", "\\"} & set(name):
        raise UsageError(f"--name {name} is not a plain name", hint="Give letters and digits.")
    if path.suffix != ".gguf" or not path.name.isprintable():
        raise UsageError(
            f"{path}: the name of a model must be plain and end in .gguf", hint="Rename the file."
        )
    entry = describe(read_gguf(path), name=name, licence=licence)
    known = {known.sha256: known for known in read_catalog()}
    is_new = entry.sha256 not in known
    if is_new and any(entry.name == other.name for other in known.values()):
        raise UsageError(f"another model is called {entry.name!r}", hint="Choose one with --name.")
    target = _bring_in(path)
    if is_new:
        _append(LOCAL, entry)
    return known.get(entry.sha256, entry), target


def _bring_in(path: Path) -> Path:
    """Link the file where the file system allows it, else copy it under a temporary name first."""
    target = MODELS / path.name
    try:
        MODELS.mkdir(exist_ok=True)
        if target.exists() and target.samefile(path):
            return target
        if target.exists():
            raise UsageError(f"{target} is there already", hint="Rename the file and add it again.")
        try:
            os.link(path.resolve(), target)
        except OSError:
            partial = target.with_suffix(".partial")
            shutil.copyfile(path, partial)
            partial.replace(target)
    except OSError as error:
        raise DiskError.about(f"put {path.name} into", MODELS, error) from error
    return target


def _append(file: Path, entry: Entry) -> None:
    before = read_text(file).rstrip() + "\n\n" if file.is_file() else ""
    with replacing(file) as out:
        out.write((before + as_toml(entry)).encode())


def as_toml(entry: Entry) -> str:
    """The entry as a catalog has it; what is not known is left out."""
    known = {key: value for key, value in entry.model_dump().items() if value not in (None, "")}
    return tomli_w.dumps({"model": [known]})


def _read(file: Path) -> list[Entry]:
    try:
        tables = loads_toml(read_text(file)).get("model", [])
        return [Entry.model_validate(table) for table in tables]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        problem = str(error).splitlines()[0]
        raise UsageError(f"{file} is not a catalog of models: {problem}") from error
