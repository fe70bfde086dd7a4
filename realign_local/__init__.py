"""realign-local: reformat instruction-tuning data offline, and check that only the form changed.

As a library: tidy a text, judge a pair of texts, read any dataset, search an index, run the whole
job. A name is loaded when it is used first, so `import realign_local` costs nothing.

>>> from realign_local import Case, first_failure, judge, tidy
>>> request, response = "How do I wash wool?", "1)Wash it by hand.\\n2)Dry it flat for 2 days."
>>> tidied = tidy(response, request)
>>> print(tidied.text)
1. Wash it by hand.
2. Dry it flat for 2 days.
>>> first_failure(judge(Case(request, response, tidied.text))) is None
True
>>> changed = tidied.text.replace("2 days", "3 days")
>>> name, verdict = first_failure(judge(Case(request, response, changed)))
>>> name, str(verdict.reason)
('numbers', 'number_lost')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realign_local.base.config import Settings, load_settings
    from realign_local.base.criterion import read_criteria
    from realign_local.base.errors import RealignError
    from realign_local.base.records import Sample
    from realign_local.commands.export import export_run
    from realign_local.commands.merge import merge_runs
    from realign_local.commands.run import rewrite_dataset
    from realign_local.commands.verify import verify_files
    from realign_local.data.formats import Dataset, Row, open_dataset
    from realign_local.evidence.search import Index, open_index
    from realign_local.gates import Case, Verdict, all_gates, first_failure, judge
    from realign_local.rewriting.tidy import Tidied, all_operations, tidy
    from realign_local.run.files.finished import open_finished

__version__ = "0.1.0"

_HOMES = {
    # A text by itself
    "Tidied": "rewriting.tidy",
    "all_operations": "rewriting.tidy",
    "tidy": "rewriting.tidy",
    # Two texts side by side
    "Case": "gates",
    "Verdict": "gates",
    "all_gates": "gates",
    "first_failure": "gates",
    "judge": "gates",
    "verify_files": "commands.verify",
    # A dataset
    "Dataset": "data.formats",
    "Row": "data.formats",
    "Sample": "base.records",
    "open_dataset": "data.formats",
    # The whole job, and what it leaves
    "Settings": "base.config",
    "load_settings": "base.config",
    "read_criteria": "base.criterion",
    "rewrite_dataset": "commands.run",
    "open_finished": "run.files.finished",
    "export_run": "commands.export",
    "merge_runs": "commands.merge",
    # Evidence
    "Index": "evidence.search",
    "open_index": "evidence.search",
    # What may go wrong
    "RealignError": "base.errors",
}
"""The public names, by theme, and the module that each one lives in."""

__all__ = [
    "Case", "Dataset", "Index", "RealignError", "Row", "Sample", "Settings", "Tidied", "Verdict",
    "all_gates", "all_operations", "export_run", "first_failure", "judge", "load_settings",
    "merge_runs", "open_dataset", "open_finished", "open_index", "read_criteria",
    "rewrite_dataset", "tidy", "verify_files",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if home := _HOMES.get(name):
        return getattr(importlib.import_module(f"realign_local.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
