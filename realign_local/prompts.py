"""Pure text: the messages that ask a model to reformat a response, evidence included."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from realign_local.criteria import Criterion, Example
from realign_local.data.records import Passage, Sample, Turn
from realign_local.engine.request import Message
from realign_local.gates.prose import content, units

VERSION = 10
"""Part of the journal's keys: raise it when the wording below or the layouts' plans change."""

EXAMPLES = 2
"""Worked examples in a prompt; a criterion may hold more, for its linter and its readers."""

MOST_SENTENCES = 2
"""Of each passage that is shown: to read three whole ones took two thirds of a short row's time."""

HISTORY_CHARS = 1200
"""How much of the conversation before the request is shown; the nearest turns count most."""

RULES = """You are the editor of a collection of questions and answers. \
You bring each answer into the form that is described below and change nothing else: \
every fact, number, name, quotation, link and line of code stays as it is. \
You add no facts of your own."""


def build_messages(criterion: Criterion, sample: Sample) -> tuple[Message, ...]:
    """System text, worked examples, and the row last, so that rows of a task share a prefix."""
    messages = [Message("system", f"{RULES}\n\nThe form:\n{criterion.format.strip()}")]
    for example in _shown(criterion):
        messages.append(Message("user", _example_text(example)))
        messages.append(Message("assistant", example.rewritten.strip()))
    messages.append(Message("user", row_text(sample)))
    return tuple(messages)


def _shown(criterion: Criterion) -> list[Example]:
    """The shortest examples, in their order: on few rows of a task they are most of what is read.

    Where the task cites evidence, one of them has some and one has none.
    """
    by_length = sorted(criterion.examples, key=lambda one: len(_example_text(one) + one.rewritten))
    cited = [one for one in by_length if one.evidence]
    plain = [one for one in by_length if not one.evidence]
    chosen = [*cited[:1], *plain, *cited[1:]][:EXAMPLES]
    return [one for one in criterion.examples if one in chosen]


def row_text(sample: Sample) -> str:
    """The row as the model reads it."""
    wanted = content(" ".join((sample.instruction + " " + sample.original).split()))
    evidence = [passage_text(_excerpt(passage, wanted)) for passage in sample.evidence]
    return _row(sample.instruction, sample.original, evidence, _history(sample.history))


def _excerpt(passage: Passage, wanted: Set[str]) -> Passage:
    """A passage cut down to the sentences that have most of the row's words, in their order."""
    said = units(passage.text)
    if len(said) <= MOST_SENTENCES:
        return passage
    by_use = sorted(range(len(said)), key=lambda n: (-len(content(said[n]) & wanted), n))
    return replace(passage, text=" ".join(said[n] for n in sorted(by_use[:MOST_SENTENCES])))


def passage_text(passage: Passage) -> str:
    """A passage with its article and section in front."""
    title = spaced(passage.title)
    title = f"{title}, {passage.section}" if passage.section else title
    return f"{title}: {passage.text}" if title else passage.text


def spaced(title: str) -> str:
    """An article's title as people write it: in addresses and some data, blanks are underscores."""
    return title.replace("_", " ")


def _example_text(example: Example) -> str:
    return _row(example.instruction.strip(), example.response.strip(), example.evidence, "")


def _row(instruction: str, response: str, evidence: Sequence[str], history: str) -> str:
    parts = [f"Conversation before:\n{history}"] if history else []
    parts += [f"Request:\n{instruction}", f"Answer:\n{response}"]
    if evidence:
        numbered = (f"[{number}] {text}" for number, text in enumerate(evidence, start=1))
        parts.append("Evidence:\n" + "\n".join(numbered))
    return "\n\n".join(parts)


def _history(turns: Sequence[Turn]) -> str:
    shown = ""
    for turn in reversed(turns):
        line = f"{turn.role}: {turn.text.strip()}\n"
        if len(shown) + len(line) > HISTORY_CHARS:
            break
        shown = line + shown
    return shown.strip()
