"""`commas`, the blank that is missing behind a mark between two words, and for `blanks`, the one
that stands before a mark.

Each spot is judged by itself: a slip, something that is meant, or a slip only where others show a
typist without blanks. What then stays unsure must be the smaller part: half a mend shows the other
half the more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from realign_local.gates.language import latin_language
from realign_local.rewriting.tidy.characters import about_code
from realign_local.text.english import is_word
from realign_local.text.prose import in_prose
from realign_local.text.rules import rules
from realign_local.text.segments import FUNCTION_WORDS, vocabulary
from realign_local.text.spacing import rows_of_values

_L = "A-Za-zÀ-ɏ"
_MAY_BE_TIGHT = re.compile(
    rf"[,;:.!?](?<!\s.)(?:(?:[(\"“$]|\*\*)?[{_L}]|\$\d|(?<=[{_L}].)\d|[)\"”][A-Z])"
)
"""Wherever the next one finds something, and fast."""
_TIGHT = re.compile(
    rf"(?<=[\w)\]\"”’%+*!?\ue001])[,;:.!?](?=(?:[(\"“$]|\*\*)?[{_L}])|(?<=\.),(?=[{_L}])"
    rf"|(?<=\w):(?=\$\d)|(?<=[{_L}]{{3}}):(?=\d)|(?<=[{_L}]),(?=\d)|(?<=[.!?])[)\"”](?=[A-ZÀ-Þ])"
)
_TOKEN = re.compile(r"\S+")
_BEFORE = re.compile(r"([\w'’-]*)([)\]\"”’%+*.!?\ue001]*)$")
_AFTER = re.compile(rf"(?:[(\"“$]|\*\*)?([{_L}\d][\w'’-]*)(.?)")
_SHORTENED = re.compile(r"(?:e\.g|i\.e)\b|[A-Z]\.(?:[A-Z]\.)*(?!\w)")
_DATA = re.compile(
    r"(?<!^)(?<![<>])[=<>]|[/\\_@#&|{}\[\]]|^-|www\.|^[\"“'‘][^\s,]+(?:,[^\s,]+)+[\"”'’][.,;:!?]*$"
)
"""Settings, paths, options, and words in quotation marks."""
_IN_BRACKET = re.compile(r"\([^()]*$")
_CALL = re.compile(r"\w\([^()]*$")
_COLUMNS = re.compile(r"[^\s.!?]   |\t")
_ENDS = re.compile(r"[.!?][\"”’)]?\s*$|, ")
_LABEL = re.compile(rf"[A-ZÀ-Þ][{_L}'’-]+(?: [{_L}'’-]+){{0,3}}")
_ASTRAY = re.compile(rf"(?<=[{_L}][{_L})\"’”]) [,.](?=\s|$|[A-Z][a-z])", re.MULTILINE)
"""A blank before a comma or a stop shows the same typist."""
_CAPITALIZED = re.compile(r"[A-ZÀ-Þ][a-zß-ɏ'’]*")
_CAMEL = re.compile(r"[a-zß-ɏ][A-ZÀ-Þ]")
_TITLES = vocabulary("dr mr mrs ms prof")
_NO_STARTERS = vocabulary("in out on up off not all each every any end by to as at is if for from")
"""Small words that are also parts of names with a dot: `System.Out`."""
_OPENERS = FUNCTION_WORDS | vocabulary("another however although because since while many these")
_TABLE = rules("tidy/tight")
_FILES, _SITES, _SCHEMES, _CHEMISTRY = (
    frozenset(_TABLE[kind]["words"]) for kind in ("files", "sites", "schemes", "chemistry")
)
_SMALL_OPENERS = _OPENERS - _NO_STARTERS - _SITES - vocabulary("then this result total short")
"""Behind a dot in small letters, but no names of what objects have."""
SOME, MORE, MUCH = 2, 4, 6
"""Of evidence: one sure comma is some."""
LEAST_LETTERS = 3
MOST_SIGNS_SEEN, MOST_SIGNS_A_LABEL, MOST_SIGNS_A_TOKEN = 20, 60, 200


@dataclass(frozen=True, slots=True)
class _Spot:
    """A mark that lacks its blank if the text has evidence enough of such slips.

    `gives`: how much of it the spot is itself; `is_row`: one of many commas, evidence only beside
    others; `is_open`: a reader may take it for a slip even where it is none.
    """

    at: int
    needs: int = 0
    gives: int = 0
    is_row: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark in a token of a line; `before` and `after`, the words that it stands between."""

    line: str
    start: int
    at: int
    before: str
    closed: bool
    """Whether a bracket or a quotation mark closes before the mark."""
    after: str
    behind: str
    """The sign behind the second word."""
    rest: str

    @property
    def text(self) -> str:
        """The token up to the mark."""
        return self.line[self.start : self.at]


