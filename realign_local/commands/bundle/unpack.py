"""Verifies a bundle and sets it up; travels in the bundle itself, so standard library only.

    tar xf bundle.tar && python3 realign-bundle/unpack.py
    python3 unpack.py bundle.tar FOLDER

Nothing of a bundle is trusted before its sha256 is the one in bundle.json: names must be in the
manifest and stay inside the folder, members must be plain files. Only then does pip see a wheel,
and llama.cpp a model.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from typing import IO, Any

TOP = "realign-bundle"
MANIFEST = "bundle.json"
FORMAT = 1
LARGEST_MANIFEST_BYTES = 64 << 20
PIECE_BYTES = 1 << 20
GLOBBED = ("wheels", "encoder")
"""Folders whose files are found by looking: nothing that is not in the manifest may lie there."""
CPU_FEATURES = re.compile(r"(avx|amx|fma|f16c|bmi|sse4|asimd|i8mm|sve|bf16)")

KEYS: dict[str, type] = {
    "model": str, "index": bool, "own_criteria": bool, "installed_bytes": int, "machine": dict,
}  # fmt: skip
MACHINE: dict[str, type] = {"python": str, "platform": str, "libc": str, "cpu": list}
ENTRY: dict[str, type] = {"bytes": int, "sha256": str}

Manifest = dict[str, Any]


class Damaged(Exception):
    """A bundle that is not as it was made; the message names the file. Exit code 4."""


class UnfitBundle(Exception):
    """A sound bundle that cannot be set up here; `hint` says what to do. Exit code 4."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Refused(Exception):
    """The folder that was named cannot be used. Exit code 2."""


