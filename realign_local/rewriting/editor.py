"""`free`: the model rewrites as an editor would; nothing is proven, so a judge has to prefer it.

The beginning of the prompt is common to all tasks, and what the task asks for comes right before
the row, so that a mixed dataset evaluates few tokens twice. A marked answer that the model lost is
put back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.base.records import Passage, Sample, Turn
from realign_local.engine.request import Completion, Span
from realign_local.rewriting.draft import Ask, Draft
from realign_local.rewriting.prompts import read_prompt
from realign_local.text.segments import content, units

NAME = "free"
PROMPT = read_prompt("editor")
TOKENS_PER_CHAR = 0.6
"""Room for a rewrite: about twice the tokens of an English original."""
EXTRA_TOKENS = 192
HISTORY_CHARS = 1200
"""How much of the conversation before the request is shown; the nearest turns count most."""
MAX_SENTENCES = 2
"""Of each passage that is shown: to read three whole ones took two thirds of a short row's time."""

_MARKED_ANSWER = re.compile(r"(?m)^[ \t]*####[ \t]*\S[^\n]*$")


def free(sample: Sample, text: str, form: str) -> Draft:
    """What to ask for a rewrite without a layout; `form` is what the task asks for, "" for none."""

    def finish(done: Sequence[Completion]) -> str | None:
        new = with_marked_answer(done[0].text.strip(), text)
        return new if new and new != text.strip() else None

    room = int(len(text) * TOKENS_PER_CHAR) + EXTRA_TOKENS
    messages = PROMPT.ask(row_text(sample, text, form))
    ask = Ask(messages, (Span(room, name=NAME),))
    return Draft(NAME, (ask,), finish, proven=False, varied=True)


def with_marked_answer(new: str, old: str) -> str:
    """The text with the marked final answer (`#### 72`) of the old one at its end."""
    marked = _MARKED_ANSWER.findall(old)
    if not new or not marked or marked[-1].strip() in new:
        return new
    return f"{new}\n\n{marked[-1].strip()}"


def row_text(sample: Sample, text: str, form: str) -> str:
    """The row as the model reads it, what its task asks for first."""
    how = " ".join(form.split())
    parts = [f"How: {how}"] if how else []
    if history := _history(sample.history):
        parts.append(f"Conversation before:\n{history}")
    parts += [f"Request:\n{sample.instruction}", f"Answer:\n{text}"]
    wanted = content(" ".join((sample.instruction + " " + text).split()))
    shown = [passage_text(_excerpt(passage, wanted)) for passage in sample.evidence]
    if shown:
        numbered = (f"[{number}] {passage}" for number, passage in enumerate(shown, start=1))
        parts.append("Evidence:\n" + "\n".join(numbered))
    return "\n\n".join(parts)


def _excerpt(passage: Passage, wanted: frozenset[str]) -> Passage:
    """A passage cut down to the sentences that have most of the row's words, in their order."""
    said = units(passage.text)
    if len(said) <= MAX_SENTENCES:
        return passage
    by_use = sorted(range(len(said)), key=lambda n: (-len(content(said[n]) & wanted), n))
    kept = " ".join(said[n] for n in sorted(by_use[:MAX_SENTENCES]))
    return Passage(passage.passage_id, passage.title, passage.section, kept, passage.score)


def passage_text(passage: Passage) -> str:
    """A passage with its article and section in front."""
    title = passage.title.replace("_", " ")  # in addresses and some data, blanks are underscores
    title = f"{title}, {passage.section}" if passage.section else title
    return f"{title}: {passage.text}" if title else passage.text


def _history(turns: Sequence[Turn]) -> str:
    shown = ""
    for turn in reversed(turns):
        line = f"{turn.role}: {turn.text.strip()}\n"
        if len(shown) + len(line) > HISTORY_CHARS:
            break
        shown = line + shown
    return shown.strip()
