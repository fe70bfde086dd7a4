"""Stage 3: ask the model for candidates, guided by the task's layout or freely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from realign_local.criteria import Criteria, Criterion
from realign_local.data.records import Candidate, Sample, content_key
from realign_local.engine.request import (
    Completion,
    Finish,
    Given,
    OnPiece,
    Request,
    Sampling,
    Span,
)
from realign_local.layouts.adaptive import form_demand, form_shown
from realign_local.layouts.draft import WARMTH, Draft
from realign_local.layouts.pieces import Plan, Stretch, shown_as
from realign_local.layouts.plan import plan_rewrite
from realign_local.prompts import build_messages
from realign_local.reasons import Reason


class Generate(Protocol):
    """An engine's `generate`."""

    def __call__(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]: ...


FREE_TOKENS_PER_CHAR = 0.6
"""Room for a free rewrite: about twice the tokens of an English original."""

FREE_EXTRA_TOKENS = 192

CONFORMS = Reason.ALREADY_CONFORMS
"""The one reason of a layout that a free rewrite cannot get round."""

BYTES_PER_TOKEN = 3
"""UTF-8 bytes to a token: English prose has about 4.5, digits, code and Chinese about 3."""


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """What decides a rewrite beside the row, the criterion and the model."""

    mode: Literal["guided", "free", "auto"]
    adaptive: bool
    candidates: int
    temperature: float
    seed: int
    min_confidence: float


@dataclass(slots=True)
class _Row:
    """A sample whose candidates are being generated."""

    sample: Sample
    drafts: tuple[Draft, ...]
    open: int
    completions: dict[int, Completion] = field(default_factory=dict)


class Longest:
    """Bounds the tokens of the longest request among the samples that it has seen."""

    def __init__(self, criteria: Criteria) -> None:
        self._criteria = criteria
        self.tokens = 0

    def seen(self, sample: Sample) -> Sample:
        """Take note of a sample and hand it on."""
        messages = build_messages(self._criteria[sample.task], sample)
        texts = [message.content for message in messages] + [sample.original] * 2
        tokens = sum(len(text.encode(errors="replace")) for text in texts) // BYTES_PER_TOKEN
        self.tokens = max(self.tokens, tokens + FREE_EXTRA_TOKENS)
        return sample


def reason_to_skip(
    sample: Sample, criteria: Criteria, settings: RewriteSettings
) -> tuple[Reason, str] | None:
    """Why the model need not be asked at all, with a detail for a person; None if it is asked."""
    if sample.reason is not None:
        return sample.reason, sample.detail
    criterion = criteria[sample.task]
    if not criterion.rewrite:
        return Reason.TASK_NOT_REWRITTEN, ""
    if sample.confidence < settings.min_confidence:
        return Reason.LOW_CONFIDENCE, ""
    for_code = any(section.part == "code" for section in criterion.layout)
    if settings.adaptive and (demand := form_demand(sample.instruction, for_code=for_code)):
        return Reason.INSTRUCTION_SETS_FORMAT, f"the request asks for {demand}"
    if settings.adaptive and not for_code and (shown := form_shown(sample.original)):
        return Reason.INSTRUCTION_SETS_FORMAT, f"the response has {shown}, as if asked to"
    if settings.mode == "free":
        return None
    plan = plan_rewrite(criterion, sample, pick=0)
    if isinstance(plan, Plan) or (settings.mode == "auto" and plan.reason is not CONFORMS):
        return None
    return plan.reason, plan.detail


