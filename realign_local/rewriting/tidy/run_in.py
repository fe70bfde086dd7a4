"""Lists hidden in prose: "(1) ...; (2) ...", "First, ... Second, ...", "a, b, c, d and e"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from realign_local.base.words.sentences import sentences
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.characters import about_code
from realign_local.rewriting.tidy.terms import (
    LEAST_LONG_TERMS,
    NO_TERMS,
    NUMBER_WORDS,
    OPENERS,
    alike,
    any_of,
    is_symbol,
    terms_of,
    with_capital,
    without_stop,
)
from realign_local.rewriting.tidy.whole.lists_in_line import (
    LEAST_ENTRIES,
    MOST_SIGNS_A_LIST,
    MOST_WORDS_A_CLAUSE,
    Found,
    by_bullets,
    last_entry,
)
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.prose import lines_of_code

LEAST_TERMS = 5
LEAST_TERMS_BEHIND_A_LEAD = 6
LEAST_BARE_ENTRIES = 4
MOST_SIGNS_AT_A_GLANCE = 80
MOST_SIGNS = 50_000

_ASKS = re.compile(rf"(?i)\b(?:{any_of('asks', 'patterns', quote=False)})\b")
_ASKS_TO_LIST = re.compile(rf"(?i)\b(?:{any_of('asks', 'listed', quote=False)})\b")
_ASKS_ELSE = re.compile(rf"(?i)\b(?:{any_of('asks', 'not_for', quote=False)})\b")
_BEFORE_A_NUMBER = re.compile(rf"(?i)\b(?:{any_of('before_numbers', 'words')})\.$")

_NUMBER = re.compile(r"(?:^|(?<=\s))(\(?)(\d{1,2})([.)])(?:\s+(?=[^\W_])|(?=[A-ZÀ-Þ][a-zß-ÿ]))")
_SEPARATED = re.compile(r"(?:[.!?:;,]|[;,]? (?:and|or|&))$")
_FRAGMENT_END = re.compile(r"(?:[;,]? (?:and|or)|[;,])$")
_JOINED = re.compile(r"(?i)(?:and|or|but|so|nor)\b").match
_CODE = re.compile(r"[=\\{}<>\[\]|^$]|[\w)]\(|\w_\w|\w::\w|&\w+\Z")
"""Between semicolons: statements of a program, formulas, entities of HTML."""
_STOP_INSIDE = re.compile(r"[^\W\d_]{3}[.!?] +\S")
"""A sentence before the first entry: what follows it may be written small on purpose."""
_HEAD = re.compile(r"([^\W\d_][^:.!?,]{1,60}:) +(?=\S)")
_OF_MANY = re.compile(rf"(?i)[^\W\d_]s\b|\d|\b(?:{'|'.join(NUMBER_WORDS)})\b")
"""Words that may announce several things, and not only the first one."""
_HAS_A_WORD = re.compile(r"[^\W\d_]{3}").search
"""The moves of a game of chess have none."""
_MARKED_LINE = re.compile(r"\s*(?:[-*+•>#|–—]|\*\*|<|```)")
_HOW_TO = re.compile(
    r"(?i)\bhow (?:do|to|can|could|should|would|does|is|are)\b|\b(?:steps?|ways?|tips?|recipe"
    r"|instructions?|guide|process|procedure|advice|what should|reasons?|methods?)\b"
)
_ORDINALS = (
    "first|firstly|first of all|step (?:one|1)", "second|secondly|step (?:two|2)",
    "third|thirdly|step (?:three|3)", "fourth|fourthly|step (?:four|4)",
    "fifth|fifthly|step (?:five|5)", "sixth|sixthly|step (?:six|6)",
    "seventh|step (?:seven|7)", "eighth|step (?:eight|8)", "ninth|step (?:nine|9)",
    "tenth|step (?:ten|10)",
)  # fmt: skip
_ORDINAL = tuple(re.compile(rf"(?:{words})[,:] (?=[^\W\d_])", re.IGNORECASE) for words in _ORDINALS)
_COUNTS_ON = re.compile(rf"(?i)(?:{'|'.join(_ORDINALS)})\b")
_STEP = re.compile(r"(?i)(?:^|(?<=[.!?:;]) +)step (\d{1,2})(?:[.:)]| [-–]) +(?=\S)")
_STEP_SAID = re.compile(r"(?i)\bsteps? \d")
_RESULT = re.compile(r"(?i)(?<=[.!?]) +((?:final )?(?:result|answer|conclusion|solution): \S.*)$")
_NEXT = re.compile(r"(?:(?:next|after that|afterwards), |then,? )(?=[^\W\d_])", re.IGNORECASE)
_LAST = re.compile(r"(?:finally|lastly|last), (?=[^\W\d_])", re.IGNORECASE)
_REFERS = re.compile(
    r"(?i)\b(?:the (?:former|latter)|(?:the|this|your) (?:first|second|third|previous|last)"
    r" (?:step|one|point|way|tip|reason|method|option)|steps? (?:\d|one|two|three))\b"
)
_ANNOUNCED = re.compile(
    r"((?:.*[.!?] +)?"
    r"(?:[^.!?:]*\b(?:include|are|following|follows)|(?:Here are|In order)\b[^.!?:]*):) +([^:]+)"
)


def open_lists(response: str, request: str) -> str:
    """The response with lists in running text as lists of Markdown, where they are surely lists."""
    if len(response) > MOST_SIGNS:
        return response
    text = response.strip()
    found = _whole(text, request) if "\n" not in text and len(text) <= MOST_SIGNS_A_LIST else None
    new = found.shown if found else _by_paragraphs(response)
    new = by_bullets(response) if new == response else new
    return response if new == response or lines_of_code(response) else new


def _whole(text: str, request: str) -> Found | None:
    """A response of one paragraph that is a list and at most announces it."""
    if stepped := _stepped(text):
        return stepped
    if "First" in text or "Step" in text:
        return _ordinals(text, request)
    if text.count(",") < LEAST_LONG_TERMS - 1 and text.count(";") < LEAST_ENTRIES - 1:
        return None
    if not _ASKS.search(request) or _ASKS_ELSE.search(request):
        return None
    announced = _ANNOUNCED.fullmatch(text)
    lead, body = (announced[1], announced[2]) if announced else ("", text)
    found = _clauses(lead, body) or _named(lead, body, request)
    if found and about_code(request) and any(entry not in text for entry in found.entries):
        return None  # A capital letter makes another name of it.
    return found


def _stepped(text: str) -> Found | None:
    """`Step 1: ... Step 2: ... Step 3: ...`, perhaps with a result behind them."""
    marks = list(_STEP.finditer(text))
    counts = [int(mark[1]) for mark in marks] == list(range(1, len(marks) + 1))
    if len(marks) < LEAST_ENTRIES or not counts or len(_STEP_SAID.findall(text)) > len(marks):
        return None
    lead = text[: marks[0].start()].strip()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    result = _RESULT.search(parts[-1])
    last = (parts[-1][: result.start()], result[1]) if result else last_entry(parts)
    if last is None or (lead and not lead.endswith((".", ":", "!", "?"))):
        return None
    entries = (*parts[:-1], last[0])
    if not all(part.endswith((".", "!", "?", ";")) for part in parts[:-1]) or not all(entries):
        return None
    if any(map(is_symbol, (e for e in entries if e[0].islower()))):
        return None
    return Found(tuple(map(with_capital, entries)), lead, with_capital(last[1]) if last[1] else "")


def _by_paragraphs(response: str) -> str:
    """Each paragraph of a single line that counts its parts."""
    if "3" not in response or not re.search(r"(?:^|\s)\(?3[.)]", response):
        return response
    lines = split_lines(response)
    new = [_numbered_line(lines, place) for place in range(len(lines))]
    return response if new == lines else "\n".join(new)


def _numbered_line(lines: Sequence[str], place: int) -> str:
    line = lines[place]
    before = lines[place - 1].rstrip() if place else ""
    after = lines[place + 1].strip() if place + 1 < len(lines) else ""
    alone = not after and (not before or before.endswith(":"))
    if not alone or _MARKED_LINE.match(line) or len(line) > MOST_SIGNS_A_LIST:
        return line
    found = _numbered(line.strip())
    return found.shown if found else line


def _numbered(text: str) -> Found | None:
    """`(1) ...; (2) ...; (3) ...` with whole sentences, or behind a colon."""
    marks = list(_NUMBER.finditer(text))
    kinds = {(mark[1], mark[3]) for mark in marks}
    counts = [int(mark[2]) for mark in marks] == list(range(1, len(marks) + 1))
    if len(marks) < LEAST_ENTRIES or not counts or len(kinds) > 1 or ("(", ".") in kinds:
        return None
    lead = text[: marks[0].start()].strip()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    if any(map(_BEFORE_A_NUMBER.search, (lead, *parts[:-1]))):
        return None
    if not any(_SEPARATED.search(part) for part in parts):
        return _of_bare(lead, parts)
    if any(not _SEPARATED.search(part) for part in parts[:-1]):
        return None
    return _of_sentences(lead, parts) or _of_fragments(lead, parts)


def _of_bare(lead: str, parts: Sequence[str]) -> Found | None:
    """Entries that nothing but their numbers parts: each must then begin like one."""
    if len(parts) < LEAST_BARE_ENTRIES or (lead and not lead.endswith(":")):
        return None
    short = all(part and len(part.split()) <= MOST_WORDS_A_CLAUSE for part in parts)
    alike = short and (lead or parts[0][0].isupper()) and _begin_alike(parts)
    whole = alike and all(len(sentences(part)) == 1 for part in parts)
    return Found(tuple(parts), lead) if whole and all(map(_HAS_A_WORD, parts)) else None


def _begin_alike(parts: Sequence[str]) -> bool:
    """All with capitals, or all with small letters."""
    return all(part[0].isupper() for part in parts) or all(part[0].islower() for part in parts)


def _of_sentences(lead: str, parts: Sequence[str]) -> Found | None:
    if not all(part.endswith((".", "!", "?")) and part[0].isupper() for part in parts):
        return None
    if lead and not lead.endswith((".", ":", "!", "?")):
        return None
    last = last_entry(parts)
    return Found((*parts[:-1], last[0]), lead, last[1]) if last else None


def _of_fragments(lead: str, parts: Sequence[str]) -> Found | None:
    if (lead and not lead.endswith(":")) or any(part.endswith(".") for part in parts[:-1]):
        return None
    if any(part.endswith(" or") for part in parts):
        return None  # One of them is enough: a list of them would say that all are meant.
    last = sentences(parts[-1])
    bare = [_FRAGMENT_END.sub("", part) for part in (*parts[:-1], last[0])]
    if any(not part or len(sentences(part)) > 1 for part in bare):
        return None
    bare[-1] = without_stop(bare[-1])
    mixed = len({entry[0].islower() for entry in bare}) > 1 and not any(map(is_symbol, bare))
    entries = map(with_capital, bare) if mixed else bare
    return Found(tuple(entries), lead, " ".join(last[1:]))


def _ordinals(text: str, request: str) -> Found | None:
    """`First, ... Second, ... Third, ...` in advice: the words count what the numbers will."""
    if not _HOW_TO.search(request) or _ASKS_ELSE.search(request):
        return None
    said = sentences(text)
    starts = [place for place, sentence in enumerate(said) if _ORDINAL[0].match(sentence)]
    if len(starts) != 1:
        return None
    lead, told = said[: starts[0]], said[starts[0] :]
    entries = list(_counted(told))
    if len(entries) < LEAST_ENTRIES or any(map(_REFERS.search, entries)):
        return None
    if any(map(_JOINED, entries)) or any(map(is_symbol, _uncounted(told))):
        return None
    if lead and not lead[-1].endswith((".", ":", "!", "?")):
        return None
    last = last_entry(entries)
    return Found((*entries[:-1], last[0]), " ".join(lead), last[1]) if last else None


def _counted(told: Sequence[str]) -> Iterator[str]:
    """The entries without their counting words; nothing where one is missing or stands twice."""
    marks = [(place, mark) for place, s in enumerate(told) if (mark := _counting(s))]
    kinds = [kind for _, (kind, _) in marks]
    numbers = [kind for kind in kinds if kind >= 0]
    loose = NEXT in kinds
    if numbers != list(range(len(numbers))) or (loose and len(numbers) > 1):
        return
    if loose and (kinds[-1] != LAST or len(marks) != len(told)):
        return
    counted = {place for place, _ in marks}
    if LAST in kinds[:-1] or any(
        _COUNTS_ON.match(s) for place, s in enumerate(told) if place not in counted
    ):
        return
    ends = [place for place, _ in marks[1:]] + [len(told)]
    for (start, (_, end)), stop in zip(marks, ends, strict=True):
        first = told[start][end:]
        yield " ".join((with_capital(first), *told[start + 1 : stop]))


def _uncounted(told: Sequence[str]) -> Iterator[str]:
    """What stands behind each counting word, as it was written."""
    return (sentence[mark[1] :] for sentence in told if (mark := _counting(sentence)))


NEXT, LAST = -1, -2


def _counting(sentence: str) -> tuple[int, int] | None:
    """Which counting word a sentence begins with, and where it ends."""
    for number, pattern in enumerate(_ORDINAL):
        if mark := pattern.match(sentence):
            return number, mark.end()
    for kind, pattern in ((NEXT, _NEXT), (LAST, _LAST)):
        if mark := pattern.match(sentence):
            return kind, mark.end()
    return None


def _clauses(lead: str, body: str) -> Found | None:
    """`a; b; c`, none of them a sentence with more behind it."""
    parts = [re.sub(r"^(?:and|or) ", "", part.strip()) for part in body.split(";")]
    if len(parts) < LEAST_ENTRIES or (lead and len(sentences(lead)) > 1) or _CODE.search(body):
        return None
    head = None if lead else _HEAD.match(parts[0])
    if head and not any(": " in part for part in parts[1:]):
        if not _OF_MANY.search(head[1]):
            return None
        lead, parts[0] = head[1], parts[0][head.end() :]
    parts[-1] = without_stop(parts[-1])
    short = all(part and len(part.split()) <= MOST_WORDS_A_CLAUSE for part in parts)
    if not short or any(len(sentences(part)) > 1 or part[0] in "|>#" for part in parts):
        return None
    if any(map(_JOINED, parts)) or any(map(_STOP_INSIDE.search, parts)):
        return None
    if any(part.count("(") != part.count(")") for part in parts):
        return None
    if not lead and any(part.split()[0].lower() in OPENERS | NO_TERMS for part in parts):
        return None
    entries = alike(parts)
    return Found(entries, lead, ordered=False) if entries else None


def _named(lead: str, body: str, request: str) -> Found | None:
    """`a, b, c, d and e` and nothing else, or behind words that announce it."""
    terms = terms_of(body, request)
    are_long = all(" " in term for term in terms)
    least = LEAST_LONG_TERMS if are_long else LEAST_TERMS
    if len(terms) < (LEAST_TERMS_BEHIND_A_LEAD if lead else least) or not alike(terms):
        return None
    if not lead and _is_taken_in_at_a_glance(body, terms) and not _ASKS_TO_LIST.search(request):
        return None
    return Found(alike(terms), lead, ordered="in order" in lead.lower())


def _is_taken_in_at_a_glance(body: str, terms: Sequence[str]) -> bool:
    """Whether a row is so short, and most of its terms single words, that a list says no more."""
    single = sum(" " not in term for term in terms)
    return len(body) <= MOST_SIGNS_AT_A_GLANCE and 2 * single >= len(terms)


OPERATIONS: tuple[Operation, ...] = (
    Operation("run_in", "Lists in running text become lists.", open_lists),
)