def space_tight_marks(response: str, request: str) -> str:
    """The response with the blanks that its marks lack."""
    if not _MAY_BE_TIGHT.search(response) or about_code(request):
        return response
    speaks = latin_language(response)
    return in_prose(response, lambda stretch: _mended(stretch, speaks))


def _mended(stretch: str, speaks: str) -> str:
    lines = stretch.split("\n")
    rows = rows_of_values(lines)
    found = [[] if at in rows else list(_spots(line, speaks)) for at, line in enumerate(lines)]
    every = [spot for spots in found for spot in spots]
    evidence = sum(spot.gives for spot in every)
    evidence += len(_ASTRAY.findall(stretch)) if every else 0
    evidence += sum(spot.is_row for spot in every) if evidence else 0
    slips = [[spot for spot in spots if spot.needs <= evidence] for spots in found]
    mended = sum(map(len, slips))
    unsure = sum(spot.is_open and spot.needs > evidence for spot in every)
    if unsure >= max(1, mended):
        return stretch
    return "\n".join(map(_with_blanks, lines, slips)) if mended else stretch


def _with_blanks(line: str, slips: Sequence[_Spot]) -> str:
    for spot in reversed(slips):
        line = f"{line[: spot.at + 1]} {line[spot.at + 1 :]}"
    return line


def _spots(line: str, speaks: str) -> Iterator[_Spot]:
    if not _TIGHT.search(line) or _COLUMNS.search(line):
        return
    tokens = list(_TOKEN.finditer(line))
    tight = [at for at, token in enumerate(tokens) if _TIGHT.search(token[0])]
    tight = [at for at in tight if not _is_data(tokens, at)]
    prose = sum("," in tokens[at][0] for at in tight) == 1 or _reads(line)
    for at in tight:
        for place in _places(line, tokens[at]):
            if spot := _judged(place, speaks, prose=prose):
                yield spot