def rewrite(
    samples: Iterable[Sample], generate: Generate, *, criteria: Criteria, settings: RewriteSettings
) -> Iterator[Sample]:
    """Samples with their candidates, in the order in which they are finished.

    A sample that the engine refused or that brought it down has no candidates and a reason. A
    layout that leaves nothing to the model is filled in without it.
    """
    rows: dict[str, _Row] = {}
    filled: list[Sample] = []

    def requests() -> Iterator[Request]:
        for place, sample in enumerate(samples):
            drafts = _drafts(sample, criteria[sample.task], settings, place)
            plan = drafts[0].plan
            if plan and not any(isinstance(part, Span) for part in plan.answer):
                filled.append(_filled_in(sample, plan))
                continue
            rows[str(place)] = _Row(sample, drafts, len(drafts))
            yield from (draft.request for draft in drafts)

    def verdict(key: str, part: int, text: str) -> bool | Sampling:
        place, number = key.split("/")
        return rows[place].drafts[int(number)].verdict(part, text)

    for completion in generate(requests(), on_piece=verdict):
        place, number = completion.key.split("/")
        row = rows[place]
        row.completions[int(number)] = completion
        row.open -= 1
        if not row.open:
            del rows[place]
            yield _finished(row)
        yield from _drained(filled)
    yield from _drained(filled)


def _drained(filled: list[Sample]) -> Iterator[Sample]:
    while filled:
        yield filled.pop(0)


def _filled_in(sample: Sample, plan: Plan) -> Sample:
    texts = [part.text for part in plan.answer if isinstance(part, Given)]
    stretches = plan.compose(texts)
    return replace(sample, candidates=(shown_as(Candidate("", "stop", 0, 0, 0), stretches),))


def seed_of(sample: Sample, seed: int) -> int:
    """A seed that depends on the sample's content alone, not on its place or its neighbours."""
    return int(content_key(seed, sample.instruction, sample.original, sample.task)[:12], 16)


def _drafts(
    sample: Sample, criterion: Criterion, settings: RewriteSettings, place: int
) -> tuple[Draft, ...]:
    seed = seed_of(sample, settings.seed)
    plans = _plans(sample, criterion, settings, seed)
    messages = build_messages(criterion, sample)
    warmth = replace(WARMTH, temperature=settings.temperature or WARMTH.temperature)
    return tuple(
        Draft(
            sample,
            plan,
            Request(
                f"{place}/{number}",
                messages,
                plan.answer if plan else (_free_span(sample),),
                replace(Sampling() if plans.index(plan) == number else warmth, seed=seed + number),
            ),
            warmth,
        )
        for number, plan in enumerate(plans)
    )


def _plans(
    sample: Sample, criterion: Criterion, settings: RewriteSettings, seed: int
) -> tuple[Plan | None, ...]:
    """A plan for each candidate; in `auto` mode every second one is written freely."""
    planned = plan_rewrite(criterion, sample, pick=seed) if settings.mode != "free" else None
    guided = planned if isinstance(planned, Plan) else None
    if settings.mode != "auto" or guided is None:
        return (guided,) * settings.candidates
    return tuple(guided if n % 2 == 0 else None for n in range(max(2, settings.candidates)))


def _free_span(sample: Sample) -> Span:
    return Span(int(len(sample.original) * FREE_TOKENS_PER_CHAR) + FREE_EXTRA_TOKENS, name="free")


def _finished(row: _Row) -> Sample:
    made = tuple(
        _candidate(completion, row.drafts[number])
        for number, completion in sorted(row.completions.items())
        if completion.finish in (Finish.STOP, Finish.LENGTH)
    )
    new = tuple(c for c in made if c.text.split() != row.sample.original.split())
    if new:
        return replace(row.sample, candidates=new)
    if made:
        return replace(
            row.sample, reason=Reason.ALREADY_CONFORMS, detail="the model had nothing to add"
        )
    first = row.completions[min(row.completions)]
    reason = (
        Reason.PROMPT_TOO_LONG if first.finish is Finish.PROMPT_TOO_LONG else Reason.ENGINE_FAILED
    )
    return replace(row.sample, reason=reason, detail=first.error)


def _candidate(completion: Completion, draft: Draft) -> Candidate:
    plan = draft.plan
    stretches: Sequence[Stretch] = (Stretch("model", completion.text.strip(), ""),)
    cut_off = completion.finish is Finish.LENGTH
    if plan:
        stretches = plan.compose(completion.pieces, cut_off=cut_off)
    bare = Candidate(
        text="",
        finish="length" if cut_off and not plan else "stop",
        seed=draft.request.sampling.seed,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
    )
    return shown_as(bare, stretches)