def self_sha256(manifest: Manifest) -> str:
    """The sha256 of the manifest itself, taken without its own entry `self`."""
    rest = {key: value for key, value in manifest.items() if key != "self"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def read_manifest(data: bytes, where: object) -> Manifest:
    """Parse bundle.json and check its own hash; raises Damaged."""
    try:
        found = json.loads(data)
        if found["self"] != self_sha256(found):
            raise Damaged(f"{where} is not as it was made: its own sha256 differs")
        if found["format"] != FORMAT:
            raise Damaged(f"{where} has format {found['format']}, this program reads {FORMAT}")
        for name, entry in found["files"].items():
            _check_name(name)
            _check_types(entry, ENTRY)
        _check_types(found, KEYS)
        _check_types(found["machine"], MACHINE)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Damaged(f"{where} is not the manifest of a bundle") from error
    assert isinstance(found, dict)
    return found


def _check_types(table: Manifest, types: dict[str, type]) -> None:
    for key, kind in types.items():
        if not isinstance(table[key], kind):
            raise TypeError(key)


def _check_is_file(archive: Path) -> None:
    if not archive.is_file():
        raise Damaged(f"there is no archive at {archive}")


def check_archive(archive: Path, into: Path | None = None) -> Manifest:
    """Read the whole archive once and compare every file; write them below `into` if given.

    Raises Damaged that names the first file that is missing, changed, unexpected or not plain.
    """
    _check_is_file(archive)
    try:
        with tarfile.open(archive, "r:") as tar:
            return _check_members(archive, tar, into)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise Damaged(f"{archive} is no bundle or is cut short") from error


def _check_members(archive: Path, tar: tarfile.TarFile, into: Path | None) -> Manifest:
    first = tar.next()
    if first is None or first.name != f"{TOP}/{MANIFEST}" or not _is_plain(first):
        raise Damaged(f"{archive} is no bundle: it does not begin with {TOP}/{MANIFEST}")
    if first.size > LARGEST_MANIFEST_BYTES:
        raise Damaged(f"{archive}: {first.name} is too large")
    data = _open(tar, first).read()
    manifest = read_manifest(data, f"{archive}: {first.name}")
    if into:
        (into / MANIFEST).write_bytes(data)
    left = dict(manifest["files"])
    while member := tar.next():
        name = member.name[len(TOP) + 1 :] if member.name.startswith(f"{TOP}/") else ""
        if not _is_plain(member) or name not in left:
            raise Damaged(f"{archive}: {member.name!r} does not belong into it; nothing was used")
        _check_member(f"{archive}: {name}", _open(tar, member), left.pop(name), _new(into, name))
    with archive.open("rb") as file:
        file.seek(tar.offset)
        while piece := file.read(PIECE_BYTES):
            if piece.strip(b"\0"):
                raise Damaged(f"{archive}: something follows the end of the archive")
    if left:
        raise Damaged(f"{archive}: {next(iter(left))} is missing: the archive is cut short")
    return manifest


def _check_member(
    where: str, source: IO[bytes], entry: dict[str, Any], target: Path | None
) -> None:
    """Copy one member and compare it with its entry."""
    digest, size = hashlib.sha256(), 0
    with (target or Path(os.devnull)).open("xb" if target else "wb") as out:
        try:
            while piece := source.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        except tarfile.ReadError as error:
            raise Damaged(f"{where} is cut short") from error
    _compare(where, size, digest.hexdigest(), entry)


def check_folder(folder: Path) -> Manifest:
    """Compare every file of a bundle that was unpacked with tar; raises Damaged."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Damaged(f"{folder} holds no bundle: {MANIFEST} is missing")
    manifest = read_manifest(path.read_bytes(), path)
    for name, entry in manifest["files"].items():
        file = folder / name
        if file.is_symlink() or not file.is_file():
            raise Damaged(f"{file} is missing or not a plain file")
        with file.open("rb") as source:
            _check_member(str(file), source, entry, None)
    for place in GLOBBED:
        for file in (folder / place).rglob("*"):
            known = file.relative_to(folder).as_posix() in manifest["files"]
            if file.is_symlink() or (not file.is_dir() and not known):
                raise Damaged(f"{file} does not belong into the bundle; nothing was used")
    return manifest


def extract(archive: Path, folder: Path) -> Manifest:
    """Put the files of a sound archive into a new folder; a damaged one leaves nothing behind."""
    folder = folder.resolve()
    there = folder.exists()
    if there and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there already and not empty")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        manifest = check_archive(archive, partial)
        if not there:
            partial.replace(folder)
            return manifest
        for child in partial.iterdir():  # somebody may stand in the folder, so it stays itself
            child.replace(folder / child.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def check_fit(manifest: Manifest) -> str:
    """Raise Unfit where the wheels cannot be installed here; returns a warning, mostly empty."""
    here = facts_of_this_machine()
    wanted, found = manifest["machine"], here
    if wanted["python"] != found["python"]:
        version = wanted["python"].split()[-1]
        raise UnfitBundle(
            f"the bundle is for {wanted['python']}, this is {found['python']}",
            f"Call it with that Python: python{version} unpack.py",
        )
    if wanted["platform"] != found["platform"]:
        raise UnfitBundle(
            f"the bundle is for {wanted['platform']}, this is {found['platform']}",
            "Make a bundle on a machine like this one.",
        )
    if _version(found["libc"]) < _version(wanted["libc"]):
        return f"made with {wanted['libc']}, here is {found['libc']}: llama.cpp may not load"
    missing = sorted(set(wanted["cpu"]) - set(found["cpu"]))
    if missing and found["cpu"]:
        return f"llama.cpp was built for a CPU with {', '.join(missing)}: it may crash here"
    return ""


def facts_of_this_machine() -> dict[str, Any]:
    """What decides whether compiled wheels fit: Python, platform, C library, CPU features."""
    flags: set[str] = set()
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        text = cpu.read_text(encoding="utf-8", errors="replace")
        words = re.findall(r"^(?:flags|Features)\s*:(.*)$", text, re.M)
        flags = {word for word in " ".join(words[:1]).split() if CPU_FEATURES.match(word)}
    python = ".".join(map(str, sys.version_info[:2]))
    return {
        "python": f"{platform.python_implementation()} {python}",
        "platform": sysconfig.get_platform(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "cpu": sorted(flags),
    }


def install(folder: Path) -> None:
    """Make .venv in the folder and install the wheels into it, without any package index.

    pip runs from its own wheel, because Debian's Python comes without ensurepip.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    environment.update(PIP_CONFIG_FILE=os.devnull, PIP_NO_INDEX="1")
    wheels = folder / "wheels"
    pip = next(iter(sorted(wheels.glob("pip-*.whl"))), None)
    if pip is None:
        raise Damaged(f"{wheels} holds no wheel of pip")
    _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder / ".venv")])
    python = str(program(folder, "python"))
    command = [python, str(pip / "pip"), "install", "--no-index", "--no-deps", "--no-cache-dir",
               "--disable-pip-version-check", "--require-hashes", "--find-links", str(wheels),
               "--requirement", str(wheels / "requirements.txt"), "--quiet"]  # fmt: skip
    _run(command, environment)
    _run([python, "-m", "pip", "check"], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)  # fmt: skip
    if done.returncode:
        said = (done.stdout.strip().splitlines() or ["no message"])[-1]
        raise UnfitBundle(f"setting up failed: {said}", f"Run it by hand: {shlex.join(command)}")


