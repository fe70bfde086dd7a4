"""A few rows through tidying, the model, the gates and the judge; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from realign_local.base.records import Sample
from realign_local.engine.request import Engine
from realign_local.rewriting.choose import undecided
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.job import Tools
from realign_local.stages.judgement import MARGIN, prefer, without_judge
from realign_local.stages.rewrite import rewrite
from realign_local.stages.verification import verify


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
    for sample in rewrite(samples, engine.generate, criteria=tools.criteria, settings=settings):
        seen(sample)
        (checked,) = verify([sample], tools.check)
        if undecided(checked):
            opened.append(checked)
        else:
            yield checked
    if tools.distrust:
        yield from (without_judge(sample, tools.distrust) for sample in opened)
    elif opened:
        yield from prefer(opened, engine.generate, margin=MARGIN)
