"""The surface of prose: blanks, full stops, capitals at the start of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.base.words.sentences import sentences
from realign_local.gates.language import latin_language
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.characters import about_code
from realign_local.rewriting.tidy.tight import (
    count_loose_marks,
    join_loose_marks,
    space_tight_marks,
    without_inner_blanks,
)
from realign_local.rewriting.tidy.whole.capitals import FINITE, NO_PROSE, with_capitals
from realign_local.text.blocks import take_apart
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.english import is_word
from realign_local.text.prose import in_prose, lines_of_code
from realign_local.text.rules import rules
from realign_local.text.segments import FUNCTION_WORDS, vocabulary

_ENGLISH = vocabulary(
    "the of and to is that it for was are with as this by have you your they he she his her"
)
_ENGLISH_ALONE = _ENGLISH - {"as"} | vocabulary("can be been but from which what not would our")
_ASKED = _ENGLISH | vocabulary("what who whose where when why how which does")
_WORDS = re.compile(r"[a-z]+")


def is_english(response: str, request: str) -> bool:
    """Whether the response speaks English; a short one speaks as its request does."""
    spoken = latin_language(response)
    if spoken or not response[:400].isascii():
        return spoken == "en"
    asked = latin_language(request)
    return asked == "en" or (not asked and bool(_ASKED & set(request[:400].lower().split())))


# --- blanks --------------------------------------------------------------------------------------

_LEAD = re.compile(r"[ \t]*(?:(?:[-*+•>#]+|\(?\w{1,3}[.):])[ \t]+)?")
_GAP = re.compile(r"(?<=[\w,;:.!?)\"'’”])  {1,2}(?=[\w(\"'“‘])(?!\d{1,2}\s?[-–.):])")
_AFTER_STOP = re.compile(r"[.!?:][\"')’”]?$")
_AFTER_SENTENCE = re.compile(r"(?:[a-z]{2}| )[.!?]+[\"')’”]?$")
_ALONE = re.compile(r"(?<=[A-Za-z\d)\"’”])[ \t]*\n[ \t]*([.,!?])(?=[ \t]*(?:\n|\Z))")
_WORDS_BEFORE = rules("tidy/surface")
_NAMES, _RUNS = ("|".join(_WORDS_BEFORE[kind]["words"]) for kind in ("names", "runs"))
_SPOKEN_OF = re.compile(
    rf"(?i)\b(?:{_NAMES}) [,;:.!?](?=\s|$)|\b(?:{_RUNS}) \w+ \.(?=\s|$)|(?<=\S) --?[a-z]"
)
"""A sign that is named, or that belongs to a command: `the comma ,` or `with code .`"""
_NO_LABEL = re.compile(r" :: | : [^\n]* : |\d : |(?m:(?:^|[^\w)\"’”])\w) : ")
"""Analogies, ratios and lines of letters: the colons of such a text are not those of labels."""
_TERNARY = re.compile(r" \? .{0,200} : ")
_BLANK_BEFORE = (" ,", " .", " ;", " :", " !", " ?")
_LOOSE_SIGN = re.compile(r" (?:[!?]+|[,.;:])(?:\s|\Z)")
_ASTRAY = re.compile(r" [,;.!?][A-Za-z]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t]*\n")
_MARGIN = re.compile(r"[ \t]+(?=[A-Za-z][\w'’]*,? [a-z][^\n]*(?:\n[ \t]*(?:\n|\Z)|\Z))")
_INDENTED = re.compile(r"\n[ \t]+\S")
"""Blanks before the first line are a slip where no other line has some."""
_AT_LINE_END = re.compile(r"(?<![ \t])[ \t]+(?=\n|\Z)")


def _blanks(response: str, request: str) -> str:
    gap = "  " in response and _GAP.search(response)
    if not (gap or _has_loose_sign(response) or _BLANK_LINES.search(response)):
        return response
    loose = _has_loose_marks(response, request)

    def change(stretch: str) -> str:
        whole = _ALONE.sub(r"\1", stretch) if loose else stretch
        return "\n".join(_blanks_in(whole.split("\n"), loose))

    return in_prose(response, change)


def _has_loose_marks(response: str, request: str) -> bool:
    """Whether a blank before a mark is a slip: in English prose that hardly speaks of signs."""
    if not _has_loose_sign(response) or about_code(request):
        return False
    sure = count_loose_marks(response)
    if not sure or 3 * len(_SPOKEN_OF.findall(response)) >= sure + 1:
        return False
    return is_english(response, request) and _is_spoken_english(response)


def _has_loose_sign(response: str) -> bool:
    if not any(map(response.__contains__, _BLANK_BEFORE)):
        return False
    return bool(_LOOSE_SIGN.search(response) or _ASTRAY.search(response))


def _is_spoken_english(text: str) -> bool:
    """Whether its own words say so; a short text has hardly any, and other languages want blanks
    before some marks."""
    if has_english_words(text):
        return True
    words = _WORDS.findall(text.lower())
    return len(words) > 1 and all(map(is_word, words)) and not re.search(r" [;:!?]", text)


def has_english_words(text: str) -> bool:
    """Whether a text itself has words that English alone has, whatever its request speaks."""
    return bool(_ENGLISH_ALONE & set(_WORDS.findall(text.lower())))


def _blanks_in(lines: list[str], loose: bool) -> list[str]:
    new: list[str] = []
    colons = _NO_LABEL.search("\n".join(lines)) is None
    last = max((at for at, line in enumerate(lines) if line.strip()), default=0)
    for at, line in enumerate(lines):
        if not line.strip() and new and not new[-1].strip() and at < last:
            continue
        new.append(line if _is_aligned(lines, at) else _blanks_of(line, loose, colons))
    return new


def _is_aligned(lines: list[str], at: int) -> bool:
    """Whether the gaps of a line, or of one of two neighbours, may set columns apart."""
    if "|" in lines[at] or "\t" in lines[at] or any(map(_is_wide, _gaps(lines[at]))):
        return True
    return _has_gap(lines[at]) and any(
        map(_has_gap, lines[max(0, at - 1) : at] + lines[at + 1 : at + 2])
    )


def _gaps(line: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"(?<=\S)  +(?=\S)", line[_lead(line) :])


def _is_wide(gap: re.Match[str]) -> bool:
    """Whether so many blanks stand where no sentence ends."""
    before = gap.string[max(0, gap.start() - 8) : gap.start()]
    return len(gap[0]) > 2 and not _AFTER_SENTENCE.search(before)


def _has_gap(line: str) -> bool:
    return any(
        not _AFTER_STOP.search(gap.string, max(0, gap.start() - 2), gap.start())
        for gap in _gaps(line)
    )


def _lead(line: str) -> int:
    found = _LEAD.match(line)
    return found.end() if found else 0


def _blanks_of(line: str, loose: bool, colons: bool) -> str:
    lead = _lead(line)
    body = _GAP.sub(_one_blank, line[lead:])
    if loose and not _TERNARY.search(body):
        body = join_loose_marks(without_inner_blanks(body), colons=colons)
    return line[:lead] + body


def _one_blank(gap: re.Match[str]) -> str:
    """Two blanks behind a sentence are a custom that nobody notices: see `_spacing`."""
    return gap[0] if _AFTER_STOP.search(gap.string, max(0, gap.start() - 2), gap.start()) else " "


def _spacing(response: str, _request: str) -> str:
    at_end = " \n" in response or "\t\n" in response or response[-1:] in (" ", "\t")
    gap = not at_end and "  " in response and _GAP.search(response)
    response = in_prose(response, _respaced) if at_end or gap else response
    margin = response[:1] in (" ", "\t") and _MARGIN.match(response)
    if not margin or _INDENTED.search(response) or lines_of_code(response):
        return response
    return response[margin.end() :]


def _respaced(stretch: str) -> str:
    lines = _AT_LINE_END.sub(_line_end, stretch).split("\n")
    return "\n".join(
        line if _is_aligned(lines, at) else line[: _lead(line)] + _GAP.sub(" ", line[_lead(line) :])
        for at, line in enumerate(lines)
    )


def _line_end(found: re.Match[str]) -> str:
    """Nothing, but for Markdown's two blanks between two lines of one paragraph."""
    text, start, end = found.string, found.start(), found.end()
    inside = start > 0 and text[start - 1] != "\n" and text[end + 1 : end + 2].strip() != ""
    return "  " if inside and found[0].startswith("  ") else ""


