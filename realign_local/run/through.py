"""Rows through several stages at once: those that need no model, and the few of a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from realign_local.base.processes.in_order import in_order
from realign_local.base.progress import Progress
from realign_local.base.records import Sample
from realign_local.data.batches import batched
from realign_local.engine.request import Engine
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.job import Tools
from realign_local.run.results import Ledger, Stages, stages_of
from realign_local.stages.rewrite import Longest
from realign_local.stages.verification import Check

BATCH = 64
ROWS_FOR_POOL = 2000
"""Below this the start of processes, about a second, costs more than it saves."""
DIED_HINT = "Run the same command again, it goes on; --threads 1 does without such processes."


class Way(NamedTuple):
    """A row that needs no model, `made` by the operations and `checked` by the gates; or one that
    `asks` it, as it came, and how many tokens its longest request may have.
    """

    made: Sample
    checked: Sample
    asks: bool = False
    longest_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Unasked:
    """Plans rows, and takes those that need no model through the gates."""

    stages: Stages
    check: Check

    def ways(self, samples: Iterable[Sample], *, jobs: int) -> Iterator[list[Way]]:
        """Batches of rows in order; in processes of their own where there are many of them."""
        rows = iter(samples)
        head = list(islice(rows, ROWS_FOR_POOL if jobs > 1 else 0))
        batches = batched(chain(head, rows), BATCH)
        if jobs <= 1 or len(head) < ROWS_FOR_POOL:
            return map(self, batches)
        return in_order(partial(_itself, self), batches, jobs=jobs, hint=DIED_HINT)

    def __call__(self, samples: Sequence[Sample]) -> list[Way]:
        """The same for one batch, here."""
        return [self._way(sample) for sample in samples]

    def _way(self, sample: Sample) -> Way:
        made, plan = self.stages.rewrite.plan(sample)
        if plan is not None:
            longest = Longest()
            longest.see(plan)
            return Way(sample, sample, asks=True, longest_tokens=longest.tokens)
        (checked,) = self.stages.verify.run([made], self.check)
        return Way(made, checked)


def _itself(work: Unasked) -> Unasked:
    return work


def asking(
    samples: Iterable[Sample],
    ledger: Ledger,
    check: Check,
    *,
    jobs: int,
    progress: Progress,
    longest: Longest,
) -> Iterator[Sample]:
    """Those that the model has to be asked about; the others are filed in passing."""
    stages = ledger.stages
    for ways in Unasked(stages, check).ways(samples, jobs=jobs):
        done = [way for way in ways if not way.asks]
        ledger.file_once(stages.rewrite, [way.made for way in done])
        ledger.file_once(stages.verify, [w.checked for w in done if stages.verify.needs(w.made)])
        progress.advance(len(ways))
        for way in ways:
            if way.asks:
                longest.see_tokens(way.longest_tokens)
                yield way.made


def finished(
    samples: Iterable[Sample],
    tools: Tools,
    engine: Engine,
    settings: RewriteSettings,
    *,
    seen: Callable[[Sample], None],
) -> Iterator[Sample]:
    """The samples as a run would leave them; `seen` is called with each when it is rewritten."""
    opened = []
    stages = stages_of(tools.criteria, tools.identity, settings)
    for sample in stages.rewrite.run(samples, engine.generate):
        seen(sample)
        (checked,) = stages.verify.run([sample], tools.check)
        if stages.judge.needs(checked):
            opened.append(checked)
        else:
            yield checked
    if opened:
        yield from stages.judge.run(opened, engine.generate)
