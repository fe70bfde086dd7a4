"""Chat phrases around an answer, and remains of the prompt at its ends; the phrases are data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from realign_local.gates.talk.refusal import refuses
from realign_local.text.rules import rules
from realign_local.text.segments import content, vocabulary

LEAST_WORDS_LEFT = 3
LOOKED_AT_SIGNS = 600
"""No run of chat phrases is longer."""
MOST_STEPS = 4


@cache
def phrases() -> dict[str, list[dict[str, Any]]]:
    """The entries of the data file, by their kind."""
    return rules("chat_phrases")


def bare(response: str, request: str) -> str:
    """The response without either."""
    return without_chat(without_prompt_remains(response, request), request)


@dataclass(frozen=True, slots=True)
class _Patterns:
    assent: re.Pattern[str]
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    disclaimer: re.Pattern[str]
    beginnings: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    def either(kind: str, *, assent: bool | None = None) -> str:
        entries = (e for e in phrases()[kind] if assent in (None, e.get("assent", False)))
        return "|".join(f"(?:{entry['phrase']})" for entry in entries)

    return _Patterns(
        re.compile(rf"(?:{either('opening', assent=True)})(?:[!.]|,(?= (?:i|here|let)\b))\s+"),
        re.compile(rf"(?:{either('opening', assent=False)})[!.:]\s+"),
        re.compile(either("closing")),
        re.compile(either("disclaimer")),
        re.compile(rf"as an|{either('opening')}"),
    )


# --- where chat phrases belong to the text -------------------------------------------------------

_BELONGS = re.compile(
    r"\b(?:e-?mails?|letters?|messages?|repl(?:y|ies)|respond|responses?|notes? to|posts?"
    r"|customers?"
    r"|clients?|role[- ]?play\w*|act as|pretend|imagine|you are (?:an?|the)|play the|persona"
    r"|character|dialog(?:ue)?s?|conversations?|scripts?|speech|chat\w*|greetings?|thank\w*|hello"
    r"|invit\w+|reviews?|transcripts?|interviews?|templates?|repeat|translat\w+|goodbye|bye"
    r"|phrase\w*|say|says|voice of|rewrite|edit|correct|sentiment|classif\w+|summari[sz]e)\b",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"^(?:dear|hi|hello|hey|subject|best|kind|warm|regards|sincerely|yours|cheers)\b[^\n]{0,40}$"
    r"|^[A-Z][\w .]{0,20}: ?[\"“]",
    re.IGNORECASE | re.MULTILINE,
)
_ASKS_BACK = re.compile(
    r"(?:please|could you|can you|would you|what|which|how|where|when|do you|are you)\b"
    r"[^.!\n]{0,200}(?:\?|\.)?\s*\Z",
    re.IGNORECASE,
)
_CLOSING_SIGNS = ("help", "clarif", "let me know", "question", "hesitate", "feel free", "else")
"""One of these is in every closing phrase."""
_AGREEMENT_ASKED = re.compile(
    r"(?:^|[.!?,:\n]\s*)(?:so |but |and |hi,? |hey,? )?(?:is|are|was|were|do|does|did|has|have"
    r"|should|may|might|am|isn't|aren't|don't|doesn't|(?:can|could|would|will|shall)(?! (?:you|u)"
    r" (?:please |also |just |kindly )?(?:give|tell|help|explain|write|provide|list|show|describe"
    r"|suggest|make|create|name|recommend|find|solve|share|elaborate|outline|compare|generate|define"
    r"|discuss|identify|calculate|teach|walk|clarify|come)\b))\b[^.!\n]*\?"
    r"|\b(?:right|correct|true|ok|okay)\?|^\W*(?:i|we|my|that|this|it|he|she|they|yes|no|let's)\b",
    re.IGNORECASE,
)
"""Questions to which `Sure!` or `Absolutely.` may be the answer, and statements to agree with."""


@lru_cache(maxsize=32)
def _is_out_of_place(request: str) -> bool:
    return not request.strip() or bool(_BELONGS.search(request[:LOOKED_AT_SIGNS]))


def without_chat(response: str, request: str) -> str:
    """The response without the chat phrases before and after it, where it stands without them."""
    if not _may_chat(response) or _is_out_of_place(request) or _SPEAKS.search(response):
        return response
    new = _settled(lambda text: _without_closing(_without_opening(text, request)), response)
    kept = refuses(new) == refuses(_without_disclaimer(response)) if new != response else True
    return new if kept and _stands(new) else response


def _settled(step: Callable[[str], str], text: str) -> str:
    """What is left when nothing more goes; the text itself where that takes many steps."""
    new = text
    for _ in range(MOST_STEPS):
        last, new = new, step(new)
        if new == last:
            return new
    return text


def _may_chat(response: str) -> bool:
    head, tail = _plain(response[:60]), _plain(response[-300:])
    return _starts(head) or any(sign in tail for sign in _CLOSING_SIGNS)


def _plain(text: str) -> str:
    """In lower case with straight apostrophes, sign for sign as long as before."""
    text = text.replace("’", "'")
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _starts(head: str) -> bool:
    return bool(_patterns().beginnings.match(head))


def _stands(text: str) -> bool:
    """Whether what is left is a whole answer and no question of one's own."""
    whole = not text.rstrip().endswith((":", ",")) and not _ASKS_BACK.match(text)
    return whole and len(text.split(maxsplit=LEAST_WORDS_LEFT)) >= LEAST_WORDS_LEFT