def program(folder: Path, name: str) -> Path:
    """An executable of the bundle's own environment."""
    if os.name == "nt":
        return folder / ".venv" / "Scripts" / f"{name}.exe"
    return folder / ".venv" / "bin" / name


def first_command(folder: Path, manifest: Manifest) -> str:
    """The command that shows that everything works, ready to be pasted."""
    command = [str(program(folder, "realign")), "run", str(folder / "examples/demo.jsonl")]
    command += ["-o", "demo-run"]
    if manifest["index"]:
        command += ["--index", str(folder / "index")]
    if manifest["own_criteria"]:
        command += ["--criteria", str(folder / "criteria")]
    return shlex.join(command)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise Unfit where the disk has too little room; looks at the nearest folder that exists."""
    place = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < needed_bytes:
        raise UnfitBundle(
            f"{needed_bytes / 1e9:.1f} GB are needed in {place}, {free / 1e9:.1f} GB are free",
            "Free some space or choose another folder.",
        )


def set_up(folder: Path, manifest: Manifest) -> str:
    """Install a verified folder; returns what to tell the user."""
    folder = folder.resolve()
    warning = check_fit(manifest)
    check_room(folder, manifest["installed_bytes"])
    install(folder)
    lines = [f"warning: {warning}"] * bool(warning)
    lines += [f"ready in {folder}; the first command:", "", first_command(folder, manifest)]
    return "\n".join(lines)


def unpack(archive: Path, folder: Path) -> str:
    """Verify, extract and install; goes on where an earlier call of the same bundle stopped."""
    _check_is_file(archive)
    manifest = _already_there(archive, folder)
    if manifest is None:
        check_room(folder, archive.stat().st_size)
        manifest = extract(archive, folder)
    return set_up(folder, manifest)


def _already_there(archive: Path, folder: Path) -> Manifest | None:
    """The manifest of the same bundle in the folder, all of it verified; None if there is none."""
    if not (folder / MANIFEST).is_file():
        return None
    manifest = check_folder(folder)
    if check_archive(archive)["self"] != manifest["self"]:
        raise Refused(f"{folder} holds another bundle")
    return manifest


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise Damaged(f"{member.name!r} is not a plain file")
    return file


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()


def _check_name(name: str) -> None:
    """Only relative names of ordinary characters; raises Damaged for all that could lead out."""
    parts = name.split("/")
    bad = any(p in ("", ".", "..") or p.endswith((" ", ".")) for p in parts)
    if bad or name == MANIFEST or re.search(r'[\\:*?"<>|\x00-\x1f]', name):
        raise Damaged(f"the manifest names a file that leads out of the folder: {name!r}")


def _new(into: Path | None, name: str) -> Path | None:
    if into is None:
        return None
    target = into.joinpath(*name.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _compare(where: str, size: int, sha256: str, entry: dict[str, Any]) -> None:
    if size != entry["bytes"]:
        raise Damaged(f"{where} has {size} bytes, must have {entry['bytes']}")
    if sha256 != entry["sha256"]:
        raise Damaged(f"{where} was changed: its sha256 must be {entry['sha256']}, was: {sha256}")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def main(arguments: list[str]) -> int:
    """Set up the bundle around this file, or the archive that is named; prints what to do next."""
    here = Path(__file__).resolve().parent
    try:
        if arguments:
            folder = Path(arguments[1]) if len(arguments) > 1 else Path(TOP)
            print(unpack(Path(arguments[0]), folder))
        else:
            print(set_up(here, check_folder(here)))
    except Damaged as error:
        return _fail(4, error, "Copy or make the bundle again.")
    except UnfitBundle as error:
        return _fail(4, error, error.hint)
    except Refused as error:
        return _fail(2, error, "Name a new folder.")
    except OSError as error:
        return _fail(1, error, "Check that the file is there and that there is room on the disk.")
    return 0


def _fail(code: int, error: Exception, hint: str) -> int:
    print(f"error: {error}\nhint: {hint}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
