"""{{convert}} as a reader sees it: the value with its unit and, in brackets, the same in others."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from realign_local.evidence.wiki.arguments import Arguments
from realign_local.evidence.wiki.locale import ENGLISH, Locale
from realign_local.evidence.wiki.locales import read_table


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: how it is written, its size in the SI unit of its kind, usual targets.

    One that is `inverse`, such as litres for 100 km, has the size of the SI unit in it instead.
    """

    kind: str
    symbol: str
    one: str
    many: str
    factor: float
    targets: tuple[str, ...]
    offset: float = 0.0
    inverse: bool = False

    def to_si(self, number: float) -> float:
        return self.factor / number if self.inverse else number * self.factor + self.offset

    def from_si(self, size: float) -> float:
        return self.factor / size if self.inverse else (size - self.offset) / self.factor


def _read_units() -> tuple[dict[str, Unit], dict[str, str]]:
    found = read_table("units")
    aliases: dict[str, str] = found.pop("aliases")
    units = {}
    for kind, members in found.items():
        for symbol, (one, many, factor, targets, shown) in members.items():
            units[symbol] = Unit(kind, shown, one, many, factor, tuple(targets.split()))
    for symbol, factor, offset, targets in _TEMPERATURES:
        sign = symbol if symbol == "K" else f"°{symbol}"
        units[symbol] = Unit("temperature", sign, sign, sign, factor, (targets,), offset)
    litres = ("L/100 km", "litre per 100 kilometres", "litres per 100 kilometres")
    units["L/100km"] = Unit("fuel", *litres, 1e8, ("mpgimp", "mpgus"), inverse=True)
    return units, aliases


_TEMPERATURES = (("C", 1.0, 273.15, "F"), ("F", 5 / 9, 459.67 * 5 / 9, "C"), ("K", 1.0, 0.0, "C"))
UNITS, ALIASES = _read_units()
_JOINTS = {
    "to": " to ", "-": "–", "–": "–", "to(-)": "–", "and": " and ", "or": " or ", "x": " × ",
    "×": " × ", "by": " by ", "xx": " × ", "*": " × ", "+/-": " ± ", "±": " ± ",
    "and(-)": " and ", "&": " and ", "+": " + ", ",": ", ",
}  # fmt: skip
# The words among them, in a text of another language.
_WORDLESS = {" to ": "–", " and ": ", ", " or ": " / ", " by ": " × "}
_POWERS = {"3": "thousand", "6": "million", "9": "billion", "12": "trillion"}
_MANY = re.compile(rf"e({'|'.join(_POWERS)})(.+)")


def convert(arguments: Arguments) -> str:
    """Render {{convert}} and {{cvt}}; an unknown unit leaves the numbers and units as written."""
    locale = arguments.locale
    values, joints, rest = _split(arguments.positional, locale)
    if not values:
        doubtful = any(map(str.isdigit, arguments[1]))  # a number and its unit as they stand there
        return " ".join(arguments.positional[:2] if doubtful else arguments.positional)
    unit = unit_of(rest[0]) if rest else None
    if unit is None:
        return " ".join([_join(values, joints, locale), *rest[:1]])
    if len(rest) > 2 and number_of(rest[1], locale) is not None and (second := unit_of(rest[2])):
        return _two_part(values[0], unit, rest[1], second, rest[3:], arguments)
    return _simple(values, joints, unit, rest[1:], arguments)


def unit_of(name: str) -> Unit | None:
    """A unit by any of its usual names; e6ha is a million hectares."""
    name = name.strip().replace("/100 km", "/100km")
    if many := _MANY.fullmatch(name):
        return _multiple(many[1], unit_of(many[2]))
    name = ALIASES.get(name, name)
    return UNITS.get(name) or UNITS.get(
        name.replace("sq", "", 1) + "2" if name.startswith("sq") else ""
    )


def _multiple(power: str, unit: Unit | None) -> Unit | None:
    if unit is None:
        return None
    word = _POWERS[power]
    return replace(
        unit,
        symbol=f"{word} {unit.symbol}",
        one=f"{word} {unit.many}",
        many=f"{word} {unit.many}",
        factor=unit.factor * 10.0 ** int(power),
        targets=tuple(f"e{power}{target}" for target in unit.targets),
    )


