"""manifest.json: what an index holds, and the size and hash of every file of it; written last."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from realign_local.base.assets import sha256_of
from realign_local.base.atomic import replacing
from realign_local.base.errors import AssetError, DiskError, UsageError
from realign_local.base.untrusted import as_utf8, loads, read_text
from realign_local.evidence.filenames import files_read

VERSION = 2
NAME = "manifest.json"
SELF = "self"
VERIFIED = ".verified.json"
ALWAYS_HASHED_BYTES = 64 << 20  # hashing this much takes well under a tenth of a second
PERMISSIONS = "Ask its owner for leave to read it: chmod -R a+rX DIR."
LICENCES = dict.fromkeys(("mediawiki", "cirrus"), "text of a wiki, such as Wikipedia: CC BY-SA 4.0")
LICENCE_UNKNOWN = "licence not known to the program"
BUILD = "Build it with `realign index build SOURCE... -o DIR`."
# A build leaves alone what is there: only an empty place gets a new index.
ANEW = "remove the folder, then `realign index build SOURCE... -o DIR`."
REBUILD = f"Copy it again; or {ANEW}"


class FileEntry(BaseModel):
    """One file of the index."""

    model_config = ConfigDict(frozen=True)

    bytes: int = Field(ge=0)
    sha256: str


class SourceEntry(BaseModel):
    """One file that the index was built from."""

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    kind: str
    damage: str = ""


class Manifest(BaseModel):
    """Everything that `open_index` must know before it lets native code read a file."""

    model_config = ConfigDict(frozen=True)

    version: int = VERSION
    key: str
    created: str
    program: str
    language: str
    source: list[SourceEntry]
    pages: int
    passages: int
    counts: dict[str, int]
    templates_dropped: dict[str, int]
    encoder: str
    encoder_sha256: str
    encoder_dtype: str
    dim: int
    factory: str
    nprobe: int = 1
    recall_at_10: float = Field(alias="recall@10")
    files: dict[str, FileEntry]

    @property
    def bytes(self) -> int:
        """Size of the whole index."""
        return sum(entry.bytes for entry in self.files.values())

    def to_json(self) -> str:
        """The text of manifest.json."""
        told = json.loads(as_utf8(json.dumps(self.model_dump(by_alias=True), ensure_ascii=False)))
        return json.dumps({**told, SELF: _self_sha256(told)}, ensure_ascii=False, indent=1) + "\n"


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary name, read back, and only then take the real name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(data)
        file.flush()
        if Path(file.name).read_bytes() != data:
            raise AssetError(f"{path}: the disk gave back other bytes than were written")


def describe_files(folder: Path, names: Iterable[str]) -> dict[str, FileEntry]:
    """Size and hash of each file, by its path inside the folder."""
    return {
        name: FileEntry(bytes=(folder / name).stat().st_size, sha256=sha256_of(folder / name))
        for name in sorted(names)
    }


def sha256_of_folder(folder: Path, suffixes: tuple[str, ...]) -> str:
    """One hash over the names and contents of a folder's files with these endings."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in suffixes and p.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read and check manifest.json; raises AssetError for anything but a finished index of ours."""
    path = folder / NAME
    try:
        if not folder.is_dir():
            raise AssetError(f"no index at {folder}", hint=BUILD)
        if not path.is_file():
            raise AssetError(f"{folder} holds no finished index: {NAME} is missing", hint=BUILD)
    except PermissionError as error:
        raise AssetError(f"{folder} may not be read", hint=PERMISSIONS) from error
    found = _read_json(path)
    if isinstance(found.get("version"), int) and found["version"] > VERSION:
        newest = f"version {found['version']}, this program reads up to {VERSION}"
        raise AssetError(
            f"{path}: made by a newer program ({newest})", hint="Update realign-local."
        )
    if SELF in found and found[SELF] != _self_sha256(found):
        raise AssetError(f"{path} is not as it was written: its own hash differs", hint=REBUILD)
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise AssetError(f"{path}: damaged at {where}", hint=REBUILD) from error


def _self_sha256(found: Mapping[str, Any]) -> str:
    """The hash of a manifest without its own entry; one of an older program has none."""
    rest = {key: value for key, value in found.items() if key != SELF}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = loads(read_text(path))
    except (OSError, ValueError) as error:
        raise AssetError(f"{path}: not a readable manifest", hint=REBUILD) from error
    if not isinstance(found, dict):
        raise AssetError(f"{path}: not a readable manifest", hint=REBUILD)
    return found


def check_file(folder: Path, name: str, entry: FileEntry, *, known: str = "") -> None:
    """Raise AssetError unless the file is there with its size and hash (`known` skips hashing)."""
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise AssetError(f"{folder / NAME}: names a file outside the index: {name}", hint=REBUILD)
    if not path.is_file():
        raise AssetError(f"{path} is missing from the index", hint=REBUILD)
    if (size := path.stat().st_size) != entry.bytes:
        raise AssetError(f"{path} has {size} bytes, must have {entry.bytes}", hint=REBUILD)
    if (known or sha256_of(path)) != entry.sha256:
        raise AssetError(f"{path} is not the file that was built: its hash differs", hint=REBUILD)


def check_files(folder: Path, manifest: Manifest, *, full: bool) -> None:
    """Check every file of the index before native code reads any of them.

    Unless `full`, a large file that was hashed before and still has the same size and time of
    change is not hashed again.
    """
    _check_names(folder, manifest)
    remembered = {} if full else _remembered(folder)
    seen: dict[str, str] = {}
    for name, entry in manifest.files.items():
        stamp = _stamp(folder / name)
        known = entry.sha256 if remembered.get(name) == f"{stamp} {entry.sha256}" else ""
        check_file(folder, name, entry, known=known)
        if entry.bytes > ALWAYS_HASHED_BYTES:
            seen[name] = f"{stamp} {entry.sha256}"
    if seen and seen != remembered:
        _remember(folder, seen)


def check_name(folder: Path) -> None:
    """Raise UsageError for a path that FAISS and tantivy cannot be given, as it is no UTF-8."""
    if (shown := as_utf8(str(folder))) != str(folder):
        raise UsageError(
            f"{shown}: an index cannot lie under a name that is not UTF-8",
            hint="Give another folder, or go into that one and name it from there.",
        )


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Raise AssetError for a file that is missing or has another size; hashes are not computed."""
    _check_names(folder, manifest)
    for name, entry in manifest.files.items():
        check_file(folder, name, entry, known=entry.sha256)


def _check_names(folder: Path, manifest: Manifest) -> None:
    """Raise AssetError where a file will be read whose size and hash nobody wrote down."""
    for name in files_read(folder, manifest.passages):
        if name not in manifest.files:
            raise AssetError(f"{folder / NAME}: says nothing of {name}", hint=REBUILD)


def _stamp(path: Path) -> str:
    with contextlib.suppress(OSError):
        state = path.stat()
        return f"{state.st_size}:{state.st_mtime_ns}:{state.st_ino}"
    return ""


def _remembered(folder: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found = loads(read_text(folder / VERIFIED))
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    return {}


def _remember(folder: Path, seen: dict[str, str]) -> None:
    """A note that saves time only: a folder that may not be written to goes without it."""
    with contextlib.suppress(OSError, DiskError):
        write_atomically(folder / VERIFIED, json.dumps(seen).encode())


def sources_told(folder: Path) -> list[str]:
    """Name, size and licence of what an index was built from, in words."""
    return [
        f"{source.name}, sha256 {source.sha256}, {LICENCES.get(source.kind, LICENCE_UNKNOWN)}"
        for source in read_manifest(folder).source
    ]
