"""Claims and drift: what a rewrite says that stands nowhere, judged with a sentence encoder.

The gates are model-free; these two checks come on top of them where an encoder is at hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.align import align
from realign_local.text.segments import content, units

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts in, unit vectors (n, dim) out."""

LEAST_WORDS = 4
"""Shorter additions are labels and connectives; they claim nothing."""

LEAST_OVERLAP = 0.3
LEAST_COSINE = 0.35
LEAST_LIKENESS = 0.25
"""Chosen on the worked examples with MiniLM, and on sentences moved between them: the section Gates
of benchmarks/LOG.md has the rates."""

LEAST_ORIGINAL_WORDS = 8
"""A vector of fewer words says too little to be compared with that of a whole rewrite."""

_CHANGE = re.compile("→|(?:added|left out):")
"""An entry of a list of changes gives a reason for an edit; it claims nothing about the world."""

MOST_SOURCES = 200
"""Sentences of the row that an addition is compared with; a longer row is judged by its words."""


@dataclass(frozen=True, slots=True)
class _Addition:
    """A sentence that only the rewrite has, and the share of its words that the row knows."""

    text: str
    overlap: float


class DeepJudge:
    """Judges cases by batches, so that the encoder is used well; results come in order."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def judge(self, cases: Sequence[Case]) -> list[dict[str, Verdict]]:
        """The verdicts `claims` and `drift` for each case."""
        additions = [_additions(case) for case in cases]
        doubtful = [[a for a in found if a.overlap < LEAST_OVERLAP] for found in additions]
        sources = [_sources(case) if d else [] for case, d in zip(cases, doubtful, strict=True)]
        texts = list(_texts(cases, doubtful, sources))
        vectors = dict(zip(texts, self._encode(texts), strict=True)) if texts else {}
        return [
            {"claims": _claims(d, s, vectors, known=bool(a)), "drift": _drift(case, vectors)}
            for case, a, d, s in zip(cases, additions, doubtful, sources, strict=True)
        ]


def _texts(
    cases: Sequence[Case], doubtful: Sequence[list[_Addition]], sources: Sequence[list[str]]
) -> Iterator[str]:
    seen: set[str] = set()
    for case, additions, known in zip(cases, doubtful, sources, strict=True):
        for text in (case.original, case.rewritten, *(a.text for a in additions), *known):
            if text.strip() and text not in seen:
                seen.add(text)
                yield text


def _additions(case: Case) -> list[_Addition]:
    known = content_of(" ".join((case.instruction, case.original, *case.evidence)))
    return [
        _Addition(unit, len(said & known) / len(said))
        for unit in align(case.original, case.rewritten).extra
        if len(unit.split()) >= LEAST_WORDS
        and not _CHANGE.search(unit)
        and (said := content_of(unit))
    ]


def content_of(text: str) -> frozenset[str]:
    """The content words by their first five letters, so that inflections are equal."""
    return frozenset(word[:5] for word in content(text))


def _sources(case: Case) -> list[str]:
    texts = (case.instruction, case.original, *case.evidence)
    return [unit for text in texts for unit in units(text) if unit.strip()][:MOST_SOURCES]


def _claims(
    doubtful: Sequence[_Addition],
    sources: Sequence[str],
    vectors: dict[str, NDArray[np.float32]],
    *,
    known: bool,
) -> Verdict:
    if not known:
        return NOT_APPLICABLE
    for addition in doubtful:
        nearest = max((float(vectors[addition.text] @ vectors[s]) for s in sources), default=0.0)
        if nearest < LEAST_COSINE:
            return fail(
                Reason.UNSUPPORTED_CLAIM,
                addition.text,
                detail=f"{addition.overlap:.0%} of its words and a likeness of {nearest:.2f}",
            )
    return PASS


def _drift(case: Case, vectors: dict[str, NDArray[np.float32]]) -> Verdict:
    if len(case.original.split()) < LEAST_ORIGINAL_WORDS or not case.rewritten.strip():
        return NOT_APPLICABLE
    likeness = float(vectors[case.original] @ vectors[case.rewritten])
    if likeness >= LEAST_LIKENESS:
        return PASS
    return fail(Reason.MEANING_DRIFT, detail=f"likeness of the whole: {likeness:.2f}")
