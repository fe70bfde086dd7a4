"""The templates whose content a reader sees: locales/templates.toml names them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from realign_local.evidence.wiki import dates, strings, values
from realign_local.evidence.wiki.arguments import Arguments, arguments_of
from realign_local.evidence.wiki.locale import ENGLISH, Locale
from realign_local.evidence.wiki.locales import read_table
from realign_local.evidence.wiki.measures import convert
from realign_local.evidence.wiki.values import JOINT, Handler

MOST_GUESSED_CHARACTERS = 80
_FRACTION = re.compile(r"\d+/\d+")
_MARK_WIDTH = re.compile(r"\d+(px|em)")  # of a pull quote's quotation marks
_TABLE = read_table("templates")
_INFOBOX = re.compile("|".join(_TABLE["infobox"]["patterns"]))
_NO_FACT = re.compile(
    rf"(^|[ _])({'|'.join(_TABLE['infobox']['not_facts'])})([ _\d]|$)", re.IGNORECASE
)
_SHOWN = re.compile("|".join(_TABLE["shown"]["patterns"]))
_DROPPED = re.compile(rf"({'|'.join(_TABLE['drop']['patterns'])})")


def normal_name(name: str) -> str:
    """A template's name as the table has it: lower case, single spaces, without its namespace."""
    name = " ".join(name.replace("_", " ").lower().split())
    return name.removeprefix("template:").removeprefix("subst:").strip()


def render(
    name: str, node: Any, code: Callable[[Any], str], locale: Locale = ENGLISH
) -> str | None:
    """The text of a template, or None where it is one that is left out or not known.

    An unknown template with a single parameter is taken for a wrapper around text; of one with
    more, parameters that hold a number are given in a row, as losing them would be worse.
    """
    if ":" in name and (function := _FUNCTIONS.get(name.partition(":")[0])):
        return function(code(node.name).partition(":")[2].strip(), arguments_of(node, code, locale))
    handler = _BY_LANGUAGE.get(locale.language, {}).get(name) or RENDERERS.get(name)
    if handler is None and name.startswith(("lang-", "link-")):
        handler = _first
    if handler is None and not _DROPPED.match(name):
        handler = _guess(name, node)
    return handler(arguments_of(node, code, locale)) if handler else None


def _guess(name: str, node: Any) -> Handler | None:
    if _FRACTION.fullmatch(name):
        return _constant(f"{JOINT}{name}")
    if not node.params and _SHOWN.fullmatch(shown := " ".join(str(node.name).split())):
        return _constant(shown)
    by_place = [parameter for parameter in node.params if not parameter.showkey]
    if len(node.params) == 1 and by_place:
        return _first
    text = "".join(str(parameter.value) for parameter in by_place)
    if len(text) <= MOST_GUESSED_CHARACTERS and any(map(str.isdigit, text)):
        return values.in_a_row
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


def _tracks(a: Arguments) -> str:
    rows = []
    for n in range(1, 60):
        if title := a.get(f"title{n}"):
            rows.append(
                f"- {n}. {title}" + (f" ({a.get(f'length{n}')})" if a.get(f"length{n}") else "")
            )
    return "\n" + "\n".join(rows) + "\n" if rows else ""


def _linked(a: Arguments) -> str:
    """A link into another wiki: its text, else the name in this one, else the foreign one."""
    own = a.get("texte", "text", "fr", a.locale.language, "lt")
    return own or a[1] or a.get("trad") or a[3]


def _not_available(a: Arguments) -> str:
    return a[1] or "N/A"


def _accidental(a: Arguments) -> str:
    return {"sharp": "♯", "flat": "♭", "natural": "♮"}.get(a[1], a[1])


def _commas(a: Arguments) -> str:
    return ", ".join(part for part in a.positional if part)


def _literally(a: Arguments) -> str:
    return f"lit. {a[1]}" if a[1] else ""


def _nuclide(a: Arguments) -> str:
    return f"{a[1]}-{a[2]}".rstrip("-")


def _old_style(a: Arguments) -> str:
    return f"{a[1]} {a[2]} [O.S. {a[3]}]"


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
    "frac": values.frac,
    "val": values.val,
    "scientific": values.scientific,
    "superscript": values.superscript,
    "chem": _chem,
    "number": values.number,
    "ordinal": values.ordinal,
    "percentage": values.percentage,
    "sic": _sic,
    "sortname": _sortname,
    "quote": _quote,
    "lines": _lines,
    "commas": _commas,
    "start_date": dates.start_date,
    "first_of_month": dates.first_of_month,
    "century": dates.century,
    "century_before_christ": dates.century_before_christ,
    "days_between": dates.days_between,
    "rounded": values.rounded,
    "winning_percentage": values.winning_percentage,
    "str_left": strings.left,
    "str_right": strings.right,
    "str_end": strings.end,
    "str_crop": strings.crop,
    "str_sub": strings.sub,
    "str_index": strings.index,
    "str_length": strings.length,
    "replaced": strings.replaced,
    "with_unit": values.with_unit,
    "metres": values.followed_by(" m"),
    "degrees": values.followed_by("°"),
    "year_of_era": values.year_of_era,
    "roman": values.roman,
    "linked": _linked,
    "coordinates_by_name": values.coordinates_by_name,
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
    "height": values.height,
    "coordinates": values.coordinates,
    "ship": _ship,
    "tracks": _tracks,
    "not_available": _not_available,
    "currency": values.currency_amount,
    "power": values.power,
    "rupees": values.rupees,
    "nuclide": _nuclide,
    "old_style": _old_style,
    "populations": values.populations,
    "accidental": _accidental,
    "rating": values.rating,
    "ratio": values.ratio,
}
_NAVIES = ("USS", "USNS", "USCGC", "HMS", "HMAS", "HMCS", "SMS", "RMS", "SS", "MV", "INS")


def _read_renderers() -> dict[str, Handler]:
    """Template name to handler, from the table."""
    found = {name: _HANDLERS[h] for h, names in _TABLE["render"].items() for name in names}
    for sign, names in _TABLE["currency"].items():
        found |= dict.fromkeys(names, values.currency(sign))
    found |= {name: _constant(text) for text, names in _TABLE["text"].items() for name in names}
    for code in _TABLE["money"]["codes"]:
        found[f"{code}convert"] = values.converted_money(code.upper())
    return found | {navy.lower(): _navy(navy) for navy in _NAVIES}


def _read_by_language() -> dict[str, dict[str, Handler]]:
    """Names that mean something in one language only: s is a century in French."""
    return {
        language: {name: _HANDLERS[h] for h, names in handlers.items() for name in names}
        for language, handlers in _TABLE["language"].items()
    }


RENDERERS = _read_renderers()
_BY_LANGUAGE = _read_by_language()

_FUNCTIONS: dict[str, Callable[[str, Arguments], str]] = {
    "formatnum": values.formatted,
    "lc": lambda text, _: text.lower(),
    "uc": lambda text, _: text.upper(),
    "ucfirst": lambda text, _: text[:1].upper() + text[1:],
    "lcfirst": lambda text, _: text[:1].lower() + text[1:],
    "nowrap": lambda text, _: text,
}
