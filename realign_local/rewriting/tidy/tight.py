"""`commas`: the blank that is missing behind a comma or a full stop between two words.

Each spot is judged by itself: a slip, data that is meant, or unsure. One sure slip shows a typist
without blanks, so that words count which alone would be unsure. What then stays unsure must be the
smaller part: half a mend shows the other half the more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from realign_local.gates.language import latin_language
from realign_local.rewriting.tidy.characters import about_code
from realign_local.text.english import is_word
from realign_local.text.prose import in_prose
from realign_local.text.segments import FUNCTION_WORDS, vocabulary

_L = "A-Za-zÀ-ɏ"
_MAY_BE_TIGHT = re.compile(rf"[{_L}],[{_L}]|[a-zß-ɏ)][.!?][A-ZÀ-Þ]")
_COMMA = re.compile(rf"(?<=[{_L}]),(?=[{_L}])")
_STOP = re.compile(
    rf"(?:(?<=[\s,(\"“])|^)([A-Za-zÀ-ɏ][a-zß-ɏ'’]+\)?)([.!?])([A-ZÀ-Þ][{_L}]*)(?=[\s,!?'’]|\.?(?:\s|$))",
    re.MULTILINE,
)
_TOKEN = re.compile(r"\S+")
_PLAIN = re.compile(
    rf"[(\"“‘']?[{_L}][{_L}'’-]+(?:,[{_L}'’]{{2,}}|,[aI]|,(?:[A-Z]\.)+)+[.,;:!?)\"”'’]*"
)
"""Words with commas between them, and no hyphen behind a comma: `alpha,beta-ketones` are one."""
_LETTERS = re.compile(rf"(?:^|,)[{_L}](?=,|$)|^\W?[{_L}]{{1,2}},[{_L}]{{1,2}}(?![{_L}])")
"""Names of one or two signs: `tx,ty` are variables."""
_DATA = re.compile(
    r":(?=\S)|[=/\\_@#$%&|<>{}\[\]\d]|^-|^[\"“'‘(][^\s,]+(?:,[^\s,]+)+[\"”'’)][.,;:!?]*$"
)
"""Settings, paths, options, and words in quotation marks or brackets."""
_COLUMNS = re.compile(r"\S   |\t")
_ENDS = re.compile(r"[.!?][\"”’)]?\s*$|, ")
_AND = vocabulary("and or & und oder et ou y o e en of nor as")
_TITLES = vocabulary("dr mr mrs ms prof")
LEAST_SLIPS = 2
"""Tight commas by which a tight stop is a slip, whatever word follows."""
_NO_STARTERS = vocabulary("in out on up off not all each every any end by to as at is if for from")
"""Small words that are also parts of names with a dot: `System.Out`."""


def space_tight_marks(response: str, request: str) -> str:
    """The response with the blanks that its commas and stops lack."""
    if not _MAY_BE_TIGHT.search(response) or about_code(request):
        return response
    speaks = latin_language(response)
    return in_prose(response, lambda stretch: _mended(stretch, speaks))


def _mended(stretch: str, speaks: str) -> str:
    found = [spot for line in stretch.split("\n") for spot in _spots(line)]
    typed = sum(spot.is_slip for spot in found)
    rows = sum(spot.is_row for spot in found) if typed else 0
    parted = _with_parted_sentences(stretch, speaks, evident=typed + rows >= LEAST_SLIPS)
    lines = [list(_spots(line)) for line in parted.split("\n")]
    evident = typed > 0 or parted != stretch
    slips = [[spot for spot in line if spot.is_slip or (evident and spot.is_row)] for line in lines]
    mended, unsure = sum(map(len, slips)), sum(map(len, lines)) - sum(map(len, slips))
    if unsure >= max(1, mended + (parted != stretch)):
        return stretch
    return "\n".join(map(_with_blanks, parted.split("\n"), slips))


@dataclass(frozen=True, slots=True)
class _Spot:
    """A token with tight commas that is no data. `is_slip`: nothing else can be meant; `is_row`:
    nothing else by somebody who leaves blanks out: `oil,salt,flour and`."""

    start: int
    end: int
    is_slip: bool
    is_row: bool


def _spots(line: str) -> Iterator[_Spot]:
    if not _COMMA.search(line) or _COLUMNS.search(line):
        return
    tokens = list(_TOKEN.finditer(line))
    tight = [
        at
        for at, token in enumerate(tokens)
        if _COMMA.search(token[0]) and not _is_data(tokens, at)
    ]
    prose = len(tight) == 1 or _reads(line)
    for at in tight:
        token = tokens[at]
        commas = len(_COMMA.findall(token[0]))
        plain = _PLAIN.fullmatch(token[0]) is not None and not _LETTERS.search(token[0])
        following = tokens[at + 1][0].lower() if at + 1 < len(tokens) else ""
        ends = at > 0 and (not following or _ENDS.search(token[0]) is not None)
        yield _Spot(
            token.start(),
            token.end(),
            is_slip=plain and prose and commas == 1,
            is_row=plain and commas > 1 and (ends or following in _AND),
        )


def _is_data(tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a token is meant as it is, or is what an option before it takes."""
    option = at > 0 and re.match(r"--?[A-Za-z]", tokens[at - 1][0])
    return bool(option or _DATA.search(tokens[at][0]))


def _reads(line: str) -> bool:
    """Whether a line is a sentence and no row of data: its end or another comma shows it."""
    ties = FUNCTION_WORDS & set(re.split(r"[\s,]+", line))
    return ", " in line or (len(ties) > 1 and _ENDS.search(line) is not None)


def _with_blanks(line: str, slips: Sequence[_Spot]) -> str:
    for spot in reversed(slips):
        line = line[: spot.start] + _COMMA.sub(", ", line[spot.start : spot.end]) + line[spot.end :]
    return line


def _with_parted_sentences(stretch: str, speaks: str, *, evident: bool) -> str:
    """Only where a word that begins many a sentence stands behind a stop: `pier.Txt` is a name.

    One such place shows a typist without blanks, so that other words count, too; or it is `evident`
    from the commas.
    """
    if not (evident or any(map(_begins_sentence, _STOP.finditer(stretch)))):
        return stretch

    def part(found: re.Match[str]) -> str:
        word = found[3].lower()
        title = found[1].lower() in _TITLES and found[2] == "."
        known = is_word(word) or speaks not in ("", "en") or title
        return f"{found[1]}{found[2]} {found[3]}" if known or _begins_sentence(found) else found[0]

    return _STOP.sub(part, stretch)


def _begins_sentence(found: re.Match[str]) -> bool:
    word, after_small = found[3].lower(), found[1][0].islower()
    return word in FUNCTION_WORDS and (after_small or word not in _NO_STARTERS)
