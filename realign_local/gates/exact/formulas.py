"""Formulas: in a sentence that is kept, they are kept sign by sign.

A text is read as words and mathematical signs in their order. Numbers are no more than places
here, since they have a gate of their own; how a formula is spelled (`\\le`, `≤`) does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from realign_local.gates.gate import Case
from realign_local.text.align import UnitPair, align
from realign_local.text.code.code_blocks import cut
from realign_local.text.code.code_detect import bare_blocks
from realign_local.text.math_forms import apart, plain_math
from realign_local.text.segments import key, units, vocabulary

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ]+")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢ", "0123456789+-=()ni")
_SUBSCRIPT = re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢ]+")
_STYLES = str.maketrans(
    {"∙": "*", "·": "*", "⋅": "*", "×": "*", "−": "-", "\u00a0": " ", "⩽": "≤", "⩾": "≥",
     "ϕ": "φ", "ϵ": "ε", "ϑ": "θ", "∣": "|", "′": "'", "″": "''", "ℝ": "R", "ℕ": "N", "ℤ": "Z",
     "ℚ": "Q", "ℂ": "C"}
)  # fmt: skip
_TAG = re.compile(r"</?(?:[biup]|em|li|ul|strong|sup|sub)>|<br ?/?>", re.IGNORECASE)
ESCAPE = re.compile(r"\\[nt](?=[A-Z\s\\-]|$)")
"""A line end or tab that was written out, and is mended: no command of LaTeX."""
_FONT = re.compile(r"\\(?:mathbb|mathcal|mathfrak|mathscr)\s*\{?\s*(\w)\s*\}?")
_TOKEN = re.compile(
    r"(?P<command>\\[A-Za-z]+(?:\{[A-Za-z]+\*?\}(?<=matrix\})|\{cases\})?)"
    r"|(?P<number>\d+(?:,\d{3}(?!\d))*(?:\.\d+)*(?:[eE]-?\d{1,3}(?!\w))?)"
    r"|(?P<greek>[α-ωΑ-Ω])(?![ά-ώ])"
    r"|(?P<word>[^\W\d_α-ωΑ-Ω]+(?:'[^\W\d_]{2,}|'[st]\b)?)"
    r"|(?P<prime>(?<=[\w)])(?<![^\W\d_]{2})(?<!'[^\W\d_])'+(?![^\W_]))"
    r"|(?P<sign>[<>=]=|!=|[-+/<>=^_!|~()\[\]{}]|[±∓≤≥≠≈≡∼≅∝√∛∪∩∈∉∋⊂⊆⊃⊇⊄⊅⊈⊉∌∤≮≯∖∅∧∨¬∀∃⇒⇐⇔→←↔↦∞∂∇∑∏∫∬∮∠⊥∥△⊕⊗∘‖⨯])"
)
_GREEK_PROSE = re.compile("[α-ω]{2}[άέήίόύώ]|[άέήίόύώ][α-ω]{2}")
_LETTER_TIMES = re.compile(r"(?<=\d) ?x ?(?=\d)")
_HINT = re.compile(
    r"[\[\]\\^√∛±∓≤≥≠≈≡∼≅∝∪∩∈∉∋⊂⊆⊃⊇⊄⊅⊈⊉∌∤≮≯∖∅∧∨¬∀∃⇒⇔∞∂∇∑∏∫∠⊥∥⊕⊗∘⨯⁰¹²³ⁿα-ωΑ-Ω]"
    r"|(?<![A-Za-z'])[A-Za-z](?:\)?'(?!\w)|!| ?[-+/<>=] ?[(\w]|_\w|\()"
    r"|= ?[A-Za-z](?![A-Za-z])|\)!|\d!"
)
"""What a text without a formula hardly ever has."""
_STRONG = frozenset("^√∛±∓≤≥≠≈≡∼≅∝∪∩∈∉∋⊂⊆⊃⊇⊄⊅⊈⊉∌∤≮≯∖∅∧∨¬∀∃∞∂∇∑∏∫∬∮⊕⊗∘⨯=")
_BRACKETS = frozenset("([{")
_ARTICLES = frozenset("aAI")
_ALSO_WORDS = frozenset("oOyYeEiuU")
"""Letters that are words of some language when they stand alone; not where one is in a formula."""
_RELATIONS = frozenset("=≈≡≤≥<>⇒→")
_FUNCTIONS = vocabulary("log ln lg sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh")
MAX_TOKENS = 400
"""Longer than any sentence; comparing takes time in proportion to the square."""
KEPT_SHARE = 0.75
_BOUND = r" *(?:[-+]? *\\?[\w.∞√π/]{1,8}) *"
_INTERVAL = re.compile(rf"(?<!\w)[\[(\]]{_BOUND}(?:[,;]{_BOUND}){{1,9}}[\])\[]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word (in lower case), `#` for a number, or a sign or letter of a formula."""

    text: str
    is_word: bool = False


