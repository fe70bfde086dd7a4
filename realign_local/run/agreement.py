"""How far a model's judgement agrees with people: measured on labelled pairs, kept by its hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from realign_local.base.assets import sha256_cached
from realign_local.base.cache import recall, remember
from realign_local.base.errors import DataError
from realign_local.base.untrusted import loads, read_text
from realign_local.base.weights.catalog import known_as
from realign_local.base.wilson import wilson
from realign_local.rewriting.judge import PROMPT, AnswerPair, Generate, Preference, preferences

KIND = "judge"
CLEARLY = 0.55
"""A judge is asked where the lower end of the 95 % interval of its agreement is above this."""
SURE = 1.96


@dataclass(frozen=True, slots=True)
class Agreement:
    """`agreement`: share of the pairs where the mean over both orders prefers what people prefer.

    `consistent`: share in which both orders say the same; `agreement_consistent`: of those alone.
    """

    pairs: int
    agreement: float
    consistent: float = 0.0
    agreement_consistent: float = 0.0

    @property
    def is_clear(self) -> bool:
        """Whether it is clearly better than chance."""
        return wilson(round(self.agreement * self.pairs), self.pairs, z=SURE)[0] > CLEARLY

    @property
    def told(self) -> str:
        """For a person."""
        return (
            f"this model's judgement agrees with people in {self.agreement:.0%} of"
            f" {self.pairs} pairs"
        )


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two answers to a request and which one people preferred, 1 or 2."""

    pair: AnswerPair
    label: int


def read_pairs(path: Path) -> list[LabelledPair]:
    """Rows of {"instruction", "output_1", "output_2", "label": 1 or 2}; raises DataError."""
    found = list(_pairs(path))
    if not found:
        raise DataError(f"{path} has no pairs", hint=WANTED)
    return found


WANTED = 'Give JSON lines of {"instruction", "output_1", "output_2", "label": 1 or 2}.'


def _pairs(path: Path) -> Iterator[LabelledPair]:
    try:
        lines = read_text(path, "utf-8-sig", pipes=True).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read pairs from {path}", hint=WANTED) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _pair(line, number, path)


def _pair(line: str, number: int, path: Path) -> LabelledPair:
    try:
        row = loads(line)
        texts = [row[name] for name in ("instruction", "output_1", "output_2")]
        if row["label"] not in (1, 2) or not all(isinstance(text, str) for text in texts):
            raise ValueError("no labelled pair")
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}:{number}: no labelled pair of answers", hint=WANTED) from error
    return LabelledPair(AnswerPair(str(number), *texts), int(row["label"]))


def measure(
    pairs: Iterable[LabelledPair], generate: Generate, *, seen: Callable[[], None]
) -> Agreement:
    """Ask the model about every pair, and call `seen` for each answer.

    A pair that the model cannot be asked about counts as not agreeing.
    """
    known = {one.pair.key: one for one in pairs}
    found: dict[str, Preference] = {}
    for key, preference in preferences((one.pair for one in known.values()), generate):
        found[key] = preference
        seen()
    right = {k for k, p in found.items() if p.margin * (known[k].label - 1.5) > 0}
    consistent = {k for k, p in found.items() if p.agrees}
    return Agreement(
        pairs=len(known),
        agreement=len(right) / len(known),
        consistent=len(consistent) / len(known),
        agreement_consistent=len(right & consistent) / max(1, len(consistent)),
    )


def keep(model: Path, found: Agreement) -> None:
    """Remember the agreement of this file of weights, for this wording of the question."""
    remember(KIND, _key(model), asdict(found))


def agreement_of(model: Path) -> Agreement | None:
    """What was measured here, else what the catalog says, else None."""
    kept = recall(KIND, _key(model))
    if isinstance(kept, Mapping):
        return Agreement(**kept)
    entry = known_as(model)
    if entry and entry.judge_agreement is not None and entry.judge_pairs:
        return Agreement(entry.judge_pairs, entry.judge_agreement)
    return None


def _key(model: Path) -> list[Any]:
    return [sha256_cached(model), PROMPT.sha256]