# --- the opening ---------------------------------------------------------------------------------

_SYMBOLS = re.compile(r"[\s\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]*")
_ANNOUNCES = re.compile(r"here(?:'s| is) (?:an?|the|my|your) ([^.!?:\n]{3,120}):\s+")
_GENERIC = vocabulary(
    """here's here short brief simple possible sample example based given provided requested answer
    question following version code snippet response solution text using would one way below request
    you asked detailed quick step-by-step explanation revised rewritten some like your"""
)
_DEPENDS = re.compile(r"(?:however|but|and|also|therefore|so|or|that|which|they|these|those)\b")


def _without_opening(response: str, request: str) -> str:
    head = _plain(response[:LOOKED_AT_SIGNS])
    at = _end_of_disclaimer(head, request) or _end_of_phrases(head, request)
    if at:
        at = _end_of_announcement(head, at, request)
    rest = response[at:]
    if not at or not rest or _DEPENDS.match(head, at):
        return response
    return rest[0].upper() + rest[1:] if re.match(r"[a-z]+(?:'[a-z]+)?\b", rest) else rest


def _end_of_phrases(head: str, request: str) -> int:
    at, found = 0, _patterns()
    agrees = bool(_AGREEMENT_ASKED.search(request[:LOOKED_AT_SIGNS]))
    while phrase := (None if agrees else found.assent.match(head, at)) or found.opening.match(
        head, at
    ):
        symbols = _SYMBOLS.match(head, phrase.end())
        at = symbols.end() if symbols else phrase.end()
    return at


def _end_of_announcement(head: str, at: int, request: str) -> int:
    """Past `Here is the letter:`, where it says nothing that the request has not said."""
    found = _ANNOUNCES.match(head, at)
    if not found:
        return at
    said = content(_plain(request)) | _GENERIC
    return found.end() if content(found[1]) <= said and " list" not in f" {found[1]}" else at


_ASKS_THE_MODEL = re.compile(
    r"\byour? (?:favou?rite|own|feel\w*|like|prefer|experience)|\b(?:are|do|have|did|if) you\b",
    re.IGNORECASE,
)


def _end_of_disclaimer(head: str, request: str) -> int:
    found = _patterns().disclaimer.match(head)
    if not found or _ASKS_THE_MODEL.search(request) or head.startswith(("i ", "i'"), found.end()):
        return 0
    return found.end()


def _without_disclaimer(response: str) -> str:
    found = _patterns().disclaimer.match(_plain(response[:LOOKED_AT_SIGNS]))
    return response[found.end() :] if found else response


# --- the closing ---------------------------------------------------------------------------------

_EDGE = " \t\n\r*_.!?()" + "\ufe0f"


def _closing_start(response: str) -> int:
    """Where the run of closing sentences begins; the end of the text where there is none."""
    end = len(response.rstrip())
    while sentence := _last_sentence(response, end):
        start, text = sentence
        if not _patterns().closing.fullmatch(text):
            break
        end = len(response[:start].rstrip())
    return end


def _last_sentence(response: str, end: int) -> tuple[int, str] | None:
    """The place and the plain words of the last sentence before `end`, without emoji behind it."""
    begin = max(0, end - LOOKED_AT_SIGNS)
    tail = _plain(response[begin:end])
    words = tail.rstrip(_EDGE + "".join(s for s in set(tail[-20:]) if s > "\u25ff"))
    start = max(words.rfind(sign) for sign in ".!?\n") + 1
    text = words[start:].strip(_EDGE)
    return (begin + start, text) if text and start > 0 else None


def _without_closing(response: str) -> str:
    start = _closing_start(response)
    return response[:start] if start < len(response.rstrip()) else response


# --- remains of the prompt -----------------------------------------------------------------------

LONGEST_REMAINS = 80
_LABELLED = re.compile(r"^\s*\**[A-Za-z][\w ]{0,25}:", re.MULTILINE)


@cache
def _remains(at: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    end = r"\Z" if at == "end" else ""
    return tuple(
        (
            re.compile(rf"(?:{entry['phrase']}){end}", re.IGNORECASE),
            re.compile(entry["word"], re.IGNORECASE),
        )
        for entry in phrases()["remains"]
        if entry["at"] == at
    )


def without_prompt_remains(response: str, request: str) -> str:
    """The response without labels and chat tokens of a prompt at its ends."""
    return _settled(lambda text: _without_remains(text, request), response)


def _without_remains(text: str, request: str) -> str:
    new = text
    for pattern, word in _remains("start"):
        found = pattern.match(new)
        if found and not word.search(request) and not _is_one_of_labels(found, new):
            new = new[found.end() :]
    for pattern, word in _remains("end"):
        found = pattern.search(new, max(0, len(new) - LONGEST_REMAINS))
        if found and not word.search(request):
            new = new[: found.start()]
    return new if new.strip() else text


def _is_one_of_labels(label: re.Match[str], text: str) -> bool:
    """Whether other lines of the text have a label of the same kind."""
    plain = label[0].rstrip().endswith(":") and "#" not in label[0]
    return plain and bool(_LABELLED.search(text, label.end()))