def changed(case: Case) -> tuple[str, str] | None:
    """The unit of the rewrite that has another formula than the one it was made of, and how."""
    if not (_HINT.search(case.original) or _HINT.search(case.rewritten)):
        return None
    if _GREEK_PROSE.search(case.original):
        return None
    aligned = align(case.original, case.rewritten)
    for pair in aligned.pairs:
        if span := _other_interval(pair):
            return pair.after[0], span
    for pair in (*aligned.pairs, *_at_the_edges(case)):
        if (difference := _difference(pair, aligned.extra)) and not _is_code(pair, case.original):
            return pair.after[0], difference
    return None


def _other_interval(pair: UnitPair) -> str:
    """`[0, 1)` that has become `(0, 1)`: brackets around two values say whether these belong."""
    old, new = (
        [_linear(m[0]).replace(" ", "") for unit in side for m in _INTERVAL.finditer(unit)]
        for side in (pair.before, pair.after)
    )
    if len(old) != len(new) or old == new:
        return ""
    return next((f"{a} has become {b}" for a, b in zip(old, new, strict=True) if a != b), "")


def _is_code(pair: UnitPair, original: str) -> bool:
    """Code has a gate of its own, which knows what comments are."""
    parts = cut(original)
    blocks = [*parts.fenced, *bare_blocks(parts.lines)]
    return any(unit in units(block.text) for block in blocks for unit in pair.before)


def _at_the_edges(case: Case) -> Iterator[UnitPair]:
    """Units that count as equal, but for marks at their ends: `f'` and `f''`, `n!` and `n`."""
    whole = {
        unit for unit in units(case.original) if unit[-1] in "'!." or unit[-2:-1] in ("'", "!")
    }
    if not whole:
        return
    known = {key(unit): unit for unit in whole}
    for unit in units(case.rewritten):
        before = known.get(key(unit))
        if before is not None and before != unit and unit not in whole:
            yield UnitPair((before,), (unit,))


def _difference(pair: UnitPair, extra: Sequence[str]) -> str:
    before = _joined(pair.before)
    after = _joined(pair.after)
    if before == after or not (_mathematical(before) or _mathematical(after)):
        return ""
    if max(len(before), len(after)) > MAX_TOKENS or _is_moved(before, after):
        return ""
    for old, new in _exchanges(before, after):
        if _is_other(old, new) and not _on_a_line_of_its_own(old, new, extra):
            return f"{_shown(old)} has become {_shown(new)}"
    return ""


