"""What an actor is told when it is made: which tools, by path, and what must be true of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from typing import Any, Self

from realign_local import __version__
from realign_local.base.config import Settings
from realign_local.base.errors import AssetError
from realign_local.base.machine import physical_cores
from realign_local.run.job import Tools
from realign_local.run.tidying import make_tools
from realign_local.stages import judgement, retrieval, rewrite

MAKER = "realign_local.run.cluster.recipe:settled_tools"
ENGINE = "rewrite"
"""The work of an actor that holds the language model; other work is called after its stage."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`maker` is "module:function", which makes the tools of these settings. `facts` are what the
    driver's own tools are; an actor whose tools are others does not begin.
    """

    work: str
    maker: str
    settings: Mapping[str, Any]
    facts: Mapping[str, Any]
    longest_tokens: int = 0

    def with_threads(self, threads: int) -> Self:
        """The same for an actor that has so many cores."""
        return replace(self, settings={**self.settings, "threads": threads})

    def to_bytes(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Self:
        """The inverse of `to_bytes`."""
        return cls(**json.loads(text))

    def make(self) -> Tools:
        """The tools, checked. Raises AssetError where they are not those of the driver."""
        module, _, name = self.maker.partition(":")
        tools: Tools = getattr(import_module(module), name)(self.settings)
        self.check(facts_of(tools))
        return tools

    def check(self, facts: Mapping[str, Any]) -> None:
        """Raise AssetError where these facts are not those of the driver."""
        found = json.loads(json.dumps(facts))
        if wrong := sorted(name for name, value in self.facts.items() if found.get(name) != value):
            raise AssetError(
                f"not the same here as where the run was started: {', '.join(wrong)}",
                hint="Every node needs the same version of this program and the same files under"
                " the same paths (docs/many-machines.md).",
            )


def facts_of(tools: Tools) -> dict[str, Any]:
    """Hashes of all that decides a result, by name."""
    return {
        "version": __version__,
        "criteria": tools.criteria.sha256,
        "prompts": [rewrite.VERSION, retrieval.VERSION, judgement.VERSION],
        **asdict(tools.identity),
    }


def settled_tools(settings: Mapping[str, Any]) -> Tools:
    """The real tools, from settings whose paths are those of the node.

    Ray counts hyperthreads as CPUs; a second thread on a core only gets in the way here.
    """
    threads = min(settings["threads"], physical_cores())
    return make_tools(Settings(**{**settings, "threads": threads}))
