"""Dates, ages and spans of time in templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from realign_local.evidence.wiki.arguments import Arguments
from realign_local.evidence.wiki.locale import Locale
from realign_local.evidence.wiki.measures import number_of

_ROMAN = re.compile(r"[IVXLCDM]+")
_CENTURY_JOINTS = ("et", "au", "à", "y", "e", "ou", "o", "-")
_BEFORE_CHRIST = ("av", "a.", "a ", "ac", "avant")
Parts = tuple[str, str, str]
_YEAR = re.compile(r"-?(?:\d{3,4}|3[2-9]|[4-9]\d)\b")  # what cannot be the day of a month
MOST_MONTHS = 12


def date_parts(given: Sequence[str]) -> Parts:
    """Year, month and day, whatever their order: wikis differ, as in 1941|3|3 and 3|mars|1941.

    A year is told by its size, a month by its name; else year, month and day are in this order.
    """
    one, two, three = (*(part.strip().rstrip("年月日") for part in given[:3]), "", "", "")[:3]
    if _YEAR.match(one):
        return one, two, three
    if _is_name(two):
        return three, two, one
    if _is_name(one):
        return (two, one, "") if _YEAR.match(two) else (three, one, two)
    if _YEAR.match(three):
        month_first = two.isdecimal() and int(two) > MOST_MONTHS
        return (three, one, two) if month_first else (three, two, one)
    return (two, one, "") if one and not three and _YEAR.match(two) else (one, two, three)


def _is_name(text: str) -> bool:
    return bool(text) and text[0].isalpha()


def calendar_date(given: Sequence[str], locale: Locale, *, day_first: bool = False) -> str:
    """A date from the parameters of a template, as the wiki's language writes it."""
    year, month, day = date_parts(given)
    if not month:
        return year
    number = int(month) if month.isdecimal() else locale.month_number(month)
    if not (number and 1 <= number <= MOST_MONTHS):
        return " ".join(part for part in (day.lstrip("0"), month, year) if part)
    return locale.date_of(year, number, day.lstrip("0"), day_first=day_first)


def day_first(a: Arguments) -> bool:
    return a.get("df") in ("y", "yes", "1", "true")


def start_date(a: Arguments) -> str:
    return calendar_date(a.positional, a.locale, day_first=day_first(a))


def first_of_month(a: Arguments) -> str:
    """{{1er|mai|1901}}."""
    return calendar_date(("1", *a.positional), a.locale) if a[1] else a.locale.first or "1"


def age(a: Arguments, start: int) -> int | None:
    """Whole years between two dates that stand one after the other, the later one first."""
    both = (*date_parts(a.positional[start - 1 :]), *date_parts(a.positional[start + 2 :]))
    try:
        y2, m2, d2, y1, m1, d1 = (int(a.locale.month_number(p) or p) for p in both)
        date(y2, m2, d2), date(y1, m1, d1)
    except ValueError:
        return None
    return y2 - y1 - ((m2, d2) < (m1, d1))