# --- full stops and capitals ---------------------------------------------------------------------

_OTHER_FORM = re.compile(
    r"\b(?:titles?|headlines?|headings?|slogans?|taglines?|captions?|subject|names?|mottos?|tweets?"
    r"|lyrics|poems?|poetry|songs?|haikus?|verses?|rhymes?|limericks?|quotes?|proverbs?|labels?"
    r"|complete|finish|continue|fill|blanks?|missing|next word|query|queries|keywords?|phrases?"
    r"|extract|copy|repeat|quote|bullets?|list|cloze|ending|lower ?case|punctuation|password)\b"
    r"|___|\.\.\.|…",
    re.IGNORECASE,
)
_TRANSFORMS = re.compile(
    r"\b(?:translat\w*|paraphras\w*|re-?writ\w*|correct\w*|convert\w*|chang\w*|edit\w*|fix\w*"
    r"|rephras\w*|grammar|sentence|make|turn|reword\w*|spell\w*|transform\w*)\b",
    re.IGNORECASE,
)
_END_SIGNS = frozenset(".!?…:;。！？\"'”’)]*_`|")
_ASKS = vocabulary(
    """who what when where why how which whose whom is are was were do does did can could will would
    should may might has have had"""
)
_DANGLING = FUNCTION_WORDS - vocabulary(
    """it this that these those he she they we you i him them us there here do does did is are was
    were be been each all every any some more most after before about out up into on off in not
    me"""
)
_LAST_WORD = re.compile(
    r"(?:^|\s)[(\"'“]?(?:[A-Za-z]+(?:['’-][A-Za-z]+)*|\$?\d+(?:,\d{3})*(?:\.\d+)?%?)$"
)
LEAST_WORDS, MOST_IN_ONE_BREATH, MOST_WORDS, MOST_SIGNS = 5, 25, 60, 1200
"""A longer response that stops without a stop may have been cut off by its writer's limit."""

