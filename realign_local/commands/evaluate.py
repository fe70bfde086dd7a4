"""A finished run evaluated as the paper does it: are the facts still there, and is it better read.

After ReAlign (arXiv 2402.12219): factuality by the gold answers of questions and by
claims that an index bears out, readability by a judge in both orders, each before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from realign_local.base.errors import DataError
from realign_local.base.progress import Progress
from realign_local.base.records import Passage
from realign_local.base.untrusted import loads, read_text
from realign_local.base.wilson import wilson
from realign_local.data.batches import batched
from realign_local.gates.support import Support, support
from realign_local.rewriting.judge import AnswerPair, Generate, Preference, preferences
from realign_local.run.files.finished import FinishedRun
from realign_local.text.segments import units

Search = Callable[[Sequence[str], int], Sequence[Sequence[Passage]]]
Outcome = Literal["win", "tie", "loss"]
SURE = 1.96
PASSAGES = 5
BATCH = 64
WANTED = 'Give JSON lines of {"question", "answers": ["..."]}.'


@dataclass(frozen=True, slots=True)
class Gold:
    """A question and the answers of which one has to stand in the response."""

    question: str
    answers: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        """Whether one does, without regard to case."""
        folded = text.casefold()
        return any(answer.casefold() in folded for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Answered:
    """One response of a run: the request, and both texts."""

    request: str
    task: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(slots=True)
class Evaluation:
    """Counts; `gold` and `claims` by side, `readability` over the responses that changed. Of the
    gold questions `asked` belong to a response, `foreign` to none.
    """

    rows: int = 0
    asked: int = 0
    foreign: int = 0
    gold: Counter[str] = field(default_factory=Counter)
    claims: dict[str, Counter[Support]] = field(
        default_factory=lambda: {"before": Counter(), "after": Counter()}
    )
    by_task: dict[str, Counter[Outcome]] = field(default_factory=dict)
    agreement: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For --json; counts, with the Wilson intervals of the shares beside them."""
        total: Counter[Outcome] = Counter()
        for counts in self.by_task.values():
            total.update(counts)
        after, before = self.claims["after"], self.claims["before"]
        decided = after["supported"] + after["unsupported"]
        return {
            "rows": self.rows,
            "factuality": {
                "gold_before": self.gold["before"],
                "gold_after": self.gold["after"],
                "supported": after["supported"],
                "unsupported": after["unsupported"],
                "undecided": after["undecided"],
                "questions": self.asked,
                "questions_of_no_response": self.foreign,
                "supported_before": before["supported"],
                "unsupported_before": before["unsupported"],
                "undecided_before": before["undecided"],
                "gold_before_interval": _interval(self.gold["before"], self.asked),
                "gold_after_interval": _interval(self.gold["after"], self.asked),
                "supported_interval": _interval(after["supported"], decided),
            },
            "readability": {
                **{outcome: total[outcome] for outcome in ("win", "tie", "loss")},
                "win_interval": _interval(total["win"], total.total()),
                "by_task": {
                    task: {outcome: counts[outcome] for outcome in ("win", "tie", "loss")}
                    for task, counts in sorted(self.by_task.items())
                },
            },
            "judge_agreement": self.agreement,
        }


def _interval(hits: int, of: int) -> list[float] | None:
    return [round(end, 4) for end in wilson(hits, of, z=SURE)] if of else None


def read_answers(path: Path) -> list[Gold]:
    """Rows of {"question", "answers"}; raises DataError for anything else."""
    try:
        lines = read_text(path, "utf-8-sig", pipes=True).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read answers from {path}", hint=WANTED) from error
    found = [_gold(line, n, path) for n, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise DataError(f"{path} has no answers", hint=WANTED)
    return found


def _gold(line: str, number: int, path: Path) -> Gold:
    try:
        row = loads(line)
        question, answers = row["question"], row["answers"]
        if not isinstance(question, str) or not isinstance(answers, list) or not answers:
            raise ValueError("no question with answers")
        if not all(isinstance(answer, str) and answer for answer in answers):
            raise ValueError("answers must be texts")
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}:{number}: no question with answers", hint=WANTED) from error
    return Gold(question, tuple(answers))


