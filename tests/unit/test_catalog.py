"""The catalog and `realign models`: add, list, verify, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.errors import AssetError, UsageError
from realign_local.base.weights import catalog
from realign_local.cli.setup.models import command
from tests.unit.test_gguf import METADATA, write_gguf


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path / "cache"))


def _model(name: str = "tiny.gguf", *, values: int = 16) -> Path:
    path = Path("elsewhere") / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)  # the model that was added may be a link to it
    write_gguf(path, METADATA, values=values)
    return path


def test_the_catalog_that_ships_is_sound() -> None:
    entries = catalog.read_catalog()
    assert len({entry.name for entry in entries}) == len(entries) >= 1


def test_add_records_and_verify_confirms() -> None:
    entry, target = catalog.add_model(_model(), licence="MIT")
    assert target == Path("models/tiny.gguf")
    assert catalog.read_catalog()[-1] == entry
    assert (entry.name, entry.licence, entry.chat_template) == ("tiny", "MIT", "custom")
    assert catalog.known_as(target) == entry
    assert catalog.state_of(entry, catalog.locate(entry))[0] == "ok"


def test_add_twice_changes_nothing() -> None:
    catalog.add_model(_model())
    before = Path("models/local.toml").read_text(encoding="utf-8")
    catalog.add_model(Path("models/tiny.gguf"))
    assert Path("models/local.toml").read_text(encoding="utf-8") == before


def test_names_and_files_that_are_taken() -> None:
    catalog.add_model(_model())
    with pytest.raises(UsageError, match="there already"):
        catalog.add_model(_model(values=32), name="another")
    with pytest.raises(UsageError, match="another model is called 'tiny'"):
        catalog.add_model(_model("other.gguf", values=64), name="tiny")
    assert not Path("models/other.gguf").exists()


def test_a_damaged_file_is_not_added() -> None:
    path = _model()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(AssetError, match="cut short"):
        catalog.add_model(path)
    assert not Path("models").exists()


def test_verify_tells_changed_from_damaged_and_missing() -> None:
    entry, target = catalog.add_model(_model())
    data = target.read_bytes()
    target.unlink()
    assert catalog.state_of(entry, catalog.locate(entry))[0] == "missing"
    target.write_bytes(data[:-1] + b"x")
    assert catalog.state_of(entry, target)[0] == "changed"
    target.write_bytes(data[:-1])
    assert catalog.state_of(entry, target)[0] == "damaged"


def test_commands() -> None:
    runner = CliRunner()
    added = runner.invoke(command, ["add", str(_model()), "--name", "mine"], catch_exceptions=False)
    assert added.output.startswith("mine: models/tiny.gguf, sha256 ")
    listed = runner.invoke(command, ["list", "--json"], catch_exceptions=False)
    mine = [m for m in json.loads(listed.output)["models"] if m["name"] == "mine"]
    assert mine[0]["path"] == "models/tiny.gguf"
    assert "mine" in runner.invoke(command, ["list"], catch_exceptions=False).output
    Path("models/tiny.gguf").unlink()
    Path("models/tiny.gguf").write_bytes(b"GGUF")
    verified = runner.invoke(command, ["verify"])
    assert isinstance(verified.exception, AssetError)
    assert "damaged  mine" in verified.output


def test_a_catalog_that_is_no_catalog_is_named() -> None:
    Path("models").mkdir()
    Path("models/catalog.toml").write_text("[[model]]\nname = 3\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"models/catalog\.toml is not a catalog"):
        catalog.read_catalog()


def test_template_names() -> None:
    assert catalog.template_name("") == "none"
    assert catalog.template_name("<|im_start|>user") == "chatml"
    assert catalog.template_name("User: ") == "custom"


def test_what_was_measured_is_shown_and_what_was_not_is_a_dash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry, _ = catalog.add_model(_model(), licence="MIT")
    measured = entry.model_copy(
        update={"memory_mib": 512, "acceptance": 0.815, "rows_per_s": 1.234, "measured_on": "here"}
    )
    Path("models/local.toml").write_text(catalog.as_toml(measured), encoding="utf-8")
    assert catalog.read_catalog()[-1] == measured
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(command, ["list"], catch_exceptions=False).output.splitlines()
    (row,) = (line for line in shown if line.startswith("tiny ") and "MIT" in line)
    assert row.split() == ["tiny", "0", "128", "512", "82%", "1.2", "MIT"]
    (other,) = (line for line in shown if line.startswith("smollm2") and "Apache" in line)
    assert max(map(len, (row, other))) <= 80


def test_columns_without_any_figure_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        entry.model_copy(update={"memory_mib": None, "acceptance": None, "rows_per_s": None})
        for entry in catalog.read_catalog()
    ]
    monkeypatch.setattr(catalog, "read_catalog", lambda: found)
    head = CliRunner().invoke(command, ["list"], catch_exceptions=False).output.split("\n")[0]
    assert head.split() == ["model", "MiB", "context", "licence"]


def test_the_shipped_catalog_is_not_written_to() -> None:
    catalog.add_model(_model())
    assert not Path("models/catalog.toml").exists()
    assert Path("models/local.toml").is_file()
