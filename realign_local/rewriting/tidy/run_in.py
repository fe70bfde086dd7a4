"""Lists hidden in prose: "(1) ...; (2) ...", "First, ... Second, ...", "a, b, c, d and e"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from realign_local.gates.code_blocks import split_lines
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.prose import lines_of_code
from realign_local.rewriting.sentences import sentences

LEAST_ENTRIES, LEAST_TERMS, LEAST_LONG_TERMS = 3, 5, 4
LEAST_TERMS_BEHIND_A_LEAD = 6
MOST_WORDS_A_TERM, MOST_WORDS_A_TITLE, MOST_WORDS_A_CLAUSE = 7, 10, 25
MOST_SIGNS_A_LIST, MOST_SIGNS = 6_000, 50_000

_TABLE = tomllib.loads(Path(__file__).with_name("terms.toml").read_text(encoding="utf-8"))


def _any_of(table: str, key: str, *, quote: bool = True) -> str:
    found: list[str] = _TABLE[table][key]
    return "|".join(map(re.escape, found) if quote else found)


_ASKS = re.compile(rf"(?i)\b(?:{_any_of('asks', 'patterns', quote=False)})\b")
_ASKS_ELSE = re.compile(rf"(?i)\b(?:{_any_of('asks', 'not_for', quote=False)})\b")
_ASKS_TITLES = re.compile(rf"(?i)\b(?:{_any_of('titles', 'words')})s?\b")
_PAIR = re.compile(rf"(?i)\b(?:{_any_of('pairs', 'names')})\b")
_COMMA_NAME = re.compile(rf"(?i)\b(?:{_any_of('commas', 'names')})\b")
_CLOSING = re.compile(rf"(?i)(?:{_any_of('closing', 'words')})\b")
_PLACES = frozenset(_TABLE["places"]["names"])
_NO_TERMS = frozenset(_TABLE["sentences"]["words"])
_OPENERS = frozenset(_TABLE["sentences"]["openers"])

_NUMBER = re.compile(r"(?:^|(?<=\s))(\(?)(\d{1,2})([.)])\s+(?=[^\W_])")
_SEPARATED = re.compile(r"(?:[.!?:;,]|[;,]? (?:and|or|&))$")
_FRAGMENT_END = re.compile(r"(?:[;,]? (?:and|or)|[;,])$")
_MARKED_LINE = re.compile(r"\s*(?:[-*+•>#|–—]|\*\*|<|```)")
_HOW_TO = re.compile(
    r"(?i)\bhow (?:do|to|can|could|should|would|does|is|are)\b|\b(?:steps?|ways?|tips?|recipe"
    r"|instructions?|guide|process|procedure|advice|what should|reasons?|methods?)\b"
)
_ORDINALS = (
    "first|firstly|first of all|step (?:one|1)", "second|secondly|step (?:two|2)",
    "third|thirdly|step (?:three|3)", "fourth|fourthly|step (?:four|4)",
    "fifth|fifthly|step (?:five|5)", "sixth|sixthly|step (?:six|6)",
)  # fmt: skip
_ORDINAL = tuple(re.compile(rf"(?:{words})[,:] (?=[^\W\d_])", re.IGNORECASE) for words in _ORDINALS)
_NEXT = re.compile(r"(?:(?:next|after that|afterwards), |then,? )(?=[^\W\d_])", re.IGNORECASE)
_LAST = re.compile(r"(?:finally|lastly|last), (?=[^\W\d_])", re.IGNORECASE)
_REFERS = re.compile(
    r"(?i)\b(?:the (?:former|latter)|(?:the|this|your) (?:first|second|third|previous|last)"
    r" (?:step|one|point|way|tip|reason|method|option)|steps? (?:\d|one|two|three))\b"
)
_NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = {word: number for number, word in enumerate(_NUMBER_WORDS, start=2)}
_COUNT = re.compile(rf"(?i)\b(\d{{1,2}}|{'|'.join(_COUNTS)})\b")
_ABBREVIATED = re.compile(r"(?:\b[A-Z]|\b(?:Inc|Jr|Sr|Ltd|Co|St|etc|Dr))\.$")
_ANNOUNCED = re.compile(
    r"((?:.*[.!?] +)?"
    r"(?:[^.!?:]*\b(?:include|are|following|follows)|(?:Here are|In order)\b[^.!?:]*):) +([^:]+)"
)
_NO_TERM = re.compile(r"[^\W\d_]{4,}[.!?] [A-Z]|[;=\\|。！？，、]|https?:|: [^A-Z]|^[^A-Z].*:")
_SAYS = re.compile(
    r"\b(?:is|are|was|were|be|include|includes|including|like|such|has|have|had|would|could|should"
    r"|can|will|may|might|do not|don't)\b"
)
"""Small, unlike in a title, they make a sentence of the text."""
_PAIRED = re.compile(r" (?:and|&|or) ")
_PARTS = re.compile(r"\s|[A-Za-zÀ-ɏ\"“]")
"""What may follow a comma between two terms: no digit, and nothing of a script without blanks."""
_OPEN, _CLOSE = "([{“«", ")]}”»"


@dataclass(frozen=True, slots=True)
class Found:
    """A list in a paragraph with what stands before and behind it."""

    entries: tuple[str, ...]
    lead: str = ""
    rest: str = ""
    ordered: bool = True

    @property
    def shown(self) -> str:
        marks = (f"{n}. " if self.ordered else "- " for n in range(1, len(self.entries) + 1))
        listed = "\n".join(map("".join, zip(marks, self.entries, strict=True)))
        return "\n\n".join(part for part in (self.lead, listed, self.rest) if part)


def open_lists(response: str, request: str) -> str:
    """The response with lists in running text as lists of Markdown, where they are surely lists."""
    if len(response) > MOST_SIGNS:
        return response
    text = response.strip()
    found = _whole(text, request) if "\n" not in text and len(text) <= MOST_SIGNS_A_LIST else None
    new = found.shown if found else _by_paragraphs(response)
    return response if new == response or lines_of_code(response) else new


def _whole(text: str, request: str) -> Found | None:
    """A response of one paragraph that is a list and at most announces it."""
    if "First" in text or "Step" in text:
        return _ordinals(text, request)
    if text.count(",") < LEAST_LONG_TERMS - 1 and text.count(";") < LEAST_ENTRIES - 1:
        return None
    if not _ASKS.search(request) or _ASKS_ELSE.search(request):
        return None
    announced = _ANNOUNCED.fullmatch(text)
    lead, body = (announced[1], announced[2]) if announced else ("", text)
    return _clauses(lead, body) or _named(lead, body, request)


def _by_paragraphs(response: str) -> str:
    """Each paragraph of a single line that counts its parts."""
    if not re.search(r"(?:^|\s)\(?3[.)]\s", response):
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
    if any(not _SEPARATED.search(part) for part in parts[:-1]):
        return None
    return _of_sentences(lead, parts) or _of_fragments(lead, parts)


def _of_sentences(lead: str, parts: Sequence[str]) -> Found | None:
    if not all(part.endswith((".", "!", "?")) and part[0].isupper() for part in parts):
        return None
    if lead and not lead.endswith((".", ":", "!", "?")):
        return None
    last = _last_entry(parts)
    return Found((*parts[:-1], last[0]), lead, last[1]) if last else None


def _last_entry(parts: Sequence[str]) -> tuple[str, str] | None:
    """The last entry and what follows it; None where it cannot be told where the entry ends."""
    sizes = [len(sentences(part)) for part in parts[:-1]]
    last = sentences(parts[-1])
    if len(last) > 1 and max(sizes) == 1:
        return last[0], " ".join(last[1:])
    if len(last) > max(sizes) or (len(last) > 1 and _CLOSING.match(last[-1])):
        return None
    return parts[-1], ""


def _of_fragments(lead: str, parts: Sequence[str]) -> Found | None:
    if (lead and not lead.endswith(":")) or any(part.endswith(".") for part in parts[:-1]):
        return None
    last = sentences(parts[-1])
    bare = [_FRAGMENT_END.sub("", part) for part in (*parts[:-1], last[0])]
    if any(not part or len(sentences(part)) > 1 for part in bare):
        return None
    bare[-1] = _without_stop(bare[-1])
    return Found(tuple(bare), lead, " ".join(last[1:]))


def _without_stop(text: str) -> str:
    return text if _ABBREVIATED.search(text) else text.removesuffix(".").rstrip()


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
    if lead and not lead[-1].endswith((".", ":", "!", "?")):
        return None
    last = _last_entry(entries)
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
    if LAST in kinds[:-1]:
        return
    ends = [place for place, _ in marks[1:]] + [len(told)]
    for (start, (_, end)), stop in zip(marks, ends, strict=True):
        first = told[start][end:]
        yield " ".join((first[0].upper() + first[1:], *told[start + 1 : stop]))


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
    if len(parts) < LEAST_ENTRIES or (lead and len(sentences(lead)) > 1):
        return None
    parts[-1] = _without_stop(parts[-1])
    short = all(part and len(part.split()) <= MOST_WORDS_A_CLAUSE for part in parts)
    if not short or any(len(sentences(part)) > 1 or part[0] in "|>#" for part in parts):
        return None
    if not lead and any(part.split()[0].lower() in _OPENERS | _NO_TERMS for part in parts):
        return None
    entries = _alike(parts)
    return Found(entries, lead, ordered=False) if entries else None


def _named(lead: str, body: str, request: str) -> Found | None:
    """`a, b, c, d and e` and nothing else, or behind words that announce it."""
    terms = terms_of(body, request)
    are_long = all(" " in term for term in terms)
    least = LEAST_LONG_TERMS if are_long else LEAST_TERMS
    if len(terms) < (LEAST_TERMS_BEHIND_A_LEAD if lead else least) or not _alike(terms):
        return None
    return Found(_alike(terms), lead, ordered="in order" in lead.lower())


def terms_of(body: str, request: str) -> tuple[str, ...]:
    """The entries of "a, b, c and d"; none where it is not sure where one of them ends."""
    parts = _split(_without_stop(body))
    if len(parts) < LEAST_LONG_TERMS - 1 or _COMMA_NAME.search(body):
        return ()
    parts = _with_last_parted(parts, request)
    once = len(set(parts)) == len(parts)
    return tuple(parts) if once and all(map(_is_term, parts)) and _is_sure(parts) else ()


def _split(body: str) -> list[str]:
    """At the commas outside of brackets and quotation marks, and not within numbers."""
    parts, start, depth, quoted = [], 0, 0, False
    for place, sign in enumerate(body):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        quoted ^= sign == '"'
        if sign == "," and not depth and not quoted and _PARTS.match(body, place + 1):
            parts.append(body[start:place].strip())
            start = place + 1
    parts.append(body[start:].strip())
    return [] if depth or quoted else parts


def _with_last_parted(parts: list[str], request: str) -> list[str]:
    """The last "c and d" as two entries, "and d" as one; nothing where either may be right."""
    *others, last = parts
    named = re.sub(r"^(?:and|or) ", "", last)
    if named != last:
        return [*others, named]
    if not _PAIRED.search(last):
        return parts
    if _PAIR.search(last):
        return [] if _PAIRED.search(_PAIR.sub("", last)) else parts
    counted = _count(request)
    if counted == len(parts):
        return parts
    halves = last.split(" and ")
    if len(halves) != 2 or any(_PAIRED.search(part) for part in others):
        return []
    if counted == len(parts) + 1:
        return [*others, *halves]
    return [] if _ASKS_TITLES.search(request) or not _fit(halves, others) else [*others, *halves]


def _count(request: str) -> int:
    found = _COUNT.search(request[:300])
    return (_COUNTS.get(found[1].lower()) or int(found[1])) if found else 0


def _fit(halves: Sequence[str], others: Sequence[str]) -> bool:
    """Whether both halves look like the other entries: no longer, and with the same capitals."""
    longest = max(2, *(len(part.split()) for part in others))
    capitals = all(part[:1].isupper() for part in others)
    return all(
        half and len(half.split()) <= longest and (half[0].isupper() or not capitals)
        for half in halves
    )


def _is_term(part: str) -> bool:
    words = part.split()
    if len(part) < 2 or not words or words[0].strip(".,!?") in _NO_TERMS:
        return False
    if not any(sign.isalpha() for sign in part):
        return False
    most = MOST_WORDS_A_TITLE if part[0].isupper() else MOST_WORDS_A_TERM
    return len(words) <= most and not _NO_TERM.search(part) and not _SAYS.search(part)


def _is_sure(parts: Sequence[str]) -> bool:
    """No sentence, no labels, and no town with its state as an entry of its own."""
    if not parts or parts[0].split()[0].lower() in _OPENERS:
        return False
    if sum(": " in part for part in parts) > 1:
        return False
    places = sum(part.lower().rstrip(".") in _PLACES for part in parts)
    return places == 0 or places >= 0.8 * len(parts)


def _alike(parts: Sequence[str]) -> tuple[str, ...]:
    """Entries that begin alike: capitals for all where the first one's came from its place alone.

    Where small letters are the exception they may belong to names: no entries then.
    """
    small = sum(part[0].islower() and with_capital(part) != part for part in parts)
    if small in (0, len(parts)):
        return tuple(parts)
    came_from_its_place = parts[0][0].isupper() and 2 * small >= len(parts) - 1
    return tuple(map(with_capital, parts)) if came_from_its_place else ()


def with_capital(part: str) -> str:
    """With its first letter a capital, unless its name is written small on purpose: `iPhone`."""
    first = re.split(r"\W", part, maxsplit=1)[0]
    return part[0].upper() + part[1:] if first.islower() else part


OPERATIONS: tuple[Operation, ...] = (
    Operation("run_in", "Lists in running text become lists.", open_lists),
)
