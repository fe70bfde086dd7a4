"""The templates whose content a reader sees: tables/templates.toml names them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from realign_local.evidence import dates
from realign_local.evidence.arguments import Arguments, arguments_of
from realign_local.evidence.measures import convert, number_of
from realign_local.evidence.tables import read_table

Handler = Callable[[Arguments], str]
JOINT = "\u200a"  # before a fraction: a space if a digit stands there, else nothing
MOST_GUESSED_CHARACTERS = 80
_FRACTION = re.compile(r"\d+/\d+")
_MARK_WIDTH = re.compile(r"\d+(px|em)")  # of a pull quote's quotation marks
_TABLE = read_table("templates")
_INFOBOX = re.compile("|".join(_TABLE["infobox"]["patterns"]))
_NO_FACT = re.compile(
    rf"(^|[ _])({'|'.join(_TABLE['infobox']['not_facts'])})([ _\d]|$)", re.IGNORECASE
)
_DROPPED = re.compile(rf"({'|'.join(_TABLE['drop']['patterns'])})")


def normal_name(name: str) -> str:
    """A template's name as the table has it: lower case, single spaces, without its namespace."""
    name = " ".join(name.replace("_", " ").lower().split())
    return name.removeprefix("template:").removeprefix("subst:").strip()


def render(name: str, node: Any, code: Callable[[Any], str]) -> str | None:
    """The text of a template, or None where it is one that is left out or not known.

    An unknown template with a single parameter is taken for a wrapper around text; of one with
    more, parameters that hold a number are given in a row, as losing them would be worse.
    """
    if ":" in name and (function := _FUNCTIONS.get(name.partition(":")[0])):
        return function(code(node.name).partition(":")[2].strip(), arguments_of(node, code))
    handler = RENDERERS.get(name)
    if handler is None and name.startswith("lang-"):
        handler = _first
    if handler is None and not _DROPPED.match(name):
        handler = _guess(name, node)
    return handler(arguments_of(node, code)) if handler else None


def _guess(name: str, node: Any) -> Handler | None:
    if _FRACTION.fullmatch(name):
        return _constant(f"{JOINT}{name}")
    by_place = [parameter for parameter in node.params if not parameter.showkey]
    if len(node.params) == 1 and by_place:
        return _first
    text = "".join(str(parameter.value) for parameter in by_place)
    if len(text) <= MOST_GUESSED_CHARACTERS and any(map(str.isdigit, text)):
        return _in_a_row
    named = [str(p.value) for p in node.params if p.showkey and is_fact(str(p.name).strip())]
    # Of one alone, it is the date of a complaint about the page.
    return _facts if len(named) > 1 and any(map(str.isdigit, "".join(named))) else None


def is_infobox(name: str, node: Any, *, lead: bool) -> bool:
    """By its name in the commoner languages, or a large box of named values in the lead section."""
    if _INFOBOX.search(name) and name not in RENDERERS:
        return sum(bool(parameter.showkey) for parameter in node.params) >= 2
    if not lead or name in RENDERERS or _DROPPED.match(name) or len(node.params) < 6:
        return False
    on_lines = sum(str(p.value).endswith("\n") for p in node.params if p.showkey)
    return on_lines >= 5


def is_fact(name: str) -> bool:
    """Whether a parameter of an infobox is about the subject, not about the box's looks."""
    return not (name.isdigit() or _NO_FACT.search(name))


# ------------------------------------------------------------------------------------ renderings


def _first(a: Arguments) -> str:
    return a[1]


def _second(a: Arguments) -> str:
    return a[2] or a[1]


def _in_a_row(a: Arguments) -> str:
    return " ".join(part for part in a.positional if part)


def _facts(a: Arguments) -> str:
    """Values that hold a number, and short ones beside them, by their names."""
    facts = [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in a.named.items()
        if value and is_fact(name) and len(value) <= MOST_GUESSED_CHARACTERS
    ]
    return "\n" + "; ".join([*filter(None, a.positional), *facts]) + "\n"


def _span(a: Arguments) -> str:
    return a.get("text") or a[1]


def _last(a: Arguments) -> str:
    return a.positional[-1] if a.positional else ""


def _constant(text: str) -> Handler:
    return lambda _: text


def _lines(a: Arguments) -> str:
    return "\n" + "\n".join(f"- {part}" for part in a.positional if part) + "\n"


