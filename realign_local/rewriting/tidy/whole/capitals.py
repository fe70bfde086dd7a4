"""Capitals where sentences begin: for all of a text's sentences, or for none.

A beginning is sure, unsure, or none that needs a capital (`pH`, `x`, `e.g.`, a quotation). One that
is unsure keeps all the others as they are: capitals for some of them would look odd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from realign_local.base.words.sentences import is_abbreviation, sentences
from realign_local.text.blocks import take_apart
from realign_local.text.english import is_word
from realign_local.text.prose import in_prose
from realign_local.text.rules import rules
from realign_local.text.segments import FUNCTION_WORDS, vocabulary

FINITE = vocabulary(
    """is are was were has have had can could will would should must may might does do did isn't
    aren't wasn't weren't hasn't haven't can't couldn't won't wouldn't shouldn't doesn't don't
    didn't it's that's there's he's she's they're we're you're i'm i've"""
)
NO_PROSE = re.compile(
    r"[=<>{}\[\]\\|#\ue000\ue001]|://|^\s*(?:[-*+•>]|\(?\w{1,3}[.):])\s|^[^.,:]{1,30}: "
)
_SIGNS = re.compile(NO_PROSE.pattern.rpartition("|")[0])
"""The same, where a label may stand before the first sentence."""
_RELATIVES = vocabulary("where who which of than")
"""Behind a stop, they may go on with the sentence before it."""
_STARTERS = FUNCTION_WORDS - _RELATIVES - {"that"} | vocabulary("dont doesnt didnt")
_SUBJECTS = vocabulary("i it its he she we you they")
"""Behind a short word that is none of English, only one of these begins a sentence."""
_SHORTENED = vocabulary(
    """approx esp incl excl etc est dept govt vol fig figs sec min max avg temp misc abbr resp viz
    tel ext prof gen sen rep gov capt col sgt rev hon mrs inc ltd bros corp ave blvd jan feb mar apr
    jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun tsp tbsp oz lbs hrs mins secs yrs
    vs al cf eg ie st op pp ed eds ca sr jr mr dr ms bk ch no nos pt pts
    chap ver pop alt temp coll corr cont def diff dist div ref rel sub sup univ vocab
    pls psi orig usu var spp syn lit trans pron adj adv obj subj sing plur pres conj prep
    fl li mag app gal bap mil phr dim"""
)
_OPEN = vocabulary("the a an of and or my your our their its")
"""A sentence that would end with one of these goes on: its stop is the slip."""
_LETTERS = re.compile(r"(?=..)[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNITS = vocabulary("in gal ft hr lb yd qt pt mi sq cu")
"""Shortened where a number stands before them."""
_PARTICLES = vocabulary("de da di du del della van von der den le la el al bin ibn ter ten dos das")
_CONTINUING = vocabulary(
    """to of and or per for in on at from with before after until till than each long then but when
    if while into by as more less over under ago later old away plus about between through every
    wide high deep thick apart"""
)
"""Behind a shortened unit, one of these goes on with its sentence."""
_NAMED = re.compile(
    r"\b(?:[Ww]ho(?: is| was|'s|’s)|[Ww]hat(?: is| does| did|'s|’s)|called|named|written by"
    r"|founded by|made by|(?:program|tool|command|brand|company|band|writer|author|singer))"
    r" [\"'“‘*_]*(?P<word>[a-z]{2,})\b|`(?P<code>[a-z]{2,})`"
)
"""What a request or a text calls by its name, in small letters."""
_PAIR = re.compile(r"(?:^|[.!?] )([a-z]{2,}) ([a-z]{2,})(?= [a-z])")
_QUOTED = re.compile(
    r"(?i)\b(?:goes|reads|recites?|sings?|sang|runs|poem|verse|rhyme|song|lyrics?|chorus|stanza"
    r"|proverb)(?: [a-z]+){0,3}:\s+[\"“*_]?[a-z]"
)
"""What somebody else wrote, and as it was written."""
_PROGRAMS = frozenset(rules("tidy/capitals")["programs"]["words"])
_OPTION = re.compile(r"\S* --?[A-Za-z]|(?: \S+){1,2} --?[A-Za-z]{2}")
_SPEAKS = re.compile(
    r"(?:\S+ ){0,2}?"
    r"(?:said|says|asked|asks|cried|replied|whispered|shouted|answered|called|thought)\b"
)
_BEGINNING = re.compile(
    r"(?P<close>[)\]\"”’%]?)(?P<mark>\.|[!?]+)(?P<closed>[)\]\"”]?) +"
    r"(?P<word>[a-z]+(?:['’][a-z]+)?)(?=[,;:.!?]*(?:\s|$))"
)
_WORD = re.compile(r"(?P<word>[a-z]+(?:['’][a-z]+)?)(?=[,;:.!?]*(?:\s|$))")
_CLOSED = re.compile(r"[.!?][\"”’)*_]*\s*$")
_ENDING = re.compile(r"[a-z]{3}(?:ings?|ers?|tions?|ly|ness|ed|ies)$")
_SALUTATION = re.compile(r"(?:Dear|Hi|Hello|Hey)\b[^.!?]*,\s*$")
_SMALL_LINE = re.compile(r"\n[a-z]")
_DOES = re.compile(r"(?:^|[.!?] +)([a-z]+) ([a-z]{3,})s\b")
_CAMEL = re.compile(r"[a-z][A-Z]")
LEAST_WORDS = 5
LOOKED_BACK = 1000
LEAST_LETTERS_SPELLED_OUT = 6
"""The list of words lacks British spellings; an abbreviation is hardly so long."""
LEAST_LETTERS_NO_NAME = 7
"""Longer English words are hardly names of programs, companies or people."""
LEAST_LETTERS_A_NAME = 4
MOST_SIGNS_SEEN = 2000
LEAST_OTHERS = 2
"""Sentences that show the text to be one, so that a fragment before them begins like them."""


class _Is(Enum):
    SURE = 1
    LIKELY = 2
    """It begins small by a slip if others do."""
    UNSURE = 3
    MEANT = 4


@dataclass(frozen=True, slots=True)
class _Start:
    """A small letter where a sentence may begin, in a stretch of prose."""

    at: int
    kind: _Is


def with_capitals(response: str, request: str, *, may_open: bool) -> str:
    """The response with its sentences in capitals; `may_open`: whether its first may have one."""
    if _begins_with_what_was_asked_about(response, request) or _quotes(response):
        return response
    names = _names_in(request) | _names_in(response)
    starts, words = list[_Start](), {_first_word(response)}

    def look(stretch: str) -> str:
        found = list(_starts(stretch))
        starts.extend(found)
        words.update(_first_word(stretch[start.at :]) for start in found)
        return stretch

    in_prose(response, look)
    kinds = {start.kind for start in starts}
    if words & names or _has_name_of_two_words(response, request):
        return response
    if _Is.UNSURE in kinds or (_Is.LIKELY in kinds and _Is.SURE not in kinds):
        return response
    if not may_open and _SMALL_LINE.search(response):
        return response
    mended = in_prose(response, _mended) if _Is.SURE in kinds else response
    opening = _opening(mended, likely=_Is.SURE in kinds)
    if opening is _Is.UNSURE or (opening in (_Is.SURE, _Is.LIKELY) and not may_open):
        return response
    return mended[0].upper() + mended[1:] if opening in (_Is.SURE, _Is.LIKELY) else mended


def _begins_with_what_was_asked_about(response: str, request: str) -> bool:
    """`delete removes rows` where `delete` was asked about: a noun, or a command with its name."""
    asked = frozenset(re.findall(r"[a-z]+", request)) - _STARTERS
    return any(
        word in asked and not word.endswith("s") and is_word(verb)
        for word, verb in _DOES.findall(response)
    )


def _quotes(response: str) -> bool:
    """Whether small letters behind a colon may be those of a poem that is quoted."""
    found = _QUOTED.search(response)
    return found is not None and found[0][-1].islower()


def _names_in(text: str) -> frozenset[str]:
    """Words called by their names in small letters; long ones that are English are hardly any."""
    found = (match["word"] or match["code"] for match in _NAMED.finditer(text))
    return frozenset(
        word
        for word in found
        if word not in _STARTERS | FINITE | FUNCTION_WORDS | _PARTICLES
        and (len(word) < LEAST_LETTERS_NO_NAME or not is_word(word))
    )


def _has_name_of_two_words(response: str, request: str) -> bool:
    """Whether two small words that begin a sentence stand within another one, as a name would."""
    told = f"{request}\n{response}"
    return any(
        not ({one, other} & (_STARTERS | FINITE | FUNCTION_WORDS))
        and re.search(rf"[a-z,] {one} {other}\b", told) is not None
        for one, other in _PAIR.findall(response[:MOST_SIGNS_SEEN])
    )


def _first_word(text: str) -> str:
    found = _WORD.match(text)
    return found["word"] if found else ""


def _mended(stretch: str) -> str:
    signs = list(stretch)
    for start in _starts(stretch):
        if start.kind in (_Is.SURE, _Is.LIKELY):
            signs[start.at] = signs[start.at].upper()
    return "".join(signs)


def _starts(stretch: str) -> Iterator[_Start]:
    at = 0
    before = ""
    apart = True
    for number, line in enumerate(stretch.split("\n")):
        if number and line[:1].islower():
            yield _Start(at, _of_line(line, before, apart=apart, text=stretch))
        yield from (_within(found, stretch, at) for found in _BEGINNING.finditer(line))
        before, apart = (line, False) if line.strip() else (before, True)
        at += len(line) + 1


def _of_line(line: str, before: str, *, apart: bool, text: str) -> _Is:
    """Of a line in small letters: the sentence of the line before goes on, or another begins."""
    if not before or before.endswith("\ue001") or (not apart and not _CLOSED.search(before)):
        return _Is.MEANT
    last = before.split()[-1].strip("(\"'*_“”’).!?")
    if not apart and ("." in last or last.lower() in _SHORTENED or is_abbreviation(last, "a")):
        return _Is.MEANT
    found = _WORD.match(line)
    is_sentence = found and line.count(" ") >= LEAST_WORDS and _CLOSED.search(line)
    if not is_sentence or not found:
        return _Is.UNSURE
    if apart and not _CLOSED.search(before):
        return _Is.LIKELY if _SALUTATION.match(before) else _Is.UNSURE
    if before[0].isspace():
        return _Is.UNSURE
    return _of_word(found["word"], line[found.end() :], text)


def _within(found: re.Match[str], stretch: str, at: int) -> _Start:
    """Of a small letter behind a stop, in a line that begins at `at`."""
    place = at + found.start("word")
    line = found.string
    before = line[max(0, found.start("mark") - LOOKED_BACK) : found.start("mark")]
    if _may_end_before(found, before):
        return _Start(place, _Is.UNSURE)
    if not _ends_before(found, before):
        return _Start(place, _Is.MEANT)
    kind = _of_word(found["word"], line[found.end() :], stretch)
    quoted = any(sign in '"”’' for sign in found["close"] + found["closed"])
    if found["mark"] == "." and not quoted:
        return _Start(place, kind)
    *_, last = ("A", *line[max(0, found.start() - LOOKED_BACK) : found.start()].split())
    named = found["mark"] != "." and (quoted or last[0].isupper())
    if named or kind is _Is.UNSURE or _SPEAKS.match(line[found.start("word") :]):
        return _Start(place, _Is.MEANT)  # `Yahoo! is` and `Who? he asked` go on
    return _Start(place, _Is.LIKELY if kind is _Is.SURE else kind)


def _may_end_before(found: re.Match[str], line: str) -> bool:
    """Whether the stop is behind a number, a unit or a single letter, and may end a sentence."""
    *before, token = line.split() or [""]
    word, last = found["word"], token.strip("(\"'*_“”’)]")
    if found["mark"] != "." or not before or found["closed"] or not last.isalnum():
        return False
    if last.isdigit():
        return len(last) < 3 and token == last
    measured = any(sign.isdigit() for sign in before[-1])
    if len(last) == 1 and last.isupper():
        return word in _STARTERS or measured
    is_unit = last.lower() in _SHORTENED | _UNITS or is_abbreviation(last, word)
    return measured and is_unit and word not in _CONTINUING


def _ends_before(found: re.Match[str], line: str) -> bool:
    """Whether the stop ends a sentence; no abbreviation, name, number of an entry, quotation."""
    if found["closed"] == "" and (line.count('"') % 2 or line.count("“") > line.count("”")):
        return False
    token = line.split()[-1] if line.split() else ""
    shown = token.strip("(\"'*_“”’)]")
    before, word = shown.lower(), found["word"]
    if (
        "." in before
        or _CAMEL.search(shown)
        or before in _SHORTENED
        or is_abbreviation(before, found["word"])
    ):
        return False
    if before.isalnum() and not before.isalpha():
        return len(before) > 2 or not before.isdigit() or token != shown
    if token.endswith("%"):
        return True
    if before in _OPEN or not _LETTERS.fullmatch(before):
        return False
    if before in _UNITS and re.search(r"\d\S* $", line[: len(line) - len(token)]):
        return False
    if shown.isupper():
        return len(shown) > 2
    if is_word(before) and (len(before) >= LEAST_LETTERS_A_NAME or shown[-2:].islower()):
        return True
    least = LEAST_LETTERS_SPELLED_OUT if shown.islower() else LEAST_LETTERS_A_NAME
    return len(before) >= least or word in _SUBJECTS or "'" in before or "’" in before


def _of_word(word: str, behind: str, text: str) -> _Is:
    bare = word.replace("’", "'")
    if behind[:1] == "." and len(bare) < LEAST_LETTERS_A_NAME:
        return _Is.MEANT
    if (len(bare) == 1 and bare not in "ai") or bare in _PROGRAMS:
        return _Is.MEANT
    if _OPTION.match(behind):
        return _Is.UNSURE
    if bare in _STARTERS or bare in FINITE or bare.split("'")[0] in _STARTERS:
        return _Is.SURE
    if bare in _RELATIVES:
        return _Is.UNSURE
    if bare == "that":
        return _Is.SURE if FINITE & set(behind.split(maxsplit=1)[:1]) else _Is.LIKELY
    if not is_spoken(bare):
        return _Is.LIKELY if _looks_spoken(bare, text) else _Is.UNSURE
    return _Is.LIKELY if may_be_small_name(bare, behind, text) else _Is.SURE


def is_spoken(word: str) -> bool:
    """Whether a word is English, or lacks only its apostrophe: `thats`, `youre`."""
    return is_word(word) or any(is_word(f"{word[:-n]}'{word[-n:]}") for n in (1, 2))


def _looks_spoken(word: str, text: str) -> bool:
    """Whether a word of no list is one by its ending, or has its capital elsewhere in the text."""
    return bool(_ENDING.search(word) or re.search(rf"\b{word.capitalize()}\b", text))


def may_be_small_name(word: str, behind: str, text: str) -> bool:
    """Whether a word before `is` can be a name in small letters: `pip is`, `bell hooks was`."""
    if word in FUNCTION_WORDS or re.search(rf"\b{word.capitalize()}\b", text):
        return False
    is_subject = behind[:1] == " " and FINITE & set(behind.split(maxsplit=2)[:2])
    return bool(is_subject) and len(word) < LEAST_LETTERS_NO_NAME


# --- the first word ------------------------------------------------------------------------------


def _opening(response: str, *, likely: bool) -> _Is:
    """Of the first letter; `likely`: whether others of the text begin small by a slip."""
    found = _WORD.match(response)
    if not found or (len(found["word"]) == 1 and found["word"] not in "ai"):
        return _Is.MEANT
    word, behind = found["word"], response[found.end() :]
    unsure = _Is.UNSURE if word in _STARTERS or (likely and is_spoken(word)) else _Is.MEANT
    if word in _PARTICLES or word in _PROGRAMS:
        return _Is.MEANT
    if behind.lstrip(" ,")[:1].isupper() and word not in FUNCTION_WORDS:
        return unsure
    line, _, below = response[:MOST_SIGNS_SEEN].partition("\n")
    if below[:1].isupper() and not _CLOSED.search(line):
        return unsure  # an answer of a line by itself, and what is told of it
    blocks = take_apart(response[:MOST_SIGNS_SEEN])
    opening = next(iter(sentences(blocks[0].text)), "") if blocks else ""
    if (
        not blocks
        or blocks[0].kind != "paragraph"
        or (_SIGNS if likely else NO_PROSE).search(opening)
    ):
        return unsure
    if likely:
        return _of_word(word, behind, response)
    others = len(sentences(blocks[0].text)) - 1
    if others >= LEAST_OTHERS and opening.endswith((".", "!", "?")):
        kind = _of_word(word, behind, response)
        return kind if kind is _Is.SURE else unsure
    whole = opening.endswith((".", "!")) and len(opening.split()) >= LEAST_WORDS
    finite = bool(FINITE & set(opening.lower().split()[1:]))
    known = word in FUNCTION_WORDS or is_word(word) or f"{word.capitalize()} " in response
    if whole and finite and known and not may_be_small_name(word, behind, response):
        return _Is.SURE
    return unsure
