"""The gates: pure, model-free functions that decide whether a rewrite changed only the form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from realign_local.base.plugins import plugged
from realign_local.base.reasons import Reason
from realign_local.gates import (
    blocks_kept,
    language,
    length,
    links,
    names,
    order,
    quotes,
    repetition,
    truncation,
    wording,
)
from realign_local.gates.exact import final_answer, same_code, same_numbers
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Gate, Verdict, fail
from realign_local.gates.language import spoken
from realign_local.gates.talk import chat_phrases, leak, negation, refusal
from realign_local.text import inline_lists, spacing
from realign_local.text.beside import senses, turned_tables
from realign_local.text.beside.same_words import have_same_words
from realign_local.text.equal import (
    accents,
    entity_signs,
    respelt,
    set_phrases,
    slips_meant,
    spellings,
)
from realign_local.text.formulas import small_marks
from realign_local.text.small_words import likely_language

GATES: Mapping[str, Gate] = {
    "answer": final_answer.check,
    "numbers": same_numbers.check,
    "code": same_code.check,
    "blocks": blocks_kept.check,
    "links": links.check,
    "quotes": quotes.check,
    "names": names.check,
    "negation": negation.check,
    "wording": wording.check,
    "order": order.check,
    "language": language.check,
    "refusal": refusal.check,
    "leak": leak.check,
    "truncation": truncation.check,
    "repetition": repetition.check,
    "length": length.check,
}
"""Every gate by its name, the most important first: the first failure is the row's reason."""

OF_WORDS = frozenset(
    {"names", "negation", "wording", "language", "refusal", "repetition", "length"}
)
"""Gates that hold wherever a rewrite has the original's words in their order; most often it has."""

_FORMAL = re.compile(r"[=<>→←↔⇒»›▸$\\^~]")
"""Signs of formulas and paths: between the same words, too, they are spelt in more than one way."""


@cache
def all_gates() -> Mapping[str, Gate]:
    """The program's gates, and behind them those of other packages (`realign_local.gates`)."""
    return MappingProxyType({**GATES, **plugged("gates", taken=GATES)})


def judge(case: Case, gates: Mapping[str, Gate] | None = None) -> dict[str, Verdict]:
    """Every gate's verdict over one case, in the order of the gates; of all gates by default.

    Chat phrases and remains of a prompt that the rewrite has not are no part of the original, and
    a list within a line that the rewrite opened is seen as the list that it is. Sentences between
    which the rewrite put a space that was missing are two, and accents that it put in were
    meant; so were the signs of entities, and the words that are no slips any more. A table beside
    sentences is turned as these go.
    """
    case = _without_boilerplate(case)
    original = entity_signs.shown(case.original, case.rewritten, case.instruction)
    original = spacing.spaced(spacing.rejoined(original, case.rewritten), case.rewritten)
    as_written = replace(case, original=original)
    if original != case.rewritten and not case.rewritten.isascii():
        german = spoken(case.rewritten, case.instruction) == "de"
        original = accents.mended(original, case.rewritten, umlauts=not german)
    same_words = have_same_words(original, case.rewritten)
    if not same_words or _FORMAL.search(original + case.rewritten):
        language = spoken(original, case.instruction) or likely_language(original)
        if language in ("", "en"):
            original = slips_meant.mended(original, case.rewritten)
        original = spellings.same_spelling(original, case.rewritten, language)
        original, rewritten = set_phrases.same_ages(original, case.rewritten)
        original = set_phrases.same_phrases(original, rewritten, language)
        original = senses.same_senses(original, rewritten, language)
        original, rewritten = respelt.respelt(original, rewritten, language)
        case = replace(case, rewritten=rewritten)
    original = inline_lists.opened(original, case.rewritten, case.instruction)
    turned = turned_tables.turned(case.rewritten, original)
    case = replace(case, original=turned_tables.turned(original, case.rewritten), rewritten=turned)
    verdicts = {
        name: PASS if same_words and name in OF_WORDS else gate(case)
        for name, gate in (all_gates() if gates is None else gates).items()
    }
    return {**verdicts, **_seen_as_written(as_written, verdicts)}


def _seen_as_written(case: Case, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """What is seen only before words and signs are brought to one form."""
    found: dict[str, Verdict] = {}
    if "names" in verdicts and (word := slips_meant.exchanged(case.original, case.rewritten)):
        why = f"{word} may be meant and is lost or replaced"
        found["names"] = fail(Reason.NAME_LOST, word, detail=why)
    mark = small_marks.changed(case.original, case.rewritten) if "order" in verdicts else ""
    if mark and verdicts["order"].outcome != "fail":
        why = "a small mark that changes what is said"
        found["order"] = fail(Reason.MEANING_DRIFT, mark, detail=why)
    return found


def _without_boilerplate(case: Case) -> Case:
    bare = chat_phrases.bare(case.original, case.instruction)
    if (
        bare == case.original
        or chat_phrases.bare(case.rewritten, case.instruction) != case.rewritten
    ):
        return case
    return replace(case, original=bare)


def first_failure(verdicts: Mapping[str, Verdict]) -> tuple[str, Verdict] | None:
    """The most important gate that failed, with its verdict; None if all hold."""
    return next(((name, v) for name, v in verdicts.items() if v.outcome == "fail"), None)


__all__ = [
    "GATES", "NOT_APPLICABLE", "PASS", "Case", "Gate", "Verdict", "all_gates", "fail",
    "first_failure", "judge",
]  # fmt: skip
