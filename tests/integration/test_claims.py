"""Claims and drift with the real encoder: what comes from nowhere is found, the rest passes."""

from __future__ import annotations

import pytest

from realign_local.base.assets import find_encoder
from realign_local.base.errors import AssetError
from realign_local.base.reasons import Reason
from realign_local.gates.claims import DeepJudge
from realign_local.gates.gate import Case

ORIGINAL = (
    "A heat pump does not make heat, it moves it. A fluid takes up heat from the ground and"
    " evaporates. A compressor then squeezes the vapour, which makes it hot."
)
QUESTION = "How does a heat pump work?"


@pytest.fixture(scope="module")
def judge() -> DeepJudge:
    try:
        folder = find_encoder(None)
    except AssetError as error:
        pytest.skip(str(error))
    from realign_local.evidence.encoders.encoder import Encoder

    return DeepJudge(Encoder(folder, threads=2).encode)


@pytest.mark.parametrize(
    ("rewritten", "gate", "reason"),
    [
        (f"The question is how a heat pump warms a house.\n\n{ORIGINAL}", "", Reason.ACCEPTED),
        (
            f"{ORIGINAL}\n\nNapoleon was crowned emperor in the cathedral of Paris.",
            "claims",
            Reason.UNSUPPORTED_CLAIM,
        ),
        ("Ripe bananas are yellow and taste sweet.", "drift", Reason.MEANING_DRIFT),
    ],
)
def test_what_the_encoder_sees(judge: DeepJudge, rewritten: str, gate: str, reason: Reason) -> None:
    (found,) = judge.judge([Case(QUESTION, ORIGINAL, rewritten)])
    failed = {name: v.reason for name, v in found.items() if v.outcome == "fail"}
    assert failed.get(gate, Reason.ACCEPTED) is reason
    assert bool(failed) == (reason is not Reason.ACCEPTED)


def test_evidence_supports_a_claim(judge: DeepJudge) -> None:
    claim = "Napoleon was crowned emperor in the cathedral of Paris."
    case = Case(QUESTION, ORIGINAL, f"{ORIGINAL}\n\n{claim}", evidence=(claim,))
    assert judge.judge([case])[0]["claims"].outcome == "pass"


def test_batches_do_not_change_verdicts(judge: DeepJudge) -> None:
    cases = [
        Case(QUESTION, ORIGINAL, f"{ORIGINAL}\n\n{extra}")
        for extra in ("Cats chase mice at night.", "So heat is moved.", "")
    ]
    assert judge.judge(cases) == [judge.judge([case])[0] for case in cases]
