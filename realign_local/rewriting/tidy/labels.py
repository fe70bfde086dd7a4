"""Labels with their values: lines "Hammer: hard" and "A: x, B: y" as one bullet each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.characters import about_code
from realign_local.rewriting.tidy.surface import is_english
from realign_local.rewriting.tidy.tables import is_heading
from realign_local.rewriting.tidy.terms import is_symbol, with_capital
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.prose import lines_of_code
from realign_local.text.rules import rules

LEAST_PAIRS, LEAST_GROUPS = 3, 2
MOST_WORDS_A_LABEL, MOST_SIGNS_A_LABEL = 6, 48
MOST_WORDS_A_VALUE = 5
"""Of a value beside which a bold label would be too loud."""

_TABLE = rules("tidy/labels")
_NO_LABELS = frozenset(_TABLE["no_labels"]["labels"])
_FORMS = "|".join(map(re.escape, _TABLE["other_forms"]["words"]))
_OTHER_FORM = re.compile(rf"(?i)\b(?:{_FORMS})s?\b")
_PAIRS_ASKED = re.compile(rf"(?i)\b(?:{'|'.join(_TABLE['between']['words'])})s?\b")
_SPAN = re.compile(rf"(?i)(?:{'|'.join(_TABLE['spans']['words'])})\b|\d")
_SCORE = re.compile(r"\d\s?[-–:]\s?\d{1,3}\b")
_NUMBER_AT_END = re.compile(r"^\d{1,3}\b|\s\d{1,3}$")

MOST_WORDS_IN_A_LINE = 20
MOST_SIGNS = 50_000
_HINT = re.compile(r": |[-–—>→=] |, [^,\n]{1,60} (?:is|are|was|were) ")
_YEARS = r"(?:1\d|20)\d\d(?:\s?[-–]\s?(?:(?:1\d|20)?\d\d|present))?"
_NAME = rf"(?:{_YEARS}|[^\W\d_][^:\n=|<>\[\]{{}}\"“”]{{0,{MOST_SIGNS_A_LABEL - 1}}}?)"
_COLON = re.compile(rf"(?i)({_NAME})( ?: +)(\S.*)")
_DASH = re.compile(rf"(?i)({_NAME})( (?:[-–—]|->|→) )(\S.*)")
_EQUALS = re.compile(r"([^\W\d_][^\d=\n:<>*/+^]{2,40})( = )([^\W\d_][^\d=\n<>*/+^]*)")
_NUMBERED = re.compile(r"(?i)(?:step|verse|line|slide|q|question)\s?\d+$|\d{1,3}$")
_MARKED = re.compile(r"[-*+•>#|–—·◦▪]\s?|\(?\w{1,3}[.)]\s|\*\*|__|`|https?:", re.IGNORECASE)
_OPEN_BRACKET = re.compile(r"\([^()]*$|^[^()]*\)")
_KEY = re.compile(r"[a-z][a-z0-9_.-]*")
_SPEECH = re.compile(r"[\"“«‘]|.*[?!](?:\s|$)|.*\b(?:I|I'm|you|we|my|me)\b")
_SAYS = re.compile(r"(?i)\b(?:said|says|asked|asks|replied|replies|answered|answers|adds|added)$")
_SAID_BY = re.compile(r"(?:said|says|asked|asks|replied|replies|answered|answers) [A-Z]\w*$")
_GREETS = re.compile(
    r"(?i)(?:hello|hi|hey|good (?:day|morning|afternoon|evening|night)|welcome|thank you|thanks"
    r"|sorry|excuse me|(?:good)?bye)\b|(?:yes|no|ok|okay|well|oh|ah|please|sure|right),? "
)
_BETWEEN_PAIRS = re.compile(r"[,;]\s+(?=[^,;:\n]{1,48}: )")
_FORMULA = re.compile(r"\\[a-z(\[]|\$\$|::|=>|[{}\ue000\ue001]")
_GROUPS = re.compile(r"[^,]+,\s.+|[^;]+;\s.+")
_SENTENCE = re.compile(
    r"([^\W\d_][^,.;:\n]{0,40}?) (is|are|was|were) ((?:an? |the )?[^\W\d_][\w'’-]*(?: [\w'’-]+)?)"
)
_AND = re.compile(r"^and ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """A label with its value and what stands between them."""

    label: str
    sign: str
    value: str

    @property
    def line(self) -> str:
        return f"{self.label}{self.sign.rstrip()} {self.value}"

    @property
    def is_colon(self) -> bool:
        return self.sign.strip() == ":"

    @property
    def is_dash(self) -> bool:
        return self.sign.strip() in ("-", "–", "—")

    @property
    def is_key(self) -> bool:
        """As a file of settings has them."""
        return bool(_KEY.fullmatch(self.label)) and not self.groups

    @property
    def is_short(self) -> bool:
        return len(self.value.split()) <= MOST_WORDS_A_VALUE

    @property
    def groups(self) -> bool:
        """Whether the value is itself a list: `carrot, leek`."""
        return bool(_GROUPS.fullmatch(self.value))


def list_labels(response: str, request: str) -> str:
    """Every label with its value as a bullet; bold labels where the values are more than a word.

    Left alone: speech, verse, letters, code, and lines that have marks already.
    """
    if len(response) > MOST_SIGNS or not _HINT.search(response):
        return response
    if "\n" in response.strip():
        new = _of_lines(response, request)
    else:
        new = _of_one_line(response.strip(), request) or response
    if new == response or _FORMULA.search(response) or _OTHER_FORM.search(request):
        return response
    return response if lines_of_code(response) else new


def _of_lines(response: str, request: str) -> str:
    """Each stretch of labelled lines, with the blank lines between them."""
    lines, blank = split_lines(response), not is_english(response, request)
    new = list(lines)
    for start, end in _stretches(lines):
        places = [place for place in range(start, end) if lines[place].strip()]
        labelled = [lines[place].strip() for place in places]
        if not _stands_alone(lines, start, end) or _are_between(labelled, request):
            continue
        bullets = _bullets(labelled, blank=blank)
        for place, bullet in zip(places, bullets, strict=False):
            new[place] = bullet
    return response if new == lines else "\n".join(new)


def _stretches(lines: Sequence[str]) -> list[tuple[int, int]]:
    """From the first to behind the last of lines that each hold a label and a value."""
    found: list[tuple[int, int]] = []
    start = end = -1
    for place, line in enumerate((*lines, "\0")):
        if _pair(line.strip()):
            start = place if start < 0 else start
            end = place + 1
        elif line.strip() and start >= 0:
            found.append((start, end))
            start = -1
    return found


def _stands_alone(lines: Sequence[str], start: int, end: int) -> bool:
    """Nothing touches the stretch but a line that announces it; else it may be wrapped prose."""
    before = lines[start - 1].rstrip() if start else ""
    after = lines[end] if end < len(lines) else ""
    return not after.strip() and (not before or before.endswith((":", "：")))


def _pair(line: str) -> LabelledValue | None:
    if not _HINT.search(line) or _MARKED.match(line):
        return None
    for form in (_COLON, _DASH, _EQUALS):
        found = form.fullmatch(line)
        if found and _is_label(found[1]):
            return LabelledValue(found[1], found[2], found[3].rstrip())
    return None


def _is_label(name: str) -> bool:
    name = name.strip()
    if len(name) < 2 or name.lower() in _NO_LABELS or len(name.split()) > MOST_WORDS_A_LABEL:
        return False
    if _OPEN_BRACKET.search(name):
        return False
    return not _NUMBERED.fullmatch(name) and ". " not in name and not name.endswith(("?", "!"))


def _bullets(lines: Sequence[str], *, inline: bool = False, blank: bool = False) -> list[str]:
    """The lines as bullets; none where they are not all of one kind.

    `blank`: a blank before a colon stays; French wants it. Behind a bullet that looks like it, a
    hyphen needs a bold label.
    """
    pairs = [pair for line in lines if (pair := _pair(line))]
    if len(pairs) != len(lines) or not _are_labels(pairs):
        return []
    if all(pair.is_key for pair in pairs) and not inline:
        return []
    loud = not all(pair.is_short and not pair.groups for pair in pairs)
    if loud and pairs[0].is_colon:
        keeps = blank or not all(pair.label.isascii() for pair in pairs)
        closed = [pair.sign.rstrip() if keeps else pair.sign.strip() for pair in pairs]
        return [f"- **{p.label}{c}** {p.value}" for p, c in zip(pairs, closed, strict=True)]
    if pairs[0].sign == " - ":
        return [f"- **{pair.label.rstrip()}**{pair.sign}{pair.value}" for pair in pairs]
    return [f"- {pair.line}" for pair in pairs]


def _are_between(lines: Sequence[str], request: str) -> bool:
    """Whether the dash of each line stands between two equals: teams, towns, days."""
    pairs = [pair for line in lines if (pair := _pair(line)) and pair.is_dash]
    labels = {pair.label.lower() for pair in pairs}
    return bool(pairs) and (
        _PAIRS_ASKED.search(request) is not None
        or any(pair.value.lower() in labels or _is_score(pair) for pair in pairs)
        or any(_SPAN.match(pair.label) and _SPAN.match(pair.value) for pair in pairs)
    )


def _is_score(pair: LabelledValue) -> bool:
    """`Derby: 3-1` in a value, or numbers on both sides: `Leeds 2 - 1 Hull`, `Leeds 2 - Hull 1`."""
    sides = pair.label.rstrip()[-1:].isdigit() and _NUMBER_AT_END.search(pair.value)
    return bool(sides or _SCORE.search(pair.value))


def _are_labels(pairs: Sequence[LabelledValue]) -> bool:
    """Of one kind, each label once, and no one speaks."""
    labels = {pair.label.lower() for pair in pairs}
    if len(labels) < len(pairs) or len({pair.sign.strip() for pair in pairs}) > 1:
        return False
    if any(_SPEECH.match(pair.value) or "*" in pair.line for pair in pairs):
        return False
    if any(_SAYS.search(pair.label) or _SAID_BY.match(pair.value) for pair in pairs):
        return False
    if any(_GREETS.match(pair.value) for pair in pairs):
        return False
    if any(pair.value.endswith(",") for pair in pairs):  # verse
        return False
    if any(pair.is_dash and " = " in pair.value for pair in pairs):  # the dash is a minus
        return False
    if is_heading(pairs[0].label) and is_heading(pairs[0].value):  # the header of two columns
        return False
    grouped = all(pair.groups and pair.is_colon for pair in pairs)
    return len(pairs) >= (LEAST_GROUPS if grouped else LEAST_PAIRS)


def _of_one_line(text: str, request: str) -> str:
    """`A: x, B: y, C: z` or `A is x, B is y, C is z` and nothing else."""
    if text.endswith(";"):  # a declaration of code
        return ""
    if ": " not in text:
        return _of_sentence(text)
    lines = _BETWEEN_PAIRS.split(text.removesuffix("."))
    pairs = [_COLON.fullmatch(line) for line in lines]
    if len(lines) < LEAST_PAIRS or any(not pair or not _is_value(pair[3]) for pair in pairs):
        return ""
    alike = _alike(lines)
    if not alike or (alike != lines and about_code(request)):
        return ""  # A capital letter makes another name of what is code.
    return "\n".join(_bullets(alike, inline=True))


def _is_value(text: str) -> bool:
    """Words or a clause, not the beginning of a text."""
    short = len(text.split()) <= MOST_WORDS_IN_A_LINE
    return short and ":" not in text and not re.search(r"[^\W\d_]{3}[.!?] ", text)


def _alike(lines: Sequence[str]) -> list[str]:
    """Small first letters become capitals where the first line has one: it began a sentence.

    None where a small letter is meant.
    """
    if lines[0][0].isupper() and any(line[0].islower() for line in lines):
        if any(map(is_symbol, lines)):
            return []
        return [with_capital(line) for line in lines]
    return list(lines)


def _of_sentence(text: str) -> str:
    """Parallel statements with commas between them: same verb, short values, one for each."""
    parts = [_AND.sub("", part) for part in re.split(r", ", text.removesuffix("."))]
    found = [_SENTENCE.fullmatch(part) for part in parts]
    if len(parts) < LEAST_PAIRS or not all(found):
        return ""
    verbs = {pair[2] for pair in found if pair}
    names = [pair[1].split() for pair in found if pair]
    alike = all(a[0][0].isupper() == b[0][0].isupper() for a, b in pairwise(names))
    short = all(len(name) <= MOST_WORDS_A_LABEL // 2 for name in names)
    if len(verbs) > 1 or not alike or not short:
        return ""
    return "\n".join(f"- {part}" for part in parts)


OPERATIONS: tuple[Operation, ...] = (
    Operation("labels", "Labels with their values become one bullet each.", list_labels),
)