_MAY_BE_SMALL = re.compile(r"[.!?][)\]\"”]? +[a-z]|\n[a-z]")


def _stops(response: str, request: str) -> str:
    new = _closed(response, request) if _lacks_stop(response) else response
    small = new[:1].islower() or _MAY_BE_SMALL.search(new) is not None
    if not small or _is_small_throughout(new, request):
        return new
    if about_code(request) or not is_english(new, request):
        return new
    return with_capitals(new, request, may_open=not _has_other_form(request))


def _is_small_throughout(response: str, request: str) -> bool:
    """Small letters as a style: asked for, or kept up over several sentences."""
    many = response.islower() and ". " in response
    return (
        many or re.search(r"\blower ?-?case|\bsmall letters|\bcapital", request, re.I) is not None
    )


def _lacks_stop(response: str) -> bool:
    return (
        response.count(" ") >= LEAST_WORDS - 1
        and len(response) <= MOST_SIGNS
        and not _ends(response)
    )


def _ends(text: str) -> bool:
    return text.rstrip()[-1:] in _END_SIGNS


def _closed(response: str, request: str) -> str:
    """The response with a full stop where its last sentence lacks one."""
    body = response.rstrip()
    line = split_lines(body)[-1]  # what may get the stop: the cheapest look comes first
    *earlier, sentence = sentences(line) or ("",)
    if NO_PROSE.search(line) or not _is_sentence(sentence, bool(earlier)):
        return response
    if about_code(request) or _has_other_form(request) or not is_english(response, request):
        return response
    *before, last = take_apart(body)
    if (last.kind, last.text) != ("paragraph", line):
        return response
    if any(b.kind == "paragraph" and not _ends(b.text) for b in before):
        return response
    return f"{body}.{response[len(body) :]}"


def _has_other_form(request: str) -> bool:
    """Whether a stop at the end may be unwanted: in titles, gaps, changes of an open sentence."""
    if _OTHER_FORM.search(f"{request[:200]}\n{request[-100:]}"):
        return True
    return bool(_TRANSFORMS.search(request[:200])) and not _ends(request)


def _is_sentence(text: str, among_others: bool) -> bool:
    words = text.split()
    plain = [word.strip(",;:()\"'“”").replace("’", "'") for word in words]
    if not LEAST_WORDS <= len(words) <= (MOST_WORDS if "," in text else MOST_IN_ONE_BREATH):
        return False
    if plain[0].lower() in _ASKS or plain[-1] in _DANGLING:
        return False
    if not text[0].isupper() or not _LAST_WORD.search(text):
        return False
    return bool(FINITE & set(plain[1:])) or (among_others and not _is_title(words))


def _is_title(words: list[str]) -> bool:
    long = [word for word in words[1:] if len(word) > 3]
    return bool(long) and sum(word[0].isupper() for word in long) > 0.6 * len(long)


OPERATIONS: tuple[Operation, ...] = (
    Operation("commas", "A blank after a comma or full stop between two words.", space_tight_marks),
    Operation("blanks", "One blank between words, none before a comma.", _blanks),
    Operation("spacing", "No blanks at line ends, one between sentences.", _spacing, shows=False),
    Operation("stops", "A full stop and a capital where a sentence lacks them.", _stops),
)
"""In their order: sentences are found by the blanks between them."""
