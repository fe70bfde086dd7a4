"""Quantities, ranges, money, dates, hours, menu paths and code in all their spellings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.spelt.spelt import Spelt, some

ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
UNITS = (
    ("g/cm3", "g/cm³", "g/cm^3", "grams per cubic centimetre", r"$\text{ g/cm}^3$"),
    ("m/s^2", "m/s²", "m/s2", "metres per second squared", r"$\text{ m/s}^2$"),
    ("m/s", "metres per second", "m s⁻¹"),
    ("m2", "m²", "m^2", "square metres", "square meters", "sq m", r"$\text{ m}^2$"),
    ("cm3", "cm³", "cm^3", "cubic centimetres", r"$\text{ cm}^3$"),
    ("km", "kilometres", "kilometers", r"$\text{ km}$"),
    ("l", "litres", "liters", "L"),
    ("%", "per cent", "percent", r"$\%$"),
    ("°C", "degrees Celsius", "degrees C", r"$^\circ\text{C}$", " °C"),
    ("degrees", "°", r"$^\circ$"),
    ("km/h", "kilometres per hour", "kph", "km per hour"),
    ("kg", "kilograms", "kilos"), ("min", "minutes", "mins"), ("s", "seconds"), ("h", "hours", "hrs"),
    ("MB", "megabytes"), ("kWh", "kilowatt-hours"), ("mph", "miles per hour"), ("ft", "feet"),
)  # fmt: skip
GLUED = ("%", "°", " ", "$")


def in_words(number: int) -> str:
    if number < 20:
        return ONES[number]
    ten, one = TENS[number // 10 - 2], number % 10
    return ten + (f"-{ONES[one]}" if one else "")


def framed(*texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, text) for text in texts)


def with_unit(number: str, unit: str) -> str:
    if unit.startswith("$"):
        return f"${number}{unit[1:]}"
    return number + ("" if unit[0] in GLUED else " ") + unit


def quantity(rng: Random) -> Spelt:
    names = rng.choice(UNITS)
    number = rng.choice((rng.randint(13, 900), round(rng.uniform(2, 90), 1)))
    same = [with_unit(str(number), unit) for unit in names]
    same += [f"{number}{unit}" for unit in names if unit.isalpha() and len(unit) < 3]
    wrong = rng.choice(
        [u for u in UNITS if u is not names and {*u} & {"km", "l", "kg", "min", "MB", "m2", "cm3"}]
    )
    others = [
        with_unit(
            f"{number + rng.randint(1, 9):g}" if number == int(number) else f"{number + 1:.1f}",
            rng.choice(names),
        )
    ]
    others += [with_unit(str(number), wrong[0]), with_unit(f"1{number}", rng.choice(names))]
    return Spelt("quantity", some(rng, same, 6), tuple(others), framed(
        "The test of the second box gave {} in all.",
        "Take a probe of {} and write it down.",
        "The result of the long test is:\n\n{}\n\nThat is all.",
    ))  # fmt: skip


def span(rng: Random) -> Spelt:
    low = rng.randint(2, 60)
    high = low + rng.randint(5, 35)
    unit, sign = rng.choice(
        (("minutes", ""), ("kilometres", ""), ("guests", ""), ("", "%"), ("kg", ""), ("years", ""))
    )

    def wrote(low: int, high: int) -> list[str]:
        behind = sign or f" {unit}"
        found = [
            f"{low}-{high}{behind}",
            f"{low}–{high}{behind}",
            f"{low} to {high}{behind}",
            f"between {low} and {high}{behind}",
        ]
        found += [f"from {low} to {high}{behind}", f"{low} – {high}{behind}"]
        if sign:
            found += [
                f"{low}%–{high}%",
                f"{low}% to {high}%",
                f"{low} to {high} percent",
                f"{low}-{high} per cent",
            ]
        else:
            found += [
                f"{in_words(low)} to {in_words(high)} {unit}",
                f"{in_words(low)}–{in_words(high)} {unit}",
            ]
        return found

    same = wrote(low, high)
    others = [
        rng.choice(wrote(low, high + 1)),
        rng.choice(wrote(low + 1, high)),
        str(high) + (sign or f" {unit}"),
    ]
    return Spelt("range", some(rng, same, 6), tuple(others), framed(
        "The whole trip down the river takes in {} each time.",
        "In the last count we had {} in the hall.",
    ))  # fmt: skip


def money(rng: Random) -> Spelt:
    sign, code, name = rng.choice(
        (("€", "EUR", "euros"), ("$", "USD", "dollars"), ("£", "GBP", "pounds"))
    )

    def wrote(amount: int) -> list[str]:
        grouped = f"{amount:,}"
        return [
            f"{sign}{grouped}",
            f"{grouped} {name}",
            f"{amount} {code}",
            f"{grouped} {sign}",
            f"{code} {grouped}",
            f"{sign} {grouped}",
            f"{sign}{amount}.00",
        ]

    def large(tenths: int) -> list[str]:
        number = f"{tenths / 10:g}"
        whole = f"{tenths * 100_000:,}"
        return [
            f"{sign}{number} million",
            f"{number} million {name}",
            f"{sign}{number}M",
            f"{sign}{number}m",
            f"{sign}{whole}",
            f"{whole} {name}",
            f"{code} {number} million",
        ]

    write, amount = rng.choice(((wrote, rng.randint(12, 4900)), (large, rng.randint(11, 90))))
    same = write(amount)
    other_sign = "£" if sign != "£" else "€"
    others = [
        rng.choice(write(amount + rng.randint(1, 9))),
        same[0].replace(sign, other_sign),
        rng.choice(write(amount + 10)),
    ]
    return Spelt("money", some(rng, same, 6), tuple(others), framed(
        "The town paid {} for the old bridge.", "In the end the roof cost us {} and the door was free.",
    ))  # fmt: skip


def number_word(rng: Random) -> Spelt:
    number = rng.choice((rng.randint(2, 12), rng.randint(13, 88), 12))
    noun = rng.choice(("boats", "guests", "old trees", "boxes"))
    same = [f"{number} {noun}", f"{in_words(number)} {noun}"] + (
        [f"a dozen {noun}"] if number == 12 else []
    )
    others = [
        f"{number + 1} {noun}",
        f"{in_words(number + 1)} {noun}",
        f"{in_words(number + 10)} {noun}",
    ]
    return Spelt("number word", tuple(same), tuple(others), framed(
        "In the small harbour there were {} that day.", "We saw {} on the way home.",
    ))  # fmt: skip


SHARES = (
    ("half", "a half", "½", "1/2", "50 %", "50%", "50 percent", "one half", "one-half", r"$\frac{1}{2}$"),
    ("a third", "one third", "⅓", "1/3", "one-third", r"$\frac13$"),
    ("a quarter", "one quarter", "¼", "1/4", "25%", "25 percent", "one-fourth"),
    ("two thirds", "⅔", "2/3", "two-thirds"),
    ("three quarters", "¾", "3/4", "75%", "three-quarters", "75 per cent"),
    ("a fifth", "one fifth", "1/5", "20%", "one-fifth"),
)  # fmt: skip


def share(rng: Random) -> Spelt:
    same = rng.choice(SHARES)
    others = [rng.choice(rng.choice([s for s in SHARES if s is not same])) for _ in range(4)]
    return Spelt("share", some(rng, list(same), 6), tuple(others), framed(
        "By noon {} of the guests had gone home.", "We use {} of the flour in the first bowl.",
    ))  # fmt: skip


MONTHS = (
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
)


def day(rng: Random) -> Spelt:
    day, month, year = (
        rng.randint(1, 28),
        rng.randrange(12),
        rng.choice((0, rng.randint(1850, 2029))),
    )

    def wrote(day: int, month: int, year: int) -> list[str]:
        name = MONTHS[month]
        nth = f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        found = [
            f"{day} {name}",
            f"{name} {day}",
            f"{nth} {name}",
            f"{name} {nth}",
            f"the {nth} of {name}",
        ]
        if name != "May":
            found.append(f"{name[:3]} {day}")
        if not year:
            return found
        return [f"{f}{',' if f[-1].isdigit() or f[-3].isdigit() else ''} {year}" for f in found] + [
            f"{year}-{month + 1:02}-{day:02}",
            f"{day} {name} {year}",
        ]

    same = wrote(day, month, year)
    others = [
        rng.choice(wrote(day % 28 + 1, month, year)),
        rng.choice(wrote(day, (month + 1) % 12, year)),
    ]
    others.append(rng.choice(wrote(day, month, year + 1 if year else 1999)))
    return Spelt("date", some(rng, same, 6), tuple(others[: 3 if year else 2]), framed(
        "The old mill burned down on {} in a storm.", "Send us the signed form by {} at the latest.",
    ))  # fmt: skip


def hour(rng: Random) -> Spelt:
    at = rng.randint(1, 23)
    minute = rng.choice((0, 0, 15, 30, 45))

    def wrote(at: int, minute: int) -> list[str]:
        half, twelve = "am" if at < 12 else "pm", (at - 1) % 12 + 1
        found = [
            f"{twelve}:{minute:02} {half}",
            f"{at:02}:{minute:02}",
            f"{twelve}:{minute:02}{half}",
            f"{twelve}:{minute:02} {half.upper()}",
        ]
        if not minute:
            found += [
                f"{twelve} {half}",
                f"{twelve}{half}",
                f"{twelve} {half[0]}.{half[1]}.",
                f"{twelve} {half.upper()}",
            ]
            found += ["noon", "12 noon"] if at == 12 else []
        return found

    same = wrote(at, minute)
    others = [rng.choice(wrote(at % 23 + 1, minute)), rng.choice(wrote(at, minute + 5))]
    if at != 12:
        others.append(rng.choice(wrote((at + 12) % 24 or 12, minute)))
    return Spelt("hour", some(rng, same, 6), tuple(others), framed(
        "The last ferry leaves at {} from the north pier.", "We meet at {} on the north pier.",
    ))  # fmt: skip


DURATIONS = (
    ("90 minutes", "1.5 hours", "an hour and a half", "one and a half hours", "1½ hours", "1 hour 30 minutes", "1 h 30 min", "90 min", "1 hour and 30 minutes"),
    ("45 minutes", "three quarters of an hour", "45 min"), ("30 minutes", "half an hour", "0.5 hours", "30 min"),
    ("15 minutes", "a quarter of an hour", "15 min"), ("2 hours", "two hours", "2 h", "120 minutes"), ("2.5 hours", "two and a half hours", "2½ hours", "2 hours 30 minutes", "150 minutes"),
    ("3 weeks", "three weeks"), ("24 hours", "24 h", "twenty-four hours"), ("75 minutes", "1 hour 15 minutes", "1 h 15 min", "1.25 hours"),
)  # fmt: skip


def duration(rng: Random) -> Spelt:
    same = rng.choice(DURATIONS)
    others = [rng.choice(rng.choice([d for d in DURATIONS if d is not same])) for _ in range(4)]
    return Spelt("duration", some(rng, list(same), 6), tuple(others), framed(
        "Leave the dough alone for {} in a warm place.", "The way up took us {} in the rain.",
    ))  # fmt: skip


STEPS = ["Settings", "Account", "Security", "Privacy", "File", "Export", "Print", "View", "Layout", "Tools", "Options", "Network", "Advanced"]


def path(rng: Random) -> Spelt:
    steps = rng.sample(STEPS, rng.choice((2, 3, 4)))
    joints = (" -> ", " > ", " → ", " » ", " => ", "->")

    def wrote(steps: Sequence[str]) -> list[str]:
        found = [joint.join(steps) for joint in joints]
        found += [
            f"**{' > '.join(steps)}**",
            " > ".join(f"**{s}**" for s in steps),
            " → ".join(f"**{s}**" for s in steps),
        ]
        return [*found, " → ".join(f"*{s}*" for s in steps), " > ".join(f'"{s}"' for s in steps)]

    swapped = [*steps[:-2], steps[-1], steps[-2]]
    new = rng.choice([s for s in STEPS if s not in steps])
    others = [rng.choice(wrote(swapped)), rng.choice(wrote([*steps[:-1], new]))]
    others += [rng.choice(wrote(steps[:-1]))] if len(steps) > 2 else []
    return Spelt("path", some(rng, wrote(steps), 7), tuple(others), framed(
        "Go to {} and tick the last box.", "First open {}.", "Open this page:\n\n{}\n\nThen tick the last box.",
    ))  # fmt: skip


def proof_end(rng: Random) -> Spelt:
    same = ("QED", "∎", "Q.E.D.", r"$\blacksquare$", "□", r"$\square$", "■")
    number = rng.randint(2, 9)
    frames = framed(
        f"So the sum of both parts is a multiple of {number}. {{}}",
        f"So the sum of both is odd, and {number} is not.\n\n{{}}",
    )
    return Spelt("proof end", same, (), frames)


NAMES = ["Ann Lee", "Bo Kim", "Carl Ross", "Dana Fox", "Eli Stone", "Fay Brown"]


def counted(rng: Random) -> Spelt:
    number = rng.choice((2, 3, 4))
    names = rng.sample(NAMES, number)
    head, noun, verb = rng.choice(
        (
            ("Doubtful", "players", "are doubtful"),
            ("Injured", "players", "are injured"),
            ("Absent", "guests", "are absent"),
        )
    )
    said = rng.choice((in_words(number), str(number)))
    first = f"{said.capitalize()} {noun} {verb}: {', '.join(names[:-1])} and {names[-1]}."

    def listed(names: Sequence[str]) -> list[str]:
        items = "\n".join(f"- {name}" for name in names)
        return [
            f"## {head}\n\n{items}",
            f"**{head}:**\n\n{items}",
            f"**{head}:** {', '.join(names[:-1])}, {names[-1]}"
            if len(names) > 1
            else f"{head}: {names[0]}",
            f"{head} {noun}:\n\n{items}",
        ]

    others = [rng.choice(listed(names[:-1])), rng.choice(listed([*names[:-1], "Gus Hall"]))]
    others.append(first.replace(said.capitalize(), in_words(number + 2).capitalize()))
    frame = (
        "The team met on the north field today.\n\n{}\n\nThe match is on the north field.",
    ) * 2
    return Spelt("counted", (first, *listed(names)), tuple(others), (frame,), is_directed=True)


def german(rng: Random) -> Spelt:
    whole, part = rng.randint(2, 40), rng.randint(1, 9)
    kind = rng.randrange(3)
    if kind == 0:
        same = [
            f"{whole},{part} kg",
            f"{whole},{part}0 kg",
            f"{whole},{part} Kilogramm",
            f"${whole}{{,}}{part}\\text{{ kg}}$",
        ]
        others = [f"{whole}{part} kg", f"{whole},{part + 1} kg", f"{whole},{part} g"]
    elif kind == 1:
        same = [
            f"{whole}.{part}50 Euro",
            f"{whole}.{part}50 €",
            f"{whole}{part}50 Euro",
            f"{whole}.{part}50,00 €",
            f"EUR {whole}.{part}50",
        ]
        others = [f"{whole},{part}5 Euro", f"{whole}.{part}51 Euro", f"{whole}{part}5 €"]
    else:
        same = [
            f"{whole}-{whole + 9} Jahre",
            f"{whole} bis {whole + 9} Jahre",
            f"{whole}–{whole + 9} Jahre",
            f"zwischen {whole} und {whole + 9} Jahre",
        ]
        others = [f"{whole}-{whole + 8} Jahre", f"{whole + 1} bis {whole + 9} Jahre"]
    return Spelt("german", some(rng, same, 5), tuple(others), framed(
        "Bis zum Ende des Jahres waren es {} nach unserer Liste.", "Der alte Turm ist mit {} auf dieser Liste.",
    ))  # fmt: skip


CODE: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("css", ("{}{{color: {}; margin: 0 auto;}}", "{}{{color:{};margin:0 auto}}", "{} {{\n  color: {};\n  margin: 0 auto;\n}}"), "h1 .box #top p.note", "red blue #333 navy"),
    ("json", ('{{"{}": "{}", "size": [1, 2]}}', '{{"{}":"{}","size":[1,2]}}', '{{\n  "{}": "{}",\n  "size": [\n    1,\n    2\n  ]\n}}'), "name kind owner", "Ann box red"),
    ("js", ("function {}(a, b) {{ return a + {}; }}", "function {}(a,b){{return a+{};}}", "function {}(a, b) {{\n  return a + {};\n}}"), "add total pay", "b 7 41"),
    ("sql", ("SELECT {}, age FROM people WHERE age > {};", "SELECT {}, age\nFROM people\nWHERE age > {};", "SELECT\n  {},\n  age\nFROM people\nWHERE\n  age > {};"), "name city id", "18 40 65"),
    ("html", ("<ul><li>{}</li><li>{}</li></ul>", "<ul>\n<li>{}</li>\n<li>{}</li>\n</ul>", "<ul>\n  <li>{}</li>\n  <li>{}</li>\n</ul>"), "One Milk Home", "Two Bread Away"),
    ("java", ("int {} = {}; if (x > 2) {{ x = 0; }}", "int {} = {};\nif (x > 2) {{\n    x = 0;\n}}", "int {}={};\nif(x>2){{x=0;}}"), "total sum n", "4 17 90"),
    ("xml", ("<note><to>{}</to><from>{}</from></note>", "<note>\n  <to>{}</to>\n  <from>{}</from>\n</note>"), "Ann Bo", "Cy Di"),
)  # fmt: skip


def code(rng: Random) -> Spelt:
    label, forms, names, values = rng.choice(CODE)
    name, value = rng.choice(names.split()), rng.choice(values.split())
    other = rng.choice([v for v in values.split() if v != value])

    def wrote(form: str, *parts: str) -> str:
        return f"```{label}\n{form.format(*parts)}\n```"

    same = tuple(wrote(form, name, value) for form in forms)
    others = (
        wrote(rng.choice(forms), name, other),
        wrote(rng.choice(forms), name + "x", value),
        wrote(rng.choice(forms), name, value).replace(value, "", 1),
    )
    return Spelt(
        "code", same, others, framed("Put this in your file:\n\n{}\n\nThat is all you need.")
    )


VALUES: dict[str, Callable[[Random], Spelt]] = {
    "quantity": quantity, "range": span, "money": money, "number word": number_word, "share": share,
    "date": day, "hour": hour, "duration": duration, "path": path, "proof end": proof_end, "counted": counted,
    "german": german, "code": code,
}  # fmt: skip