def _quote(a: Arguments) -> str:
    text = a.get("text", "quote", "content") or a[1]
    rest = [p for p in a.positional if not _MARK_WIDTH.fullmatch(p)]
    author, title = (*rest[1:], "", "")[:2] if a[1] else ("", "")
    source = ", ".join(
        filter(None, [a.get("author", "sign", "by") or author, a.get("source", "title") or title])
    )
    return f"\n“{text.strip()}”{f' — {source}' if source else ''}\n" if text else ""


def _frac(a: Arguments) -> str:
    parts = a.positional
    if len(parts) >= 3:
        return f"{JOINT}{parts[0]} {parts[1]}/{parts[2]}"
    return JOINT + (f"{parts[0]}/{parts[1]}" if len(parts) == 2 else f"1/{a[1]}")


def _val(a: Arguments) -> str:
    """{{val|value|uncertainty|e=|u=}}."""
    text = _grouped(a[1]) + (f"±{a[2]}" if number_of(a[2].strip("()")) is not None else "")
    if a[3] and number_of(a[3]) is not None:
        text = f"{_grouped(a[1])} {a[2]} {_grouped(a[3])}"
    text += f"×10^{a.get('e')}" if a.get("e") else ""
    unit = a.get("u", "ul", "upl", "up")
    return f"{a.get('p', 'pre')}{text}{f' {unit}' if unit else ''}{a.get('s', 'suf')}"


def _grouped(text: str) -> str:
    whole, point, rest = text.strip().replace(",", "").partition(".")
    sign = whole[:1] if whole[:1] in "+-−" else ""
    digits = whole.removeprefix(sign) if sign else whole
    return f"{sign}{int(digits):,}{point}{rest}" if digits.isdigit() and digits.isascii() else text


def _chem(a: Arguments) -> str:
    return "".join(a.positional)


def _sic(a: Arguments) -> str:
    return f"{a[1]}{a[2] if not a.get('nolink') else ''} [sic]".strip()


def _sortname(a: Arguments) -> str:
    return f"{a[1]} {a[2]}".strip()


def _nihongo(a: Arguments) -> str:
    extra = ", ".join(part for part in (a[2], a[3], a[4]) if part)
    return f"{a[1]} ({extra})" if a[1] and extra else a[1] or extra


def _chinese(a: Arguments) -> str:
    names = (
        ("c", "Chinese"),
        ("s", "simplified Chinese"),
        ("t", "traditional Chinese"),
        ("p", "pinyin"),
        ("l", "lit."),
    )
    return "; ".join(f"{label}: {a.get(key)}" for key, label in names if a.get(key))


def _ship(a: Arguments) -> str:
    parts = [a[1], a[2], f"({a[3]})" if a[3] else ""]
    return " ".join(part for part in parts if part)


def _navy(prefix: str) -> Handler:
    return lambda a: f"{prefix} {a[1]}" + (f" ({a[2]})" if a[2] else "")


def _height(a: Arguments) -> str:
    if a.get("m"):
        return f"{a.get('m')} m"
    feet = f"{a.get('ft')} ft {a.get('in')} in" if a.get("ft") else ""
    return f"{a.get('cm')} cm" if a.get("cm") else feet.replace("  in", "")


def _coordinates(a: Arguments) -> str:
    """Degrees, minutes and seconds; what follows the second hemisphere is no coordinate."""
    parts: list[str] = []
    signs = iter("°′″")
    for part in a.positional:
        if part in ("N", "S", "E", "W"):
            parts.append(f"{part} ")
            signs = iter("°′″")
            if part in "EW":
                break
        elif number_of(part) is not None:
            parts.append(part + next(signs, ""))
    return "".join(parts).strip()


def _ordinal(a: Arguments) -> str:
    digits = a[1]
    if not digits.isdigit():
        return digits
    teen = digits[-2:] in ("11", "12", "13")
    return digits + ("th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th"))


def _currency(symbol: str) -> Handler:
    return lambda a: f"{symbol}{_grouped(a[1])}" if a[1] else symbol


def _rupees(a: Arguments) -> str:
    """{{INRConvert|amount|c}}: the letters stand for the Indian multiples."""
    multiple = {"k": " thousand", "l": " lakh", "m": " million", "c": " crore", "b": " billion"}
    return f"₹{_grouped(a[1])}{multiple.get(a[2].lower(), '')}" + (" crore" * (a[2] == "lc"))


def _percentage(a: Arguments) -> str:
    top, bottom = number_of(a[1]), number_of(a[2])
    digits = int(a[3]) if a[3].isdigit() else 0
    return f"{100 * top / bottom:.{digits}f}%" if top is not None and bottom else ""


