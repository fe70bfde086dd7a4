"""The gates as a run uses them: those that are switched on, and what decides their verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realign_local import gates
from realign_local.base.assets import code_sha256
from realign_local.base.config import Settings, unknown_name
from realign_local.base.criterion import Criteria
from realign_local.base.plugins import plugins_id
from realign_local.gates import length
from realign_local.gates.gate import Case, Verdict
from realign_local.gates.layout import meets_layout
from realign_local.gates.talk import idle
from realign_local.gates.talk.borrowed import borrowed
from realign_local.rewriting.editor import PROMPT as EDITOR

RUN_ONLY = ("idle", "borrowed", "layout")
"""Gates that know what the run asked for; `realign verify` leaves them out."""


def gates_id(settings: Settings) -> str:
    """What decides a verdict: the gates' own source, and which of them are switched on."""
    code = code_sha256("gates", "text", "base/words", plugins=plugins_id("gates"))
    return f"{code}:{','.join(_chosen_gates(settings.gates))}:{settings.gates}"


@dataclass(frozen=True, slots=True)
class GateCheck:
    """The gates that are not switched off, and the layout of a task; UsageError at a wrong name.

    `origin` says where the switches are from, as the beginning of a message.
    """

    criteria: Criteria
    switches: Mapping[str, bool]
    origin: str = ""

    def __post_init__(self) -> None:
        _chosen_gates(self.switches, self.origin)

    def __call__(self, case: Case) -> Mapping[str, Verdict]:
        criterion = self.criteria.get(case.task)
        chosen = _chosen_gates(self.switches)
        if criterion and criterion.layout and "length" in chosen:
            chosen["length"] = length.explaining
        found = dict(gates.judge(case, chosen))
        if criterion and criterion.layout:
            # A layout asks for sentences of its own: they may restate the request or sum it up.
            if self.switches.get("layout", True):
                found["layout"] = meets_layout(case.rewritten, case.original, criterion.layout)
            return found
        if self.switches.get("idle", True):
            found["idle"] = idle.check(case)
        if self.switches.get("borrowed", True):
            found["borrowed"] = borrowed(case, examples=EDITOR.example_texts)
        return found


def _chosen_gates(switches: Mapping[str, bool], origin: str = "") -> dict[str, gates.Gate]:
    known = gates.all_gates()
    unknown = sorted(set(switches) - set(known) - set(RUN_ONLY))
    if unknown:
        raise unknown_name(origin, "gate", unknown[0], (*known, *RUN_ONLY))
    return {name: gate for name, gate in known.items() if switches.get(name, True)}