def _split(positional: tuple[str, ...], locale: Locale) -> tuple[list[str], list[str], list[str]]:
    """Values, what joins them, and everything from the unit on."""
    values, joints = [], []
    i = 0
    while i < len(positional) and number_of(positional[i], locale) is not None:
        values.append(positional[i].strip())
        i += 1
        if i + 1 < len(positional) and positional[i].strip() in _JOINTS:
            joints.append(_joint(positional[i].strip(), locale))
            i += 1
        else:
            break
    return values, joints, [p.strip() for p in positional[i:] if p.strip()]


def _joint(name: str, locale: Locale) -> str:
    """What joins two values; its English words only in an English text."""
    joint = _JOINTS[name]
    return joint if locale.is_english else _WORDLESS.get(joint, joint)


def number_of(text: str, locale: Locale = ENGLISH) -> float | None:
    """The number that a parameter holds: 1,234.5, 5+1/2, 3/4, 1.2e6; None if it is none."""
    text = text.strip().replace("⁄", "/").replace("//", "/")
    if "/" not in text:
        return locale.number_of(text)
    whole, plus, fraction = text.replace("−", "-").rpartition("+")
    try:
        return float(
            (Fraction(whole) if plus and whole else 0) + Fraction(fraction if plus else text)
        )
    except (ValueError, ZeroDivisionError):
        return None


def _join(values: list[str], joints: list[str], locale: Locale) -> str:
    shown = [_shown(value, locale) for value in values]
    return "".join(v + (joints[i] if i < len(joints) else "") for i, v in enumerate(shown))


def _shown(value: str, locale: Locale) -> str:
    """A number as the reader sees it: in groups, a mixed fraction with a space."""
    value = value.replace("//", "/")
    return value.replace("+", " ") if "/" in value else locale.grouped(value)


def _simple(
    values: list[str], joints: list[str], unit: Unit, rest: list[str], arguments: Arguments
) -> str:
    targets, precision = _targets(unit, rest)
    numbers = [number_of(value, arguments.locale) or 0.0 for value in values]
    shown = _join(values, joints, arguments.locale)
    given = f"{shown} {_name(unit, numbers[-1], arguments, first=True)}"
    if arguments.get("disp") in ("out", "number", "output only"):
        given = ""
    found = []
    for target in targets:
        results = [
            _converted(v, n, unit, target, precision, arguments)
            for v, n in zip(values, numbers, strict=True)
        ]
        label = _name(target, 2, arguments, first=False)
        found.append(f"{_join_plain(results, joints)} {label}".strip())
    return _flipped(given, found, arguments)


def _join_plain(results: list[str], joints: list[str]) -> str:
    if len(set(results)) == 1:
        return results[0]
    return "".join(r + (joints[i] if i < len(joints) else "") for i, r in enumerate(results))


def _flipped(given: str, found: list[str], arguments: Arguments) -> str:
    if not given or not found or arguments.get("disp") == "unit":
        return given or "; ".join(found)
    if arguments.get("order") == "flip":
        return f"{found[0]} ({'; '.join([given, *found[1:]])})"
    if arguments.get("disp") in ("or", "slash", "comma"):
        return f"{given} or {'; '.join(found)}"
    return f"{given} ({'; '.join(found)})"


def _targets(unit: Unit, rest: list[str]) -> tuple[list[Unit], int | None]:
    """Units to convert to, and the decimals that were asked for."""
    named: list[Unit] = []
    precision = None
    for part in rest:
        if re.fullmatch(r"-?\d", part):
            precision = int(part)
        elif not named:
            part = part.replace("/100 km", "/100km")
            named = [u for name in re.split(r"[ +]+", part) if (u := unit_of(name))]
            whole = unit_of(part)
            named = [whole] if whole else named
    usual = [u for name in unit.targets if (u := unit_of(name))]
    return [u for u in named or usual if u.kind == unit.kind], precision


