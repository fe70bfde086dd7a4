"""Gathers wheels, model, encoder, index and criteria, and writes them into one tar, with hashes.

Nothing is compressed again: wheels are deflated, and weights and vectors do not get smaller. The
manifest comes first, so that the other side can check each file as it passes; every file is read
once more while it is written, and one that differs from its hash ends the command.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from realign_local import __version__
from realign_local.base.assets import (
    find_encoder,
    find_model,
    sha256_cached,
    sha256_of,
    shared_path,
)
from realign_local.base.atomic import replacing
from realign_local.base.criterion import read_criteria
from realign_local.base.errors import AssetError, DiskError, UsageError
from realign_local.base.weights import catalog
from realign_local.base.weights.gguf import read_gguf
from realign_local.base.words.plural import byte_size
from realign_local.commands.bundle import unpack, wheels
from realign_local.engine.process.probe import build_facts
from realign_local.evidence.manifest import NAME as INDEX_MANIFEST
from realign_local.evidence.manifest import check_files, read_manifest
from realign_local.evidence.search import check_index

README = """\
An offline copy of realign-local {version}: program, model, encoder{index} and criteria,
for {python} on {platform}.

    python3 unpack.py

checks every file against bundle.json, makes an environment in .venv beside this file and prints
the first command. It needs Python with the module venv, and no network. After this folder was
moved, run it again. criteria/ is a copy to look at and to change: give it with --criteria.
"""
UNPACKER = Path(unpack.__file__)
PACKED = ".wheels-"
"""How the folder begins in which wheels are made."""
CPU_FLAGS = {
    "SSE3": "pni", "AVX512": "avx512f", "AVX512_VBMI": "avx512vbmi",
    "NEON": "asimd", "DOTPROD": "asimddp", "MATMUL_INT8": "i8mm",
}  # fmt: skip
"""Features as llama.cpp names them, where Linux has another name; else it is the same."""
SMALL_BYTES = 1 << 20
SKIPPED = {"__pycache__", ".git", ".cache"}


Report = Callable[[str, int, int], None]
"""Hears (phase, done, total): wheels while they are packed, then bytes while they are written."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to go into the archive; None stands for what a run would take by itself."""

    archive: Path
    model: str | None = None
    encoder: str | None = None
    index: Path | None = None
    criteria: Path | None = None
    wheels: Path | None = None


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One file of the archive, by its name there."""

    name: str
    source: Path | bytes
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: bytes by part, and the sha256 of the whole archive."""

    archive: Path
    sha256: str
    parts: dict[str, int]

    @property
    def bytes(self) -> int:
        """Size of the archive, its headers left out."""
        return sum(self.parts.values())


def create(order: Order, *, report: Report) -> Made:
    """Check everything that is to be carried, then write the archive under its name at once.

    Raises AssetError for a part that is missing or damaged, DiskError where there is no room.
    """
    folder = order.archive.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Make it, or name another file.")
    payload = list(_payload(order))
    with tempfile.TemporaryDirectory(dir=folder, prefix=PACKED) as made:
        chosen = _gather(order.wheels, Path(made), report)
        items = [*payload, *_wheel_items(chosen)]
        manifest = _manifest(order, items, chosen)
        _check_room(folder, sum(item.bytes for item in items), "the archive")
        return _write(order.archive, manifest, items, report)


def _payload(order: Order) -> Iterator[BundleItem]:
    """All but the wheels; each part is checked the way a run checks it."""
    model, encoder = read_gguf(find_model(order.model)), find_encoder(order.encoder)
    for file in model.files:
        yield _item(f"models/{file.name}", file, sha256_cached(file))
    entry = catalog.known_as(model.path) or catalog.describe(model)
    yield _text("models/catalog.toml", catalog.as_toml(entry))
    yield from _folder("encoder", encoder)
    if order.index:
        yield from _index(order.index, encoder)
    criteria = order.criteria or shared_path("criteria")
    read_criteria(criteria)
    for file in sorted((*criteria.glob("*.toml"), *criteria.glob("paper/*.toml"))):
        yield _item(f"criteria/{file.relative_to(criteria).as_posix()}", file)
    yield _item("examples/demo.jsonl", shared_path("examples/demo.jsonl"))
    yield _item("unpack.py", UNPACKER)


def _index(folder: Path, encoder: Path) -> Iterator[BundleItem]:
    check_index(folder, encoder=encoder)
    manifest = read_manifest(folder)
    check_files(folder, manifest, full=False)
    yield _item(f"index/{INDEX_MANIFEST}", folder / INDEX_MANIFEST)
    for name, entry in manifest.files.items():
        yield BundleItem(f"index/{name}", folder / name, entry.sha256, entry.bytes)


def _folder(name: str, folder: Path) -> Iterator[BundleItem]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not SKIPPED & set(file.relative_to(folder).parts):
            yield _item(f"{name}/{file.relative_to(folder).as_posix()}", file)


def _gather(given: Path | None, made: Path, report: Report) -> list[Path]:
    """One wheel for each distribution: from the folder that was given, else packed anew."""
    files = {_name_of(file): file for file in sorted(given.glob("*.whl"))} if given else {}
    if given and not files:
        raise UsageError(f"{given} holds no wheels", hint="Give --wheels a folder of .whl files.")
    open_ = [dist for dist in wheels.needed() if canonicalize_name(dist.name) not in files]
    _check_room(made, sum(map(wheels.installed_bytes, open_)), "packing the wheels")
    for number, dist in enumerate(open_, start=1):
        files[canonicalize_name(dist.name)] = wheels.pack(dist, made)
        report("pack", number, len(open_))
    return [files[name] for name in sorted(files)]


