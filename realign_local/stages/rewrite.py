"""Stage 3: what the program makes of a response, and what the model makes of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Protocol

from realign_local.base.criterion import Criteria
from realign_local.base.plugins import plugins_id
from realign_local.base.reasons import Reason
from realign_local.base.records import Candidate, Sample, candidate_from, content_key
from realign_local.engine.request import Completion, Given, OnPiece, Request, Sampling, Span
from realign_local.engine.request import Finish as Finished
from realign_local.rewriting import editor, proofread, sentence
from realign_local.rewriting.draft import Ask, Finish, FollowUp
from realign_local.rewriting.judge import PROMPT as JUDGE
from realign_local.rewriting.plan import Plan, RewriteSettings, allowed, free_form, plan_row
from realign_local.rewriting.self_evaluation import ENOUGH, MORE_ATTEMPTS, self_evaluated
from realign_local.stages.stage import Record, reason_of, reason_to_record

PROMPTS = (sentence.PROMPT, proofread.PROMPT, editor.PROMPT)
VERSION = " ".join(("6", *(prompt.sha256 for prompt in PROMPTS), *plugins_id("operations").split()))
"""Part of the journal's keys: raise the number whenever what the operations do changes."""

BYTES_PER_TOKEN = 3
"""UTF-8 bytes to a token: English prose has about 4.5, digits, code and Chinese about 3."""

RETRY_TEMPERATURE = 0.7
"""Of the second candidate and on, where the run itself is greedy."""
SEEDS_AN_ATTEMPT = 1000
"""More than a row has candidates."""


class Generate(Protocol):
    """An engine's `generate`."""

    def __call__(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]: ...


@dataclass(slots=True)
class _Row:
    """A sample whose drafts are being written: requests by (draft, place), then what came of them.

    `asks` are those of the present round, `made` the texts of the drafts that are done.
    """

    sample: Sample
    plan: Plan
    asks: dict[tuple[int, int], Ask]
    done: dict[tuple[int, int], Completion] = field(default_factory=dict)
    made: dict[int, str | None] = field(default_factory=dict)
    attempt: int = 0
    cut_off: set[int] = field(default_factory=set)
    failed: Completion | None = None
    tokens: tuple[int, int] = (0, 0)
    found_tokens: tuple[int, int] = (0, 0)

    @property
    def is_open(self) -> bool:
        """Whether a request of this round has not been answered."""
        return len(self.done) < len(self.asks)

    def take(self, number: int, place: int, completion: Completion) -> None:
        """Book one completion; the last one of a round closes it."""
        self.done[number, place] = completion
        if completion.finish not in (Finished.STOP, Finished.LENGTH):
            self.failed = completion
        more = (completion.prompt_tokens, completion.completion_tokens)
        self.tokens = _added(self.tokens, more)
        if completion.found:
            self.found_tokens = _added(self.found_tokens, more)

    def close_round(self, finishes: Mapping[int, Finish]) -> dict[int, FollowUp]:
        """Let each draft of the round make its text; returns those that ask for more."""
        more: dict[int, FollowUp] = {}
        for number, finish in finishes.items():
            answers = [self.done[key] for key in sorted(self.done) if key[0] == number]
            if any(c.finish not in (Finished.STOP, Finished.LENGTH) for c in answers):
                self.made[number] = None
                continue
            if any(c.finish is Finished.LENGTH for c in answers):
                self.cut_off.add(number)
            made = finish(answers)
            if isinstance(made, FollowUp):
                more[number] = made
            else:
                self.made[number] = made
        self.asks = {(n, at): ask for n, one in more.items() for at, ask in enumerate(one.asks)}
        self.done = {}
        return more


