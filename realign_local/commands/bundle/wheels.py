"""Wheels out of what is installed: what was tried here is what the other machine gets.

An environment rarely has the wheel files that it was made from, and llama.cpp was compiled here.
So each installed distribution is packed back into a wheel from its RECORD; every file must still
have the hash that pip wrote down. Formats: PEP 427 (wheel), PEP 376 (RECORD), PEP 660 (editable).
"""

from __future__ import annotations

import base64
import csv
import ctypes
import hashlib
import io
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from realign_local.base.errors import AssetError

OWN = "realign-local"
LLAMA = "llama-cpp-python"
GENERATED = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""Files of a .dist-info that the installer writes."""
ZIP_LEVEL = 3  # on libtorch: 34 % of the size at 57 MB/s; level 6 takes 2.3 times as long for 32 %
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
PIECE_BYTES = 1 << 20
OPENMP = "libgomp.so.1"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a wheel: its name there, where it comes from, the sha256 that it must have."""

    name: str
    source: Path | bytes
    sha256: str = ""


def needed(root: str = OWN) -> list[Distribution]:
    """The installed distributions that `root` needs, and pip; sorted by name.

    Raises AssetError for one that is not installed.
    """
    found: dict[str, Distribution] = {}
    queue = [(root, frozenset[str]()), ("pip", frozenset[str]())]
    seen = set(queue)
    while queue:
        name, extras = queue.pop()
        dist = found[name] = found.get(name) or _installed(name)
        for wanted in _requirements(dist, extras):
            if wanted not in seen:
                seen.add(wanted)
                queue.append(wanted)
    return [found[name] for name in sorted(found)]


