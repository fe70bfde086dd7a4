"""Chat phrases around an answer, and remains of the prompt at its ends; the phrases are data."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import cache, lru_cache

from realign_local.gates.talk.phrases import (
    ENGLISH,
    asks_to_be_told,
    patterns,
    phrases,
    plain,
    texts,
)
from realign_local.gates.talk.refusal import refuses
from realign_local.text.code.code_lines import has_signal, line_kind
from realign_local.text.segments import FUNCTION_WORDS, words
from realign_local.text.spelling import is_word

LEAST_WORDS_LEFT = 3
LOOKED_AT_SIGNS = 600
"""No run of chat phrases is longer."""
MOST_STEPS = 4


def bare(response: str, request: str) -> str:
    """The response without either."""
    return without_chat(without_prompt_remains(response, request), request)


# --- where chat phrases belong to the text -------------------------------------------------------

_PLAYS = re.compile(
    r"\b(?:role[- ]?play\w*|act as|pretend|play the|persona|character|chat\w*|voice of|repeat"
    r"|sentiment|classif\w+)\b",
    re.IGNORECASE,
)
"""Requests whose answer may be chat from its first word to its last."""
_QUOTES = re.compile(r"^[A-Z][\w .]{0,20}: ?[\"“]", re.MULTILINE)
_ASKS_BACK = re.compile(
    r"(?:please|could you|can you|would you|what|which|how|where|when|do you|are you)\b"
    r"[^.!\n]{0,200}(?:\?|\.)?\s*\Z|[^.!?\n]{0,200}\?\s*\Z",
    re.IGNORECASE,
)
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
def _may_hold_chat(request: str) -> bool:
    return not request.strip() or bool(_PLAYS.search(request[:LOOKED_AT_SIGNS]))


@lru_cache(maxsize=32)
def _asks_for_text(request: str) -> bool:
    return bool(texts().asked.search(_without_courtesy(request[:LOOKED_AT_SIGNS])))


def _without_courtesy(request: str) -> str:
    """The request without the thanks at its ends, which ask for no text."""
    return texts().courtesy.sub(" ", request.strip())


def without_chat(response: str, request: str, *, around: bool = False) -> str:
    """The response without the chat phrases before and after it, where it stands without them.

    Where the response is itself a text that speaks to somebody, only what is surely around that
    text goes; so too with `around`.
    """
    if not may_chat(response) or _may_hold_chat(request):
        return response
    speaks = texts().head.search(response) or texts().foot.search(response)
    if around or speaks or _QUOTES.search(response) or _asks_for_text(request):
        new = _without_frame(response, request)
        stands = _has_words(new)
    else:
        new = _settled(lambda text: _without_closing(_without_opening(text, request)), response)
        stands = _stands(new)
    kept = refuses(new) == refuses(_without_disclaimer(response)) if new != response else True
    return new if kept and stands else response


def _settled(step: Callable[[str], str], text: str) -> str:
    """What is left when nothing more goes; the text itself where that takes many steps."""
    new = text
    for _ in range(MOST_STEPS):
        last, new = new, step(new)
        if new == last:
            return new
    return text


def may_chat(response: str) -> bool:
    """A quick no for a response that neither begins nor ends as chat phrases do."""
    head, tail = plain(response[:60]), plain(response[-300:])
    starts = patterns().beginnings.match(head) is not None
    return starts or any(map(tail.__contains__, patterns().closing_signs))


def _stands(text: str) -> bool:
    """Whether what is left is a whole answer and no question of one's own."""
    whole = not text.rstrip().endswith((":", ",")) and not _ASKS_BACK.match(text)
    return whole and _has_words(text)


def _has_words(text: str) -> bool:
    return len(text.split(maxsplit=LEAST_WORDS_LEFT)) >= LEAST_WORDS_LEFT


# --- the opening ---------------------------------------------------------------------------------

_SYMBOLS = re.compile(r"[\s\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]*")
_DEPENDS = re.compile(
    r"(?:however|but|and|also|therefore|so|or|that|which|they|these|those"
    r"|aber|und|doch|mais|pero|mas|maar)\b"
)