def answered_in(run: FinishedRun) -> Iterator[Answered]:
    """The responses of a finished run that could be read, in order."""
    for row, records in run.rows():
        samples = {sample.turn: sample for sample in row.samples}
        for record in records:
            sample = samples.get(int(record["turn"]))
            if sample is not None and record["original"]:
                yield Answered(
                    sample.instruction, record["task"], record["original"], record["rewritten"]
                )


def evaluate(
    run: FinishedRun,
    *,
    answers: Sequence[Gold] = (),
    search: Search | None = None,
    generate: Generate | None = None,
    progress: Progress,
) -> Evaluation:
    """Whatever there is the means for: gold answers, an index to search, a model that judges.

    The answers belong to the response in whose request their question stands, or, where it stands
    in none, to the one at the same place if there are as many of both. Raises DataError where they
    fit in neither way.
    """
    found = Evaluation(rows=sum(1 for _ in answered_in(run)))
    if answers:
        _count_gold(found, run, answers)
    progress.phase("evaluate", found.rows)
    for some in batched(answered_in(run), BATCH):
        if search:
            for side in ("before", "after"):
                found.claims[side].update(_claims(some, side, search))
        if generate:
            for task, outcome in _judged(some, generate):
                found.by_task.setdefault(task or "(none)", Counter())[outcome] += 1
        progress.advance(len(some))
    return found


def _count_gold(found: Evaluation, run: FinishedRun, answers: Sequence[Gold]) -> None:
    used: set[int] = set()
    for row, gold in _matched(run, answers):
        found.asked += 1
        used.add(id(gold))
        found.gold["before"] += gold.stands_in(row.before)
        found.gold["after"] += gold.stands_in(row.after)
    found.foreign = sum(id(gold) not in used for gold in answers)
    if not found.asked:
        raise DataError(
            f"{len(answers)} answers fit none of the {found.rows} responses",
            hint="Give one line for each response in its order, or the requests as questions.",
        )


def _matched(run: FinishedRun, answers: Sequence[Gold]) -> Iterator[tuple[Answered, Gold]]:
    """Each response with its answers. A question wins over a place: lists get sorted and cut."""
    by_question = {_plain(gold.question): gold for gold in answers}
    asked = [_asked(row, by_question) for row in answered_in(run)]
    taken, in_order = set(asked), len(answers) == len(asked)
    for number, (row, question) in enumerate(zip(answered_in(run), asked, strict=True)):
        gold = by_question.get(question)
        if in_order:
            placed = _plain(answers[number].question)
            # The same question may stand twice; or none of them is worded as its request is.
            if placed == question or not (question or placed in taken):
                gold = answers[number]
        if gold is not None:
            yield row, gold


def _asked(row: Answered, questions: Container[str]) -> str:
    """The question that the request is, or that is a paragraph of it; "" for none."""
    texts = (row.request, *row.request.split("\n\n"))
    return next((plain for text in texts if (plain := _plain(text)) in questions), "")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _claims(some: Sequence[Answered], side: str, search: Search) -> Iterator[Support]:
    """What the index says to each sentence of the responses on one side."""
    sentences = [
        (row, unit)
        for row in some
        for unit in units(row.before if side == "before" else row.after)
        if unit.strip()
    ]
    if not sentences:
        return
    queries = [f"{row.request[:200]} {unit}" for row, unit in sentences]
    for (row, unit), passages in zip(sentences, search(queries, PASSAGES), strict=True):
        texts = [f"{p.title}. {p.section} {p.text}" for p in passages]
        yield support(unit, row.request, texts)


def _judged(some: Sequence[Answered], generate: Generate) -> Iterator[tuple[str, Outcome]]:
    """Task and outcome of each response that changed; a tie where the orders disagree."""
    changed = [row for row in some if row.changed]
    pairs = (
        AnswerPair(str(n), row.request, row.before, row.after) for n, row in enumerate(changed)
    )
    known: Mapping[str, Preference] = dict(preferences(pairs, generate)) if changed else {}
    for number, row in enumerate(changed):
        preference = known.get(str(number))
        if preference is None or not preference.agrees:
            yield row.task, "tie"
        else:
            yield row.task, "win" if preference.margin > 0 else "loss"
