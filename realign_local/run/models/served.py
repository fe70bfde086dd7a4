"""The tools of `--server`: all as in run/tools.py, but for the model, which others serve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realign_local.base.config import Settings
from realign_local.base.errors import UsageError
from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.address import read_address, read_key
from realign_local.engine.request import Engine
from realign_local.rewriting import editor, proofread
from realign_local.run import tools
from realign_local.run.job import InThisProcess, Workplace

if TYPE_CHECKING:
    from realign_local.engine.remote.survey import Survey

OPTION = "--server"
SERVED_SLICE = 1024
"""Servers may work on hundreds of rows at once."""
NO_LICENCE = "not known to the program"
UNHEEDED = dict.fromkeys(("gpu_layers", "kv_type", "split"), "not heeded") | {
    "threads": "heeded by the encoder alone"
}
"""Settings of a model of this machine, and what becomes of them."""


class ServedTools(tools.LocalTools):
    """Asks the servers at once what they have and can do; what they cannot carry is switched off.

    Raises what `LocalTools` raises, EngineError where no server answers, and UsageError where the
    settings need what the servers cannot do.
    """

    workplace: Workplace = InThisProcess(SERVED_SLICE)

    def _open_model(self) -> None:
        from realign_local.engine.remote.remote_engine import RemoteEngine

        if self.settings.model:
            raise UsageError(
                f"{OPTION} and a model of this machine exclude each other",
                hint="Leave -m away, and name the served model with --server-model.",
            )
        named = self.settings.server or ()
        self._survey, self._key = survey_of(named, self.settings.server_model or "")
        self.addresses = self._survey.addresses
        self.model_name, self.model_id = self._survey.model.name, self._survey.model.sha256
        self.off = switched_off(self.settings, self._survey.abilities)
        self._make = RemoteEngine
        self._servers: RemoteEngine | None = None
        self._effort: Mapping[str, Any] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is asked, what it can do, and which settings it leaves without use."""
        places = ", ".join(address.url for address in self.addresses)
        given = self.settings.model_dump(exclude_defaults=True)
        return (
            f"{self.model_name} at {places}: {self._survey.abilities.told}",
            *(
                f"--{name.replace('_', '-')} {given[name]} is {fate}: the model is the server's"
                for name, fate in UNHEEDED.items()
                if given.get(name)
            ),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must not be missed: where the data goes, and what is left out."""
        found = [f"{name} is off: the server {why}" for name, why in self.off.items()]
        if self.sent_to:
            found.append(f"the texts of the rows leave this machine, to {', '.join(self.sent_to)}")
        found += [
            f"{address.url} is not encrypted: texts and key can be read on the way"
            for address in self.addresses
            if not address.is_secret
        ]
        return tuple(found)

    @property
    def sent_to(self) -> list[str]:
        """The hosts that are not this machine."""
        return sorted({address.host for address in self.addresses if not address.is_loopback})

    @property
    def _model_file(self) -> Mapping[str, Path]:
        return {}

    @property
    def resolved(self) -> Settings:
        """The settings with the addresses and the model that were taken."""
        operations = {**self.settings.operations, **dict.fromkeys(self.off, False)}
        served = {
            "server": [address.url for address in self.addresses],
            "server_model": self.model_name,
            "operations": operations,
        }
        return super().resolved.model_copy(update=served)

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """The servers, which know best how much they take; --parallel is a bound for each."""
        with self._remote() as engine:
            yield engine

    @contextmanager
    def _small_engine(self) -> Iterator[Engine]:
        with self._remote() as engine:
            yield engine

    @contextmanager
    def _remote(self) -> Iterator[Engine]:
        most = {} if self.settings.parallel == "auto" else {"most": self.settings.parallel}
        with self._make(self._survey, key=self._key, **most) as engine:
            self._servers = engine
            try:
                yield engine
            finally:
                self._effort, self._servers = _effort_of(engine), None

    @cached_property
    def agreement(self) -> None:
        """Nobody measured how far a served model agrees with people."""
        return

    @property
    def _machine(self) -> str:
        """Not known: what a server answers may change while its model's name stays."""
        return ""

    @property
    def distrust(self) -> str:
        """Why these servers are not asked which of two answers is better; "" where they are."""
        return "" if self._survey.abilities.top else "the server tells no probabilities"

    @cached_property
    def template_fault(self) -> str:
        """The template is the server's business."""
        return ""

    def describe(self) -> Mapping[str, Any]:
        """What run.toml and stats.json say about the tools."""
        survey = self._survey
        return {
            **super().describe(),
            "server_says": survey.model.facts,
            "server_can": survey.abilities.told,
            "sent_to": self.sent_to,
        }

    @property
    def _model_licence(self) -> str:
        return NO_LICENCE

    def effort(self) -> Mapping[str, Any]:
        """What stats.json says about the servers; empty where this session asked nothing."""
        engine = self._servers  # another thread may end it meanwhile
        return _effort_of(engine) if engine else self._effort


def survey_of(urls: Sequence[str], model: str) -> tuple[Survey, str]:
    """What the servers have and can do, each asked once, and the key for them."""
    from realign_local.engine.remote.remote_engine import survey_servers

    key = read_key(os.environ)
    addresses = dict.fromkeys(read_address(url, option=OPTION) for url in urls)
    return survey_servers(tuple(addresses), model=model, key=key), key


def switched_off(settings: Settings, abilities: Abilities) -> dict[str, str]:
    """The operations that these servers cannot carry, with what the servers lack.

    Raises UsageError where nothing of what was asked for would be left.
    """
    lacks: dict[str, str] = {}
    if not abilities.scores:
        lacks[proofread.NAME] = "cannot score a text"
    if not abilities.top and settings.mode in ("free", "auto"):
        lacks[editor.NAME] = "tells no probabilities, so that nothing could be preferred"
    if settings.mode == "free" and editor.NAME in lacks:
        raise _beyond("--mode free", lacks[editor.NAME])
    if settings.mode == "free":
        lacks.pop(proofread.NAME, None)
    if not abilities.top and (settings.min_score or settings.keep_if_not_worse):
        raise _beyond("a score", "tells no probabilities")
    if not abilities.scores and settings.classifier.partition(":")[0] in ("llm", "both"):
        raise _beyond(f"--classifier {settings.classifier}", "cannot score a text")
    return lacks


def _beyond(what: str, why: str) -> UsageError:
    return UsageError(
        f"the server {why}, which {what} needs",
        hint="llama-server and vLLM can; docs/servers.md says how each is to be started.",
    )


def _effort_of(engine: Any) -> Mapping[str, Any]:
    """`engine` has the counters; `servers` how many rows each answered."""
    return {"engine": engine.stats, "servers": engine.answered}
