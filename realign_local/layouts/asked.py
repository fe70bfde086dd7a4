"""What a request asks, and the answer that a response marks: for sentences that need no model."""

from __future__ import annotations

import re
from functools import lru_cache

from realign_local.criteria import Section
from realign_local.data.records import Sample
from realign_local.layouts.anatomy import take_apart
from realign_local.layouts.units import sentences

LEAST_CHARS, MOST_CHARS = 12, 220
"""A shorter question says nothing without its text; a longer one is a text of its own."""

_MARKED = re.compile(r"^####\s*(\S[^\n]*?)\s*$", re.MULTILINE)
_BOXED = re.compile(r"\\boxed\{([^{}\n]+)\}")
_LEAD = re.compile(r"^(?:question|q|problem|task|instruction)\s*\d*\s*[:.)]\s*", re.IGNORECASE)


def plain_sentence(section: Section, sample: Sample, *, pick: int) -> str:
    """One of the section's fallbacks for this row, filled in; "" where none can be.

    Those that say something of the row go before those without a placeholder.
    """
    known = {"{asked}": asked_of(sample.instruction), "{answer}": answer_of(sample.original)}
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
    """The question of a request in its own words, or its first sentence; "" where it is unclear."""
    prose = [block.text for block in take_apart(instruction) if block.kind == "paragraph"]
    for text in (prose[:1], prose[-1:]):
        asked = [s for s in sentences(" ".join(" ".join(text).split())) if s.endswith("?")]
        if asked:
            return _tidy(asked[-1])
    first = sentences(" ".join(" ".join(prose[:1]).split()))[:1]
    return _tidy(first[0]) if first and first[0][-1] not in ":：" else ""


def _tidy(sentence: str) -> str:
    text = _LEAD.sub("", sentence).strip(' "“”*')
    if not LEAST_CHARS <= len(text) <= MOST_CHARS:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else f"{text}."


def answer_of(original: str) -> str:
    """The final answer that the response marks with #### or \\boxed; "" without a single one."""
    marked = _MARKED.findall(original) or _BOXED.findall(original)
    return str(marked[0]) if len(set(marked)) == 1 else ""
