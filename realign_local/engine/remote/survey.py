"""The servers of a run before any row is asked: one model, and what each can do with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar

from realign_local.base.errors import EngineError, UsageError
from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.address import KEY_VARIABLE, ServerAddress
from realign_local.engine.remote.find_out import ServedModel, find_abilities, find_model
from realign_local.engine.remote.link import Answer, Link, Outcome

log = logging.getLogger(__name__)

LOADING_S, PAUSE_S = 900.0, 1.0
"""A large model takes minutes to be read."""
FIRST_WORD_S, NEXT_WORD_S = 8.0, 60.0
"""How long a server may be silent before it is told that it is waited for, and again."""
Found = TypeVar("Found")
START_HINT = "Start the server, or look whether the address is right: docs/servers.md."
MODEL_HINT = "Name one with --server-model."


@dataclass(slots=True)
class Survey:
    """`known` has the abilities of each server that answered, by its number."""

    addresses: tuple[ServerAddress, ...]
    model: ServedModel
    known: dict[int, Abilities] = field(default_factory=dict)

    @property
    def abilities(self) -> Abilities:
        """What all servers that answered can do."""
        return reduce(Abilities.weaker, self.known.values())

    def abilities_of(self, number: int) -> Abilities:
        """What one server can do."""
        return self.known[number]

    async def learn(self, number: int, link: Link) -> bool:
        """Find out what a server can do that was not there at the start; false where it can do less
        than the run was planned with, or does not say. Of one that is back, what was known holds.
        """
        if number not in self.known:
            agreed, found = self.abilities, await find_abilities(link, self.model.name)
            if isinstance(found, Answer) or not found.can_all(agreed):
                return False
            self.known[number] = found
        return True


async def _with_word(asked: Coroutine[Any, Any, Found], url: str) -> Found:
    """What is asked, with a word now and then while the server says nothing."""
    task = asyncio.ensure_future(asked)
    try:
        pause_s = FIRST_WORD_S
        while not (await asyncio.wait({task}, timeout=pause_s))[0]:
            log.warning("waiting for %s, which has not answered yet", url)
            pause_s = NEXT_WORD_S
        return task.result()
    finally:
        task.cancel()


async def look_around(
    addresses: Sequence[ServerAddress], *, model: str = "", key: str = ""
) -> Survey:
    """Ask every server which model it has and what it can do; those that are away may come later.

    Raises EngineError where none answers, or one refuses the key, and UsageError where the model is
    not there or not the same on all of them.
    """
    survey: Survey | None = None
    silent: list[str] = []
    for number, address in enumerate(addresses):
        link = Link(address, key=key)
        try:
            asked = _known_server(link, survey.model.name if survey else model)
            found = await _with_word(asked, address.url)
        finally:
            await link.close()
        if isinstance(found, Answer):
            silent.append(_complaint(address, found))
            continue
        served, abilities = found
        survey = survey or Survey(tuple(addresses), served)
        _check_same(survey, served, address)
        survey.known[number] = abilities
    if survey is None or not survey.known:
        raise EngineError(silent[0], hint=START_HINT)
    for words in silent:
        log.warning("%s; the others go on without it", words)
    return survey


async def _known_server(link: Link, model: str) -> tuple[ServedModel, Abilities] | Answer:
    """What a server has and can do; one that says that it is still loading is waited for."""
    waited_s = 0.0
    while True:
        found = await find_model(link, model)
        if isinstance(found, ServedModel):
            abilities = await find_abilities(link, found.name)
            if isinstance(abilities, Abilities):
                return found, abilities
            found = abilities
        if found.outcome is not Outcome.BUSY or waited_s >= LOADING_S:
            return found
        if not waited_s:
            log.warning("waiting for %s: %s", link.address.url, found.words)
        waited_s += PAUSE_S
        await asyncio.sleep(PAUSE_S)


def _check_same(survey: Survey, found: ServedModel, address: ServerAddress) -> None:
    if found != survey.model:
        first = survey.addresses[0].url
        raise UsageError(
            f"{address.url} does not hold the same model as {first}",
            hint="Serve one model everywhere, or make a run for each.",
        )


def _complaint(address: ServerAddress, answer: Answer) -> str:
    """What is wrong with a server. Raises what no other server can make good."""
    if answer.outcome is Outcome.FORBIDDEN:
        raise EngineError(
            f"{address.url} refuses the key: {answer.words}", hint=f"Set {KEY_VARIABLE}."
        )
    if answer.outcome is Outcome.REFUSED:
        raise UsageError(f"{address.url}: {answer.words}", hint=MODEL_HINT)
    return f"no answer from {address.url}: {answer.words}"