def _is_moved(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """One formula that is the same, though the words before it may now stand behind it."""
    old, new = (
        [list(part) for is_word, part in groupby(side, key=attrgetter("is_word")) if not is_word]
        for side in (before, after)
    )
    return len(old) == 1 and old == new


def _exchanges(
    before: list[Token], after: list[Token]
) -> Iterator[tuple[list[Token], list[Token]]]:
    """What stands in whose place, if the sentence is kept.

    Where its words are all there, what lies between two of them is compared by itself, so that
    two formulas which trade places are seen.
    """
    old, new = _between_words(before), _between_words(after)
    words, words_after = ([words[0].text for words in gaps[1:]] for gaps in (old, new))
    for start in range(len(words_after) - len(words) + 1 if words else 0):
        if words_after[start : start + len(words)] == words:
            for gap, other in zip(old, new[start:], strict=False):
                yield from _differing(gap, other)
            return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    blocks = matcher.get_matching_blocks()
    kept = sum(token.is_word for b in blocks for token in before[b.a : b.a + b.size])
    if kept >= KEPT_SHARE * len(words) and (words or matcher.ratio() >= KEPT_SHARE):
        yield from _differing(before, after)


def _between_words(found: Sequence[Token]) -> list[list[Token]]:
    """The stretches that begin with a word, and what is before the first one."""
    gaps: list[list[Token]] = [[]]
    for token in found:
        if token.is_word:
            gaps.append([])
        gaps[-1].append(token)
    return gaps


def _differing(
    before: Sequence[Token], after: Sequence[Token]
) -> Iterator[tuple[list[Token], list[Token]]]:
    if before == after:
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            yield list(before[i1:i2]), list(after[j1:j2])


def _joined(parts: Sequence[str]) -> list[Token]:
    return [token for part in parts for token in tokens(part)]


def _shown(part: Sequence[Token]) -> str:
    return " ".join(token.text for token in part) or "nothing"


def _mathematical(found: Sequence[Token]) -> bool:
    """Whether there is more than numbers, letters and what stands between words as well."""
    signs = {token.text for token in found if not token.is_word}
    if signs & (_STRONG - {"="} | _FUNCTIONS):
        return True
    if any(sign[0] in "\\'" or "α" <= sign <= "ω" for sign in signs):
        return True
    return bool(signs & set("=+-/!_<>|→←↔⇒⇐⇔")) and any(sign.isalpha() for sign in signs)


def _is_other(old: Sequence[Token], new: Sequence[Token]) -> bool:
    """A stretch of signs alone that has become another one; words may stand for signs."""
    if any(token.is_word for token in (*old, *new)):
        return False
    texts = [token.text for token in (*old, *new)]
    if all(text == "#" for text in texts) or texts == ["(", "#", ")"]:
        return False
    if texts == ["=", "≈"]:  # a result that was rounded
        return False
    if not old:  # a step of a calculation more
        return texts[0] not in _RELATIONS and texts[-1] not in _RELATIONS
    return bool(new) or len(old) != 2 or old[1].text != "="  # `x =` before a result


def _on_a_line_of_its_own(old: Sequence[Token], new: Sequence[Token], extra: Sequence[str]) -> bool:
    """A step such as `= 2x` that has been set apart from the formula it goes on with."""
    if new or old[0].text not in _RELATIONS:
        return False
    return any(list(tokens(unit)[: len(old)]) == list(old) for unit in extra)


@lru_cache(maxsize=256)
def tokens(unit: str, numbers: bool = False) -> tuple[Token, ...]:
    """The words and mathematical signs of a plain text; punctuation of sentences is left out.

    With `numbers`, they are given as written, without thousands separators.
    """
    found = list(_TOKEN.finditer(_linear(unit)))
    brackets = _wordless_brackets(found)
    letters = {m[0] for at, m in enumerate(found) if m[0] in _ALSO_WORDS and _in_formula(found, at)}
    read: list[Token] = []
    for at, m in enumerate(found):
        kind, text = str(m.lastgroup), m[0]
        if kind == "number":
            read.append(Token(text.replace(",", "") if numbers else "#"))
        elif text.lower().lstrip("\\") in _FUNCTIONS and _is_applied(found, at):
            read.append(Token(text.lower().lstrip("\\")))
        elif kind == "word":
            read.append(_letters(found, at, letters))
        elif kind != "sign" or _counts(found, at, brackets):
            read.append(Token(text))
    return tuple(read)


def _linear(text: str) -> str:
    text = ESCAPE.sub(" ", text) if "\\" in text else text
    text = plain_math(_TAG.sub("", text) if "<" in text else text).translate(_STYLES)
    text = _LETTER_TIMES.sub("*", text) if "x" in text else text
    if not text.isascii():
        text = _SUPERSCRIPT.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), text)
        text = _SUBSCRIPT.sub(lambda m: "_" + m[0].translate(_SUBSCRIPTS), text)
    return _FONT.sub(apart, text) if "\\math" in text else text