def _without_opening(response: str, request: str) -> str:
    head = plain(response[:LOOKED_AT_SIGNS])
    at = _end_of_disclaimer(head, request) or _end_of_phrases(head, request)
    if at:
        at = _end_of_announcement(head, at, request) or at
    rest = response[at:]
    if not at or not rest or _DEPENDS.match(head, at):
        return response
    return rest[0].upper() + rest[1:] if _is_prose(rest) else rest


def _is_prose(rest: str) -> bool:
    """Whether what is left begins with a word that a capital suits: no command, no name of a file,
    no unit and no variable."""
    first = re.match(r"([^\W\d_]+(?:'[^\W\d_]+)?)(?![\w./@:^(\[-]| ?[{=])", rest)
    if not first or not first[0].islower():
        return False
    known = is_word(first[0]) if first[0].isascii() and len(first[0]) > 1 else first[0] in "ai"
    line = rest.partition("\n")[0]
    is_code = has_signal(line.rstrip(": ")) or line_kind(line) != "prose"
    return not is_code and (known or not first[0].isascii())


def _end_of_phrases(head: str, request: str) -> int:
    at, found = 0, patterns()
    assents = [
        pattern for language, pattern in found.assent.items() if _is_no_answer(language, request)
    ]
    while phrase := next(
        (match for pattern in (*assents, found.opening) if (match := pattern.match(head, at))), None
    ):
        symbols = _SYMBOLS.match(head, phrase.end())
        at = symbols.end() if symbols else phrase.end()
    return at


def _is_no_answer(language: str, request: str) -> bool:
    """Whether `Sure!` cannot be the answer to the request."""
    if language == ENGLISH:
        return not _AGREEMENT_ASKED.search(request[:LOOKED_AT_SIGNS])
    return asks_to_be_told(request[:LOOKED_AT_SIGNS], language)


def _end_of_announcement(head: str, at: int, request: str, *, of_text: bool = False) -> int:
    """Past `Here is the letter:`, where it says nothing that the request has not said; else 0.

    `of_text`: it must name a text, and end its line.
    """
    for pattern, idle in patterns().announcements:
        if not (found := pattern.match(head, at)):
            continue
        told, idle = found[1], idle | FUNCTION_WORDS
        if of_text and not ("\n" in found["gap"] and _names_text(told, idle)):
            continue
        told = texts().kinds.sub(" ", told) if of_text else told
        if words(told) <= words(plain(request)) | idle and not _IS_LIST.search(told):
            return found.end()
    return 0


_IS_LIST = re.compile(r"\bli(?:st|jst)")


def _names_text(told: str, idle: Set[str]) -> bool:
    """`the email to your boss`, but not `the email address`."""
    *_, last = (None, *texts().kinds.finditer(told))
    return last is not None and set(told[last.end() :].split()[:1]) <= idle


_ASKS_THE_MODEL = re.compile(
    r"\byour? (?:favou?rite|own|feel\w*|like|prefer|experience)|\b(?:are|do|have|did|if) you\b",
    re.IGNORECASE,
)


def _end_of_disclaimer(head: str, request: str) -> int:
    found = patterns().disclaimer.match(head)
    if not found or _ASKS_THE_MODEL.search(request) or head.startswith(("i ", "i'"), found.end()):
        return 0
    return found.end()


def _without_disclaimer(response: str) -> str:
    found = patterns().disclaimer.match(plain(response[:LOOKED_AT_SIGNS]))
    return response[found.end() :] if found else response


# --- the closing ---------------------------------------------------------------------------------

_EDGE = " \t\n\r*_.!?()¡¿" + "\ufe0f"


def _closing_start(response: str, *, outside: bool = False) -> int:
    """Where the run of closing sentences begins; the end of the text where there is none."""
    closing = patterns().outside if outside else patterns().closing
    end = len(response.rstrip())
    while sentence := _last_sentence(response, end):
        start, text = sentence
        if not closing.fullmatch(text):
            break
        end = len(response[:start].rstrip())
    return end