def _tracks(a: Arguments) -> str:
    rows = []
    for n in range(1, 60):
        if title := a.get(f"title{n}"):
            rows.append(
                f"- {n}. {title}" + (f" ({a.get(f'length{n}')})" if a.get(f"length{n}") else "")
            )
    return "\n" + "\n".join(rows) + "\n" if rows else ""


def _populations(a: Arguments) -> str:
    """Pairs of year and number, by position or by name."""
    pairs = list(zip(a.positional[::2], a.positional[1::2], strict=False))
    pairs += [(name, value) for name, value in a.named.items() if name.isdigit()]
    pairs += [(a.get("estyear"), a.get("estimate"))]
    return (
        "\n" + "\n".join(f"- {year}: {_grouped(number)}" for year, number in pairs if number) + "\n"
    )


def _scientific(a: Arguments) -> str:
    return f"×10^{a[1]}"


def _superscript(a: Arguments) -> str:
    return f"^{a[1]}" if a[1] else ""


def _number(a: Arguments) -> str:
    return _grouped(a[1])


def _not_available(a: Arguments) -> str:
    return a[1] or "N/A"


def _accidental(a: Arguments) -> str:
    return {"sharp": "♯", "flat": "♭", "natural": "♮"}.get(a[1], a[1])


def _rating(a: Arguments) -> str:
    return f"{a[1]}/{a[2]}" if a[2] else a[1]


def _ratio(a: Arguments) -> str:
    return ":".join(part for part in a.positional if part)


def _commas(a: Arguments) -> str:
    return ", ".join(part for part in a.positional if part)


def _literally(a: Arguments) -> str:
    return f"lit. {a[1]}" if a[1] else ""


def _power(a: Arguments) -> str:
    return f"{a[1]}^{a[2]}" if a[2] else f"10^{a[1]}"


def _nuclide(a: Arguments) -> str:
    return f"{a[1]}-{a[2]}".rstrip("-")


def _old_style(a: Arguments) -> str:
    return f"{a[1]} {a[2]} [O.S. {a[3]}]"


def _currency_amount(a: Arguments) -> str:
    return f"{a[2] or '$'} {_grouped(a[1])}"


_HANDLERS: dict[str, Handler] = {
    "convert": convert,
    "first": _first,
    "last": _last,
    "second": _second,
    "chinese": _chinese,
    "nihongo": _nihongo,
    "literally": _literally,
    "circa": dates.circa,
    "floruit": dates.floruit,
    "reign": dates.reign,
    "frac": _frac,
    "val": _val,
    "scientific": _scientific,
    "superscript": _superscript,
    "chem": _chem,
    "number": _number,
    "ordinal": _ordinal,
    "percentage": _percentage,
    "sic": _sic,
    "sortname": _sortname,
    "quote": _quote,
    "lines": _lines,
    "commas": _commas,
    "start_date": dates.start_date,
    "death_and_age": dates.death_and_age,
    "death_year": dates.death_year,
    "age_between": dates.age_between,
    "years_and_days": dates.years_and_days,
    "birth_by_age": dates.birth_by_age,
    "span": _span,
    "film_date": dates.film_date,
    "as_of": dates.as_of,
    "marriage": dates.marriage,
    "duration": dates.duration,
    "height": _height,
    "coordinates": _coordinates,
    "ship": _ship,
    "tracks": _tracks,
    "not_available": _not_available,
    "currency": _currency_amount,
    "power": _power,
    "rupees": _rupees,
    "nuclide": _nuclide,
    "old_style": _old_style,
    "populations": _populations,
    "accidental": _accidental,
    "rating": _rating,
    "ratio": _ratio,
}
_NAVIES = ("USS", "USNS", "USCGC", "HMS", "HMAS", "HMCS", "SMS", "RMS", "SS", "MV", "INS")


def _read_renderers() -> dict[str, Handler]:
    """Template name to handler, from the table."""
    found = {name: _HANDLERS[h] for h, names in _TABLE["render"].items() for name in names}
    found |= {name: _currency(sign) for sign, names in _TABLE["currency"].items() for name in names}
    found |= {name: _constant(text) for text, names in _TABLE["text"].items() for name in names}
    return found | {navy.lower(): _navy(navy) for navy in _NAVIES}


RENDERERS = _read_renderers()

_FUNCTIONS: dict[str, Callable[[str, Arguments], str]] = {
    "formatnum": lambda text, _: _grouped(text),
    "lc": lambda text, _: text.lower(),
    "uc": lambda text, _: text.upper(),
    "ucfirst": lambda text, _: text[:1].upper() + text[1:],
    "lcfirst": lambda text, _: text[:1].lower() + text[1:],
    "nowrap": lambda text, _: text,
}
