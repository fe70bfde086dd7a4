"""Bundles: what goes in comes out, and nothing that was changed or added is ever used."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from importlib.metadata import PathDistribution, distribution
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realign_local.base import assets
from realign_local.base.errors import AssetError, UsageError
from realign_local.cli.setup.bundle import command
from realign_local.commands.bundle import unpack, wheels
from realign_local.commands.bundle.create import Made, Order, create
from tests.unit.test_gguf import METADATA, write_gguf

ROOT = Path(__file__).parents[2]
SMALL = [distribution("click"), distribution("pip")]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle: a model of a few bytes, an encoder of one file, click and pip."""
    folder = tmp_path_factory.mktemp("bundle")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "needed", lambda: SMALL)
        patch.setenv("REALIGN_CACHE", str(folder / "cache"))
        made = _make(folder)
    assert made.parts.keys() == {
        "wheels", "models", "encoder", "criteria", "examples", "the rest"
    }  # fmt: skip
    return made.archive


def _make(folder: Path) -> Made:
    write_gguf(folder / "tiny.gguf", METADATA)
    (folder / "encoder").mkdir()
    (folder / "encoder" / "modules.json").write_text("[]", encoding="utf-8")
    order = Order(folder / "b.tar", str(folder / "tiny.gguf"), str(folder / "encoder"))
    return create(order, report=lambda *_: None)


def test_what_goes_in_comes_out(bundle: Path, tmp_path: Path) -> None:
    manifest = unpack.extract(bundle, tmp_path / "there")
    assert unpack.check_folder(tmp_path / "there") == manifest == unpack.check_archive(bundle)
    files = {p.relative_to(tmp_path / "there").as_posix() for p in _files(tmp_path / "there")}
    assert files == {*manifest["files"], "bundle.json"}
    assert (tmp_path / "there/models/tiny.gguf").read_bytes() == (
        bundle.parent / "tiny.gguf"
    ).read_bytes()
    assert len(list((tmp_path / "there/criteria").glob("*.toml"))) == 46
    assert 'licence = "mit"' in (tmp_path / "there/models/catalog.toml").read_text("utf-8")


def test_installs_without_an_index_and_without_realign(bundle: Path, tmp_path: Path) -> None:
    """The stand-alone script, in isolated mode, so that nothing of ours can be imported."""
    with tarfile.open(bundle) as tar:
        tar.extractall(tmp_path, filter="data")
    folder = tmp_path / unpack.TOP
    done = _run(sys.executable, "-I", "-S", str(folder / "unpack.py"))
    assert done.returncode == 0, done.stderr
    assert f"{folder}/.venv/bin/realign run {folder}/examples/demo.jsonl" in done.stdout
    tried = _run(str(unpack.program(folder, "python")), "-c", "import click; print(click.__file__)")
    assert tried.stdout.startswith(str(folder))


@pytest.mark.parametrize("part", ["bundle.json", "models/tiny.gguf", "wheels/click", "unpack.py"])
def test_a_changed_byte_is_named(part: str, bundle: Path, tmp_path: Path) -> None:
    data = bytearray(bundle.read_bytes())
    with tarfile.open(bundle) as tar:
        member = next(m for m in tar if m.name.startswith(f"{unpack.TOP}/{part}"))
    data[member.offset_data + member.size // 2] ^= 1
    (tmp_path / "b.tar").write_bytes(data)
    with pytest.raises(unpack.Damaged, match=part):
        unpack.unpack(tmp_path / "b.tar", tmp_path / "there")
    assert not (tmp_path / "there").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"b.tar"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 0.98))
def test_no_part_of_an_archive_passes(cut: float, bundle: Path, tmp_path: Path) -> None:
    data = bundle.read_bytes()
    (tmp_path / "b.tar").write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(unpack.Damaged) as told:
        unpack.check_archive(tmp_path / "b.tar")
    assert "unexpected" not in str(told.value)  # tarfile's own word: what a cut costs is foreseen


def _link(kind: bytes, target: str) -> Callable[[tarfile.TarInfo], None]:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, target, 0

    return change


