r"""Where an answer is stated (`####`, `\boxed{}`, an option letter, ...) and when two are equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from realign_local.gates.math_forms import evaluate, plain_math, signs_only
from realign_local.gates.number_forms import NUMERAL, quantities
from realign_local.gates.prose import plain

HASHES = re.compile(r"^[ \t]*####[ \t]*([^\s#][^\n]*)$", re.MULTILINE)
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
    r"\.(?=\s|$|\*)|[;。!?]|, (?:because|since|as|which|so)\b| because\b| since\b"
)
_OPTION = re.compile(r"(?:option|choice|answer)? ?\(?\b([A-J])\b[).:]?(?=$|[\s.,:;)*-])")
_LISTED_OPTION = re.compile(r"(?:^|[\s(])\(?([A-J])[).:]+ ?([^\n]{1,80}?)(?=\s+\(?[B-J][).:]|\n|$)")
_DECORATION = re.compile(r"[\s$€£¥,*_`{}~]|\\[a-zA-Z]+|°")
_LONE_ONE = re.compile(r"\W*one\b(?! of\b)", re.IGNORECASE)
MAX_BOXES = 50
MOST_DIGITS = 18
_ASSIGNED = re.compile(r"^[A-Za-z]\w{0,2}\s*=\s*(?=[^=])")


def hashes(text: str) -> str:
    """The last `#### answer`, or ""."""
    if "####" not in text:
        return ""
    found = [mark.rstrip(" \t") for mark in HASHES.findall(text)[-1:]]
    return found[-1] if found and len(found[-1]) <= 60 and not found[-1].endswith(":") else ""


def boxed(text: str) -> str:
    r"""The contents of the last `\boxed{}` whose braces close, or ""."""
    if "\\" not in text:
        return ""
    for m in reversed([*_BOXED.finditer(text)][-MAX_BOXES:]):
        depth, at = 1, m.end()
        while at < min(len(text), m.end() + 500) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        if not depth:
            return text[m.end() : at - 1]
    return ""


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
    """Equal as text, as number, as value of an expression, or with `x =` and units taken off."""
    if one == other or _bare(one) == _bare(other):
        return True
    first, second = _values(one), _values(other)
    if first and second:
        return first == second or (len(first) == 1 and first[0] in second)
    return bool(_bare(one)) and _bare(one) in _bare(other) and not first


def states(text: str, answer: str) -> bool:
    """Whether the text contains the answer: its number (in digits or words), else its words."""
    if answer.isdigit() and answer in NUMERAL.findall(text):
        return True
    wanted = _values(answer)
    if not wanted:
        return _bare(answer) in _bare(text)
    held = _values(text)
    return all(value in held for value in wanted) or _bare(answer) in _bare(text).split("=")


def _bare(answer: str) -> str:
    text = _ASSIGNED.sub("", plain_math(answer.strip(" .*")))
    return _DECORATION.sub("", text).strip(".:;()").casefold()


def _values(text: str) -> list[str]:
    """The numbers of a text as canonical values; a whole expression counts as its value."""
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return [str(int(text))]
    cleaned = plain(text)
    expression = signs_only(_ASSIGNED.sub("", cleaned)).strip(" .$")
    value = evaluate(expression) if re.fullmatch(r"[-\d+*/(). ]{1,60}", expression) else None
    if value is not None:
        return [_decimal(value)]
    return [q.value for q in quantities(cleaned)] or (["1"] if _LONE_ONE.match(cleaned) else [])


def _decimal(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    digits = f"{float(value):.6f}".rstrip("0")
    return digits if Fraction(digits) == value else str(value)