def _requirements(
    dist: Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    for text in dist.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if not marker or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise AssetError(f"{name} is not installed", hint=f"pip install {name}") from error


def installed_bytes(dist: Distribution) -> int:
    """Size of the files on the disk."""
    total = 0
    for file in dist.files or ():
        with suppress(OSError):
            total += Path(str(file.locate())).stat().st_size
    return total


def pack(dist: Distribution, folder: Path) -> Path:
    """Write the distribution's wheel into `folder`; returns its path.

    Raises AssetError where a file is missing or was changed after it was installed, or where the
    distribution was not installed from a wheel.
    """
    members = list(_members(dist))
    info = f"{_stem(dist)}.dist-info"
    path = folder / f"{_stem(dist)}-{_tag(dist)}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=ZIP_LEVEL) as wheel:
        record = [_add(wheel, member, dist) for member in members]
        record.append((f"{info}/RECORD", "", ""))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(record)
        wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD", FIRST_ZIP_DATE), text.getvalue())
    return path


def _members(dist: Distribution) -> Iterator[Member]:
    checkout = _checkout(dist)
    scripts = {entry.name for entry in dist.entry_points if entry.group.endswith("_scripts")}
    for file in _files(dist):
        in_info = ".dist-info" in file.parts[0]
        if file.suffix == ".pyc" or (in_info and file.name in GENERATED):
            continue
        if checkout and not in_info:
            continue  # the files that an editable installation points to are taken instead
        if file.parts[0] == ".." and file.stem in scripts:
            continue  # pip makes these anew
        yield _member(dist, file, editable=checkout is not None)
    if checkout:
        yield from _checked_out(checkout)
    if canonicalize_name(dist.name) == LLAMA:
        yield from _openmp(dist)


def _files(dist: Distribution) -> list[PackagePath]:
    if not dist.files or dist.read_text("WHEEL") is None:
        raise AssetError(
            f"{dist.name} was not installed from a wheel, so none can be made of it",
            hint="Put its wheel into a folder and give --wheels DIR, or install it with pip.",
        )
    return dist.files


def _member(dist: Distribution, file: PackagePath, *, editable: bool) -> Member:
    """Where a file of RECORD goes: beside the package, or into .data for the prefix."""
    path = Path(str(file.locate()))
    digest = "" if editable or not file.hash else file.hash.value
    if file.parts[0] != "..":
        return Member(file.as_posix(), path, digest)
    inside = [part for part in file.parts if part != ".."]
    data = f"{_stem(dist)}.data"
    if inside[0] in ("bin", "Scripts"):
        text = path.read_bytes()
        if text.startswith(b"#!") and b"python" in text.partition(b"\n")[0]:
            return Member(f"{data}/scripts/{inside[-1]}", re.sub(rb"^#!.*", b"#!python", text))
        return Member(f"{data}/scripts/{inside[-1]}", path, digest)
    return Member(f"{data}/data/{'/'.join(inside)}", path, digest)


def _checkout(dist: Distribution) -> Path | None:
    """The folder that an editable installation points to, else None."""
    told = json.loads(dist.read_text("direct_url.json") or "{}")
    if not told.get("dir_info", {}).get("editable"):
        return None
    if canonicalize_name(dist.name) != OWN:
        raise AssetError(
            f"{dist.name} is installed as editable, so its files are not its own",
            hint=f"Install it as usual, or give --wheels DIR with a wheel of {dist.name}.",
        )
    return Path(url2pathname(urlsplit(told["url"]).path))


def _checked_out(root: Path) -> Iterator[Member]:
    """What pyproject.toml says goes into our wheel."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    target = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    places = {package: package for package in target["packages"]}
    for source, name in {**places, **target["force-include"]}.items():
        for file in [root / source] if (root / source).is_file() else _tree(root / source):
            below = file.relative_to(root / source).as_posix()
            yield Member(name if below == "." else f"{name}/{below}", file)


def _tree(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
    )


def _openmp(dist: Distribution) -> Iterator[Member]:
    """GNU's OpenMP library, which llama.cpp built with gcc needs and a bare machine lacks."""
    libraries = [file for file in dist.files or () if file.as_posix().startswith("llama_cpp/lib/")]
    names = {file.name for file in libraries}
    if OPENMP in names or not sys.platform.startswith("linux"):
        return
    if any(OPENMP.encode() in Path(str(file.locate())).read_bytes() for file in libraries):
        yield Member(f"llama_cpp/lib/{OPENMP}", _loaded(OPENMP))


def _loaded(library: str) -> Path:
    """Where the system's loader finds a shared library."""
    with suppress(OSError):
        ctypes.CDLL(library)
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            if line.endswith(f"/{library}") or f"/{library}." in line:
                return Path(line.split(maxsplit=5)[-1])
    raise AssetError(f"{library} is not on this machine", hint="Install libgomp1.")


def _add(wheel: zipfile.ZipFile, member: Member, dist: Distribution) -> tuple[str, str, str]:
    """Write one file; returns its line of RECORD."""
    info = zipfile.ZipInfo(member.name, FIRST_ZIP_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o100755 if _executable(member) else 0o100644) << 16
    digest, size = hashlib.sha256(), 0
    try:
        with _read(member) as source, wheel.open(info, "w", force_zip64=True) as out:
            while piece := source.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
    except FileNotFoundError as error:
        raise _changed(dist, f"{member.name} is missing") from error
    value = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    if member.sha256 and member.sha256 != value:
        raise _changed(dist, f"{member.name} was changed after it was installed")
    return member.name, f"sha256={value}", str(size)


def _changed(dist: Distribution, why: str) -> AssetError:
    again = f"pip install --force-reinstall --no-deps {dist.name}=={dist.version}"
    return AssetError(f"{dist.name}: {why}", hint=f"{again}, or give its wheel with --wheels DIR.")


def _read(member: Member) -> io.BufferedIOBase:
    if isinstance(member.source, bytes):
        return io.BytesIO(member.source)
    return member.source.open("rb")


def _executable(member: Member) -> bool:
    if isinstance(member.source, bytes):
        return True
    return member.source.exists() and bool(member.source.stat().st_mode & 0o100)


def _stem(dist: Distribution) -> str:
    """Name and version as the .dist-info folder spells them: the start of the wheel's name."""
    for file in _files(dist):
        if file.parts[0].endswith(".dist-info"):
            return file.parts[0].removesuffix(".dist-info")
    raise AssetError(f"{dist.name} has no .dist-info", hint="Install it again with pip.")


def _tag(dist: Distribution) -> str:
    """The tags of WHEEL in the short form of a file name, such as py2.py3-none-any."""
    lines = re.findall(r"^Tag: *(\S+)-(\S+)-(\S+)", dist.read_text("WHEEL") or "", re.MULTILINE)
    return "-".join(".".join(sorted(set(part))) for part in zip(*lines, strict=True))
