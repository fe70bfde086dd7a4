"""Quantities, ranges, money, dates, hours, menu paths and code in all their spellings."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.spelt.spelt import Spelt, framed, some

TABLES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("spelt.toml").read_text("utf-8"))
ONES = TABLES["ones"].split()
TENS = TABLES["tens"].split()
MONTHS = TABLES["months"].split()
STEPS = TABLES["steps"].split()
NAMES = ["Ann Lee", "Bo Kim", "Carl Ross", "Dana Fox", "Eli Stone", "Fay Brown"]
GLUED = ("%", "°", " ", "$")


def in_words(number: int) -> str:
    """The English word for a number below a hundred."""
    if number < 20:
        return ONES[number]
    ten, one = TENS[number // 10 - 2], number % 10
    return ten + (f"-{ONES[one]}" if one else "")


def with_unit(number: str, unit: str) -> str:
    """The number with its unit, in one of its spellings."""
    if unit.startswith("$"):
        return f"${number}{unit[1:]}"
    return number + ("" if unit[0] in GLUED else " ") + unit


def quantity(rng: Random) -> Spelt:
    """A number with a unit."""
    names = rng.choice(TABLES["units"])
    number = rng.choice((rng.randint(13, 900), round(rng.uniform(2, 90), 1)))
    same = [with_unit(str(number), unit) for unit in names]
    same += [f"{number}{unit}" for unit in names if unit.isalpha() and len(unit) < 3]
    wrong = [u for u in TABLES["units"] if u is not names and {*u} & {"km", "l", "kg", "min", "m2"}]
    more = f"{number + rng.randint(1, 9):g}" if number == int(number) else f"{number + 1:.1f}"
    others = [with_unit(n, rng.choice(names)) for n in (more, f"1{number}")]
    others.append(with_unit(str(number), rng.choice(wrong)[0]))
    return Spelt("quantity", some(rng, same, 6), tuple(others), framed(
        "The test of the second box gave {} in all.",
        "Take a probe of {} and write it down.",
        "The result of the long test is:\n\n{}\n\nThat is all.",
    ))  # fmt: skip


def span(rng: Random) -> Spelt:
    """Two ends with the unit of both."""
    low = rng.randint(2, 60)
    high = low + rng.randint(5, 35)
    unit = rng.choice(("minutes", "kilometres", "guests", "kg", "years", "%"))

    def wrote(low: int, high: int) -> list[str]:
        behind = unit if unit == "%" else f" {unit}"
        joined = ("{}-{}", "{}–{}", "{} to {}", "between {} and {}", "from {} to {}", "{} – {}")
        found = [joint.format(low, high) + behind for joint in joined]
        if unit == "%":
            found += [f"{low}%–{high}%", f"{low}% to {high}%", f"{low} to {high} percent"]
            return [*found, f"{low}-{high} per cent"]
        words = in_words(low), in_words(high)
        return [*found, *(joint.format(*words) + behind for joint in joined[1:3])]

    others = [rng.choice(wrote(*ends)) for ends in ((low, high + 1), (low + 1, high))]
    others.append(f"{high}{unit}" if unit == "%" else f"{high} {unit}")
    return Spelt("range", some(rng, wrote(low, high), 6), tuple(others), framed(
        "The whole trip down the river takes in {} each time.",
        "In the last count we had {} in the hall.",
    ))  # fmt: skip


def money(rng: Random) -> Spelt:
    """An amount, in full or in millions."""
    kinds = (("€", "EUR", "euros"), ("$", "USD", "dollars"), ("£", "GBP", "pounds"))
    sign, code, name = rng.choice(kinds)

    def wrote(amount: int) -> list[str]:
        grouped = f"{amount:,}"
        found = [f"{sign}{grouped}", f"{grouped} {name}", f"{amount} {code}", f"{grouped} {sign}"]
        return [*found, f"{code} {grouped}", f"{sign} {grouped}", f"{sign}{amount}.00"]

    def large(tenths: int) -> list[str]:
        number, whole = f"{tenths / 10:g}", f"{tenths * 100_000:,}"
        found = [f"{sign}{number} million", f"{number} million {name}", f"{sign}{number}M"]
        found += [f"{sign}{number}m", f"{sign}{whole}", f"{whole} {name}"]
        return [*found, f"{code} {number} million"]

    write, amount = rng.choice(((wrote, rng.randint(12, 4900)), (large, rng.randint(11, 90))))
    same = write(amount)
    others = [rng.choice(write(amount + more)) for more in (rng.randint(1, 9), 10)]
    others.append(same[0].replace(sign, "£" if sign != "£" else "€"))
    return Spelt("money", some(rng, same, 6), tuple(others), framed(
        "The town paid {} for the old bridge.",
        "In the end the roof cost us {} and the door was free.",
    ))  # fmt: skip


def number_word(rng: Random) -> Spelt:
    """A count."""
    number = rng.choice((rng.randint(2, 12), rng.randint(13, 88), 12))
    noun = rng.choice(("boats", "guests", "old trees", "boxes"))
    same = [f"{number} {noun}", f"{in_words(number)} {noun}"]
    same += [f"a dozen {noun}"] if number == 12 else []
    others = (str(number + 1), in_words(number + 1), in_words(number + 10))
    return Spelt("number word", tuple(same), tuple(f"{o} {noun}" for o in others), framed(
        "In the small harbour there were {} that day.", "We saw {} on the way home.",
    ))  # fmt: skip


def of_a_table(kind: str, rng: Random, *frames: str) -> Spelt:
    """One row of a table; the other rows are other values."""
    rows = TABLES[kind]
    same = rng.choice(rows)
    others = [rng.choice(rng.choice([row for row in rows if row is not same])) for _ in range(4)]
    return Spelt(kind, some(rng, list(same), 6), tuple(others), framed(*frames))


def share(rng: Random) -> Spelt:
    """A part of a whole."""
    frames = "By noon {} of the guests had gone.", "We use {} of the flour in the first bowl."
    return of_a_table("shares", rng, *frames)


def duration(rng: Random) -> Spelt:
    """How long something takes."""
    frames = "Leave the dough for {} in a warm place.", "The way up took us {} in the rain."
    return of_a_table("durations", rng, *frames)


def day(rng: Random) -> Spelt:
    """A day, with or without its year."""
    day, month = rng.randint(1, 28), rng.randrange(12)
    year = rng.choice((0, rng.randint(1850, 2029)))

    def wrote(day: int, month: int, year: int) -> list[str]:
        name = MONTHS[month]
        end = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day not in (11, 12, 13) else "th"
        behind = f" {year}" if year else ""
        found = [f"{day} {name}{behind}", f"{day}{end} {name}{behind}", f"the {day}{end} of {name}"]
        found[-1] += behind
        names = [name] if name == "May" else [name, name[:3]]
        found += [f"{n} {day}{e}{',' * bool(year)}{behind}" for n in names for e in ("", end)]
        return [*found, f"{year}-{month + 1:02}-{day:02}"] if year else found

    others = [rng.choice(wrote(day % 28 + 1, month, year)), rng.choice(wrote(day, month - 1, year))]
    others += [rng.choice(wrote(day, month, year + 1))] if year else []
    return Spelt("date", some(rng, wrote(day, month, year), 6), tuple(others), framed(
        "The old mill burned down on {} in a storm.",
        "Send us the signed form by {} at the latest.",
    ))  # fmt: skip


def hour(rng: Random) -> Spelt:
    """A time of day; one before noon without `am` may as well be one after it."""
    at, minute = rng.randint(13, 23), rng.choice((0, 0, 15, 30, 45))
    at = rng.choice((at, at, 12))

    def wrote(at: int, minute: int) -> list[str]:
        half, twelve = "am" if at < 12 else "pm", (at - 1) % 12 + 1
        found = [f"{twelve}:{minute:02} {half}", f"{at:02}:{minute:02}"]
        found += [f"{twelve}:{minute:02}{half}", f"{twelve}:{minute:02} {half.upper()}"]
        if not minute:
            found += [f"{twelve} {half}", f"{twelve}{half}", f"{twelve} {half[0]}.{half[1]}."]
            found += ["noon", "12 noon"] if at == 12 else []
        return found

    others = [rng.choice(wrote(at % 23 + 1, minute)), rng.choice(wrote(at, minute + 5))]
    morning = [said for said in wrote(at - 12, minute) if "a" in said.lower() or said[0] == "0"]
    others += [rng.choice(morning)] if at != 12 else []
    return Spelt("hour", some(rng, wrote(at, minute), 6), tuple(others), framed(
        "The last ferry leaves at {} from the north pier.", "We meet at {} on the north pier.",
    ))  # fmt: skip


def path(rng: Random) -> Spelt:
    """A way through menus."""
    steps = rng.sample(STEPS, rng.choice((2, 3, 4)))

    def wrote(steps: Sequence[str]) -> list[str]:
        found = [joint.join(steps) for joint in (" -> ", " > ", " → ", " » ", " => ", "->")]
        found += [f"**{' > '.join(steps)}**", " > ".join(f"**{s}**" for s in steps)]
        found += [" → ".join(f"{mark}{s}{mark}" for s in steps) for mark in ("**", "*")]
        return [*found, " > ".join(f'"{s}"' for s in steps)]

    new = rng.choice([s for s in STEPS if s not in steps])
    wrong = [[*steps[:-2], steps[-1], steps[-2]], [*steps[:-1], new], steps[:-1]]
    others = [rng.choice(wrote(other)) for other in wrong if len(other) > 1]
    return Spelt("path", some(rng, wrote(steps), 7), tuple(others), framed(
        "Go to {} and tick the last box.", "First open {}.",
        "Open this page:\n\n{}\n\nThen tick the last box.",
    ))  # fmt: skip


def proof_end(rng: Random) -> Spelt:
    """The sign at the end of a proof."""
    number = rng.randint(2, 9)
    return Spelt("proof end", tuple(TABLES["proof_ends"]), (), framed(
        f"So the sum of both parts is a multiple of {number}. {{}}",
        f"So the sum of both is odd, and {number} is not.\n\n{{}}",
    ))  # fmt: skip


def counted(rng: Random) -> Spelt:
    """A count that is plain to see where its list stands below a heading."""
    number = rng.choice((2, 3, 4))
    names = rng.sample(NAMES, number)
    noun = rng.choice(("players", "guests"))
    head = rng.choice(("Doubtful", "Injured", "Absent"))
    said = rng.choice((in_words(number), str(number))).capitalize()
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    first = f"{said} {noun} are {head.lower()}: {listed}."

    def below(names: Sequence[str]) -> list[str]:
        items = "\n".join(f"- {name}" for name in names)
        found = [f"## {head}\n\n{items}", f"**{head}:**\n\n{items}", f"{head} {noun}:\n\n{items}"]
        return [*found, f"**{head}:** {', '.join(names)}"]

    others = [rng.choice(below(names[:-1])), rng.choice(below([*names[:-1], "Gus Hall"]))]
    others.append(first.replace(said, in_words(number + 2).capitalize()))
    frame = "The team met on the north field today.\n\n{}\n\nThe match is on the north field."
    same = (first, *below(names))
    return Spelt("counted", same, tuple(others), framed(frame), is_directed=True)


def german(rng: Random) -> Spelt:
    """Numbers with a decimal comma and points between thousands."""
    whole, part = rng.randint(2, 40), rng.randint(1, 8)
    decimal, thousands = f"{whole},{part}", f"{whole}.{part}50"
    same, others = rng.choice((
        (
            [f"{decimal} kg", f"{decimal}0 kg", f"{decimal} Kilogramm",
             f"${whole}{{,}}{part}\\text{{ kg}}$"],
            [f"{whole}{part} kg", f"{whole},{part + 1} kg", f"{decimal} g"],
        ),
        (
            [f"{thousands} Euro", f"{thousands} €", f"{whole}{part}50 Euro", f"{thousands},00 €",
             f"EUR {thousands}"],
            [f"{decimal}5 Euro", f"{whole}.{part}51 Euro", f"{whole}{part}5 €"],
        ),
        (
            [f"{whole}-{whole + 9} Jahre", f"{whole} bis {whole + 9} Jahre",
             f"{whole}–{whole + 9} Jahre", f"zwischen {whole} und {whole + 9} Jahre"],
            [f"{whole}-{whole + 8} Jahre", f"{whole + 1} bis {whole + 9} Jahre"],
        ),
    ))  # fmt: skip
    return Spelt("german", some(rng, same, 5), tuple(others), framed(
        "Bis zum Ende des Jahres waren es {} nach unserer Liste.",
        "Der alte Turm ist mit {} auf dieser Liste.",
    ))  # fmt: skip


def code(rng: Random) -> Spelt:
    """A block of code, with blanks and line ends where the language does not care."""
    entry = rng.choice(TABLES["code"])
    name, value = rng.choice(entry["names"].split()), rng.choice(entry["values"].split())
    new = rng.choice([v for v in entry["values"].split() if v != value])

    def wrote(form: str, name: str, value: str) -> str:
        body = form.replace("NAME", name).replace("VALUE", value)
        return f"```{entry['label']}\n{body}\n```"

    same = tuple(wrote(form, name, value) for form in entry["forms"])
    wrong = ((name, new), (name + "x", value), (name, ""))
    others = tuple(wrote(rng.choice(entry["forms"]), *parts) for parts in wrong)
    frame = "Put this in your file:\n\n{}\n\nThat is all you need."
    return Spelt("code", same, others, framed(frame))


VALUES: dict[str, Callable[[Random], Spelt]] = {
    "quantity": quantity, "range": span, "money": money, "number word": number_word,
    "share": share, "duration": duration, "date": day, "hour": hour, "path": path,
    "proof end": proof_end, "counted": counted, "german": german, "code": code,
}  # fmt: skip
