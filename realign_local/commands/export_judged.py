"""Preference data that a model or an index has a word in: weights, rewards, margins, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from realign_local.base.atomic import write_lines
from realign_local.base.criterion import Criteria
from realign_local.base.progress import Progress
from realign_local.base.reasons import Reason
from realign_local.base.records import Passage
from realign_local.commands.export import (
    ExportCount,
    Exported,
    ExportedRun,
    finished_rows,
    open_exported,
    writable,
)
from realign_local.data.batches import batched
from realign_local.data.json_text import encode
from realign_local.engine.request import Completion, Finish, Given, Message, Request
from realign_local.gates.support import support
from realign_local.rewriting.judge import Generate
from realign_local.rewriting.scorer import AnswerToScore, ScoreAnswers
from realign_local.rewriting.scores import FORM
from realign_local.run import preference_targets as made_by
from realign_local.run.files import rundir
from realign_local.run.files.run_scores import ColumnsOf
from realign_local.run.preference_targets import JudgedTarget, JudgedText
from realign_local.run.target_rows import Finished, Unfit
from realign_local.run.targets import messages_of, pairs_of
from realign_local.text.segments import units

LONGEST_TOKENS = 4096
"""Of request and response together; longer ones are left out."""
PASSAGES = 5
BATCH = 32
CORRECT = (
    "The answer below may have flaws. Give the same answer with as few changes as possible, only"
    " with what is wrong put right.\n\nAnswer:\n"
)
Search = Callable[[Sequence[str], int], Sequence[Sequence[Passage]]]


@dataclass(frozen=True, slots=True)
class _Means:
    """What is to be found out, and who is asked."""

    target: JudgedTarget
    criteria: Criteria
    generate: Generate | None = None
    score: ScoreAnswers | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class _Two:
    """A pair with what goes into every record of it; `place` are its row and its number there."""

    place: tuple[int, int]
    lead: dict[str, Any]
    request: str
    task: str
    won: JudgedText
    lost: JudgedText


def export_judged(
    run: Path,
    output: Path,
    *,
    target: JudgedTarget,
    criteria: Criteria,
    generate: Generate | None = None,
    score: ScoreAnswers | None = None,
    search: Search | None = None,
    scores: ColumnsOf | None = None,
    progress: Progress,
) -> Exported:
    """Write pairs of rewrites and originals with what the model, or the index, says of them.

    `factalign` needs `search`, `reward-augmented` `score`, all others `generate`; with `scores`
    every record gets those of its row. Raises what `export_run` raises.
    """
    rundir.refuse_run_file(output, run, None)
    opened, count = open_exported(run), ExportCount()
    rundir.refuse_run_file(output, run, opened.finished.settings["input"].get("path"))
    rundir.make_folder(output.parent)
    progress.phase("export", _pairs_in(opened))
    pairs = _pairs(finished_rows(opened, count), count, scores)
    means = _Means(target, criteria, generate, score, search)
    judged = _judged(pairs, means, count, progress)
    records = _records(judged, target)
    write_lines(output, (encode(record) for record in _counted(records, count)))
    left_out = dict(count.left_out.most_common())
    notes = count.notes(for_chat=False) + opened.notes(count)
    return Exported(output, target, count.rows, count.records, left_out, notes, files=(output,))


def pair_columns(
    run: Path, *, criteria: Criteria, generate: Generate, progress: Progress
) -> dict[tuple[int, int], dict[str, Any]]:
    """How far the model trusts each pair of a run, by the pair's row and its number there.

    A pair that the model cannot read whole is not among them. Raises what `export_run` raises.
    """
    opened, count = open_exported(run), ExportCount()
    progress.phase("export", _pairs_in(opened))
    pairs = _pairs(finished_rows(opened, count), count)
    held = list(_judged(pairs, _Means("spa", criteria, generate), count, progress))
    below = made_by.smooth_below([two.won.reward - two.lost.reward for two in held])
    return {two.place: made_by.trust(two.won, two.lost, smooth_below=below) for two in held}


def _pairs_in(run: ExportedRun) -> int:
    """How many pairs there are to ask about; reading them costs little beside that."""
    return sum(1 for _ in _pairs(finished_rows(run, ExportCount()), ExportCount()))


def _pairs(
    rows: Iterable[Finished], count: ExportCount, scores: ColumnsOf | None = None
) -> Iterator[_Two]:
    for row in rows:
        count.rows += 1
        try:
            pairs = list(pairs_of(row))
        except Unfit as error:
            count.left_out[str(error)] += 1
            continue
        for number, pair in enumerate(pairs):
            beside = scores(row.row.index) if scores else {}
            lead = {"prompt": messages_of(pair.before), **pair.why, **beside}
            request = next((t.text for t in reversed(pair.before) if t.role == "user"), "")
            task, sides = pair.why["realign_task"], map(JudgedText, (pair.won, pair.lost))
            yield _Two((row.index, number), lead, request, task, *sides)


def _judged(
    pairs: Iterable[_Two], means: _Means, count: ExportCount, progress: Progress
) -> Iterator[_Two]:
    for twos in batched(pairs, BATCH):
        progress.advance(len(twos))
        if means.target == "factalign" and means.search:
            yield from _with_support(twos, means.search)
        elif means.target == "reward-augmented" and means.score:
            yield from _with_scores(twos, means.score, count)
        elif means.generate:
            asked = partial(_requests, target=means.target, criteria=means.criteria)
            yield from _with_words(twos, asked, means.generate, count)


def _with_scores(twos: Sequence[_Two], score: ScoreAnswers, count: ExportCount) -> Iterator[_Two]:
    sides = [AnswerToScore(two.request, side.text) for two in twos for side in (two.won, two.lost)]
    found: list[dict[str, float]] = [{str(k): v for k, v in one.items()} for one in score(sides)]
    for two, won, lost in zip(twos, found[::2], found[1::2], strict=True):
        if won and lost:
            yield replace(
                two, won=replace(two.won, scores=won), lost=replace(two.lost, scores=lost)
            )
        else:
            count.left_out[Reason.PROMPT_TOO_LONG.value] += 1


def _with_support(twos: Sequence[_Two], search: Search) -> Iterator[_Two]:
    for two in twos:
        sides = []
        for side in (two.won, two.lost):
            sentences = tuple(unit for unit in units(side.text) if unit.strip())
            queries = [f"{two.request[:200]} {sentence}" for sentence in sentences]
            found = search(queries, PASSAGES) if queries else ()
            said = tuple(
                support(sentence, two.request, [f"{p.title}. {p.section} {p.text}" for p in near])
                for sentence, near in zip(sentences, found, strict=True)
            )
            sides.append(replace(side, sentences=sentences, support=said))
        yield replace(two, won=sides[0], lost=sides[1])


def _with_words(
    twos: Sequence[_Two],
    asked: Callable[[_Two, JudgedText, str], Iterator[Request]],
    generate: Generate,
    count: ExportCount,
) -> Iterator[_Two]:
    """The pairs with what the model says of both texts; one that it cannot read is left out.

    Where both are the same text, it is asked once: rounding depends on what is evaluated beside it.
    """
    wanted = (
        request
        for number, two in enumerate(twos)
        for name, side in (("won", two.won), ("lost", two.lost))
        if name == "won" or side != two.won
        for request in asked(two, side, f"{number}/{name}")
    )
    done: dict[str, dict[str, Completion]] = {}
    for completion in generate(wanted):
        question, key = completion.key.split("|", 1)
        done.setdefault(key, {})[question] = completion
    for number, two in enumerate(twos):
        won = done.get(f"{number}/won", {})
        found = [won, won if two.won == two.lost else done.get(f"{number}/lost", {})]
        whole = all(c.finish is Finish.STOP for side in found for c in side.values())
        if whole and all(found):
            yield replace(two, won=_told(two.won, found[0]), lost=_told(two.lost, found[1]))
        else:
            count.left_out[Reason.PROMPT_TOO_LONG.value] += 1


def _requests(
    two: _Two, side: JudgedText, key: str, *, target: JudgedTarget, criteria: Criteria
) -> Iterator[Request]:
    """What has to be asked about one text; keyed `question|key`."""
    asked, given = Message("user", two.request), (Given(side.text, scored=True, each=True),)
    yield Request(f"plain|{key}", (asked,), given)
    if target == "spa":
        form = criteria[two.task].format if two.task in criteria else ""
        yield Request(f"formed|{key}", (Message("system", FORM + form.strip()), asked), given)
    elif target == "allo":
        told = Message("user", f"{two.request}\n\n{CORRECT}{two.lost.text}")
        yield Request(f"corrected|{key}", (told,), given)


def _told(side: JudgedText, found: dict[str, Completion]) -> JudgedText:
    nothing = Completion("", (), Finish.STOP)
    plain, formed, corrected = (
        found.get(name, nothing).tokens for name in ("plain", "formed", "corrected")
    )
    return replace(side, plain=plain, formed=formed, corrected=corrected)


def _records(judged: Iterator[_Two], target: JudgedTarget) -> Iterator[dict[str, Any]]:
    if target in ("spa", "factalign"):  # what is said of one pair hangs on all of them
        held = list(judged)
        if target == "spa":
            below = made_by.smooth_below([two.won.reward - two.lost.reward for two in held])
            for two in held:
                yield from made_by.spa(two.lead, two.won, two.lost, smooth_below=below)
            return
        k = int(median([two.won.support.count("supported") for two in held] or [1])) or 1
        for two in held:
            yield from made_by.factalign(two.lead, two.won, two.lost, k=k)
        return
    makers = {"figa": made_by.figa, "allo": made_by.allo}
    make = makers.get(target, made_by.reward_augmented)
    for two in judged:
        yield from make(two.lead, two.won, two.lost)


def _counted(records: Iterable[dict[str, Any]], count: ExportCount) -> Iterator[dict[str, Any]]:
    for record in records:
        try:
            yield writable(record)
        except Unfit as error:
            count.left_out[str(error)] += 1
            continue
        count.records += 1
