"""The settings of a run: defaults < TOML file < environment < flags, unknown keys refused."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from realign_local.base.errors import UsageError
from realign_local.base.untrusted import loads_toml, read_text

ENVIRONMENT = {
    "REALIGN_MODEL": "model",
    "REALIGN_ENCODER": "encoder",
    "REALIGN_INDEX": "index",
    "REALIGN_CRITERIA": "criteria",
    "REALIGN_THREADS": "threads",
    "REALIGN_PARALLEL": "parallel",
    "REALIGN_GPU_LAYERS": "gpu_layers",
}

OTHER_VARIABLES = ("REALIGN_CACHE", "REALIGN_CPU", "REALIGN_SERVER_KEY")
"""Read elsewhere, and no settings of a run."""
SHOWN_CHARS = 80
NEAR = 0.85
"""So alike is a name with a slip of one or two letters; a foreign name is not."""

MOST_THREADS = 4096
"""More than any machine has."""
NUMBERS_IN_TEXT = ("threads", "parallel", "gpu_layers")
"""Settings that the environment or a flag gives as text."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


EMPTY_MEANS_NOTHING = ("model", "encoder", "index", "criteria", "encoding", "format", "cache")
"""Flags that an empty variable of a script would silently leave out."""
FILE_HINT = "Mend that place of the file, or leave -c away."
NO_FILE_HINT = "Name a file of settings, such as -c realign.toml, or leave -c away."
SHARES = re.compile(r"\d{1,9}(?:\.\d{1,9})?(?:,\d{1,9}(?:\.\d{1,9})?){0,63}", re.ASCII)


def _as_shares(value: str) -> str:
    """Proportions of cards: numbers with commas between, not all of them nought."""
    if value and not (SHARES.fullmatch(value) and any(map(float, value.split(",")))):
        raise ValueError("must be numbers with commas between, such as 3,1")
    return value


@dataclass(frozen=True, slots=True)
class _Source:
    """The file that settings are from; where they are from makes them no others."""

    name: str = field(default="", compare=False)


