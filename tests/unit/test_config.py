"""Settings: four sources in their order, and complaints that name the key."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from realign_local.base.config import Settings, load_settings, unread_variables
from realign_local.base.errors import UsageError
from realign_local.cli.options import as_seconds
from realign_local.data.formats import open_dataset
from realign_local.run.files.rundir import to_toml
from realign_local.run.job import Job
from realign_local.run.tidying import TidyTools


def _file(folder: Path, text: str) -> Path:
    path = folder / "realign.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_flags_beat_the_environment_beats_the_file_beats_the_defaults(tmp_path: Path) -> None:
    file = _file(tmp_path, 'model = "file"\nindex = "file"\nseed = 4\n')
    environment = {"REALIGN_MODEL": "environment", "REALIGN_INDEX": "environment"}
    found = load_settings(file, environment=environment, flags={"model": "flag", "seed": None})
    assert (found.model, found.index, found.seed, found.passages) == ("flag", "environment", 4, 3)


def test_a_variable_with_a_slip_in_its_name_or_the_name_of_a_setting_is_told() -> None:
    (slip,) = unread_variables({"REALIGN_MODLE": "x", "REALIGN_MODEL": "x", "REALIGN_CACHE": "x"})
    assert slip == "REALIGN_MODLE is not read; did you mean REALIGN_MODEL?"
    (setting,) = unread_variables({"REALIGN_SEED": "1", "REALIGN_GOLDEN": "write", "HOME": "x"})
    assert setting.startswith("REALIGN_SEED is not read: seed is set by a flag")


def test_a_cache_that_is_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(UsageError, match="cache is a file"):
        load_settings(flags={"cache": str(tmp_path / "cache")})
    assert load_settings(flags={"cache": str(tmp_path)}).cache == str(tmp_path)


def test_numbers_in_the_environment_are_read() -> None:
    found = load_settings(environment={"REALIGN_THREADS": "3", "REALIGN_PARALLEL": "auto"})
    assert (found.threads, found.parallel) == (3, "auto")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modell = 1", "unknown key 'modell'"),
        ("candidates = 99", "candidates"),
        ("[gates]\nnumbers = 3", "gates.numbers"),
        ("= broken", "not valid TOML"),
        ('mode = "wild"', "mode"),
        ("candidates = true", "candidates"),
        ("parallel = true", r"realign\.toml: setting parallel:"),
        (
            'split = "0,0"',
            r"realign\.toml: setting split: must be numbers with commas between, such as 3,1",
        ),
        ('server_model = "m"', "^--server-model m without a server"),
        ('[gates]\nnames = "no"', r"gates\.names"),
        ('[operations]\nsteps = "no"', r"operations\.steps"),
        ('annotate = "yes"', "annotate"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load_settings(_file(tmp_path, text), environment={})


def test_the_way_out_of_a_slip_in_a_file_is_in_the_file(tmp_path: Path) -> None:
    for text, hint in (("= broken", "Mend that place"), ("modle = 1", "Did you mean mode?")):
        with pytest.raises(UsageError) as raised:
            load_settings(_file(tmp_path, text), environment={})
        assert raised.value.hint.startswith(hint)
    with pytest.raises(UsageError) as raised:
        load_settings(_file(tmp_path, "seed = 1"), environment={}, flags={"seed": -1})
    assert str(raised.value).startswith("setting seed: ")  # the flag is wrong, not the file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[operations]\nruni_n = false", "no operation is called 'runi_n'"),
        ("[gates]\nnumbr = false", "no gate is called 'numbr'"),
    ],
)
def test_an_unknown_name_in_a_table_names_the_file_and_the_nearest(
    tmp_path: Path, text: str, told: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"instruction": "Why?", "output": "So."}\n', encoding="utf-8")
    file = _file(tmp_path, text)
    settings = load_settings(file, environment={}, flags={"mode": "tidy"})
    with pytest.raises(UsageError) as raised:
        Job.of(TidyTools(settings).resolved, open_dataset(rows))
    assert str(raised.value) == f"{file}: {told}"
    assert raised.value.hint.startswith("Did you mean ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        load_settings(tmp_path / "nowhere.toml", environment={})


def test_settings_written_as_toml_are_read_back(tmp_path: Path) -> None:
    settings = Settings(
        model='odd "name"\\.gguf',
        gates={"numbers": False},
        fields={"instruction": "q"},
        operations={"steps": False},
    )
    file = _file(tmp_path, to_toml(settings.model_dump(exclude_none=True)))
    assert load_settings(file, environment={}) == settings


def test_text_of_the_environment_and_of_flags_is_read_as_a_number() -> None:
    found = load_settings(environment={"REALIGN_PARALLEL": "2"}, flags={"parallel": "8"})
    assert found.parallel == 8


@pytest.mark.parametrize("variable", ["REALIGN_THREADS", "REALIGN_PARALLEL"])
@pytest.mark.parametrize("value", ["9" * 20, "9" * 5000, "0", "many", "-1", "²"])
def test_absurd_numbers_name_the_setting_only(variable: str, value: str) -> None:
    name = variable.removeprefix("REALIGN_").lower()
    with pytest.raises(UsageError, match=rf"^setting {name}: "):
        load_settings(environment={variable: value})


@pytest.mark.parametrize("value", ["99999999999h", "9" * 400, "8761h"])
def test_an_absurd_budget_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter, match="at most 8760h"):
        as_seconds(click.Context(click.Command("x")), click.Option(["--budget"]), value)
