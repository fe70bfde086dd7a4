"""Numbers, units, money and places in templates, as a wiki's language writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from realign_local.evidence.wiki.arguments import Arguments
from realign_local.evidence.wiki.locale import Locale
from realign_local.evidence.wiki.measures import number_of

Handler = Callable[[Arguments], str]
JOINT = "\u200a"  # before a fraction: a space if a digit stands there, else nothing
MOST_DECIMALS = 20
_MULTIPLES = {
    "k": " thousand", "l": " lakh", "m": " million", "c": " crore", "b": " billion",
    "t": " trillion", "lc": " lakh crore",
}  # fmt: skip
_ROMAN_SIGNS = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_NO_UNITS = ("×", "x", "*", "à", "et", "ou", "a", "y", "o", "-", "–", "±", "+/-", "/", "to", "e")


def in_a_row(a: Arguments) -> str:
    """What has a place; of the named the two that change what a number means."""
    power = f"×10^{a.get('e')}" if a.get("e") else ""
    number, *rest = (*a.positional, "")
    parts = [number + power, *rest, a.get("u", "ul", "unit", "unité")]
    return " ".join(part for part in parts if part)


def with_unit(a: Arguments) -> str:
    """{{unité|5|m|2}} is 5 m^2, {{unité|3|e=8|m||s|-1}} is 3×10^8 m s^-1."""
    pairs = list(zip_longest(a.positional[1::2], a.positional[2::2], fillvalue=""))
    powers = all(not power or number_of(power) is not None for _, power in pairs)
    if not powers or any(unit in _NO_UNITS for unit, _ in pairs):
        return in_a_row(a)
    units = [f"{unit}^{power}" if power else unit for unit, power in pairs if unit]
    number = replace(a, positional=(a.locale.grouped(a[1]),))
    return " ".join([in_a_row(number), *units])


def frac(a: Arguments) -> str:
    parts = a.positional
    if len(parts) >= 3:
        return f"{JOINT}{parts[0]} {parts[1]}/{parts[2]}"
    return JOINT + (f"{parts[0]}/{parts[1]}" if len(parts) == 2 else f"1/{a[1]}")


def val(a: Arguments) -> str:
    """{{val|value|uncertainty|e=|u=}}."""
    text = a.locale.grouped(a[1]) + (
        f"±{a[2]}" if number_of(a[2].strip("()"), a.locale) is not None else ""
    )
    if a[3] and number_of(a[3], a.locale) is not None:
        text = f"{a.locale.grouped(a[1])} {a[2]} {a.locale.grouped(a[3])}"
    text += f"×10^{a.get('e')}" if a.get("e") else ""
    unit = a.get("u", "ul", "upl", "up")
    return f"{a.get('p', 'pre')}{text}{f' {unit}' if unit else ''}{a.get('s', 'suf')}"


def height(a: Arguments) -> str:
    if a.get("m"):
        return f"{a.get('m')} m"
    feet = f"{a.get('ft')} ft {a.get('in')} in" if a.get("ft") else ""
    return f"{a.get('cm')} cm" if a.get("cm") else feet.replace("  in", "")


def coordinates(a: Arguments) -> str:
    """Degrees, minutes and seconds; what follows the second hemisphere is no coordinate.

    The letters of the hemispheres are the language's own: O is west in French, east in German.
    """
    shown: list[str] = []
    numbers: list[str] = []
    for part in a.positional:
        if number_of(part, a.locale) is not None:
            numbers.append(part)
        elif len(part) <= 2 and part.isalpha() and numbers:
            shown.append(_angle(numbers, a.locale) + part)
            numbers = []
        if len(shown) == 2 or ":" in part:
            break
    if not shown and len(numbers) == 2:
        return ", ".join(_angle([number], a.locale) for number in numbers)
    return " ".join(shown)


def _angle(numbers: Sequence[str], locale: Locale) -> str:
    return "".join(locale.grouped(n) + sign for n, sign in zip(numbers, "°′″", strict=False))


def coordinates_by_name(a: Arguments) -> str:
    """{{Coordinate|NS=48/51/24/N|EW=2/21/3/E}}, as the German wiki has it."""
    both = [part.split("/") for part in (a.get("ns"), a.get("ew")) if part]
    return " ".join(_angle(p[:-1] or p, a.locale) + "".join(p[-1:] if p[1:] else []) for p in both)


def ordinal(a: Arguments) -> str:
    digits = a[1]
    if not a.locale.is_english:
        return digits
    if not digits.isdigit():
        return digits
    teen = digits[-2:] in ("11", "12", "13")
    return digits + ("th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th"))


def currency(symbol: str) -> Handler:
    """The sign before the number in English, behind it in most other languages."""
    return lambda a: a.locale.amount_of(a[1], symbol) if a[1] else symbol


def followed_by(sign: str) -> Handler:
    """A number with what its template writes behind it: {{Höhe|1234.5|DE-NHN}} is 1.234,5 m."""
    return lambda a: a.locale.grouped(a[1]) + sign if a[1] else ""


def year_of_era(a: Arguments) -> str:
    """{{和暦|1921}} is 1921年; the year of the emperor, which stands behind it, is left out."""
    return f"{a[1]}年" if a[1] else ""


def rupees(a: Arguments) -> str:
    """{{INRConvert|amount|c}}: the letters stand for the Indian multiples."""
    return f"₹{a.locale.grouped(a[1])}{_MULTIPLES.get(a[2].lower(), '')}"


def converted_money(code: str) -> Handler:
    """{{PKRConvert|117|b}}."""
    return lambda a: f"{code} {a.locale.grouped(a[1])}{_MULTIPLES.get(a[2].lower(), '')}"


def percentage(a: Arguments) -> str:
    top, bottom = number_of(a[1], a.locale), number_of(a[2], a.locale)
    digits = min(int(a[3]), MOST_DECIMALS) if a[3].isdecimal() and len(a[3]) < 3 else 0
    if top is None or not bottom:
        return " ".join(part for part in a.positional if part)
    return f"{a.locale.shown(100 * top / bottom, digits)}%"


def winning_percentage(a: Arguments) -> str:
    """{{Winning percentage|30|20|1}} is .598: games won, and half of those drawn, of all."""
    games = [number_of(a[place] or "0", a.locale) for place in (1, 2, 3)]
    counted = [games for games in games if games is not None]
    if len(counted) < len(games) or not sum(counted):
        return "–".join(part for part in a.positional if part)
    share = (counted[0] + counted[2] / 2) / sum(counted)
    return f"{share:.3f}".removeprefix("0") if a.locale.is_english else a.locale.shown(share, 3)


def populations(a: Arguments) -> str:
    """Pairs of year and number, by position or by name; one number alone stands in a sentence."""
    if len(a.positional) == 1 and not a.named:
        return a.locale.grouped(a[1])
    pairs = list(zip(a.positional[::2], a.positional[1::2], strict=False))
    pairs += [(name, value) for name, value in a.named.items() if name.isdigit()]
    pairs += [(a.get("estyear"), a.get("estimate"))]
    return (
        "\n"
        + "\n".join(f"- {year}: {a.locale.grouped(number)}" for year, number in pairs if number)
        + "\n"
    )


def scientific(a: Arguments) -> str:
    """{{e|6}}; in French {{e}} is the end of an ordinal number."""
    return f"×10^{a[1]}" if a[1] else "e"


def superscript(a: Arguments) -> str:
    return a.locale.raised(a[1]) if a[1] else ""


def number(a: Arguments) -> str:
    return a.locale.grouped(a[1])


def formatted(text: str, a: Arguments) -> str:
    """{{formatnum:1234.5}}: a program's form, or with |R the way back."""
    return a.locale.grouped(text, by_program=True) if a[1].upper() != "R" else text


def rounded(a: Arguments) -> str:
    """{{rnd|3.14159|2}}."""
    number, digits = number_of(a[1], a.locale), a[2] or "0"
    if number is None or not digits.isdecimal():
        return a[1]
    return a.locale.shown(number, min(int(digits[:4]), MOST_DECIMALS))


def roman(a: Arguments) -> str:
    """{{Roman|14}} is XIV."""
    number = int(a[1]) if a[1].isdecimal() and len(a[1]) < 5 else 0
    if not 0 < number < 4000:
        return a[1]
    text = ""
    for value, sign in _ROMAN_SIGNS:
        count, number = divmod(number, value)
        text += sign * count
    return text


def rating(a: Arguments) -> str:
    return f"{a[1]}/{a[2]}" if a[2] else a[1]


def ratio(a: Arguments) -> str:
    return ":".join(part for part in a.positional if part)


def power(a: Arguments) -> str:
    return f"{a[1]}^{a[2]}" if a[2] else f"10^{a[1]}"


def currency_amount(a: Arguments) -> str:
    return f"{a[2] or '$'} {a.locale.grouped(a[1])}"
