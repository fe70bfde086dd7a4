"""Catch and false-alarm rates by kind of damage: `python -m tests.mutation.measure`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from realign_local.gates import Case, Verdict, first_failure, judge
from tests.mutation import real_rewrites
from tests.mutation.corruptions import CORRUPTIONS
from tests.mutation.faithful import EDITED, faithful


@dataclass(slots=True)
class Rates:
    """How often each kind was tried and caught, and which faithful rewrites set off an alarm."""

    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    faithful: int = 0
    alarms: list[tuple[Case, str, Verdict]] = field(default_factory=list)
    missed: list[tuple[str, Case]] = field(default_factory=list)

    def catch_rate(self, kinds: Iterable[str] | None = None) -> float:
        """Caught corruptions for each one tried, over some kinds or all of them."""
        names = list(self.tried if kinds is None else kinds)
        tried = sum(self.tried[name] for name in names)
        return sum(self.caught[name] for name in names) / max(1, tried)

    @property
    def alarm_rate(self) -> float:
        """False alarms for each faithful rewrite."""
        return len(self.alarms) / max(1, self.faithful)


def measure(cases: Iterable[Case], *, seed: int = 7) -> Rates:
    """Judge every case as it is and once with each corruption that applies to it."""
    rates = Rates()
    for number, case in enumerate(cases):
        rates.faithful += 1
        if failure := first_failure(judge(case)):
            rates.alarms.append((case, *failure))
        for kind, corrupt in CORRUPTIONS.items():
            spoiled = corrupt(case, random.Random(f"{seed}/{number}/{kind}"))
            if spoiled is None or spoiled == case.rewritten:
                continue
            rates.tried[kind] += 1
            damaged = replace(case, rewritten=spoiled)
            if first_failure(judge(damaged)):
                rates.caught[kind] += 1
            else:
                rates.missed.append((kind, damaged))
    return rates


def table(rates: Rates) -> str:
    """The rates as a Markdown table, one row a kind."""
    lines = ["| corruption | tried | caught | rate |", "|---|---|---|---|"]
    for kind in CORRUPTIONS:
        if tried := rates.tried[kind]:
            lines.append(
                f"| {kind} | {tried} | {rates.caught[kind]} | {rates.caught[kind] / tried:.1%} |"
            )
    tried, caught = sum(rates.tried.values()), sum(rates.caught.values())
    lines.append(f"| **all** | {tried} | {caught} | {rates.catch_rate():.1%} |")
    lines.append(
        f"\nFalse alarms: {len(rates.alarms)} of {rates.faithful} ({rates.alarm_rate:.1%})."
    )
    return "\n".join(lines)


def main() -> None:
    """Print the tables of the hand-written rewrites and of those made from real data."""
    print("hand-written\n\n" + table(measure(faithful())))
    print("\nof a freer hand\n\n" + table(measure(faithful(file=EDITED))))
    if real_rewrites.DATA.is_dir():
        for source in (real_rewrites.gsm8k, real_rewrites.prose, real_rewrites.passages):
            print(f"\n{source.__name__}\n\n" + table(measure(source())))


if __name__ == "__main__":
    main()
