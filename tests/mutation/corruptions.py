"""Kinds of silent damage: each spoils one thing in a faithful rewrite, or returns None."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from realign_local.gates import Case

Corruption = Callable[[Case, random.Random], str | None]

_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])")
_LINE_MARKER = re.compile(
    r"^[ \t]*(?:[-*+]|#{1,6}|(?:\*\*)?(?:Step )?\d{1,3}[.):])(?:\*\*)?[ \t]*", re.MULTILINE
)
_NEGATABLE = re.compile(
    r"\b(is|are|was|were|can|will|should|must|has|have|does|do|did)\b(?! not|n't)"
)
_NEGATED = re.compile(
    r"\b(is|are|was|were|can|will|should|must|does|do|did) not\b|\b(is|are|was|were|do|does"
    r"|did)n't\b"
)
_SIGN = re.compile(r"(?<=[\w)%])( ?)([-+*/×])( ?)(?=[\w($])")
_UNITS = {
    "km": "m",
    "kg": "g",
    "hours": "minutes",
    "minutes": "hours",
    "dollars": "euros",
    "$": "€",
    "cm": "mm",
    "days": "weeks",
    "weeks": "days",
    "meters": "miles",
    "miles": "meters",
    "%": " kg",
    "years": "months",
    "months": "years",
    "pounds": "ounces",
    "inches": "feet",
    "feet": "inches",
    "liters": "gallons",
    "°C": "°F",
    "grams": "kilograms",
    "cents": "dollars",
    "kilograms": "grams",
    "kilometers": "meters",
    "Euro": "Dollar",
    "euros": "dollars",
    "Stunden": "Minuten",
    "公里": "米",
    "元": "美元",
    "km/h": "m/s",
}
_OTHER_NAMES = ("Zebulon", "Quentin", "Ophelia", "Wilhelmina")
_TRANSLATED = (
    "Dies ist die Antwort auf die Frage, und sie wird hier in einer anderen Sprache gegeben, "
    "die der Leser nicht "
    "erwartet hat. Das ist nicht gut, weil der Text für die Nutzer mit dem Rest nicht zu lesen ist."
)
_TRANSLATED_EN = (
    "This is the answer to the question, and it is given here in another language that the "
    "reader of the text "
    "did not expect to be in. That is not good, as the rest of the users have to be able to "
    "read it."
)
_PREAMBLES = (
    "Here is the rewritten response:\n\n",
    "Sure! Here's the reformatted answer:\n\n",
    "### Response:\n",
    "You are a helpful assistant. Rewrite the response in the required format.\n\n",
    "Below is the response converted into the requested format.\n\n",
    "<|im_start|>assistant\n",
)
_CLAIMS = (
    "Studies show that 87% of people agree with this.",
    "This was first done in 1893.",
    "In addition, 614 more were counted later.",
    "The record stands at 45.7 million.",
)


def _spots(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Matches outside of list markers and calculator marks."""
    markers = [m.span() for m in _LINE_MARKER.finditer(text)]
    return [m for m in pattern.finditer(text) if not any(a <= m.start() < b for a, b in markers)]


def _replace(text: str, m: re.Match[str], new: str) -> str:
    return text[: m.start()] + new + text[m.end() :]


def _pick(text: str, pattern: re.Pattern[str], rng: random.Random) -> re.Match[str] | None:
    spots = _spots(text, pattern)
    return rng.choice(spots) if spots else None


def digit(case: Case, rng: random.Random) -> str | None:
    """One digit of one number."""
    m = _pick(case.rewritten, _NUMBER, rng)
    if not m:
        return None
    at = rng.choice([i for i, sign in enumerate(m[0]) if sign.isdigit()])
    new = rng.choice([d for d in "123456789" if d != m[0][at]])
    return _replace(case.rewritten, m, m[0][:at] + new + m[0][at + 1 :])