@pytest.mark.parametrize(
    "change",
    [
        _link(tarfile.SYMTYPE, "/etc/passwd"),
        _link(tarfile.LNKTYPE, "realign-bundle/unpack.py"),
        _link(tarfile.CHRTYPE, ""),
        lambda info: setattr(info, "name", "../../outside"),
        lambda info: setattr(info, "name", "/outside"),
        lambda info: setattr(info, "name", f"{unpack.TOP}/../outside"),
        lambda info: setattr(info, "name", f"{unpack.TOP}/wheels/extra.whl"),
    ],
    ids=["symlink", "hard link", "device", "parent", "absolute", "parent inside", "extra"],
)
def test_members_that_do_not_belong(
    change: Callable[[tarfile.TarInfo], None], bundle: Path, tmp_path: Path
) -> None:
    with tarfile.open(bundle) as old, tarfile.open(tmp_path / "b.tar", "w") as new:
        for member in old:
            data = old.extractfile(member)
            assert data
            if member.name.endswith("unpack.py"):
                change(member)
            new.addfile(member, data)
    with pytest.raises(unpack.Damaged, match="does not belong"):
        unpack.unpack(tmp_path / "b.tar", tmp_path / "there")
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "c:x", "a\\b", "bundle.json", ""])
def test_a_manifest_may_not_lead_out(name: str) -> None:
    manifest = {"format": 1, "files": {name: {"bytes": 0, "sha256": ""}}}
    manifest["self"] = unpack.self_sha256(manifest)
    with pytest.raises(unpack.Damaged, match="leads out"):
        unpack.read_manifest(json.dumps(manifest).encode(), "bundle.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"self": 1, "files": 3}', "\xff", "[" * 100_000])
def test_a_manifest_that_is_none(text: str) -> None:
    with pytest.raises(unpack.Damaged):
        unpack.read_manifest(text.encode("latin-1"), "bundle.json")


def test_a_folder_that_was_tampered_with(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "there"
    unpack.extract(bundle, folder)
    (folder / "wheels" / "evil-1-py3-none-any.whl").write_bytes(b"")
    with pytest.raises(unpack.Damaged, match="evil"):
        unpack.check_folder(folder)
    (folder / "wheels" / "evil-1-py3-none-any.whl").unlink()
    model = folder / "models/tiny.gguf"
    model.rename(tmp_path / "elsewhere.gguf")
    model.symlink_to(tmp_path / "elsewhere.gguf")
    with pytest.raises(unpack.Damaged, match=r"tiny\.gguf"):
        unpack.check_folder(folder)
    done = _run(sys.executable, str(folder / "unpack.py"))
    assert done.returncode == 4
    assert "tiny.gguf" in done.stderr
    assert not (folder / ".venv").exists()


def test_another_python_or_platform_is_told(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = unpack.check_archive(bundle)
    here = unpack.facts_of_this_machine() | {"cpu": ["avx"]}
    assert unpack.check_fit(manifest) == ""
    monkeypatch.setattr(unpack, "facts_of_this_machine", lambda: here | {"python": "CPython 3.99"})
    with pytest.raises(unpack.UnfitBundle, match=r"this is CPython 3\.99"):
        unpack.check_fit(manifest)
    monkeypatch.setattr(unpack, "facts_of_this_machine", lambda: here | {"platform": "win-amd64"})
    with pytest.raises(unpack.UnfitBundle, match="this is win-amd64"):
        unpack.check_fit(manifest)
    manifest["machine"]["cpu"] = ["avx9000"]
    monkeypatch.setattr(unpack, "facts_of_this_machine", lambda: here)
    assert "avx9000" in unpack.check_fit(manifest)


def test_commands(bundle: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(command, ["verify", str(bundle), "--json"], catch_exceptions=False)
    assert json.loads(told.output)["ok"]
    failed = runner.invoke(command, ["verify", str(tmp_path / "none.tar")])
    assert isinstance(failed.exception, AssetError)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    refused = runner.invoke(command, ["unpack", str(bundle), str(tmp_path / "full")])
    assert isinstance(refused.exception, UsageError)
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["file"]
    again = runner.invoke(command, ["create", "-o", str(bundle)])
    assert isinstance(again.exception, UsageError)


def test_the_bundle_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Installed from a bundle, the program takes the model and the encoder that came along."""
    monkeypatch.setattr(assets, "BUNDLE", tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/m.gguf").touch()
    (tmp_path / "models/a-later-one.gguf").touch()
    (tmp_path / "encoder").mkdir()
    assert assets.bundled_model() is assets.bundled_encoder() is None
    (tmp_path / "bundle.json").write_text('{"model": "models/m.gguf"}', encoding="utf-8")
    assert assets.find_model(None) == tmp_path / "models/m.gguf"
    assert assets.find_encoder(None) == tmp_path / "encoder"


def test_our_own_wheel_is_whole(tmp_path: Path) -> None:
    """Run from the wheel, outside of the checkout, the program finds all that it ships with."""
    wheel = wheels.pack(distribution("realign-local"), tmp_path)
    built = _built_by_hatchling(tmp_path / "hatchling")
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(built) as theirs:
        assert _contents(ours) == _contents(theirs)
        ours.extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "from realign_local.base import assets, criterion as criteria\n"
        "from realign_local.base.weights import catalog\n"
        "print(len(criteria.read_criteria(assets.shared_path('criteria'))),\n"
        "      len(catalog.read_catalog()), assets.shared_path('examples/demo.jsonl'),\n"
        "      assets.shared_path('benchmarks/workload.jsonl'))\n"
    )
    done = _run(sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    tasks, models, demo, workload = done.stdout.split()
    assert (tasks, int(models) >= 3) == ("46", True)
    assert demo.startswith(str(tmp_path / "site"))
    assert workload.startswith(str(tmp_path / "site"))


def _built_by_hatchling(folder: Path) -> Path:
    from hatchling.builders.wheel import WheelBuilder

    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def _contents(wheel: zipfile.ZipFile) -> dict[str, bytes]:
    skipped = ("METADATA", "RECORD", "WHEEL")
    return {n: wheel.read(n) for n in wheel.namelist() if not n.endswith(skipped)}


def test_packed_wheels_are_like_those_of_an_index(tmp_path: Path) -> None:
    """RECORD lists every file with its hash; scripts that pip makes itself are left out."""
    path = wheels.pack(distribution("pip"), tmp_path)
    assert path.name == f"pip-{distribution('pip').version}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        record = wheel.read(next(n for n in wheel.namelist() if n.endswith("/RECORD"))).decode()
        assert {line.split(",")[0] for line in record.splitlines()} == set(wheel.namelist())
        assert not [n for n in wheel.namelist() if ".data/" in n or n.endswith(".pyc")]


def test_a_package_that_was_changed_is_not_carried(tmp_path: Path) -> None:
    original = distribution("click")
    folder = tmp_path / "site"
    for file in original.files or ():
        if file.parts[0] != ".." and file.suffix != ".pyc":
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(Path(str(file.locate())).read_bytes())
    copied = PathDistribution(folder / f"click-{original.version}.dist-info")
    assert wheels.pack(copied, tmp_path).exists()
    (folder / "click/core.py").write_text("print('other')", encoding="utf-8")
    with pytest.raises(AssetError, match=r"click: click/core\.py was changed"):
        wheels.pack(copied, tmp_path)
    (folder / "click/core.py").unlink()
    with pytest.raises(AssetError, match=r"core\.py is missing"):
        wheels.pack(copied, tmp_path)


def test_all_that_is_needed_is_known() -> None:
    names = {dist.name.lower().replace("_", "-") for dist in wheels.needed()}
    assert {"realign-local", "llama-cpp-python", "torch", "pip", "pydantic-core"} <= names
    assert "pytest" not in names


def test_an_unpacker_of_any_age_says_what_it_needs() -> None:
    """unpack.py is parsed by whatever Python is there, so it keeps to old syntax."""
    text = Path(unpack.__file__).read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def test_memory_stays_small() -> None:
    """Files pass through in pieces: no single read asks for more than a piece."""
    sizes: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or -1)
            return super().read(size)

    unpack._check_member("x", Watched(b"a" * 3_000_000), _entry(b"a" * 3_000_000), None)
    assert set(sizes) == {unpack.PIECE_BYTES}


def _entry(data: bytes) -> dict[str, object]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize("key", ["machine", "model", "index", "own_criteria", "installed_bytes"])
def test_a_manifest_with_a_right_hash_that_lacks_a_key(bundle: Path, key: str) -> None:
    manifest = unpack.check_archive(bundle)
    unpack.read_manifest(json.dumps(manifest).encode(), "bundle.json")
    less = {name: value for name, value in manifest.items() if name != key}
    less["self"] = unpack.self_sha256(less)
    with pytest.raises(unpack.Damaged, match="not the manifest"):
        unpack.read_manifest(json.dumps(less).encode(), "bundle.json")


def test_the_current_folder_is_filled_if_it_is_empty(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    unpack.extract(bundle, Path())
    assert Path("bundle.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    for folder in (Path(), Path("/")):
        with pytest.raises(unpack.Refused, match="not empty"):
            unpack.extract(bundle, folder)


def test_an_archive_cannot_be_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (".", "/", ".."):
        found = CliRunner().invoke(command, ["create", "-o", name])
        assert isinstance(found.exception, UsageError)
