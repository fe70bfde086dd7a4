"""What the engine is measured on: the pipeline's own requests for the rows of any dataset."""

from __future__ import annotations

from collections.abc import Iterable

from realign_local.base.criterion import Criteria
from realign_local.base.records import Sample
from realign_local.engine.request import Request
from realign_local.rewriting import editor
from realign_local.rewriting.plan import WORD_OPERATIONS
from realign_local.stages.classification import Label, classify


def requests_of(samples: Iterable[Sample], label: Label, criteria: Criteria) -> list[Request]:
    """One request a row, in the order of the file, named by its place and task; malformed rows are
    left out.

    Each row is asked for the first word operation that applies to it, whether its task names it or
    not, and for a free rewrite where none does, so that no row goes unmeasured.
    """
    whole = (sample for sample in samples if sample.reason is None)
    return [_request(sample, criteria) for sample in classify(whole, label, tasks=criteria)]


def _request(sample: Sample, criteria: Criteria) -> Request:
    found = (operation(sample, sample.original) for operation in WORD_OPERATIONS.values())
    draft = next((draft for draft in found if draft), None)
    draft = draft or editor.free(sample, sample.original, criteria[sample.task].format)
    ask = draft.asks[0]
    return Request(f"{sample.index}/{sample.turn}/{sample.task}", ask.messages, ask.answer)