class Longest:
    """Bounds the tokens of the longest request among the plans that it has seen."""

    def __init__(self) -> None:
        self.tokens = 0

    def see(self, plan: Plan) -> None:
        """Take note of what the model will be asked."""
        for ask in (ask for draft in plan.drafts for ask in draft.asks):
            texts = [message.content for message in ask.messages]
            texts += [part.text for part in ask.answer if isinstance(part, Given)]
            read = sum(len(text.encode(errors="replace")) for text in texts)
            room = sum(part.max_tokens for part in ask.answer if isinstance(part, Span))
            self.see_tokens(read // BYTES_PER_TOKEN + room)

    def see_tokens(self, tokens: int) -> None:
        """Take note of a request of so many."""
        self.tokens = max(self.tokens, tokens)


def plan_sample(
    sample: Sample, criteria: Criteria, settings: RewriteSettings
) -> tuple[Sample, Plan | None]:
    """The sample with its reason, or with what needs no model; a plan where the model is asked."""
    plan = plan_row(sample, criteria, settings)
    if not isinstance(plan, Plan):
        return replace(sample, reason=plan[0], detail=plan[1]), None
    if plan.drafts:
        return sample, plan
    return replace(sample, candidates=plan.candidates), None


def rewrite(
    samples: Iterable[Sample],
    generate: Generate,
    *,
    criteria: Criteria,
    settings: RewriteSettings,
    attempt: int = 0,
) -> Iterator[Sample]:
    """Samples with their candidates, in the order in which they are finished.

    Other attempts than the first, 0, have random numbers of their own, and none of them is greedy.

    The candidates stand in the order of preference: what the model wrote, then what the program
    made alone. A sample without any has a reason. Rows whose drafts ask for more come last, as
    those requests are answered together; hand in a slice of a large dataset at a time.
    """
    rows: dict[str, _Row] = {}
    ready: list[Sample] = []

    def requests() -> Iterator[Request]:
        for place, sample in enumerate(samples):
            made, plan = plan_sample(sample, criteria, settings)
            if plan is None:
                ready.append(made)
                continue
            asks = {(n, at): a for n, d in enumerate(plan.drafts) for at, a in enumerate(d.asks)}
            rows[str(place)] = row = _Row(sample, plan, asks, attempt=attempt)
            yield from _requests(str(place), row, settings)

    waiting: dict[str, dict[int, FollowUp]] = {}
    for place, row in _answered(generate(requests()), rows):
        more = row.close_round({n: draft.finish for n, draft in enumerate(row.plan.drafts)})
        if more:
            waiting[place] = more
        else:
            yield _finished(rows.pop(place))
        while ready:
            yield ready.pop()
    yield from ready
    asked = (r for place in waiting for r in _requests(place, rows[place], settings))
    for place, row in _answered(generate(asked), rows) if waiting else ():
        row.close_round({n: one.finish for n, one in waiting[place].items()})
        yield _finished(rows.pop(place))


def _answered(
    completions: Iterable[Completion], rows: Mapping[str, _Row]
) -> Iterator[tuple[str, _Row]]:
    """Each row's place and the row as soon as its last request of the round is answered."""
    for completion in completions:
        place, number, at = completion.key.split("/")
        rows[place].take(int(number), int(at), completion)
        if not rows[place].is_open:
            yield place, rows[place]


def seed_of(sample: Sample, seed: int) -> int:
    """A seed from the row's content, so that it does not depend on the order of the rows."""
    return int(content_key(seed, sample.instruction, sample.original)[:8], 16)


def _requests(place: str, row: _Row, settings: RewriteSettings) -> Iterator[Request]:
    warm, seed = settings.temperature or RETRY_TEMPERATURE, seed_of(row.sample, settings.seed)
    drafts = row.plan.drafts
    for (number, at), ask in row.asks.items():
        is_first = drafts.index(drafts[number]) == number
        cold = is_first and not row.attempt
        at_random = seed + number + SEEDS_AN_ATTEMPT * row.attempt
        sampling = Sampling(temperature=0.0 if cold else warm, top_p=0.95, seed=at_random)
        yield Request(f"{place}/{number}/{at}", ask.messages, ask.answer, sampling)


def _finished(row: _Row) -> Sample:
    made = [_candidate(row, number, text) for number, text in sorted(row.made.items())]
    unique: dict[str, Candidate] = {}
    for candidate in (*made, *row.plan.candidates):
        if candidate:
            unique.setdefault(candidate.text, candidate)
    sample = replace(
        row.sample,
        candidates=tuple(unique.values()),
        prompt_tokens=row.tokens[0],
        completion_tokens=row.tokens[1],
        found_tokens=row.found_tokens,
    )
    return sample if sample.candidates else _without_any(sample, row.failed)


def _added(tokens: tuple[int, int], more: tuple[int, int]) -> tuple[int, int]:
    return tokens[0] + more[0], tokens[1] + more[1]


def _without_any(sample: Sample, failed: Completion | None) -> Sample:
    if failed:
        too_long = failed.finish is Finished.PROMPT_TOO_LONG
        reason = Reason.PROMPT_TOO_LONG if too_long else Reason.ENGINE_FAILED
        return replace(sample, reason=reason, detail=failed.error)
    return replace(sample, reason=Reason.ALREADY_CONFORMS, detail="the model found nothing to mend")


def _candidate(row: _Row, number: int, text: str | None) -> Candidate | None:
    if text is None or text == row.sample.original:
        return None
    draft = row.plan.drafts[number]
    return Candidate(
        text,
        operations=(*row.plan.tidied.operations, draft.operation),
        proven=draft.proven,
        finish="length" if number in row.cut_off and not draft.proven else "stop",
        seed=seed_of(row.sample, 0) + number + SEEDS_AN_ATTEMPT * row.attempt,
    )


@cache
def _parts_of(settings: RewriteSettings) -> tuple[Any, ...]:
    return astuple(settings)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """`model` is its hash. The gates are no part of what decides a candidate: they judge it. With
    `self_evaluate` the model values what it wrote, and may write again.
    """

    criteria: Criteria
    settings: RewriteSettings
    model: str
    self_evaluate: bool = False
    name: ClassVar[str] = "rewrite"

    def needs(self, sample: Sample) -> bool:
        """Whether nothing was said of it yet."""
        return sample.reason is None

    def key(self, sample: Sample) -> str:
        """Everything that the operations and the model are shown."""
        return content_key(*self.parts(sample))

    def parts(self, sample: Sample) -> tuple[Any, ...]:
        """What the key is made of; the keys of later stages begin with it."""
        return (
            VERSION,
            self.model,
            _parts_of(self.settings),
            (sample.task, self.criteria[sample.task].sha256, self._is_doubtful(sample)),
            [(turn.role, turn.text) for turn in sample.history],
            sample.instruction,
            sample.original,
            [(p.title, p.section, p.text) for p in sample.evidence],
            *self._narrowed(sample),
            *((JUDGE.sha256, ENOUGH, MORE_ATTEMPTS) if self.self_evaluate else ()),
        )

    def _narrowed(self, sample: Sample) -> tuple[Any, ...]:
        """What a second task leaves of the operations; nothing where there is none."""
        if not sample.second:
            return ()
        return allowed(sample, self.criteria), free_form(sample, self.criteria)

    def _is_doubtful(self, sample: Sample) -> bool:
        return sample.confidence < self.settings.min_confidence

    def plan(self, sample: Sample) -> tuple[Sample, Plan | None]:
        """What `plan_sample` says of it."""
        return plan_sample(sample, self.criteria, self.settings)

    def run(self, samples: Iterable[Sample], generate: Generate) -> Iterator[Sample]:
        """Samples with their candidates; a slice at a time where they are valued."""

        def write(some: Iterable[Sample], attempt: int) -> Iterator[Sample]:
            return rewrite(
                some, generate, criteria=self.criteria, settings=self.settings, attempt=attempt
            )

        made = write(samples, 0)
        return self_evaluated(made, generate, write) if self.self_evaluate else made

    def to_record(self, sample: Sample) -> Record:
        """The candidates, or why there are none."""
        return {
            "candidates": [asdict(candidate) for candidate in sample.candidates],
            **reason_to_record(sample),
            "prompt_tokens": sample.prompt_tokens,
            "completion_tokens": sample.completion_tokens,
        }

    def apply(self, sample: Sample, record: Record | None) -> Sample:
        """The sample with its candidates, or with the reason that it has none."""
        if record is None:
            return sample
        return replace(
            sample,
            candidates=tuple(candidate_from(c) for c in record["candidates"]),
            reason=reason_of(record),
            detail=record["detail"],
            prompt_tokens=record["prompt_tokens"],
            completion_tokens=record["completion_tokens"],
        )
