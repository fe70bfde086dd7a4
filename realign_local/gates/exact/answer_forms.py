r"""Where an answer is stated (`####`, `\boxed{}`, an option letter, ...) and when two are equal."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from realign_local.gates.exact.formulas import ESCAPE, tokens
from realign_local.text.math_forms import evaluate, plain_math, signs_only
from realign_local.text.numbers.number_forms import NUMERAL, quantities
from realign_local.text.segments import plain

HASHES = re.compile(r"(?:^[ \t]*|(?<=[.!?] ))####[ \t]*([^\s#][^\n]*)$", re.MULTILINE)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_STATED = re.compile(
    r"(?:[Aa]nswer|ANSWER)(?: [Cc]hoice)?(?: to [^.\n:]{1,80}?)? ?(?:is|IS|:"
    r"|=)[ :*_]*([^\n]{1,160})"
)
_STATED_ELSEWHERE = re.compile(
    r"(?:la respuesta (?:final |correcta )?es|la réponse(?: finale)? est"
    r"|die (?:richtige )?antwort (?:ist|lautet)"
    r"|la risposta è|a resposta é|antwort:|respuesta:|réponse ?:|ответ:)[ :*_]*([^\n]{1,160})"
    r"|(?:答案|答)[是为:：]+ ?([^\n。]{1,80})",
    re.IGNORECASE,
)
_ELSEWHERE = ("espuesta", "éponse", "ntwort", "isposta", "esposta", "твет", "答")
_STATEMENT_END = re.compile(
    r"\.(?=\s|$|\*)|[;。?]|!(?=\s|$)|, (?:because|since|as|which|so)\b| because\b| since\b"
)
_OPTION = re.compile(r"(?:option|choice|answer)? ?\(?\b([A-J])\b[).:]?(?=$|[\s.,:;)*-])")
_LISTED_OPTION = re.compile(r"(?:^|[\s(])\(?([A-J])[).:]+ ?([^\n]{1,80}?)(?=\s+\(?[B-J][).:]|\n|$)")
_DECORATION = re.compile(r"[\s$€£¥,*_`{}~\"]|(?<!\w)'+|'+(?!\w)|''|°|(?<=\s)-+(?=\s)")
_ENDS = ".:;()!。！？；：…《》<>"
_HIDDEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]{1,500}\)")
_TAG = re.compile(r"</?(?:p|b|i|u|strong|em|br|li|ul|span) ?/?>", re.IGNORECASE)
_LONE_ONE = re.compile(r"\W*one\b(?! of\b)", re.IGNORECASE)
MAX_BOXES = 50
MOST_DIGITS = 18
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:/[1-9]\d*|[eE]-?\d{1,3})?")
_BOUND = re.compile(r"[√∛^_]|[\dπ)]/|\d[!^/A-Za-zα-ω]")
_BOUND_BEFORE = re.compile(r"(?:[√∛^_]|[\dπ)]/)\(?$")
_BOUND_BEHIND = re.compile(r"[!^](?=\S|$)|/[\dπ√(]|[A-Za-zα-ω](?!\w)")
_BINDING = frozenset("-±√∛^_/")
"""Signs that make another value of what they stand before."""
ONE_STATEMENT = 200
"""What is longer is no statement of an answer, but a text that has one."""


def hashes(text: str) -> str:
    """The last `#### answer`, or ""."""
    if "####" not in text:
        return ""
    found = [mark.rstrip(" \t") for mark in HASHES.findall(text)[-1:]]
    return found[-1] if found and len(found[-1]) <= 60 and not found[-1].endswith(":") else ""


def boxed(text: str) -> str:
    r"""The contents of the last `\boxed{}` whose braces close, or ""."""
    return next(boxes(text), "")


def boxes(text: str) -> Iterator[str]:
    r"""The contents of each `\boxed{}` whose braces close, the last one first."""
    if "\\" not in text:
        return
    for m in reversed([*_BOXED.finditer(text)][-MAX_BOXES:]):
        depth, at = 1, m.end()
        while at < min(len(text), m.end() + 500) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        if not depth:
            yield text[m.end() : at - 1]


def stated(text: str) -> str:
    """What the last "the answer is ..." says, up to the end of the statement, or ""."""
    found = ""
    if "nswer" in text or "NSWER" in text:
        found = (_STATED.findall(text) or [""])[-1]
    if not found and any(word in text for word in _ELSEWHERE):
        found = "".join((_STATED_ELSEWHERE.findall(text) or [("", "")])[-1])
    return _STATEMENT_END.split(found, maxsplit=1)[0].strip(" *_:\"'") if found else ""


def options_in(instruction: str) -> Mapping[str, str]:
    """The options of a multiple-choice question, text by letter; empty where there are none."""
    if ")" not in instruction and ". " not in instruction and ":" not in instruction:
        return {}
    found = {
        m[1]: m[2].strip(" .;,").lower() for m in _LISTED_OPTION.finditer(instruction[:20_000])
    }
    return found if {"A", "B"} <= found.keys() else {}


def option_letter(answer: str) -> str:
    """The letter that an answer begins with, as in `B`, `(B) Paris`, `option B`; "" for none."""
    m = _OPTION.match(answer.strip(" *_"))
    return m[1] if m else ""


def same_answer(one: str, other: str) -> bool:
    """Equal as text, as value, or sign by sign; `x =` and a unit may be there or not.

    Words around a number may go and come, but a unit is not exchanged for another one.
    """
    one, other = _without_name(face(one), face(other))
    if one == other:
        return True
    first, second = _form(one), _form(other)
    if _has_signs(first + second):
        return first == second and _same_units(one, other)
    if first or second:
        return _values(one) == _values(other) and _same_units(one, other)
    return bool(bare(one)) and bare(one) in bare(other)


def _without_name(one: str, other: str) -> tuple[str, str]:
    """Where one of two answers is an equation, its right side; `y = 2` and `z = 2` are not one."""
    if ("=" in one) == ("=" in other):
        return one, other
    return one.rpartition("=")[2], other.rpartition("=")[2]


def states(text: str, answer: str) -> bool:
    """Whether the text contains the answer: its signs, its number (also in words) or its words."""
    if answer.isdigit() and "\\" not in text and answer in NUMERAL.findall(text):
        return _stands_alone(answer, text)
    text, answer = face(text), face(answer)
    if "=" in answer and "=" not in text:
        answer = answer.rpartition("=")[2]
    wanted = _form(answer)
    if _has_signs(wanted):
        return _holds(_form(text), wanted)
    values = _values(answer)
    if not values:
        return bare(answer) in bare(text)
    held = {*_values(text), *_signed(_form(text))}
    if "/" in answer:
        values = _signed(wanted)
    return all(value in held and _stands_alone(value, text) for value in values)


def _signed(form: Sequence[str]) -> list[str]:
    """The numbers among the signs; a minus that stands before one alone is part of it."""
    found: list[str] = []
    for at, sign in enumerate(form):
        if _value(sign) is not None:
            alone = at < 2 or not (form[at - 2][-1].isalnum() or form[at - 2] in ")]}")
            found.append("-" + sign if at and form[at - 1] == "-" and alone else sign)
    return found


def _stands_alone(value: str, text: str) -> bool:
    """In a short statement a number is no part of `√3`, `3x` or `3!`."""
    if len(text) > ONE_STATEMENT or not _BOUND.search(text):
        return True
    places = [q for q in quantities(text) if q.value == value]
    return not places or any(
        q.unit or not (_BOUND_BEFORE.search(text[: q.start]) or _BOUND_BEHIND.match(text, q.end))
        for q in places
    )


def has_signs(answer: str) -> bool:
    """Whether an answer is a formula: more than words and numbers."""
    return _has_signs(_form(face(answer)))


@lru_cache(maxsize=64)
def face(text: str) -> str:
    """What a reader sees: entities, tags, links and invisible signs read, one style of marks."""
    text = html.unescape(text) if "&" in text else text
    text = _TAG.sub("", text) if "<" in text else text
    text = ESCAPE.sub(" ", text) if "\\" in text else text
    text = _LINK.sub(r"\1", text) if "](" in text else text
    if not text.isascii():
        text = unicodedata.normalize("NFC", _HIDDEN.sub("", text))
    return plain_math(plain(text))


def bare(answer: str) -> str:
    """The letters, digits and signs of a text that `face` has read, in lower case."""
    return _DECORATION.sub("", answer.strip(" .*")).strip(_ENDS).casefold()


def _form(answer: str) -> tuple[str, ...]:
    """The signs of an answer in their order, with numbers as values; words are left out."""
    found = tokens(answer.strip(" .*$"), numbers=True)
    return _quotients([token.text for token in found if not token.is_word])


def _quotients(signs: list[str]) -> tuple[str, ...]:
    """Quotients of whole numbers as one value each: `1/2` as `0.5`."""
    read: list[str] = []
    for sign in signs:
        value = _value(sign)
        divided = value is not None and len(read) > 1 and read[-1] == "/" and _value(read[-2])
        alone = len(read) < 3 or read[-3] not in tuple("^_/√")
        if divided and value and alone:
            read[-2:] = [_quotient(read[-2], sign)]
        else:
            read.append(sign if value is None else _quotient(sign, "1"))
    return tuple(read)


@lru_cache(maxsize=4096)
def _quotient(above: str, below: str) -> str:
    return _decimal(Fraction(above) / Fraction(below))


@lru_cache(maxsize=4096)
def _value(sign: str) -> Fraction | None:
    if not sign[0].isdigit() or len(sign) > MOST_DIGITS:
        return None
    return Fraction(sign) if _NUMBER.fullmatch(sign) else None


def _has_signs(form: Sequence[str]) -> bool:
    """Whether there is more than numbers, of which a minus is part."""
    return any(_value(sign) is None and sign != "-" for sign in form)


def _holds(form: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted signs stand in the others in one piece, as all of a formula."""
    size = len(wanted)
    return any(
        tuple(form[at : at + size]) == wanted and not (at and form[at - 1] in _BINDING)
        for at in range(len(form) - size + 1)
    )


def _same_units(one: str, other: str) -> bool:
    first, second = ({q.unit for q in quantities(text) if q.unit} for text in (one, other))
    if ("percent" in first) != ("percent" in second):
        return False
    return not first or not second or first == second


def _values(text: str) -> list[str]:
    """The numbers of a text as canonical values; a whole expression counts as its value."""
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return [str(int(text))]
    expression = signs_only(text).strip(" .$")
    value = evaluate(expression) if re.fullmatch(r"[-\d+*/(). ]{1,60}", expression) else None
    if value is not None:
        return [_decimal(value)]
    return [q.value for q in quantities(text)] or (["1"] if _LONE_ONE.match(text) else [])


def _decimal(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    digits = f"{float(value):.6f}".rstrip("0")
    return digits if Fraction(digits) == value else str(value)