def _name_of(wheel: Path) -> str:
    try:
        return parse_wheel_filename(wheel.name)[0]
    except InvalidWheelFilename as error:
        raise UsageError(f"{wheel} is not named like a wheel") from error


def _wheel_items(files: list[Path]) -> Iterator[BundleItem]:
    """The wheels, and the list by which pip checks them once more."""
    lines = []
    for file in files:
        item = _item(f"wheels/{file.name}", file)
        name, version, _, _ = parse_wheel_filename(file.name)
        lines.append(f"{name}=={version} --hash=sha256:{item.sha256}")
        yield item
    yield _text("wheels/requirements.txt", "\n".join(lines) + "\n")


def _installed_bytes(files: list[Path]) -> int:
    """Room for the environment: what the wheels hold, and a quarter more for compiled Python."""
    held = 0
    for file in files:
        try:
            with zipfile.ZipFile(file) as wheel:
                held += sum(member.file_size for member in wheel.infolist())
        except zipfile.BadZipFile as error:
            raise AssetError(f"{file} is not a readable wheel", hint="Fetch it again.") from error
    return held * 5 // 4


def _manifest(order: Order, items: list[BundleItem], chosen: list[Path]) -> dict[str, Any]:
    machine = {**unpack.facts_of_this_machine(), "cpu": _instructions(chosen)}
    readme = README.format(
        version=__version__,
        index=", index" * bool(order.index),
        python=machine["python"],
        platform=machine["platform"],
    )
    items.insert(0, _text("README.txt", readme))
    made: dict[str, Any] = {
        "format": unpack.FORMAT,
        "program": f"realign-local {__version__}",
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine,
        "model": next(item.name for item in items if item.name.endswith(".gguf")),
        "index": bool(order.index),
        "own_criteria": bool(order.criteria),
        "installed_bytes": _installed_bytes(chosen),
        "files": {item.name: {"bytes": item.bytes, "sha256": item.sha256} for item in items},
    }
    return {**made, "self": unpack.self_sha256(made)}


def _instructions(chosen: list[Path]) -> list[str]:
    """What llama.cpp was compiled for, where it is the build of this machine that goes along."""
    packed_here = {_name_of(file) for file in chosen if file.parent.name.startswith(PACKED)}
    if wheels.LLAMA not in packed_here:
        return []
    used = {CPU_FLAGS.get(name, name.lower()) for name in build_facts()["features"]}
    return sorted(used & set(unpack.facts_of_this_machine()["cpu"]))


def _write(
    archive: Path, manifest: dict[str, Any], items: list[BundleItem], report: Report
) -> Made:
    text = json.dumps(manifest, indent=1).encode() + b"\n"
    total = sum(item.bytes for item in items)
    with replacing(archive) as out:
        hashing = _Hashing(out, lambda done: report("write", min(done, total), total))
        with tarfile.open(fileobj=cast(Any, hashing), mode="w|", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, unpack.MANIFEST, io.BytesIO(text), len(text))
            for item in items:
                _add_item(tar, item)
    parts: dict[str, int] = {}
    for item in items:
        part = item.name.partition("/")[0] if "/" in item.name else "the rest"
        parts[part] = parts.get(part, 0) + item.bytes
    return Made(archive, hashing.sha256, parts)


def _add_item(tar: tarfile.TarFile, item: BundleItem) -> None:
    if isinstance(item.source, bytes):
        return _add(tar, item.name, io.BytesIO(item.source), item.bytes)
    with item.source.open("rb") as file:
        reader = _Hashing(file)
        _add(tar, item.name, reader, item.bytes)
    if reader.sha256 != item.sha256:
        raise AssetError(
            f"{item.source} is not what its sha256 says it is",
            hint="It is damaged, or was changed while it was packed: see `realign models verify`"
            " and `realign index verify`.",
        )
    return None


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes] | _Hashing, size: int) -> None:
    info = tarfile.TarInfo(f"{unpack.TOP}/{name}")
    info.size, info.mode, info.mtime = size, 0o644, int(time.time())
    tar.addfile(info, cast(Any, file))


class _Hashing:
    """A file that takes the sha256 of all that is read from it or written to it."""

    def __init__(self, file: IO[bytes], report: Callable[[int], None] | None = None) -> None:
        self._file, self._digest, self._report = file, hashlib.sha256(), report
        self._written = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._written += len(data)
        if self._report:
            self._report(self._written)
        return self._file.write(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _item(name: str, file: Path, sha256: str = "") -> BundleItem:
    """Small files are taken as they are now, so that editing one meanwhile does no harm."""
    size = file.stat().st_size
    if size <= SMALL_BYTES:
        return _bytes(name, file.read_bytes())
    return BundleItem(name, file, sha256 or sha256_of(file), size)


def _text(name: str, text: str) -> BundleItem:
    return _bytes(name, text.encode())


def _bytes(name: str, data: bytes) -> BundleItem:
    return BundleItem(name, data, hashlib.sha256(data).hexdigest(), len(data))


def _check_room(folder: Path, needed: int, what: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskError(
            f"{what} needs {byte_size(needed)} in {folder}, {byte_size(free)} are free",
            hint="Free some space or write the archive elsewhere.",
        )
