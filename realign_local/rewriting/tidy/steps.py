"""Calculations as numbered steps: a worked solution, line by line or sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.base.words.sentences import sentences
from realign_local.rewriting.operation import Operation
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.prose import lines_of_code

LEAST_STEPS = 2
LEAST_LISTED = 4
"""Readers found that numbers add nothing to three short lines (benchmarks/LOG.md); those only get
their full stops."""
MANY_STEPS = 5
"""From here on numbers help even where the steps tell their order in words."""
LEAST_UNMARKED = 3
"""Without calculator marks or a marked answer, two equations may just as well be an aside."""
LEAST_WORDS_A_SENTENCE = 3
LEAST_WORDS_AFTER_A_NUMBER = 5
MOST_SIGNS = 20_000
"""Longer than any worked solution."""

_MARKED_ANSWER = re.compile(r"####[ \t]*\S")
_EQUATION = re.compile(r"[-+*/×÷x]\s{0,3}[$£€]?\.?\d[^=\n]{0,60}=\s{0,3}[$£€]?\s?(?:<<|-?\.?\d)")
_OWN_FORM = re.compile(
    r"\s{2,}\S|\s*(?:[-*+•·–—#>×÷/=_]|\(?\d{1,3}[.):](?:\s|[^\W\d])|\(?[A-Za-z][.)]\s"
    r"|\d{1,2}\ufe0f?\u20e3|(?:step|solution|method|case|part|q|a)\s?\d{0,2}[.:)])",
    re.IGNORECASE,
)
"""Marks of a list, signs of a column sum, aligned lines, steps that have their numbers."""
_SET = re.compile(r"\\|&=|`|[{}|]|\$\$")
"""LaTeX, tables and code; their lines belong together."""
_FILLER = re.compile(r"[^\d\n]{1,60}!$")
_LEADS = re.compile(r"\b(?:steps?|solution|solve|follow\w*|here)\b[^\d\n]*:$", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"(?:(?:so|thus|therefore|hence),? )?(?:the )?(?:final |correct )?(?:answer|result)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^=:\d]*[=:]")
"""`Second person = 27 - 7` and `Pages left: 408 - 113` are no sentences."""
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LABEL = re.compile(r"[^\d:=]{1,40}[:=] ")
_UNKNOWN = re.compile(r"(?i)^let [a-z]\b|(?<![\w$<])\d*[b-hj-z] ?[-+*/=]|= ?\d*[b-hj-z](?!\w)")
"""An equation with an unknown: its lines are one argument, not a list."""
_GOES_ON = re.compile(r"(?:,|\b(?:so|and|but|then|because|or|is|are))$")
"""A line in whose middle the sentence goes on."""
_ORDER = re.compile(r"(?:first|second|third|then|next|finally|lastly|last)\b", re.IGNORECASE)
_OPEN_END = re.compile(r"[\w)%]$")


@dataclass(frozen=True, slots=True)
class Solution:
    """A worked solution taken apart; `lead` and `end` stay outside of the list ("" for none)."""

    steps: tuple[str, ...]
    lead: str = ""
    end: str = ""

    @property
    def is_list(self) -> bool:
        """Whether numbers help: not before bare equations, nor before "First ... Then ..."."""
        bare = sum(len(_WORD.findall(_CALCULATOR.sub("", step))) < 2 for step in self.steps)
        ordered = sum(bool(_ORDER.match(step)) for step in self.steps)
        told = ordered >= 2 and len(self.steps) < MANY_STEPS
        # "3. 4 students pay" and "2. 132-72" are hard to read: a few of them in a long list pass.
        digits = sum(step[0].isdigit() for step in self.steps)
        clash = digits * MANY_STEPS > len(self.steps)
        labelled = sum(bool(_LABEL.match(step)) for step in self.steps)
        algebra = any(_UNKNOWN.search(step) for step in self.steps)
        clash = clash or algebra or 2 * labelled >= len(self.steps)
        goes_on = any(map(_go_on, self.steps, self.steps[1:]))
        fits = 2 * bare < len(self.steps) and not (told or clash or goes_on)
        return len(self.steps) >= LEAST_LISTED and fits

    @property
    def shown(self) -> str:
        """The whole solution as a numbered list."""
        listed = "\n".join(_entry(place, step) for place, step in enumerate(self.steps, start=1))
        return "\n\n".join(part for part in (self.lead, listed, self.end) if part)

    @property
    def in_lines(self) -> str:
        """The whole solution in lines, as it came."""
        return "\n".join(part for part in (self.lead, *self.steps, self.end) if part)


def number_steps(response: str, _request: str) -> str:
    """A solution's calculations as the entries of a numbered list, its answer last.

    Left alone: what has a form of its own, and what is a text with a calculation in it.
    """
    if ("=" not in response and "####" not in response) or len(response) > MOST_SIGNS:
        return response
    lines = [line.rstrip() for line in split_lines(response) if line.strip()]
    body, answer = _without_answer(lines)
    if not _is_plain(body, response):
        return response
    solution = _by_lines(body, answer) or _by_sentences(body, answer)
    if solution is None or (not _is_marked(response) and lines_of_code(response)):
        return response
    if solution.is_list:
        return solution.shown
    return solution.in_lines if len(body) > 1 and _adds_stops(solution, body) else response


def _go_on(step: str, following: str) -> bool:
    """Whether one sentence runs over both."""
    runs_on = following[0].islower() and bool(_OPEN_END.search(step))
    return runs_on or bool(_GOES_ON.search(step))


def _adds_stops(solution: Solution, body: Sequence[str]) -> bool:
    return sum(step.endswith(".") for step in solution.steps) > sum(
        line.endswith(".") for line in body
    )


def _without_answer(lines: Sequence[str]) -> tuple[list[str], str]:
    if lines and _MARKED_ANSWER.match(lines[-1]):
        return list(lines[:-1]), lines[-1]
    return list(lines), ""


def _is_marked(text: str) -> bool:
    return "####" in text or "<<" in text


def _is_plain(body: Sequence[str], response: str) -> bool:
    if not body or _SET.search(response):
        return False
    return not any(_OWN_FORM.match(line) or _FILLER.match(line) for line in body)


def _by_lines(body: Sequence[str], answer: str) -> Solution | None:
    lead = body[0] if _LEADS.search(body[0]) else ""
    rest = list(body[1:] if lead else body)
    end = ""
    if not answer and rest and _CONCLUDES.match(rest[-1]) and not _calculates(rest[-1]):
        end = rest.pop()
    steps = _with_their_leads(rest)
    if len(steps) < LEAST_STEPS or steps[-1].endswith(":") or not _are_steps(steps, answer):
        return None
    return Solution(_closed(steps), lead, answer or end)


def _with_their_leads(lines: Sequence[str]) -> list[str]:
    """A line that announces the next one stays with it."""
    steps: list[str] = []
    for line in lines:
        if steps and steps[-1].endswith(":"):
            steps[-1] += f"\n{line.strip()}"
        else:
            steps.append(line.strip())
    return steps


def _are_steps(steps: Sequence[str], answer: str) -> bool:
    """A marked answer says that all before it is its solution; else each step must calculate."""
    calculating = sum(_calculates(step) for step in steps)
    if answer:
        return calculating > 0 or all(re.search(r"\d", step) for step in steps)
    if any("<<" in step for step in steps):
        return calculating >= max(LEAST_STEPS, len(steps) - 1)
    return len(steps) >= LEAST_UNMARKED and calculating == len(steps)


def _calculates(text: str) -> bool:
    return "<<" in text or bool(_EQUATION.search(text))


def _by_sentences(body: Sequence[str], answer: str) -> Solution | None:
    """One paragraph in which sentence after sentence calculates; the last may draw the sum."""
    if len(body) != 1:
        return None
    steps = list(sentences(body[0]))
    end = ""
    if len(steps) > LEAST_STEPS and not _calculates(steps[-1]):
        end = steps.pop()
    least = LEAST_STEPS if answer or "<<" in body[0] else LEAST_UNMARKED
    if len(steps) < least or not all(_calculates(step) for step in steps):
        return None
    if end and answer:
        return Solution((*steps, end), end=answer)
    return Solution(tuple(steps), end=answer or end)


def _closed(steps: Sequence[str]) -> tuple[str, ...]:
    """Full stops for the sentences without one; none where that would make the entries unlike."""
    closed = tuple(f"{step}." if _lacks_its_stop(step) else step for step in steps)
    were_open = all(_OPEN_END.search(step) for step in steps)
    some_stay_open = any(_OPEN_END.search(step) for step in closed)
    return tuple(steps) if were_open and some_stay_open else closed


def _lacks_its_stop(step: str) -> bool:
    said = _CALCULATOR.sub("", step.rpartition("\n")[2])
    if not said.strip():
        return False
    words = len(_WORD.findall(said))
    if said[0].isdigit() and (words < LEAST_WORDS_AFTER_A_NUMBER or "=" in said):
        return False
    begins = said[0].isdigit() or step[0].isupper()
    is_sentence = begins and words >= LEAST_WORDS_A_SENTENCE and not _LABELLED.match(said)
    return is_sentence and "。" not in step and bool(_OPEN_END.search(step))


def _entry(place: int, step: str) -> str:
    marker = f"{place}. "
    return marker + step.replace("\n", "\n" + " " * len(marker))


OPERATIONS: tuple[Operation, ...] = (
    Operation("steps", "A worked calculation becomes numbered steps.", number_steps),
)