def _letters(found: Sequence[re.Match[str]], at: int, letters: set[str]) -> Token:
    """A single letter is one of a formula, unless it may be a word and touches no sign.

    `letters` are those that touch one anywhere in the text.
    """
    text = found[at][0]
    if len(text) > 1 or not text.isascii():
        return Token(text.lower(), True)
    if text in _ARTICLES:
        is_word = not _in_formula(found, at)
    else:
        is_word = text in _ALSO_WORDS and text not in letters
    return Token(text.lower(), True) if is_word else Token(text)


def _is_applied(found: Sequence[re.Match[str]], at: int) -> bool:
    """Whether the name of a function stands before what it is taken of: `log n`, `sin(x)`."""
    if found[at][0][0] == "\\":
        return True
    if at + 1 == len(found):
        return False
    behind = found[at + 1]
    touches = found[at].end() == behind.start() and behind[0] in "(^_"
    return touches or not (_is_word(behind) or behind.lastgroup == "sign")


def _in_formula(found: Sequence[re.Match[str]], at: int) -> bool:
    return _is_sign(found, at - 1) or _is_sign(found, at + 1) or _touches(found, at)


def _is_sign(found: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a sign other than a dash between words stands there."""
    return 0 <= at < len(found) and found[at].lastgroup in ("sign", "prime", "command", "greek")


def _wordless_brackets(found: Sequence[re.Match[str]]) -> set[int]:
    """The places of brackets with no word between them: those of prose are punctuation."""
    kept: set[int] = set()
    open_at: list[int] = []
    for at, m in enumerate(found):
        if m[0] in _BRACKETS:
            open_at.append(at)
        elif m[0] in ")]}" and open_at:
            start = open_at.pop()
            if not any(map(_is_long_word, found[start:at])):
                kept |= {start, at}
    return kept


def _is_long_word(m: re.Match[str]) -> bool:
    return m.lastgroup == "word" and len(m[0]) > 1 and m[0].lower() not in _FUNCTIONS


def _counts(found: Sequence[re.Match[str]], at: int, brackets: set[int]) -> bool:
    """Whether a sign is one of mathematics here: `-` between words is a dash."""
    text = found[at][0]
    if text in "()[]{}":
        return at in brackets
    if text in _STRONG or text not in "-+/<>!|~_→←↔⇒⇐⇔":
        return True
    if text == "!":  # behind a number, at the end of a sentence, it may be no factorial
        formula = found[at - 1].lastgroup != "number" or not any(map(_is_word, found))
        return _touches(found, at) and formula
    if text == "_":
        return _touches(found, at)
    if text == "|":
        return _touches(found, at) or _touches(found, at + 1)
    before = at > 0 and not _is_word(found[at - 1])
    after = at + 1 < len(found) and not _is_word(found[at + 1])
    if text == "-" and after and not before:
        return found[at].end() == found[at + 1].start()
    return before and after


def _touches(found: Sequence[re.Match[str]], at: int) -> bool:
    """Directly behind a letter, number or sign of a formula."""
    if not 0 < at < len(found) or _is_word(found[at]):
        return False
    return found[at - 1].end() == found[at].start() and not _is_word(found[at - 1])


def _is_word(m: re.Match[str]) -> bool:
    return m.lastgroup == "word" and not (len(m[0]) == 1 and m[0].isascii())
