"""`proofread`: slips of spelling and grammar in English prose, proven one by one.

The model copies the text; of what it changed, only edits of a known kind are considered (edits.py).
Each of them must then make its sentence clearly more probable to the model, all else being equal: a
slip is improbable where the right word is not, while a change of time or number that was not wanted
is about as probable as what was there. Mathematics, code, verse and dialogue are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Given, Message, Span
from realign_local.rewriting.draft import Ask, Draft, FollowUp
from realign_local.rewriting.edits import Edit, applied, likely_edits
from realign_local.rewriting.english_text import is_surely_english
from realign_local.rewriting.prompts import read_prompt
from realign_local.text.prose import lines_of_code

NAME = "proofread"
PROMPT = read_prompt(NAME)
LEAST_WORDS, MAX_WORDS = 9, 240
CHARS_PER_TOKEN = 2
"""Room for the copy: English has about four characters a token, names and numbers fewer."""
LEAST_KEPT = 0.8
"""Share of the text that a copy must still be; a shorter one has stopped or gone astray."""
MAX_EDITS = 8
"""Of a text with more slips than this, only the first so many are weighed."""
LEAST_GAIN = 2.0
"""Natural logarithm: with the edit, the text must be e^2 = 7 times as probable."""
SHOWN_CHARS = 600
"""Of the request, where edits are weighed: it only sets the scene."""
SHORT_LINE = 60
"""Lines below this many characters that are no list entries are verse, dialogue or an address."""

_NO_PROSE = re.compile(r"<<[^<>\n]*>>|\\[a-z(\[]|\$\$|^\s*\||####|\S = \S|[{}<>]", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LIST_ENTRY = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s")
_ENDS = re.compile(r"[.!?:;)\"”]\s*$")


def proofread(sample: Sample, text: str) -> Draft | None:
    """What to ask for a text of English prose; None for anything else."""
    words = len(text.split())
    if not LEAST_WORDS <= words <= MAX_WORDS or _NO_PROSE.search(text) or not _is_prose(text):
        return None
    if text.isupper() or text.islower() or not is_surely_english(text) or lines_of_code(text):
        return None
    known = {word.lower() for word in _WORD.findall(sample.instruction)}

    def finish(done: Sequence[Completion]) -> FollowUp | None:
        copy = done[0].text.strip()
        if len(copy) < LEAST_KEPT * len(text):
            return None
        edits = likely_edits(text, copy, known=known)[:MAX_EDITS]
        return _weighed(sample, text, edits) if edits else None

    span = Span(len(text) // CHARS_PER_TOKEN + 24, name=NAME)
    return Draft(NAME, (Ask(PROMPT.ask(text), (span,)),), finish, proven=True)


def _is_prose(text: str) -> bool:
    """Whether every line is an entry of a list or long enough for a sentence that ends."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) == 1:
        return True
    return all(
        _LIST_ENTRY.match(line) or (_ENDS.search(line) and len(line) >= SHORT_LINE // 2)
        for line in lines
    )


def _weighed(sample: Sample, text: str, edits: Sequence[Edit]) -> FollowUp:
    """Ask how probable the text is as it stands, and with each edit alone."""
    messages = (Message("user", sample.instruction[:SHOWN_CHARS]),)
    texts = (text, *(applied(text, [edit]) for edit in edits))
    asks = tuple(Ask(messages, (Given(one, scored=True),)) for one in texts)

    def finish(done: Sequence[Completion]) -> str | None:
        stands, *others = (completion.log_probability for completion in done)
        kept = [
            edit
            for edit, probable in zip(edits, others, strict=True)
            if probable - stands >= LEAST_GAIN
        ]
        return applied(text, kept) if kept else None

    return FollowUp(asks, finish)
