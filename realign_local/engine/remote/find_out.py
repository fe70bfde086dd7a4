"""Finds out what a server can do: by a handful of tiny requests, for what it says is not enough.

Servers pass over fields that they do not know, so each ability is tried where its effect shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from realign_local.engine.remote.abilities import Abilities
from realign_local.engine.remote.body import PATH, Said, TokenLog, chat_body, read_said
from realign_local.engine.remote.link import Answer, Link, Outcome
from realign_local.engine.remote.scoring_texts import ending, only, spelling, token_ids
from realign_local.engine.request import Message

NAME_CHARS = 300
ASK_S = 600.0
"""A large model may be read from the disk first."""
MODELS = "/v1/models"
QUESTION = (Message("user", "Write the days of the week in their order, with commas between."),)
BEGUN, GOES_ON = "Monday, Tuesday, Wednes", "day"
"""In the middle of a word: whoever begins anew does not begin with its end."""
ODD = "zqx7 jvkw"
"""What no model says: under a grammar that allows nothing else, its probability shows whose it is.
"""
UNLIKELY = -2.0
TOPS = (20, 5)
"""How many tokens OpenAI's protocol lets one ask for, now and once."""
GRAMMARS = ("grammar", "structured_outputs", "guided_grammar", "ebnf")
"""The field's name in llama-server and llama-cpp-python, vLLM, older vLLM, and SGLang."""
META = ("vocab_type", "n_vocab", "n_ctx_train", "n_embd", "n_params", "size", "ftype")
"""What llama-server tells of a model that is not about this one start of it."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model by its name, with what the server says of it; equal wherever it is served."""

    name: str
    facts: str

    @property
    def sha256(self) -> str:
        """Stands for the model in the journal's keys, as the hash of its file does elsewhere."""
        return hashlib.sha256(f"server 1\0{self.name}\0{self.facts}".encode()).hexdigest()


async def find_model(link: Link, name: str, *, timeout_s: float = ASK_S) -> ServedModel | Answer:
    """The model of that name, or the first that the server offers; else what went wrong."""
    answer = await link.get(MODELS, timeout_s=timeout_s)
    if answer.outcome is not Outcome.OK:
        return answer
    offered = answer.value.get("data")
    rows = offered if isinstance(offered, list) else ()
    known = [one for one in rows if isinstance(one, dict) and _is_name(one.get("id"))]
    names = [one["id"] for one in known]
    if not known or (name and name not in names):
        shown = ", ".join(names[:8]) or "none"
        words = f"no model is called {name!r} there" if name else "no model is there"
        return Answer(Outcome.REFUSED, {}, f"{words}; it offers {shown}")
    chosen = known[names.index(name) if name else 0]
    return ServedModel(chosen["id"], _facts(chosen))


async def find_abilities(link: Link, model: str) -> Abilities | Answer:
    """What the server can do with this model, or what a plain chat with it fails with."""
    prober = _Prober(link, model)
    plain = await prober.ask(Abilities(no_thoughts=True))
    abilities = Abilities(no_thoughts=isinstance(plain, Said))
    if isinstance(plain, Answer):
        plain = await prober.ask(abilities)
    if isinstance(plain, Answer):
        return plain
    abilities = replace(abilities, top=await prober.top(abilities))
    abilities = await prober.continues(abilities)
    abilities = await prober.grammar(abilities)
    return replace(abilities, scores=await prober.scores(abilities))


def _facts(entry: Mapping[str, Any]) -> str:
    """Of an entry of /v1/models, what tells models apart, and no time, port or size of context."""
    meta = entry.get("meta")
    told = {name: entry.get(name) for name in ("root", "parent")}
    told |= {name: meta.get(name) for name in META} if isinstance(meta, dict) else {}
    found = {name: value for name, value in told.items() if _is_plain(value)}
    return json.dumps(found, sort_keys=True)


def _is_plain(value: object) -> bool:
    """Whether it is a number, or a text that can be a name: it is shown and written down."""
    return isinstance(value, int | float) or _is_name(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= NAME_CHARS


@dataclass(frozen=True, slots=True)
class _Prober:
    link: Link
    model: str

    async def ask(self, abilities: Abilities, **more: Any) -> Said | Answer:
        more = {"max_tokens": 4, **more}
        body = chat_body(self.model, QUESTION, abilities=abilities, **more)
        answer = await self.link.post(PATH, body, timeout_s=ASK_S)
        if answer.outcome is not Outcome.OK:
            return answer
        try:
            return read_said(answer.value, said=more.get("said", ""))
        except ValueError as error:
            return Answer(Outcome.FAULT, {}, str(error))

    async def top(self, abilities: Abilities) -> int:
        for number in TOPS:
            said = await self.ask(abilities, top=number, max_tokens=1)
            if isinstance(said, Said) and said.logs and len(said.logs[0].others) > 1:
                return min(number, len(said.logs[0].others))
        return 0

    async def grammar(self, abilities: Abilities) -> Abilities:
        for field in GRAMMARS:
            tried = replace(abilities, grammar=field)
            said = await self.ask(tried, grammar=f'root ::= "{ODD}"', max_tokens=24)
            if isinstance(said, Said) and said.text.strip() == ODD:
                return tried
        return abilities

    async def scores(self, abilities: Abilities) -> Literal["", "prompt", "tokens"]:
        if abilities.continues:
            said = await self.ask(abilities, said=ODD, max_tokens=1, scores_prompt=True)
            if isinstance(said, Said) and _is_own(ending(said.prompt_logs, ODD)):
                return "prompt"
        ids = await token_ids(self.link, ODD, timeout_s=ASK_S) if abilities.grammar else ()
        if abilities.top and isinstance(ids, list):
            limit = len(ids) + 1
            said = await self.ask(abilities, grammar=only(ids), max_tokens=limit, top=1)
            if isinstance(said, Said) and _is_own(spelling(said.logs, ODD)):
                return "tokens"
        return ""

    async def continues(self, abilities: Abilities) -> Abilities:
        ways: tuple[Literal["flags", "unasked"], ...] = ("flags", "unasked")
        for way in ways:
            tried = replace(abilities, continues=way)
            said = await self.ask(tried, said=BEGUN)
            if isinstance(said, Said) and said.text.startswith(GOES_ON):
                return tried
        return abilities


def _is_own(logs: Sequence[TokenLog] | None) -> bool:
    """Whether these are the model's probabilities, and not those that a grammar left over."""
    return bool(logs) and sum(one.log for one in logs or ()) < UNLIKELY