def _last_sentence(response: str, end: int) -> tuple[int, str] | None:
    """The place and the plain words of the last sentence before `end`, without emoji behind it."""
    begin = max(0, end - LOOKED_AT_SIGNS)
    tail = plain(response[begin:end])
    words = tail.rstrip(_EDGE + "".join(s for s in set(tail[-20:]) if s > "\u25ff"))
    start = max(words.rfind(sign) for sign in ".!?\n") + 1
    text = words[start:].strip(_EDGE)
    return (begin + start, text) if text and start > 0 else None


def _without_closing(response: str) -> str:
    start = _closing_start(response)
    return response[:start] if start < len(response.rstrip()) else response


# --- around a text that speaks to somebody -------------------------------------------------------

_RULE = re.compile(r"(?m)^[ \t]*[-*_]{3,}[ \t]*$")
_QUOTED = re.compile(r"[\"“„«].*[\"”“»]\Z", re.DOTALL)
MOST_LINES_OF_NAMES = 3


def _without_frame(response: str, request: str) -> str:
    """Without the phrases around a text, but all of them or none: half a frame tells nobody."""
    start, named = _end_of_frame(response, request)
    if not start and patterns().beginnings.match(plain(response[:LOOKED_AT_SIGNS])):
        return response
    text = response[start:]
    end = _closing_start(text, outside=True)
    if _is_tail(text, end):
        text = text[:end].rstrip()
        speaks = not start or bool(texts().addressed.search(named))
        if speaks and not _is_whole(text):
            return response
    text = _without_rules(text) if text != response else text
    return response if start and _RULE.search(text) else text


def _without_rules(text: str) -> str:
    """Without the lines that part the text from what stood before it and behind."""
    rules = list(_RULE.finditer(text))
    if rules and not text[rules[-1].end() :].strip():
        text = text[: rules[-1].start()].rstrip()
    if rules and not text[: rules[0].start()].strip():
        text = text[rules[0].end() :].lstrip("\n")
    return text


def _end_of_frame(response: str, request: str) -> tuple[int, str]:
    """Where the text begins behind the phrases before it, and what announced it."""
    head = plain(response[:LOOKED_AT_SIGNS])
    at = _end_of_phrases(head, "")
    if end := _end_of_announcement(head, at, request, of_text=True):
        return end, head[at:end]
    alone = at and "\n" in response[:at] and texts().head.match(response, at)
    return (at, head[:at]) if alone else (0, "")


def _is_tail(text: str, end: int) -> bool:
    """Whether closing phrases are a paragraph of their own, behind what stands before `end`."""
    behind = text[end:]
    return bool(behind.strip()) and "\n" in behind[: len(behind) - len(behind.lstrip())]


def _is_whole(text: str) -> bool:
    """Whether a text has its end: `Yours,` and a name, a line below it, or quotation marks."""
    last = [line.strip() for line in text.split("\n") if line.strip()][-MOST_LINES_OF_NAMES - 1 :]
    ruled = bool(last) and _RULE.match(last[-1]) is not None
    return ruled or _QUOTED.match(text) is not None or any(map(texts().foot.match, last))


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
        told = word.search(request) and not _is_label_of_both(found, request)
        if found and not told and not _is_one_of_labels(found, new):
            new = new[found.end() :]
    for pattern, word in _remains("end"):
        found = pattern.search(new, max(0, len(new) - LONGEST_REMAINS))
        if found and not word.search(request):
            new = new[: found.start()]
    return new if new.strip() else text


def _is_label_of_both(label: re.Match[str] | None, request: str) -> bool:
    """Whether the request has the label before it, too: it is no more asked for than answered."""
    return label is not None and request.lower().startswith(label[0].strip().lower())


def _is_one_of_labels(label: re.Match[str], text: str) -> bool:
    """Whether other lines of the text have a label of the same kind."""
    plain = label[0].rstrip().endswith(":") and "#" not in label[0]
    return plain and bool(_LABELLED.search(text, label.end()))