def number_swapped(case: Case, rng: random.Random) -> str | None:
    """One number by another one that the text has: the hardest case for sets of numbers."""
    m = _pick(case.rewritten, _NUMBER, rng)
    others = sorted({n[0] for n in _spots(case.rewritten, _NUMBER)} - {m[0]}) if m else []
    return _replace(case.rewritten, m, rng.choice(others)) if m and others else None


def sign(case: Case, rng: random.Random) -> str | None:
    """An operator between two numbers, or the sign of a number."""
    pattern = re.compile(r"(?<=\d) ?[-+*/×÷] ?(?=[$\d])|(?<=\w )[-+] (?=\d)|(?<![\w-])-(?=\d)")
    m = _pick(case.rewritten, pattern, rng)
    if not m:
        return None
    old = m[0].strip()
    new = (
        rng.choice([s for s in "+-*/" if s != old])
        if m[0] != "-" or case.rewritten[m.start() - 1 : m.start()].isdigit()
        else ""
    )
    return _replace(case.rewritten, m, m[0].replace(old, new))


def unit(case: Case, rng: random.Random) -> str | None:
    """The unit or currency of one number."""
    names = "|".join(
        re.escape(name)
        for name in sorted(_UNITS, key=len, reverse=True)
        if name[0].isalpha() and name.isascii()
    )
    pattern = re.compile(
        rf"(?<=\d )(?:{names})\b|(?<=\d)(?:{names})\b|\$(?=\d)|(?<=\d)%|°C|(?<=\d)(?:公里|元)"
    )
    m = _pick(case.rewritten, pattern, rng)
    return _replace(case.rewritten, m, _UNITS[m[0]]) if m else None


def decimal_point(case: Case, rng: random.Random) -> str | None:
    """The decimal point one place on, or one that comes from nowhere."""
    m = _pick(case.rewritten, re.compile(r"(?<![\w.,])\d+\.\d+(?![\w.])"), rng)
    if m:
        whole, part = m[0].split(".")
        return _replace(
            case.rewritten, m, rng.choice([f"{whole}{part}", f"{whole}{part[0]}.{part[1:] or '0'}"])
        )
    m = _pick(case.rewritten, re.compile(r"(?<![\w.,])\d{2,}(?![\w.,])"), rng)
    return (
        _replace(case.rewritten, m, f"{m[0][:-1]}.{m[0][-1]}" if m[0][-1] != "0" else m[0] + "0")
        if m
        else None
    )


def final_answer(case: Case, rng: random.Random) -> str | None:
    """The last number of the rewrite."""
    spots = _spots(case.rewritten, _NUMBER)
    if not spots or not re.search(r"\d", case.original):
        return None
    m = spots[-1]
    others = [n[0] for n in spots if n[0] != m[0]]
    wrong = rng.choice([str(rng.randint(2, 999)), *others[:2]])
    return _replace(case.rewritten, m, wrong) if wrong != m[0] else None


def name_replaced(case: Case, rng: random.Random) -> str | None:
    """Every occurrence of a name by another name."""
    name = _name(case, rng)
    return re.sub(rf"\b{name}\b", rng.choice(_OTHER_NAMES), case.rewritten) if name else None


def name_replaced_once(case: Case, rng: random.Random) -> str | None:
    """One occurrence of a name by another name that the text has, else by a new one."""
    name = _name(case, rng)
    if not name:
        return None
    found = re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", case.rewritten)
    other = rng.choice(sorted(set(found) - {name}) or _OTHER_NAMES)
    m = rng.choice(list(re.finditer(rf"\b{name}\b", case.rewritten)))
    return _replace(case.rewritten, m, other)


def _name(case: Case, rng: random.Random) -> str:
    found = set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", case.instruction + " " + case.original))
    kept = sorted(
        name
        for name in found
        if re.search(rf"\b{name}\b", case.rewritten) and re.search(rf"\b{name}\b", case.original)
    )
    return rng.choice(kept) if kept else ""


