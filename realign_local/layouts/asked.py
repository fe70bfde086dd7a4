"""What a request asks, and the answer that a response marks: for sentences that need no model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from realign_local.criteria import Section
from realign_local.data.records import Sample
from realign_local.gates.prose import vocabulary
from realign_local.layouts.anatomy import take_apart
from realign_local.layouts.units import sentences

LEAST_CHARS, MOST_CHARS = 12, 220
"""A shorter question says nothing without its text; a longer one is a text of its own."""

_MARKED = re.compile(r"^####\s*(\S[^\n]*?)\s*$", re.MULTILINE)
_BOXED = re.compile(r"\\boxed\{([^{}\n]+)\}")
_LEAD = re.compile(r"^(?:question|q|problem|task|instruction)\s*\d*\s*[:.)]\s*", re.IGNORECASE)

_BIDS = vocabulary(
    """add analyze analyse arrange assess calculate capitalize categorize change check choose
    classify come compare complete compose compute convert count create curate decide define
    describe design detect determine discuss draft edit elaborate estimate evaluate examine expand
    explain express extract fill find fix formulate generate give help identify imagine improve
    infer interpret invent judge label let list look make match name offer order outline paraphrase
    pick plan predict prepare propose prove provide rank rate recommend reformulate rephrase replace
    restate review revise rewrite say select shorten show simplify solve sort spot state suggest
    summarize take tell think transform translate turn use verify work write"""
)
_POLITE = r"(?:(?:please|kindly|now|then|next|also|first|finally|today|here),?\s+)*"
_DUTY = re.compile(
    r"\b(?:you|i)(?:'d| would)?\s+(?:\w+\s+)?(?:should|must|have to|need(?: you)? to|are asked to"
    r"|are to|want you to|like you to|can|could|will)\s+(\w+)|\btask is to\s+(\w+)",
    re.IGNORECASE,
)
_BID = re.compile(rf"(?:^|,\s+){_POLITE}(\w+)", re.IGNORECASE)
_QUESTION_WORD = re.compile(r"(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_SENT_ON = re.compile(
    r"^(?:please\s+)?(?:answer|read|use|consider|look at|refer to|take a look)\b", re.IGNORECASE
)
"""Bids that only point at the question or the text that follows."""


def plain_sentence(section: Section, sample: Sample, *, pick: int) -> str:
    """One of the section's fallbacks for this row, filled in; "" where none can be.

    `{question}` stands for a request that is a question, `{asked}` for any request. Those that say
    something of the row go before those without a placeholder.
    """
    asked = asked_of(sample.instruction)
    known = {
        "{question}": asked if asked.endswith("?") else "",
        "{asked}": asked,
        "{answer}": answer_of(sample.original),
    }
    start = pick % max(1, len(section.fallback))
    turned = [*section.fallback[start:], *section.fallback[:start]]
    for template in sorted(turned, key=lambda text: "{" not in text):
        if all(text or name not in template for name, text in known.items()):
            return _filled(template, known)
    return ""


def _filled(template: str, known: dict[str, str]) -> str:
    for name, text in known.items():
        template = template.replace(name, text)
    return template


@lru_cache(maxsize=16)
def asked_of(instruction: str) -> str:
    """The question or the bid of a request in its own words; "" where it is unclear.

    What stands at the head counts, unless it only sends the reader on to a question further down.
    """
    prose = [block.text for block in take_apart(instruction) if block.kind == "paragraph"]
    head, tail = (_sentences_of(texts) for texts in (prose[:1], prose[-1:]))
    found = _questions(head)[-1:] or _bids(head)[:1] or _questions(tail)[-1:]
    if not found and len(head) == 1 and head[0][-1] not in ":：":
        found = head
    return _tidy(found[0]) if found else ""


def _sentences_of(paragraphs: Sequence[str]) -> list[str]:
    return [
        _LEAD.sub("", sentence) for sentence in sentences(" ".join(" ".join(paragraphs).split()))
    ]


def _questions(found: Sequence[str]) -> list[str]:
    return [sentence for sentence in found if sentence.endswith("?")]


def _bids(found: Sequence[str]) -> list[str]:
    return [sentence for sentence in found if _is_bid(sentence)]


def _is_bid(sentence: str) -> bool:
    if _SENT_ON.match(sentence) or sentence[-1] in ":：":
        return False
    verbs = [verb for found in _DUTY.findall(sentence) for verb in found]
    verbs += _BID.findall(sentence)[:2]
    return any(verb.lower() in _BIDS for verb in verbs)


def _tidy(sentence: str) -> str:
    text = sentence.strip(' "“”*')
    if not LEAST_CHARS <= len(text) <= MOST_CHARS:
        return ""
    text = text[0].upper() + text[1:]
    if text[-1] in ".!?":
        return text
    return f"{text}?" if _QUESTION_WORD.match(text) else f"{text}."


def answer_of(original: str) -> str:
    """The final answer that the response marks with #### or \\boxed; "" without a single one."""
    marked = _MARKED.findall(original) or _BOXED.findall(original)
    return str(marked[0]) if len(set(marked)) == 1 else ""