def _converted(
    value: str, number: float, unit: Unit, target: Unit, precision: int | None, arguments: Arguments
) -> str:
    if not number and (unit.inverse or target.inverse):
        return "0"
    result = target.from_si(unit.to_si(number))
    if not target.symbol:  # feet and inches
        feet, inches = divmod(round(result * 12), 12)
        return f"{arguments.locale.shown(feet, 0)} ft {inches} in"
    decimals = _decimals(value, number, result, unit, target) if precision is None else precision
    if (figures := arguments.get("sigfig")[:2]).isdecimal() and result:
        decimals = int(figures) - 1 - math.floor(math.log10(abs(result)))
    if (multiple := number_of(arguments.get("round"))) and multiple > 0:
        result, decimals = round(result / multiple) * multiple, 0
    return arguments.locale.shown(_half_up(result, decimals), max(0, decimals))


def _half_up(number: float, decimals: int) -> float:
    scale = 10.0**decimals
    return math.copysign(math.floor(abs(number) * scale + 0.5 + 1e-9) / scale, number)


def _decimals(value: str, number: float, result: float, unit: Unit, target: Unit) -> int:
    """As many digits as the value's own precision warrants, two significant ones at the least.

    The rule that the help page of the template states for its default rounding.
    """
    comma = number_of(value, ENGLISH) != number  # then it is this language's decimal mark
    plain = re.sub(r"[,\s]", "", value.replace(".", "").replace(",", ".") if comma else value)
    whole, point, after = plain.lstrip("+-−").partition(".")
    digits = len(after) if point else -(len(whole) - len(whole.rstrip("0")))
    if "/" in value:
        digits = 1
    if not result or not number:
        return max(0, digits)
    least = 1 - math.floor(math.log10(abs(result)) + 2e-14)
    if unit.kind == "temperature":
        return max(digits, 0)
    if target.symbol == "lb" and number == int(number):  # the template's exception for pounds
        return max(math.floor(digits - math.log10(unit.factor) + 2e-14), least)
    return max(math.floor(digits + math.log10(abs(number / result)) + 2e-14), least)


def _name(unit: Unit, number: float, arguments: Arguments, *, first: bool) -> str:
    """The unit's word or symbol, by the template's own options; the second one is abbreviated."""
    wanted = arguments.get("abbr")
    short = wanted in ("on", "yes", "y") or (
        wanted == "in" if first else wanted not in ("off", "none", "out")
    )
    if wanted == "out":
        short = not first
    if short or unit.kind == "temperature" or not arguments.locale.is_english:
        return unit.symbol
    singular = abs(number) == 1 or arguments.get("adj") in ("on", "mid")
    name = unit.one if singular else unit.many
    return (
        name.replace("metre", "meter").replace("litre", "liter")
        if arguments.get("sp") == "us"
        else name
    )


def _two_part(
    value: str, unit: Unit, extra: str, second: Unit, rest: list[str], arguments: Arguments
) -> str:
    """5 feet 8 inches (173 cm)."""
    locale = arguments.locale
    usual = {"ft": "m", "lb": "kg", "st": "kg", "mi": "km", "yd": "m"}.get(unit.symbol, "")
    targets, precision = _targets(unit, rest or [usual])
    names = [
        _name(unit, number_of(value, locale) or 0.0, arguments, first=True),
        _name(second, number_of(extra, locale) or 0.0, arguments, first=True),
    ]
    given = f"{_shown(value, locale)} {names[0]} {_shown(extra, locale)} {names[1]}"
    whole = (number_of(value, locale) or 0.0) * unit.factor / second.factor
    smaller = (number_of(extra, locale) or 0.0) + whole
    shown = str(int(smaller)) if smaller == int(smaller) else f"{smaller:g}"
    found = []
    for target in targets:
        digits = precision
        if digits is None:  # inches are worth a digit more than their size says
            size = smaller * second.factor / target.factor
            digits = max(0, _decimals(shown, smaller, size, unit, target) + (second.symbol == "in"))
        result = _converted(shown, smaller, second, target, digits, arguments)
        found.append(f"{result} {_name(target, 2, arguments, first=False)}")
    return _flipped(given, found, arguments)
