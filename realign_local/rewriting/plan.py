"""What is to be done with one row: left alone, tidied, or shown to the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from realign_local.base.criterion import Criteria, Criterion
from realign_local.base.reasons import Reason
from realign_local.base.records import Candidate, Sample
from realign_local.rewriting import editor
from realign_local.rewriting.demands import form_demand, form_shown
from realign_local.rewriting.draft import Draft, WordOperation
from realign_local.rewriting.proofread import proofread
from realign_local.rewriting.sentence import sentence
from realign_local.rewriting.tidy import Tidied, all_operations, tidy

Mode = Literal["tidy", "guided", "free", "auto"]

WORD_OPERATIONS: Mapping[str, WordOperation] = MappingProxyType(
    {"sentence": sentence, "proofread": proofread}
)
"""What the model may do, each where its task names it; the first that applies is asked for."""


def names() -> tuple[str, ...]:
    """Every operation that can be switched off."""
    return (*(operation.name for operation in all_operations()), *WORD_OPERATIONS, editor.NAME)


OWN_FORM_GROUPS = ("Generation", "Conversation")
"""A poem, a story, a part that is played: what looks untidy there may be meant, so that a guess of
such a task is enough to leave a row alone. Advice or a summary is tidied, unless the row itself
names a task that is not rewritten."""

CODE_GROUP = "Code"
"""In a request for code, words such as list or table tell what the code has to do with data."""


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """What decides a rewrite beside the row, the criterion and the model; `off` in sorted order."""

    mode: Mode = "guided"
    adaptive: bool = True
    candidates: int = 1
    temperature: float = 0.0
    seed: int = 0
    min_confidence: float = 0.3
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A row that may become better: what the program made of it, and what to ask the model."""

    tidied: Tidied
    drafts: tuple[Draft, ...] = ()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What needs no model: the tidied response, if a reader would notice."""
        made = self.tidied
        if not made.shows:
            return ()
        return (Candidate(made.text, operations=made.operations, origin="given", proven=True),)


Left = tuple[Reason, str]
"""Why a row is left alone, and a line for a person."""


def left_alone(sample: Sample, criteria: Criteria, settings: RewriteSettings) -> Left | None:
    """Why a row is not looked at any closer; None where it is. Cheap: nothing is tidied."""
    if sample.reason is not None:
        return sample.reason, sample.detail
    criterion = criteria[sample.task]
    if not criterion.rewrite and (
        sample.category == sample.task
        or (settings.mode != "tidy" and criterion.group in OWN_FORM_GROUPS)
    ):
        return Reason.TASK_NOT_REWRITTEN, ""
    if not settings.adaptive:
        return None
    for_code = criterion.group == CODE_GROUP
    if demand := form_demand(sample.instruction, for_code=for_code):
        return Reason.INSTRUCTION_SETS_FORMAT, f"the request asks for {demand}"
    if not for_code and (shown := form_shown(sample.original)):
        return Reason.INSTRUCTION_SETS_FORMAT, f"the response has {shown}, as if asked to"
    return None


def plan_row(sample: Sample, criteria: Criteria, settings: RewriteSettings) -> Plan | Left:
    """The plan for a row, or why it is left alone."""
    if left := left_alone(sample, criteria, settings):
        return left
    tidied = tidy(sample.original, sample.instruction, off=settings.off)
    doubtful = sample.confidence < settings.min_confidence
    if settings.mode == "tidy" or doubtful or not criteria[sample.task].rewrite:
        drafts: tuple[Draft, ...] = ()
    else:
        drafts = tuple(_drafts(sample, tidied.text, criteria, settings))
    if drafts or tidied.shows:
        return Plan(tidied, drafts)
    if doubtful and settings.mode != "tidy":
        return Reason.LOW_CONFIDENCE, "nothing to tidy, and the task is too unsure for more"
    return Reason.ALREADY_CONFORMS, ""


def _drafts(
    sample: Sample, text: str, criteria: Criteria, settings: RewriteSettings
) -> Iterator[Draft]:
    if settings.mode != "free":
        names = allowed(sample, criteria, settings.off)
        found = (WORD_OPERATIONS[name](sample, text) for name in names)
        yield from _tried(next((draft for draft in found if draft), None), settings)
    if settings.mode in ("free", "auto") and editor.NAME not in settings.off:
        form = free_form(sample, criteria)
        if form is not None:
            yield from _tried(editor.free(sample, text, form), settings)


def allowed(sample: Sample, criteria: Criteria, off: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The word operations for a row: of two tasks that are nearly as likely, those of both."""
    near = _near(sample, criteria)
    operations = [task.operations if task.rewrite else () for task in near]
    return tuple(n for n in WORD_OPERATIONS if n not in off and all(n in own for own in operations))


def free_form(sample: Sample, criteria: Criteria) -> str | None:
    """The form that a free rewrite is asked for; None where there may be no free rewrite.

    Of two tasks that are nearly as likely, both have to allow it. Where their forms differ the
    editor's own rules are all it is told, as a wrong form harms more than none.
    """
    near = _near(sample, criteria)
    if not all(task.rewrite for task in near):
        return None
    forms = {task.format for task in near}
    return forms.pop() if len(forms) == 1 else ""


def _near(sample: Sample, criteria: Criteria) -> list[Criterion]:
    """The row's task, and the one that is nearly as likely."""
    return [criteria[task] for task in (sample.task, sample.second) if task in criteria]


def _tried(draft: Draft | None, settings: RewriteSettings) -> Iterator[Draft]:
    if draft:
        yield from (draft,) * (settings.candidates if draft.varied else 1)


Decide = Callable[[Sample], "Plan | Left"]
