"""Dates, ages and spans of time in templates."""

from __future__ import annotations

from datetime import date, datetime

from realign_local.evidence.arguments import Arguments
from realign_local.evidence.measures import number_of

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def calendar_date(parts: tuple[str, ...], *, day_first: bool) -> str:
    """A date from year, month and day as the template got them."""
    year, month, day = (*parts, "", "", "")[:3]
    if not month:
        return year
    name = MONTHS[int(month) - 1] if month.isdigit() and 1 <= int(month) <= 12 else month
    day = day.lstrip("0")
    if not day:
        return f"{name} {year}".strip()
    return f"{day} {name} {year}".strip() if day_first else f"{name} {day}, {year}"


def day_first(a: Arguments) -> bool:
    return a.get("df") in ("y", "yes", "1", "true")


def start_date(a: Arguments) -> str:
    parts = tuple(p for p in a.positional[:3])
    return calendar_date(parts, day_first=day_first(a))


def age(a: Arguments, start: int) -> int | None:
    """Whole years between two dates that stand one after the other, the later one first."""
    try:
        y2, m2, d2, y1, m1, d1 = (int(a[i]) for i in range(start, start + 6))
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
    if not a[1].isdigit():
        return a[1]
    return _death_and_age_in_numbers(a)


def _death_and_age_in_numbers(a: Arguments) -> str:
    shown = calendar_date(a.positional[:3], day_first=day_first(a))
    years = age(a, 1)
    return f"{shown} (aged {years})" if years is not None else shown


def age_between(a: Arguments) -> str:
    """{{age|y1|m1|d1|y2|m2|d2}}; without an end it would depend on today."""
    swapped = Arguments((*a.positional[3:6], *a.positional[:3]), {})
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


def birth_by_age(a: Arguments) -> str:
    """{{birth based on age as of date|age|y|m|d}}: born in one of two years."""
    years, then = number_of(a[1]), number_of(a[2])
    if years is None or then is None:
        return " ".join(a.positional)
    return f"{then - years - 1:.0f} or {then - years:.0f} (age {a[1]})"


def years(a: Arguments) -> str:
    return "–".join(part for part in a.positional[:2] if part)


def as_of(a: Arguments) -> str:
    when = calendar_date(a.positional[:3], day_first=a.get("df") != "us")
    return a.get("alt") or f"{a.get('pre') or ('as of' if a.get('lc') else 'As of')} {when}"


def film_date(a: Arguments) -> str:
    groups = [a.positional[i : i + 4] for i in range(0, len(a.positional), 4)]
    shown = [
        calendar_date(g[:3], day_first=day_first(a)) + (f" ({g[3]})" if len(g) > 3 and g[3] else "")
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
