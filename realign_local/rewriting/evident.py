"""Tasks that a row shows by itself, whatever a classifier makes of its request alone.

A solution that marks its result, as data sets of mathematics do, is the answer to a problem of
mathematics; a request to write a function that is answered with code is a request for code.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from realign_local.base.records import Sample
from realign_local.gates.talk.refusal import refuses
from realign_local.text.code.code_blocks import cut
from realign_local.text.code.code_detect import bare_blocks

HEAD_CHARS = 400
"""What is wanted stands at the head of a request for code; then come examples and tests."""

_MARKED_RESULT = re.compile(r"^####[ \t]*[$€£-]?[\d.,]*\d\S*[ \t]*$|<<[^<>\n]*=[^<>\n]*>>", re.M)
_PROGRAM = (
    r"(?:functions?|programs?|class(?:es)?|methods?|scripts?|quer(?:y|ies)|procedure|subroutine"
    r"|regex|regular expression|macro|one-liner|code|algorithm)"
)
_WRITE = re.compile(
    r"\b(?:write|create|implement|complete|develop|define|build|design|generate|give me|provide)\b"
    rf"[^.\n]{{0,60}}\b{_PROGRAM}\b",
    re.IGNORECASE,
)
_IN_A_LANGUAGE = re.compile(
    r"\b(?:write|implement|create|code|program)\b[^.\n]{0,80}\b(?:in|using|with) (?:python|java|"
    r"javascript|typescript|c|c\+\+|c#|go|golang|rust|ruby|php|perl|kotlin|swift|scala|haskell|lua"
    r"|julia|r|matlab|bash|powershell|sql|html|css)(?![\w+#])",
    re.IGNORECASE,
)
_CODE_SIGN = re.compile(r"[`={}<>\\\[\]]|\w\(")
"""One of these is in nearly every program, query and formula."""

_OTHER = re.compile(
    r"\b(?:fix|debug|correct|simplif\w+|shorten|refactor|optimi[sz]e|convert|translate|port"
    r"|re-?write|explain|describe|comment|document|review|improve|errors?|bugs?|fails?|wrong"
    r"|what|why)\b",
    re.IGNORECASE,
)


def known_task(sample: Sample, tasks: Collection[str]) -> str:
    """The task that came with the row or that it shows; "" where a classifier has to say."""
    if sample.category in tasks:
        return sample.category
    task = evident_task(sample.instruction, sample.original)
    return task if task in tasks else ""


@lru_cache(maxsize=16)
def evident_task(instruction: str, response: str) -> str:
    """The task that request and response show together, or ""."""
    if ("####" in response or "<<" in response) and _MARKED_RESULT.search(response):
        return "math_puzzles"
    head = instruction[:HEAD_CHARS]
    wanted = _WRITE.search(head) or _IN_A_LANGUAGE.search(head)
    if wanted and not _OTHER.search(head[: wanted.start()]) and _has_code(response):
        return "text_to_code_translation"
    return ""


PROGRAMS = frozenset(
    (
        "code_correction",
        "code_simplification",
        "code_to_code_translation",
        "text_to_code_translation",
    )
)
"""Tasks whose responses hold code."""


@lru_cache(maxsize=16)
def ruled_out(response: str) -> frozenset[str]:
    """Tasks that the response is plainly no answer to, whatever the request looks like.

    Who answers a request does not refuse it; prose without a sign of code is no program.
    """
    found = frozenset() if refuses(response) else frozenset(("rejecting",))
    if not response.strip() or _CODE_SIGN.search(response) or _has_code(response):
        return found
    return found | PROGRAMS


def _has_code(text: str) -> bool:
    parts = cut(text)
    return bool(parts.fenced or bare_blocks(parts.lines))
