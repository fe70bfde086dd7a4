"""How a wiki's language writes numbers, dates, amounts and centuries (locales/languages.toml)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from realign_local.evidence.wiki.locales import read_table

_TABLE = read_table("languages")
_MACHINE = re.compile(r"([-+−]?)(0|[1-9]\d{0,39})(?:\.(\d+))?", re.ASCII)
_PLAIN = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
_POINTS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+")
_COMMAS = re.compile(r"[-+]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_BLANKS = re.compile(r"\s|&nbsp;")


@dataclass(frozen=True, slots=True)
class Locale:
    """One language's way to write; a language that is not known keeps numbers as they are."""

    language: str
    decimal: str = ""
    group: str = ""
    date: str = "{year}-{number:0>2}-{day:0>2}"
    day_first: str = ""
    month: str = ""
    month_day: str = ""
    first: str = ""
    months: str = ""
    amount: str = "{number} {sign}"
    aged: str = ""
    century: str = ""
    century_word: str = ""
    centuries: str = ""
    suffix: str = ""
    ordinals: str = ""
    bc: str = ""

    @property
    def is_english(self) -> bool:
        """Whether English words may be put into the text."""
        return self.language == "en"

    @property
    def month_names(self) -> tuple[str, ...]:
        """January to December, none where months are written as numbers."""
        return tuple(name.replace("_", " ") for name in self.months.split())

    def grouped(self, text: str, *, by_program: bool = False) -> str:
        """A number as a program writes it, as a reader sees it here; all else as it was written.

        A comma is never touched: it may be a decimal mark. Nor is 1.234 where commas are, unless
        surely a program wrote it.
        """
        text = text.strip()
        found = _MACHINE.fullmatch(text)
        if found is None or not self.decimal:
            return text
        sign, whole, rest = found.groups("")
        if len(rest) == 3 and self.decimal == "," and not by_program:
            return text
        return f"{sign}{self._marked(f'{int(whole):,}')}{self.decimal if rest else ''}{rest}"

    def month_number(self, name: str) -> int | None:
        """1 for January by its name in this language, else in English; None for another word."""
        wanted = name.lower().rstrip(".")
        for names in (self.month_names, ENGLISH.month_names):
            for number, month in enumerate(names, start=1):
                if wanted in (month.lower(), *month.lower().split()[1:]):
                    return number
        return None

    def date_of(self, year: str, month: int, day: str, *, day_first: bool = False) -> str:
        """A date with what is known of it: a day and a year, or only one of them."""
        name = self.month_names[month - 1] if self.months else str(month)
        known = {"year": year, "month": name, "number": month, "day": self.day_of(day)}
        if not (year or day):
            return name
        pattern = self.day_first if day_first and self.day_first else self.date
        if not year:
            pattern = self.month_day or _without("year", pattern)
        elif not day:
            pattern = self.month or ("{month} {year}" if self.months else "{year}-{number:0>2}")
        return pattern.format(**known)

    def day_of(self, day: str) -> str:
        """The day of a month; the first is written in another way here and there."""
        return self.first if self.first and day in ("1", "1er", "1º") else day

    def ordinal(self, number: str) -> str:
        """The number of a century; in French XIXe, but Ier."""
        if not self.suffix:
            return number
        return number + ("er" if number in ("I", "1") else self.suffix)

    def amount_of(self, number: str, sign: str) -> str:
        """An amount of money. Words in it ("4.5 million") keep the sign in front."""
        pattern = self.amount if number[-1:].isdigit() else "{sign}{number}"
        return pattern.format(number=self.grouped(number), sign=sign)

    def raised(self, text: str) -> str:
        """A superscript: 10^6 must not become 106, but 19th and XIXe are written so."""
        return text if text in self.ordinals.split() else f"^{text}"

    def shown(self, number: float, decimals: int) -> str:
        """A number that was computed, with so many digits behind its mark."""
        whole, point, rest = f"{number:,.{decimals}f}".partition(".")
        return f"{self._marked(whole)}{(self.decimal or '.') if point else ''}{rest}"

    def _marked(self, whole: str) -> str:
        return whole.replace(",", self.group)

    def number_of(self, text: str) -> float | None:
        """The value of a number in this language's or a program's form; None where in doubt."""
        text = _BLANKS.sub("", text).replace("−", "-")
        if "," in text:
            text = self._without_commas(text)
        elif self.decimal == "," and _POINTS.fullmatch(text):
            text = text.replace(".", "") if text.count(".") > 1 else ""
        number = float(text) if _PLAIN.fullmatch(text) else math.inf
        return number if math.isfinite(number) else None

    def _without_commas(self, text: str) -> str:
        """The comma is the decimal mark unless three digits follow it in an English wiki."""
        if _COMMAS.fullmatch(text) and (self.decimal == "." or text.count(",") > 1):
            return text.replace(",", "")
        head, _, tail = text.rpartition(",")
        sure = tail.isdigit() and "," not in head and (self.decimal == "," or len(tail) != 3)
        points = "." not in head or _POINTS.fullmatch(head)
        return f"{head.replace('.', '')}.{tail}" if sure and points else ""


ENGLISH = Locale(**{"language": "en", **_TABLE["en"]})


def _without(part: str, pattern: str) -> str:
    """A pattern of dates without one part and what stands between it and the others."""
    cut = re.sub(rf"(?:[\s,.-]|\bde\b)*\{{{part}[^}}]*\}}\.?", "", pattern)
    return cut.strip(" ,.-").removeprefix("de ")


@lru_cache
def locale_of(language: str) -> Locale:
    """The way of this language; de-CH is German where it has no entry of its own."""
    code = language.lower()
    code = _TABLE["aliases"].get(code, code)
    code = code if code in _TABLE else code.partition("-")[0]
    code = _TABLE["aliases"].get(code, code)
    known = code in _TABLE and code not in ("aliases", "namespaces")
    return Locale(language=code, **(_TABLE[code] if known else {}))
