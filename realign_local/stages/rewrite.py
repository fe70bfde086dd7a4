"""Stage 3: ask the model for candidates, guided by the task's layout or freely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from realign_local.criteria import Criteria, Criterion
from realign_local.data.records import Candidate, Sample, content_key
from realign_local.engine.request import Completion, Finish, Given, Request, Sampling, Span
from realign_local.layouts.adaptive import form_demand
from realign_local.layouts.plan import Plan, Stretch, plan_rewrite, shown_as
from realign_local.prompts import build_messages
from realign_local.reasons import Reason

Generate = Callable[[Iterable[Request]], Iterator[Completion]]

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
    """A sample whose candidates are being generated, each by its plan (None: freely)."""

    sample: Sample
    plans: tuple[Plan | None, ...]
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
            row, asked = _requests(sample, criteria[sample.task], settings, place)
            plan = row.plans[0]
            if plan and not any(isinstance(part, Span) for part in plan.answer):
                filled.append(_filled_in(row.sample, plan))
                continue
            rows[str(place)] = row
            yield from asked

    for completion in generate(requests()):
        place, number = completion.key.split("/")
        row = rows[place]
        row.completions[int(number)] = completion
        row.open -= 1
        if not row.open:
            del rows[place]
            yield _finished(row, settings)
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


def _requests(
    sample: Sample, criterion: Criterion, settings: RewriteSettings, place: int
) -> tuple[_Row, list[Request]]:
    seed = seed_of(sample, settings.seed)
    plans = _plans(sample, criterion, settings, seed)
    messages = build_messages(criterion, sample)
    asked = [
        Request(
            f"{place}/{number}",
            messages,
            plan.answer if plan else (_free_span(sample),),
            _sampling(settings, seed, number, greedy=plans.index(plan) == number),
        )
        for number, plan in enumerate(plans)
    ]
    return _Row(sample, plans, len(asked)), asked


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


def _sampling(settings: RewriteSettings, seed: int, number: int, *, greedy: bool) -> Sampling:
    if greedy:
        return Sampling(seed=seed + number)
    return Sampling(temperature=settings.temperature, top_p=0.95, seed=seed + number)


def _finished(row: _Row, settings: RewriteSettings) -> Sample:
    seed = seed_of(row.sample, settings.seed)
    made = tuple(
        _candidate(completion, row.plans[number], seed + number)
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


def _candidate(completion: Completion, plan: Plan | None, seed: int) -> Candidate:
    stretches: Sequence[Stretch] = (Stretch("model", completion.text.strip(), ""),)
    cut_off = completion.finish is Finish.LENGTH
    if plan:
        stretches = plan.compose(completion.pieces, cut_off=cut_off)
    bare = Candidate(
        text="",
        finish="length" if cut_off and not plan else "stop",
        seed=seed,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
    )
    return shown_as(bare, stretches)
