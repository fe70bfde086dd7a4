"""Rates by kind of content: `python -m tests.layouts.measure [answers a kind] [seed] [kind]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from realign_local.gates import Case, first_failure, judge
from tests.layouts.abroad import ABROAD
from tests.layouts.claims import CLAIMS
from tests.layouts.courses import COURSES
from tests.layouts.kind import Kind, Render
from tests.layouts.meanings import MEANINGS
from tests.layouts.things import THINGS

KINDS = (*THINGS, *MEANINGS, *COURSES, *CLAIMS, *ABROAD)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A rewrite with the layouts on both sides; `damage` is "" where it is faithful."""

    case: Case
    layouts: str
    damage: str


def sampled(kind: Kind, seed: str) -> Iterator[Sampled]:
    """One content in one layout, laid out otherwise faithfully and with each damage."""
    rng = Random(f"{kind.name}/{seed}")
    content = kind.make(rng)
    before = rng.choice(kind.originals)
    after = rng.choice([render for render in kind.rewrites if render is not before])
    yield from _both(kind, content, before, after, rng)


def _both(
    kind: Kind, content: dict[str, object], before: Render, after: Render, rng: Random
) -> Iterator[Sampled]:
    ask, original, rewritten = str(content["ask"]), before(content), after(content)
    layouts = f"{before.__name__} > {after.__name__}"
    yield Sampled(Case(ask, original, rewritten), layouts, "")
    for name, damage in kind.damages.items():
        damaged = damage(content, rng)
        text = after(damaged) if damaged else rewritten
        if text != rewritten:
            yield Sampled(Case(ask, original, text), layouts, name)


@dataclass(slots=True)
class Rates:
    tried: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[Sampled, str]] = field(default_factory=list)

    def add(self, found: Sampled) -> None:
        failure = first_failure(judge(found.case))
        self.tried[found.damage] += 1
        if bool(failure) == (not found.damage):
            self.wrong[found.damage] += 1
            why = f"{failure[0]}: {failure[1].detail} <{failure[1].span}>" if failure else ""
            self.shown.append((found, why))


def measure(kind: Kind, answers: int, seed: int = 1) -> Rates:
    rates = Rates()
    for number in range(answers):
        for found in sampled(kind, f"{seed}/{number}"):
            rates.add(found)
    return rates


def main(arguments: Sequence[str]) -> None:
    answers, seed = (int(a) for a in [*arguments[:2], "60", "1"][:2]) if arguments else (60, 1)
    only = arguments[2:]
    total = Counter[str]()
    for kind in KINDS:
        if only and kind.name not in only:
            continue
        rates = measure(kind, answers, seed)
        alarms, tried = rates.wrong[""], rates.tried[""]
        damaged = sum(n for d, n in rates.tried.items() if d)
        missed = sum(n for d, n in rates.wrong.items() if d)
        total.update(alarms=alarms, tried=tried, missed=missed, damaged=damaged)
        by = ", ".join(f"{d} {n}/{rates.tried[d]}" for d, n in rates.wrong.items() if d)
        print(f"{kind.name}: alarms {alarms}/{tried}, passed {missed}/{damaged} ({by})")
        for found, why in rates.shown if only else ():
            print(f"\n--- {found.layouts} [{found.damage or 'FAITHFUL'}] {why}")
            print(
                f"{found.case.instruction}\n>>> {found.case.original}\n<<< {found.case.rewritten}"
            )
    print(dict(total))


if __name__ == "__main__":
    main(sys.argv[1:])