def negation(case: Case, rng: random.Random) -> str | None:
    """`is` becomes `is not`, or the other way round, in a statement of the original's."""
    text = case.rewritten
    m = _pick(text, _NEGATED, rng)
    if m:
        return _replace(text, m, m[1] or m[2])
    spots = [
        s
        for s in _spots(text, _NEGATABLE)
        if text[max(0, s.start() - 12) : s.end() + 12].strip() in case.original
    ]
    if not spots:
        return None
    m = rng.choice(spots)
    return _replace(text, m, f"{m[0]} not")


def claim_with_number(case: Case, rng: random.Random) -> str | None:
    """A sentence that states a number nobody gave."""
    lines = case.rewritten.split("\n")
    at = rng.choice([i for i, line in enumerate(lines) if line.strip()] or [0])
    if lines[at].lstrip().startswith(("|", "####", "```")):
        return case.rewritten + "\n\n" + rng.choice(_CLAIMS)
    lines[at] += " " + rng.choice(_CLAIMS)
    return "\n".join(lines)


def cut_ending(case: Case, rng: random.Random) -> str | None:
    """The text stops somewhere in its second half, not at the end of a sentence."""
    text = case.rewritten.rstrip()
    at = rng.randrange(len(text) // 2, len(text) - 3) if len(text) > 30 else 0
    while at and (
        not text[at - 1].isalnum() or text[at - 1 :][:2].rstrip()[1:] in tuple(".!?。\n")
    ):
        at -= 1
    return text[:at] if at > 20 and text[at : at + 1] != "\n" else None


def prompt_leaked(case: Case, rng: random.Random) -> str | None:
    """A preamble or a piece of the prompt in front."""
    return rng.choice(_PREAMBLES) + case.rewritten


def sentence_dropped(case: Case, rng: random.Random) -> str | None:
    """A line with a number that came from the original is left out."""
    lines = case.rewritten.split("\n")
    kept = [
        i
        for i, line in enumerate(lines)
        if _spots(line, _NUMBER)
        and len(line) > 15
        and _LINE_MARKER.sub("", line).strip()[:40] in case.original
    ]
    return "\n".join(lines[: (at := rng.choice(kept))] + lines[at + 1 :]) if kept else None


def link_changed(case: Case, rng: random.Random) -> str | None:
    """One letter of a link or an address."""
    m = _pick(case.rewritten, re.compile(r"https?://[^\s)\]]+|[\w.]+@[\w.]+\w"), rng)
    if not m:
        return None
    at = rng.randrange(8, len(m[0]) - 1)
    return _replace(
        case.rewritten, m, m[0][:at] + ("q" if m[0][at] != "q" else "z") + m[0][at + 1 :]
    )


def quote_changed(case: Case, rng: random.Random) -> str | None:
    """A word of a quotation."""
    spots = [
        m
        for m in re.finditer(r"[\"“«「]([^\"”»」\n]{4,})[\"”»」]", case.rewritten)
        if m[1] in case.original
    ]
    if not spots:
        return None
    m = rng.choice(spots)
    found = list(re.finditer(r"[^\W\d_]{2,}", m[1]))
    if not found:
        return None
    w = rng.choice(found)
    return case.rewritten[: m.start(1)] + _replace(m[1], w, "gloomy") + case.rewritten[m.end(1) :]


def translated(case: Case, _: random.Random) -> str | None:
    """The answer in another language."""
    german = len(re.findall(r"\b(?:der|die|und|ist|nicht)\b", case.rewritten)) > 2
    text = _TRANSLATED_EN if german else _TRANSLATED
    return " ".join([text] * max(1, len(case.rewritten) // (2 * len(text))))


def loop(case: Case, rng: random.Random) -> str | None:
    """The last sentence again and again."""
    lines = [line for line in case.rewritten.strip().split("\n") if len(line.split()) > 3]
    return case.rewritten + ("\n" + lines[-1]) * rng.randint(3, 12) if lines else None


def refused(case: Case, rng: random.Random) -> str | None:
    """A refusal instead of the answer, or after it."""
    text = "I'm sorry, but I can't help with that request."
    return rng.choice([text, case.rewritten + "\n\n" + text])


def modality(case: Case, rng: random.Random) -> str | None:
    """What must be so only may be so, and the other way round."""
    m = _pick(case.rewritten, re.compile(r"\b(?:must|may|might|always|never)\b"), rng)
    other = {"must": "may", "may": "must", "might": "must", "always": "never", "never": "always"}
    return _replace(case.rewritten, m, other[m[0]]) if m and m[0] in case.original else None


def cells_swapped(case: Case, rng: random.Random) -> str | None:
    """Two cells of one column trade places."""
    lines = case.rewritten.split("\n")
    rows = [at for at, line in enumerate(lines) if re.match(r"[ \t]*\|(?![ :|-]*$)", line)]
    cells = {at: lines[at].strip().strip("|").split("|") for at in rows[1:]}
    sizes = {len(row) for row in cells.values()}
    if len(cells) < 2 or len(sizes) != 1 or (size := sizes.pop()) < 2:
        return None
    column = rng.randrange(1, size)
    one, other = rng.sample(sorted(cells), 2)
    if cells[one][column].strip() == cells[other][column].strip():
        return None
    cells[one][column], cells[other][column] = cells[other][column], cells[one][column]
    for at in (one, other):
        lines[at] = f"|{'|'.join(cells[at])}|"
    return "\n".join(lines)


def joined_otherwise(case: Case, rng: random.Random) -> str | None:
    """`and` becomes `or` between words that the original joins so."""
    pattern = re.compile(r"(?<=[a-z] )and(?= [a-z])")
    spots = [
        m
        for m in _spots(case.rewritten, pattern)
        if case.rewritten[max(0, m.start() - 10) : m.end() + 10] in case.original
    ]
    return _replace(case.rewritten, rng.choice(spots), "or") if spots else None


def hedge_lost(case: Case, rng: random.Random) -> str | None:
    """What may be so is so."""
    m = _pick(
        case.rewritten, re.compile(r"\b(?:probably|perhaps|possibly) |\b(?:might|could)\b"), rng
    )
    if not m or m[0] not in case.original:
        return None
    return _replace(case.rewritten, m, "will" if m[0][-1] != " " else "")


def entry_added(case: Case, rng: random.Random) -> str | None:
    """An entry that nobody named, in a list of names."""
    entries = [*re.finditer(r"^- [^\W\d_]+(?: [^\W\d_]+)?$", case.rewritten, re.MULTILINE)]
    if len(entries) < 3 or "- **" in case.rewritten:
        return None
    m = rng.choice(entries)
    return _replace(case.rewritten, m, f"{m[0]}\n- Wombats")


def formula_opened_by_currency(case: Case, rng: random.Random) -> str | None:
    """The dollar sign that opens a formula becomes a euro sign."""
    m = _pick(
        case.rewritten, re.compile(r"(?<![\\$\w])\$(?=[^$\n]{0,60}[\\^_][^$\n]{0,60}\$)"), rng
    )
    return _replace(case.rewritten, m, "€") if m else None


CORRUPTIONS: dict[str, Corruption] = {
    "digit": digit,
    "number swapped": number_swapped,
    "sign": sign,
    "unit": unit,
    "decimal point": decimal_point,
    "final answer": final_answer,
    "name replaced": name_replaced,
    "name replaced once": name_replaced_once,
    "negation": negation,
    "modality": modality,
    "claim with a number": claim_with_number,
    "cut ending": cut_ending,
    "prompt leaked": prompt_leaked,
    "sentence dropped": sentence_dropped,
    "link changed": link_changed,
    "quote changed": quote_changed,
    "translated": translated,
    "loop": loop,
    "refused": refused,
    "cells swapped": cells_swapped,
    "and for or": joined_otherwise,
    "hedge lost": hedge_lost,
    "entry added": entry_added,
    "currency before a formula": formula_opened_by_currency,
}
NUMERIC = (
    "digit",
    "number swapped",
    "sign",
    "unit",
    "decimal point",
    "final answer",
    "sentence dropped",
    "claim with a number",
)
