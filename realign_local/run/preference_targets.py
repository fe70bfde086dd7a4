"""Preference data with weights, margins and labels, from what a model or an index says of a pair.

Pure: each function makes the records of one pair; `commands/export_judged.py` asks for what they
need. A pair is a rewrite that passed and its original, the winner first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

Tokens = Sequence[tuple[str, float]]
"""Texts of tokens and the natural logarithms of their probabilities."""
Record = dict[str, Any]

JudgedTarget = Literal["figa", "allo", "spa", "reward-augmented", "factalign"]
JUDGED_TARGETS: tuple[JudgedTarget, ...] = get_args(JudgedTarget)
LIKELY = 0.6
"""FIGA (arXiv 2311.04072): what is wrong is unlearnt only where the model's cross
entropy is at most this, so that nothing is pushed down that it would hardly say."""
BETA = 0.1
SMOOTHED_SHARE = 0.1
SMOOTHING = 0.1
"""SPA (arXiv 2406.04412): the tenth of the pairs with the smallest margins may be
labelled wrongly; their labels are smoothed by alpha."""
FACTUAL = 0.75
"""FactAlign (arXiv 2410.01691): a response is good from this F1@K on."""


@dataclass(frozen=True, slots=True)
class JudgedText:
    """One text of a pair: plain tokens, and those under the two instructions that are compared."""

    text: str
    plain: Tokens = ()
    formed: Tokens = ()
    corrected: Tokens = ()
    scores: Mapping[str, float] | None = None
    sentences: tuple[str, ...] = ()
    support: tuple[str, ...] = ()

    @property
    def reward(self) -> float:
        """beta * log(pi / pi_ref): pi is the model that knows the task's form, pi_ref the same
        model without (SPA's implicit reward)."""
        return BETA * (sum(log for _, log in self.formed) - sum(log for _, log in self.plain))


def figa(lead: Record, won: JudgedText, lost: JudgedText) -> Iterator[Record]:
    """Token weights: +1 for what the rewrite puts in, -1 for what it takes out, 0 for the rest."""
    new, old = won.plain, lost.plain
    matcher = SequenceMatcher(None, [t for t, _ in old], [t for t, _ in new], autojunk=False)
    better, worse = [0.0] * len(new), [0.0] * len(old)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        better[c:d] = [1.0] * (d - c)
        worse[a:b] = [-1.0 if -log <= LIKELY else 0.0 for _, log in old[a:b]]
    yield {
        **lead,
        "output": won.text,
        "output_tokens": [text for text, _ in new],
        "output_weights": better,
        "original": lost.text,
        "original_tokens": [text for text, _ in old],
        "original_weights": worse,
    }


def allo(lead: Record, won: JudgedText, lost: JudgedText) -> Iterator[Record]:
    """Each text with a reward for each token: how probable it is to one who corrects as little as
    possible, beside its probability to the model itself (arXiv 2406.12606; RLMEC, 2401.06081)."""
    for side in (won, lost):
        yield {
            **lead,
            "output": side.text,
            "tokens": [text for text, _ in side.corrected],
            "reward": [round(math.exp(log), 6) for _, log in side.corrected],
            "ref_prob": [round(math.exp(log), 6) for _, log in side.plain],
        }


def spa(
    lead: Record, won: JudgedText, lost: JudgedText, *, smooth_below: float
) -> Iterator[Record]:
    """A preference pair with its margin; those below `smooth_below` have a smoothed label."""
    told = trust(won, lost, smooth_below=smooth_below)
    yield {**lead, "chosen": won.text, "rejected": lost.text, **told}


def trust(won: JudgedText, lost: JudgedText, *, smooth_below: float) -> Record:
    """By how much the model prefers the winner, the probability that follows from it, and how sure
    a trainer should be of the pair."""
    margin = won.reward - lost.reward
    return {
        "margin": round(margin, 6),
        "confidence": round(1 / (1 + math.exp(-max(-700.0, min(700.0, margin)))), 6),
        "label": 1 - SMOOTHING if margin < smooth_below else 1.0,
    }


def smooth_below(margins: Sequence[float]) -> float:
    """The margin under which a tenth of the pairs lies; minus infinity for fewer than ten."""
    ranked = sorted(margins)
    place = int(len(ranked) * SMOOTHED_SHARE)
    return ranked[place] if place else -math.inf


def reward_augmented(lead: Record, won: JudgedText, lost: JudgedText) -> Iterator[Record]:
    """The pair twice, with each text's own score as the goal; who meets the goal is chosen
    (arXiv 2410.08067)."""
    for meets, other in ((won, lost), (lost, won)):
        if not meets.scores:
            return
        goal = sum(meets.scores.values()) / len(meets.scores)
        told = f"Give an answer whose quality is {goal:.1f} of 5."
        yield {**lead, "system": told, "chosen": meets.text, "rejected": other.text, "goal": goal}


def factalign(lead: Record, won: JudgedText, lost: JudgedText, *, k: int) -> Iterator[Record]:
    """Each text with its sentences, whether passages bear them out, and F1@K of the whole."""
    for side in (won, lost):
        f1 = f1_at(side.support, k)
        yield {
            **lead,
            "completion": side.text,
            "completion_sentences": list(side.sentences),
            "sentence_label": [said == "supported" for said in side.support],
            "sentence_support": list(side.support),
            "f1_at_k": round(f1, 6),
            "label": f1 >= FACTUAL,
        }


def f1_at(support: Sequence[str], k: int) -> float:
    """F1@K: precision over the decided sentences, recall min(1, supported / K)."""
    supported, unsupported = support.count("supported"), support.count("unsupported")
    if not supported:
        return 0.0
    precision, recall = supported / (supported + unsupported), min(1.0, supported / max(1, k))
    return 2 * precision * recall / (precision + recall)