def _is_data(tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a token is meant as it is, or is what an option before it takes."""
    option = at > 0 and re.match(r"--?[A-Za-z]", tokens[at - 1][0])
    return bool(option or _DATA.search(tokens[at][0]))


def _reads(line: str) -> bool:
    """Whether a line is a sentence and no row of data: its end or another comma shows it."""
    ties = FUNCTION_WORDS & set(re.split(r"[\s,]+", line))
    return ", " in line or (len(ties) > 1 and _ENDS.search(line) is not None)


def _places(line: str, token: re.Match[str]) -> Iterator[_Place]:
    text = token[0]
    if len(text) > MOST_SIGNS_A_TOKEN:
        return
    for found in _TIGHT.finditer(text):
        before, after = _BEFORE.search(text[: found.start()]), _AFTER.match(text, found.end())
        if not (before and after) or _CALL.search(text[: found.start()]):
            continue
        if _is_of_pair(line, token.start() + found.start()):
            continue
        yield _Place(
            line, token.start(), token.start() + found.start(),
            before[1], bool(before[2].strip("%+*.!?")), after[1], after[2], text[found.end() :],
        )  # fmt: skip


def _is_of_pair(line: str, at: int) -> bool:
    """Whether the sign behind the mark closes what was opened before, or the mark opens it, or
    stands right behind what opens it: `":q"`."""
    for sign in ('"', "**"):
        if line.startswith(sign, at + 1) and line.count(sign, 0, at) % 2:
            return True
    opens = at - 1 if line[at - 1] == '"' else at
    return line[opens] == '"' and line.count('"', 0, opens) % 2 == 0


def _judged(place: _Place, speaks: str, *, prose: bool) -> _Spot | None:
    mark = place.line[place.at]
    if mark == ",":
        return _comma(place, prose=prose)
    if mark == ";":
        begins = place.after.lower() in FUNCTION_WORDS and len(place.before) > 1
        return _Spot(place.at, gives=2) if begins else _Spot(place.at, needs=SOME)
    if mark == ":":
        return _colon(place)
    if place.after[0].isupper():
        return _stop(place, speaks)
    return _small_stop(place)


def _comma(place: _Place, *, prose: bool) -> _Spot | None:
    before, after = place.before, place.after
    if {before.lower(), after.lower().split("-")[0]} & _CHEMISTRY or _are_variables(place):
        return None
    if place.closed or before.isdigit() or after.isdigit():
        known = after.islower() and is_word(after) and (before.isdigit() or prose)
        if after.isdigit() and len(before) < LEAST_LETTERS:
            return None
        return _Spot(place.at, gives=2) if known else _Spot(place.at, needs=SOME)
    if "-" in after and after[0].islower():
        return _Spot(place.at, needs=MUCH, is_open=True)
    alone = len(re.findall(rf",(?=[(\"“$]?[{_L}])", f"{place.text},{place.rest}")) == 1
    in_bracket = _IN_BRACKET.search(place.text) and ")" in place.rest
    is_word_before = len(before) > 1 or before in ("I", "a")
    if alone and prose and is_word_before and not in_bracket and place.behind not in (":", "("):
        return _Spot(place.at, gives=2)
    return _Spot(place.at, needs=SOME, is_row=not alone)


def _are_variables(place: _Place) -> bool:
    """Names of one or two signs, and of nothing: `tx,ty`."""
    one, other = place.before, place.after
    other = other.split("-")[0] if len(one) == 1 and one not in "Ia" else other
    if _SHORTENED.match(place.rest) or place.closed or one.isdigit():
        return False
    if len(other) == 1 and not other.isdigit():
        return other not in "aIA" or place.behind == "," or len(one) < 2
    if len(one) > 2 or len(other) > 2:
        return False
    small = {one.lower(), other.lower()}
    return not (small & FUNCTION_WORDS and all(map(is_word, small)))


def _colon(place: _Place) -> _Spot | None:
    before, after = place.before, place.after
    price = place.rest.startswith("$")
    if before.lower() in _SCHEMES or (place.behind in tuple(":/.(-") and not price):
        return None
    label = place.at <= MOST_SIGNS_A_LABEL and _LABEL.fullmatch(place.line[: place.at].strip())
    more = place.line[place.at : place.at + MOST_SIGNS_A_LABEL].split()[1:]
    if not (more or label) or (after[0].isdigit() and not (label or price)):
        return None
    if not (
        place.closed or before.isdigit() or (before.isalpha() and len(before) >= LEAST_LETTERS)
    ):
        return None
    if before.isdigit() and not (len(after) > 1 and _CAPITALIZED.fullmatch(after)):
        return None
    begins = after.lower() in _OPENERS
    known = is_word(before.lower()) and is_word(after.lower()) and len(more) > 1
    if label and after[0].isupper() and (begins or known):
        return _Spot(place.at, gives=2)
    small = before.islower() and after.islower() and not begins
    return _Spot(place.at, needs=MUCH if small else SOME)


def _stop(place: _Place, speaks: str) -> _Spot | None:
    """Before a capital: `pier.Txt` is a name, but many a word begins sentences alone."""
    before, after = place.before, place.after
    ends = place.behind in tuple("!?,;:'’*") or place.rest.strip('.!?"“”’()') == after
    if not (ends or _SHORTENED.match(place.rest)):
        return None
    if re.search(r"[A-Za-z]\.[A-Za-z][^,;]*$", place.text):
        return None
    is_word_before = len(before) > 1 and (before[-1].islower() or before.isupper())
    if not (is_word_before or before.isdigit() or place.closed):
        return None
    word = after.lower()
    if word in _OPENERS and (before[:1].islower() or word not in _NO_STARTERS):
        return _Spot(place.at, gives=3)
    if word in _FILES or len(after) < 2 or (before.isdigit() and not after.isalpha()):
        return None
    if _CAMEL.search(after) or (before[:1].isupper() and place.behind == ","):
        return None  # `pandas.DataFrame`, `Color.Red, Color.Blue`
    title = before.lower() in _TITLES and place.line[place.at] == "."
    known = is_word(word) or speaks not in ("", "en") or title
    if known and _CAPITALIZED.fullmatch(after):
        if before.isdigit() and len(before) >= LEAST_LETTERS and place.start:
            return _Spot(place.at, gives=2)
        return _Spot(place.at, needs=MORE, gives=1)
    return _Spot(place.at, needs=MUCH)


def _small_stop(place: _Place) -> _Spot | None:
    """Before a small letter: only words that are English, and where there is much evidence."""
    before, after = place.before, place.after
    if place.behind not in tuple("!?,;:") and place.rest.rstrip('.!?"”’)') != after:
        return None
    if place.line[place.at] == "." and (after in _FILES or "." in place.text):
        return None
    if len(before) < 2 or not (_is_spoken(before.lower()) and _is_spoken(after)):
        return None
    if after in _SMALL_OPENERS:
        return _Spot(place.at, needs=MORE, gives=2)
    return _Spot(place.at, needs=2 * MUCH if after in _SITES else MUCH)


def _is_spoken(word: str) -> bool:
    """Whether a word is English, or lacks only its apostrophe: `thats`, `youre`."""
    return is_word(word) or any(is_word(f"{word[:-n]}'{word[-n:]}") for n in (1, 2))


# --- blanks before a mark ------------------------------------------------------------------------

_AFTER_WORD = r"(?:(?<=[A-Za-z][A-Za-z\d)\"’”])|(?<=\d[A-Za-z)\"’”]))"
_SURELY_LOOSE = re.compile(
    rf"{_AFTER_WORD} {{1,3}}(?:[,;:]|[!?]+(?!\s+[a-z*/])|\.(?=$|\s+[A-Z]))(?=\s|$)"
    rf"|{_AFTER_WORD} [,;](?=[A-Za-z]{{2}})|(?<=[\w.] \)) [.,](?=\s|$)"
    r"|(?<=\d) (?:, ?(?=[A-Za-z]{2})|\.(?=$|\s+[A-Z][a-z]))",
    re.MULTILINE,
)
_SURELY_ASTRAY = re.compile(rf"{_AFTER_WORD} [.!?](?=([A-Z][a-z]*)[\s,.!?])")
"""A mark with its blank on the wrong side: `It is old ,and it leans .It creaks.`"""
_LOOSE = re.compile(
    r"(?<=[\w)\]\"”’'%°.#+\ue001])[ \t]+([,;:.]|[!?]+)(?=[\s\"”’)\]*]|\Z|([(\"“]?[^\W_][\w'’-]*))"
)
_IN_BRACKETS = re.compile(r"([^\s(\[]?)(?<![:;=-])\( {0,3}([^()\n]{1,200}?) {0,3}(?<![:;=-])\)")
_IN_QUOTES = re.compile(
    r"(?<![^\s(\[])[\"“] {1,3}([^\"“”\n]{0,300}[^\"“”\s]) {1,3}[\"”](?![\w(])"
    r"|[\"“][^\"“”\n]{0,300}[\"”]"
)
_WORD = re.compile(r"[^\W\d_]{2}")
_QUOTE = re.compile(r"[\"“”]")
_SIGNS = frozenset("&|<>;=+/-.,:~\\")
"""Behind a dot, they make it a folder, or an operator."""
_NEED_MORE = vocabulary("a an the of and or to in for with from by at as was were is are than")
_LACK_MORE = vocabulary("a an the of and or")
"""Behind these a word is missing before the mark, and not only perhaps."""


def count_loose_marks(text: str) -> int:
    """How many blanks before marks can be nothing but slips, in English."""
    astray = sum(word.lower() in FUNCTION_WORDS for word in _SURELY_ASTRAY.findall(text))
    loose = (_word_before(found) for found in _SURELY_LOOSE.finditer(text))
    return astray + sum(word.lower() not in _NEED_MORE for word in loose)


def _word_before(found: re.Match[str]) -> str:
    word = found.string[max(0, found.start() - MOST_SIGNS_SEEN) : found.start()].split()[-1]
    return word.lstrip(",;.!?") or word


def without_inner_blanks(line: str) -> str:
    """No blanks right within brackets, nor within quotation marks if each has its other half."""
    line = _IN_BRACKETS.sub(_closed, line)
    if len(_QUOTE.findall(line)) % 2:
        return line
    return _IN_QUOTES.sub(
        lambda found: f"{found[0][0]}{found[1]}{found[0][-1]}" if found[1] else found[0], line
    )


def _closed(found: re.Match[str]) -> str:
    """`Hull( 1912 )` has its blank on the wrong side."""
    if not _WORD.search(found[2]):
        return found[0]
    before, opened = found[1], found[0][len(found[1]) :].startswith("( ")
    return f"{before} ({found[2]})" if before and opened else f"{before}({found[2]})"


def join_loose_marks(line: str, *, colons: bool) -> str:
    """The line without blanks before its marks, those of a typist who puts them there."""
    return _LOOSE.sub(lambda found: _joined(found, colons), line)


def _joined(found: re.Match[str], colons: bool) -> str:
    """The mark without its blank, unless it is no mark of the sentence (see `_is_meant`), or a word
    seems to be missing before it: `one of the .`"""
    mark, glued = found[1], found[2]
    if mark == ":" and not colons:
        return found[0]
    before = _word_before(found)
    if before in _LACK_MORE or _is_meant(before, mark, found):
        return found[0]
    return f"{mark} " if glued else mark


def _is_meant(before: str, mark: str, found: re.Match[str]) -> bool:
    """`:)`, `1 , 2`, `x , y`, `.txt`, `git add . && git push`."""
    rest = found.string[found.end() : found.end() + MOST_SIGNS_SEEN]
    glued, after = found[2] or "", (found[2] or "".join(rest.split(maxsplit=1)[:1]))
    if (mark in ";:" and rest[:1] in (")", '"')) or rest.lstrip()[:1] == "»":
        return True
    if before[-1].isdigit() and after[:1].isdigit() and mark not in ",;":
        return True
    if len(before) == 1 and before.isalpha() and before not in "aI" and len(after) < 2:
        return True
    if mark == "." and (before[-1] == "." or after[:1] in _SIGNS or rest[:2] == "* "):
        return True
    if mark == "." and after.islower() and re.search(r"\w[./]\w", before):
        return True
    return bool(glued) and not (_SHORTENED.match(rest) or _goes_on(mark, glued))


def _goes_on(mark: str, word: str) -> bool:
    """Whether the sentence goes on with a word right behind a mark: not in ` .txt`, nor ` .5`."""
    word = word.lstrip('("“')
    if mark in ".!?" and word[0].isupper():
        small = word.lower()
        named = word[1:].islower() or is_word(small)
        return small in _OPENERS or (small not in _FILES and named)
    if mark == ",":
        return len(word) > 1 or word in "aI" or word.isdigit()
    named = mark in ";:" and word[0].isupper()
    return len(word) > 1 and word not in _FILES and (named or _is_spoken(word))
