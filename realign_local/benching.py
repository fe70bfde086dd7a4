"""What the engine is measured on: the pipeline's own requests for the rows of any dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from realign_local.criteria import Criteria
from realign_local.data.records import Sample
from realign_local.engine.request import Request, Span
from realign_local.layouts.plan import Plan, plan_rewrite
from realign_local.prompts import build_messages
from realign_local.reasons import Reason
from realign_local.stages.classify import Label, classify
from realign_local.stages.rewrite import seed_of

ANY_TASK = "open_qa"
"""Its layout fits every response, so that no row of a workload goes unmeasured."""


def requests_of(samples: Iterable[Sample], label: Label, criteria: Criteria) -> list[Request]:
    """One request a row, in the order of the file; malformed rows are left out."""
    whole = (sample for sample in samples if sample.reason is not Reason.MALFORMED_ROW)
    return [_request(sample, criteria) for sample in classify(whole, label, tasks=criteria)]


def _request(sample: Sample, criteria: Criteria) -> Request:
    for task in (sample.task, ANY_TASK):
        known = replace(sample, task=task)
        plan = plan_rewrite(criteria[task], known, pick=seed_of(known, 0))
        if isinstance(plan, Plan) and any(isinstance(part, Span) for part in plan.answer):
            messages = build_messages(criteria[task], known)
            return Request(f"{sample.index}/{sample.turn}", messages, plan.answer)
    raise ValueError(f"the layout of {ANY_TASK} must fit every response")
