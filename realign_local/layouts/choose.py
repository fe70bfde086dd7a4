"""Which of several rewrites that pass the gates is best: closeness to the original, then support.

Length alone never decides. The weights are plain: a share of the original's sentences, a share of
the added words, and a bonus for using the evidence that was looked up for the row.
"""

from __future__ import annotations

from realign_local.data.records import Sample
from realign_local.gates.align import align
from realign_local.gates.prose import units
from realign_local.layouts.units import stems
from realign_local.prompts import passage_text

EVIDENCE_BONUS = 0.25


def merit(sample: Sample, text: str) -> float:
    """Closeness plus support, each from 0 to 1, and the bonus."""
    found = align(sample.original, text)
    changed = len(found.missing) + sum(len(pair.before) for pair in found.pairs)
    closeness = 1 - changed / max(1, len(units(sample.original)))
    own = stems(sample.instruction, sample.original)
    looked_up = stems(*(passage_text(passage) for passage in sample.evidence))
    added = stems(*found.extra)
    support = len(added & (own | looked_up)) / len(added) if added else 1.0
    bonus = EVIDENCE_BONUS if added & (looked_up - own) else 0.0
    return round(closeness + support + bonus, 3)
