"""A few rows through tidying, the model, the gates and the judge; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from realign_local.base.records import Sample
from realign_local.engine.request import Engine
from realign_local.rewriting.plan import RewriteSettings
from realign_local.run.job import Tools
from realign_local.run.results import stages_of


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