class Settings(BaseModel):
    """Everything that can be set for a run; the field names are the keys of realign.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str | None = Field(None, description="GGUF file, or a name under models/")
    server: list[str] | None = Field(
        None, description="addresses of servers that hold the model, in the place of a file"
    )
    server_model: str | None = Field(None, description="which of the server's models")
    encoder: str | None = Field(None, description="folder of a sentence-transformers model")
    index: str | None = Field(None, description="folder of an evidence index")
    criteria: str | None = Field(None, description="folder of criteria (*.toml)")

    classifier: str = Field(
        "encoder",
        description="encoder, llm or both; a folder of your own classifier; or both:FOLDER",
    )
    reclassify: bool = Field(False, description="find the task even where the row names one")

    format: str | None = Field(None, description="format of the input, instead of detecting it")
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="our name = the input's name; role.assistant and so on for names of roles",
    )
    encoding: str | None = Field(None, description="encoding of the input, where it is not UTF-8")
    turns: Literal["last", "all"] = Field("last", description="which responses of a conversation")

    mode: Literal["tidy", "guided", "free", "auto"] = Field(
        "guided",
        description="tidy: the program alone; guided: the model fills in words; free: the model"
        " rewrites as an editor and judges the result (the paper's way); auto: guided and free",
    )
    operations: dict[str, bool] = Field(
        default_factory=dict, description="operations switched off, or on, by name"
    )
    adaptive: bool = Field(True, description="leave alone what was asked for in a form")
    candidates: int = Field(1, ge=1, le=16, description="rewrites to try for each row")
    temperature: float = Field(
        0.7, ge=0, le=2, description="for the second candidate and on; the first is greedy"
    )
    seed: int = Field(0, ge=0, description="start of all random numbers")
    passages: int = Field(3, ge=1, le=20, description="passages of evidence for each row")
    min_confidence: float = Field(0.3, ge=0, le=1, description="below this the row is only tidied")
    gates: dict[str, bool] = Field(default_factory=dict, description="gates switched off by name")
    min_score: float = Field(
        0.0, ge=0, le=5, description="what the model must score a rewrite, helpful and accurate"
    )
    keep_if_not_worse: bool = Field(
        False, description="keep the original where the model scores the rewrite lower"
    )
    self_evaluate: bool = Field(
        False, description="the model values what it wrote, and writes again what it finds poor"
    )
    cache: str | None = Field(
        None,
        description="folder for what other runs may use again; by default the scores alone, in the"
        " user's cache",
    )

    threads: int | None = Field(
        None, ge=1, le=MOST_THREADS, description="CPU threads; all cores by default"
    )
    parallel: Annotated[int, Field(ge=1, le=MOST_THREADS)] | Literal["auto"] = Field(
        "auto", description="rows at the same time"
    )
    gpu_layers: Annotated[int, Field(ge=0, le=MOST_THREADS)] | Literal["auto"] = Field(
        "auto", description="layers of the model on the graphics card; 0 does without it"
    )
    kv_type: Literal["f16", "q8_0"] = Field(
        "f16", description="keys and values on a card: q8_0 takes half the memory"
    )
    split: Annotated[str, AfterValidator(_as_shares)] = Field(
        "",
        description="proportions in which several cards share a model, such as 3,1",
    )
    fail_under: float = Field(
        0.0, ge=0, le=1, description="exit with 3 if a smaller share of the tried rows is rewritten"
    )
    annotate: bool = Field(False, description="add realign_* columns to the output")

    _file: _Source = PrivateAttr(_Source())

    @property
    def origin(self) -> str:
        """The file that they were read from, as the beginning of a message; "" without one."""
        return f"{self._file.name}: " if self._file.name else ""

    def read_from(self, file: Path | str) -> Settings:
        """The same, known to come from this file."""
        self._file = _Source(str(file))
        return self

    @property
    def card_shares(self) -> tuple[float, ...]:
        """`split` as numbers."""
        return tuple(map(float, self.split.split(","))) if self.split else ()


def unread_variables(environment: Mapping[str, str]) -> list[str]:
    """A line about each REALIGN_ variable that nothing reads, but that is meant to be read."""
    known = [*ENVIRONMENT, *OTHER_VARIABLES]
    mine = sorted(n for n in environment if n.startswith("REALIGN_") and n not in known)
    return [f"{name} is not read{meant}" for name in mine if (meant := _meant(name, known))]


def _meant(name: str, known: Sequence[str]) -> str:
    if near := difflib.get_close_matches(name, known, n=1, cutoff=NEAR):
        return f"; did you mean {near[0]}?"
    keys = difflib.get_close_matches(
        name.removeprefix("REALIGN_").lower(), Settings.model_fields, n=1, cutoff=NEAR
    )
    return f": {keys[0]} is set by a flag, or in a file that is given with -c" if keys else ""


def go_offline() -> None:
    """Tell every library that might ask a hub for something not to; before heavy imports."""
    os.environ.update(OFFLINE)


def load_settings(
    file: Path | str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Merge the four sources; a flag that is None was not given.

    Raises UsageError that names the key and where it came from.
    """
    if empty := [key for key in EMPTY_MEANS_NOTHING if (flags or {}).get(key) == ""]:
        raise UsageError(f"--{empty[0]} is empty", hint="Give it a value, or leave it out.")
    merged: dict[str, Any] = _settings_in(_read_toml(Path(file))) if file else {}
    in_file = set(merged)
    seen = os.environ if environment is None else environment
    given: dict[str, Any] = {k: seen[name] for name, k in ENVIRONMENT.items() if seen.get(name)}
    given |= {key: value for key, value in (flags or {}).items() if value is not None}
    given |= {key: _number(given[key]) for key in NUMBERS_IN_TEXT if key in given}
    for table in ("operations", "fields"):
        given[table] = {**merged.get(table, {}), **given.get(table, {})}
    merged.update(given)
    for one, other in (("server", "model"), ("model", "server")):
        if (flags or {}).get(one) and not (flags or {}).get(other):
            merged.pop(other, None)  # a flag takes the place of what a file or a variable names
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        tables = first["loc"][0] in ("fields", "gates", "operations")
        key = ".".join(str(part) for part in first["loc"][: 2 if tables else 1])
        if first["type"] == "extra_forbidden":
            known = sorted(Settings.model_fields)
            raise UsageError(
                f"{file or 'settings'}: unknown key {key!r}",
                hint=f"{did_you_mean(key, known)}Known keys: {', '.join(known)}.",
            ) from error
        why = first["msg"].removeprefix("Value error, ")
        is_of_file = first["loc"][0] in in_file - {k for k in given if given[k] != {}}
        where, hint = (f"{file}: ", FILE_HINT) if is_of_file else ("", None)
        text = f"{where}setting {key}: {why}, was: {_shown(first['input'])}"
        raise UsageError(text, hint=hint) from error
    if settings.cache and Path(settings.cache).exists() and not Path(settings.cache).is_dir():
        raise UsageError(f"--cache {settings.cache} is a file", hint="Name a folder: --cache DIR.")
    if settings.server_model and not settings.server:
        raise UsageError(
            f"--server-model {settings.server_model} without a server",
            hint="Name it: --server URL. A model of this machine is chosen with -m.",
        )
    return settings.read_from(file) if file else settings


def unknown_name(settings: str, what: str, name: str, known: Sequence[str]) -> UsageError:
    """The error about a name in a table of the settings; those say where they are from."""
    return UsageError(
        f"{settings}no {what} is called {name!r}",
        hint=f"{did_you_mean(name, known)}{what.capitalize()}s: {', '.join(known)}.",
    )


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The nearest of the names as the beginning of a hint; "" where none is near."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}? " if near else ""


def _shown(value: Any) -> str:
    """The value as it was given, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= SHOWN_CHARS else f"{shown[:SHOWN_CHARS]}…"


def _number(value: Any) -> Any:
    """The whole number that a text stands for; anything else as it is."""
    return int(value) if re.fullmatch(r"-?[0-9]{1,99}", str(value)) else value


def _settings_in(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of a configuration, or those of a run's own record, which holds more."""
    if "realign_version" not in values:
        return values
    return {key: value for key, value in values.items() if key in Settings.model_fields}


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return loads_toml(read_text(file, pipes=True))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", hint=NO_FILE_HINT) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: not valid TOML: {error}", hint=FILE_HINT) from error