def _written_date(text: str) -> date | None:
    """A date in words, as in 9 May 2001 or May 9, 2001."""
    for form in ("%d %B %Y", "%B %d, %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def death_and_age(a: Arguments) -> str:
    died, born = _written_date(a[1]), _written_date(a[2])
    if died and born:
        years = died.year - born.year - ((died.month, died.day) < (born.month, born.day))
        return f"{a[1]} (aged {years})"
    if len(a.positional) < 3:
        return a[1]
    return _death_and_age_in_numbers(a)


def _death_and_age_in_numbers(a: Arguments) -> str:
    shown = calendar_date(a.positional, a.locale, day_first=day_first(a))
    years = age(a, 1)
    if years is None or not a.locale.aged:
        return shown
    return f"{shown} {a.locale.aged.format(age=years)}"


def age_between(a: Arguments) -> str:
    """{{age|y1|m1|d1|y2|m2|d2}}; without an end it would depend on today."""
    swapped = Arguments((*a.positional[3:6], *a.positional[:3]), {}, a.locale)
    years = age(swapped, 1)
    return "" if years is None else str(years)


def years_and_days(a: Arguments) -> str:
    """{{ayd|y1|m1|d1|y2|m2|d2}}: the whole years between two dates, and the days that are left."""
    try:
        y1, m1, d1, y2, m2, d2 = (int(a[i]) for i in range(1, 7))
        years = y2 - y1 - ((m2, d2) < (m1, d1))
        days = (date(y2, m2, d2) - date(y1 + years, m1, d1)).days
    except ValueError:
        return " ".join(a.positional)
    return f"{years} years, {days} days"


def days_between(a: Arguments) -> str:
    """{{age in days|y1|m1|d1|y2|m2|d2}}."""
    try:
        y1, m1, d1, y2, m2, d2 = (int(a[i]) for i in range(1, 7))
        return a.locale.grouped(str((date(y2, m2, d2) - date(y1, m1, d1)).days))
    except ValueError:
        return " ".join(a.positional)


def century(a: Arguments) -> str:
    """{{s|XIX}}, {{siglo|V|a}}, {{s-|XVIII|e|au|XIX|e}}: one century or several."""
    locale = a.locale
    given = (a[1].upper(), *a.positional[1:])
    numbers = [part for part in given if _ROMAN.fullmatch(part) or part.isdecimal()]
    if not (numbers and locale.century):
        return " ".join(part for part in a.positional if part)
    pattern = locale.century
    if len(numbers) > 1 and locale.centuries:
        pattern = pattern.replace(locale.century_word, locale.centuries)
    shown = [locale.ordinal(number) for number in numbers]
    joints = (p for p in a.positional if p in _CENTURY_JOINTS and p != locale.suffix)
    joint = next(joints, "–")
    joint = joint if joint == "–" else f" {joint} "
    before = any(part == "a" or part.lower().startswith(_BEFORE_CHRIST) for part in a.positional)
    return pattern.format(number=joint.join(shown)) + (locale.bc if before else "")


def century_before_christ(a: Arguments) -> str:
    """{{-s|V}}."""
    return century(replace(a, positional=(*a.positional, "av")))


def birth_by_age(a: Arguments) -> str:
    """{{birth based on age as of date|age|y|m|d}}: born in one of two years."""
    years, then = number_of(a[1]), number_of(a[2])
    if years is None or then is None:
        return " ".join(a.positional)
    return f"{then - years - 1:.0f} or {then - years:.0f} (age {a[1]})"


def years(a: Arguments) -> str:
    return "–".join(part for part in a.positional[:2] if part)


def as_of(a: Arguments) -> str:
    when = calendar_date(a.positional, a.locale, day_first=a.get("df") != "us")
    if not a.locale.is_english:
        return a.get("alt") or when
    return a.get("alt") or f"{a.get('pre') or ('as of' if a.get('lc') else 'As of')} {when}"


def film_date(a: Arguments) -> str:
    groups = [a.positional[i : i + 4] for i in range(0, len(a.positional), 4)]
    shown = [
        calendar_date(g[:3], a.locale, day_first=day_first(a))
        + (f" ({g[3]})" if len(g) > 3 and g[3] else "")
        for g in groups
    ]
    return "; ".join(shown)


def death_year(a: Arguments) -> str:
    """{{death year and age|died|born}}: the birthday is unknown, so two ages are possible."""
    died, born = number_of(a[1]), number_of(a[2])
    if died is None or born is None:
        return a[1]
    return f"{a[1]} (aged {died - born - 1:.0f}–{died - born:.0f})"


def duration(a: Arguments) -> str:
    if ":" in a[1]:
        return a[1]
    h, m, s = (a.get(key) or a[i] for i, key in enumerate(("h", "m", "s"), start=1))
    clock = [part.zfill(2) for part in (m or "0", s or "0")]
    return ":".join([h, *clock] if h else [clock[0].lstrip("0") or "0", clock[1]])


def circa(a: Arguments) -> str:
    return f"c. {years(a)}".strip()


def floruit(a: Arguments) -> str:
    return f"fl. {years(a)}".strip()


def reign(a: Arguments) -> str:
    return f"r. {years(a)}"


def marriage(a: Arguments) -> str:
    span = "–".join(part for part in (a[2], a[3] or a.get("end")) if part)
    return f"{a[1]} (m. {span})" if span else a[1]
