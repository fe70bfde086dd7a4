"""Final answer: the rewrite ends in the original's answer, however either of them states it."""

from __future__ import annotations

import re

from realign_local.base.reasons import Reason
from realign_local.gates.exact.answer_added import denied, foreign_mark
from realign_local.gates.exact.answer_forms import (
    boxed,
    has_signs,
    hashes,
    option_letter,
    options_in,
    same_answer,
    stated,
    states,
)
from realign_local.gates.exact.factors import exchanged_term, turned
from realign_local.gates.exact.formulas import changed
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.align import align
from realign_local.text.equal.paths import turned_path
from realign_local.text.math_forms import signs_only
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.segments import key, plain, units, word_count

_POLARITY = re.compile(
    r"\W*(yes|no|true|false|ja|nein|oui|non|sí|sì|да|нет|correct|incorrect|right|wrong|是的?|不是|对"
    r"|错|はい|いいえ"
    r"|positive|negative|neutral|entailment|contradiction)(?=$|[\s,.;:!。，、)*])",
    re.IGNORECASE,
)
_OPPOSITE = {
    "yes": "no", "true": "false", "ja": "nein", "oui": "non", "sí": "no", "да": "нет", "sì": "no",
    "correct": "incorrect", "right": "wrong",
    "是": "不是", "是的": "不是", "对": "错", "はい": "いいえ",
    "positive": "negative", "entailment": "contradiction",
}  # fmt: skip
_OPPOSITE |= {other: word for word, other in _OPPOSITE.items() if word not in ("sí", "sì", "是的")}
_WHOLE = (
    "yes/no true/false correct/incorrect correct/wrong right/wrong ja/nein richtig/falsch "
    "wahr/falsch oui/non vrai/faux sí/no verdadero/falso correcto/incorrecto sì/no vero/falso "
    "sim/não verdadeiro/falso certo/errado ja/nee waar/onwaar juist/onjuist ja/nej tak/nie "
    "prawda/fałsz да/нет верно/неверно правда/ложь evet/hayır 是/否 是/不是 对/错 对/不对 "
    "正确/错误 はい/いいえ 正しい/間違い"
)
"""Answers that may stand alone as a sentence anywhere in a text."""
_OTHERS: dict[str, set[str]] = {}
for _couple in _WHOLE.split():
    _one, _other = _couple.split("/")
    _OTHERS.setdefault(_one, set()).add(_other)
    _OTHERS.setdefault(_other, set()).add(_one)
_VERDICT = re.compile(
    r"(?:^|answer(?: is)?:? |\b(?:is|as|:) )[\"'(]*(yes|no|true|false|correct|incorrect"
    r"|positive|negative)"
    r"[\"')]*(?=$|[,.;:!])",
    re.IGNORECASE,
)
_CONCLUDING = re.compile(
    r"\W*(?:so|therefore|thus|hence|altogether|in total|in all|in the end|in conclusion|finally"
    r"|in short|"
    r"to conclude|overall|as a result|consequently|this means|the (?:final )?(?:answer|result"
    r"|total)|also|"
    r"damit|also|donc|entonces|por lo tanto|因此|所以|итак)\b",
    re.IGNORECASE,
)
_MATHEMATICAL = re.compile(r"\d\s*[-+*/×÷=x]\s*\$?\d|=\s*\$?-?\d|\\frac|\^")
_RESULT = re.compile(
    r"= ?(-?\d+(?:\.\d+)?(?:/\d+)?)(?![\d%]|[eE]-?\d|[.,]\d| ?[-+*/^(=] ?[\d(a-z])"
)
_ARRIVES = re.compile(
    r"\b(?:so|therefore|thus|hence|altogether|in total|result|answer|leaves"
    r"|which (?:is|makes|gives|leaves))\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"(?:^|\s)(?:and|or|und|oder|et|ou|y|e|o|u|ed|en|of|och|и|или|&)\s|(?<=\w)[和与及跟或](?=\w)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"[,;]\s+|[、\n]")
_BULLET = re.compile(r"^[ \t]{0,12}(?:[-*+•]|\d{1,2}[.)])[ \t]{1,4}", re.MULTILINE)
"""What comes between `It is` and `red` where these become bullets."""
_WORD = re.compile(r"(?<![\\A-Za-z])[^\W\d_]{2,}")
_VALUE_OF_ONE = re.compile(r"\\?[A-Za-z]\w* ?= ?[^=]+$")
SHORT_ANSWER_SIGNS = 40
SHORT_ANSWER_WORDS = 5
"""What has more, and is no list of such, is a sentence, and compared as one."""
MOST_WORDS_OF_A_MARK = 3


def check(case: Case) -> Verdict:
    """Fail where the rewrite states another answer than the original, denies it, or has none.

    A formula of a kept sentence is part of what it answers, and is compared here as well.
    """
    verdict = _check_stated(case)
    if verdict.outcome == "fail":
        return verdict
    word = _polarity(case.original)
    results = [word] if word else results_of(case.original)
    if span := denied(case, results) or foreign_mark(case, results):
        return fail(Reason.ANSWER_CHANGED, span, detail="the original does not say so")
    if word := _turned_word(case):
        return _changed(word, "the opposite")
    if formula := turned(case.original, case.rewritten):
        return fail(Reason.MEANING_DRIFT, formula, detail="a factor has moved")
    if difference := changed(case):
        return fail(Reason.MEANING_DRIFT, difference[0], detail=f"a formula: {difference[1]}")
    if path := turned_path(case.original, case.rewritten):
        return fail(Reason.MEANING_DRIFT, path, detail="the steps have another order")
    if terms := exchanged_term(case.original, case.rewritten):
        one, other = map("".join, terms)
        return fail(Reason.MEANING_DRIFT, other, detail=f"a formula: {one} has become {other}")
    return verdict


def _check_stated(case: Case) -> Verdict:
    marked = hashes(case.original) or boxed(case.original) or stated(case.original)
    marked = marked or _set_apart(case.original)
    if letter := _letter(case, marked):
        return _check_letter(case, letter)
    if marked:
        return _check_marked(case, marked)
    if polarity := _polarity(case.original):
        return _check_polarity(case, polarity)
    if (
        len(case.original) <= SHORT_ANSWER_SIGNS
        and max(map(word_count, _ENTRY.split(case.original))) <= SHORT_ANSWER_WORDS
        and "=" not in case.original
        and len(units(case.original)) == 1
    ):
        return _check_short(case)
    return _check_result(case)


def _set_apart(original: str) -> str:
    """A formula without words that a text of several sentences ends in: `So we get:` `(2, -1)`."""
    body = units(original)
    last = body[-1].strip(" .") if len(body) > 1 else ""
    if not last or len(last) > SHORT_ANSWER_SIGNS or _WORD.search(last):
        return ""
    if "=" in last and not _VALUE_OF_ONE.match(last):
        return ""
    return last if body[-2].endswith(":") and has_signs(last) else ""


def _letter(case: Case, marked: str) -> str:
    """The option chosen, if the question offers options or the original names a letter alone."""
    answer = marked or case.original
    letter = option_letter(answer)
    if not letter or not (options_in(case.instruction) or len(answer.strip(" ().*:")) == 1):
        return ""
    return "" if letter in "AI" and re.match(rf"\W*{letter} [a-z]", answer) else letter


def _check_letter(case: Case, letter: str) -> Verdict:
    """The letter must still be the one that is stated; its text alone will do."""
    text = options_in(case.instruction).get(letter, "")
    found = hashes(case.rewritten) or boxed(case.rewritten) or stated(case.rewritten)
    named = option_letter(found)
    if named and (named != letter or _names_another(case, letter)):
        return _changed(found, letter)
    named_anywhere = set(re.findall(r"(?<![\w'])\(?([A-J])(?=[).:,*}]|\s|$)", case.rewritten))
    if letter in named_anywhere:
        return PASS
    if text and text in case.rewritten.lower() and not named_anywhere - {"A", "I"}:
        return PASS
    return _changed(case.rewritten[-80:], letter)


def _names_another(case: Case, letter: str) -> bool:
    """`C. ribosome` where C is another thing and the ribosome is B."""
    others = [text for at, text in options_in(case.instruction).items() if at != letter]
    said = re.findall(rf"(?<!\w){letter}[.):]+[ *_]*([^\n]+)", case.rewritten)
    own = options_in(case.instruction).get(letter, "")
    return any(
        line.lower().startswith(text) and not line.lower().startswith(own)
        for line in said
        for text in others
        if len(text) > 1
    )


def _check_marked(case: Case, answer: str) -> Verdict:
    """A mark holds the answer and nothing else; a sentence that states it may say more."""
    marks = [text for text in (hashes(case.rewritten), boxed(case.rewritten)) if text]
    sentence = stated(case.rewritten)
    for text in (*marks, *filter(None, [sentence])):
        words = len(_WORD.findall(text))
        may_say_more = words > MOST_WORDS_OF_A_MARK or (words and text == sentence)
        if not same_answer(answer, text) and not (may_say_more and states(text, answer)):
            return _changed(text, answer)
    closing = _wrong_closing(case, answer)
    if closing:
        return _changed(closing, answer)
    if marks or sentence or _states_at_end(case, answer):
        return PASS
    return _changed(case.rewritten[-80:], answer)


def _wrong_closing(case: Case, answer: str) -> str:
    """A sentence added after the solution that states numbers, but not the answer."""
    if not quantities(plain(answer), False):
        return ""
    aligned = align(case.original, case.rewritten)
    concluding = aligned.closing or tuple(u for u in aligned.extra[-1:] if _CONCLUDING.match(u))
    if any(states(unit, answer) for unit in concluding):
        return ""
    return next((unit for unit in reversed(concluding) if quantities(unit, False)), "")


def _states_at_end(case: Case, answer: str) -> bool:
    """An answer that was marked may be restated in the last sentences, in digits or in words."""
    return any(states(unit, answer) for unit in units(case.rewritten)[-3:])


def _polarity(original: str) -> str:
    """The yes or no, true or false, that the original opens with."""
    m = _POLARITY.match(original[:40])
    word = m[1].lower() if m else ""
    if word in ("no", "right", "non") and re.match(
        r"\W*(?:no|right|non) \w", original[:40], re.IGNORECASE
    ):
        return ""
    return word if word not in ("neutral",) else ""


def _check_polarity(case: Case, word: str) -> Verdict:
    """The word is still there, and no sentence opens or concludes with its opposite."""
    opposite = _OPPOSITE.get(word, "")
    held = [m[1].lower() for unit in units(case.rewritten) if (m := _POLARITY.match(unit))]
    held += [m[1].lower() for unit in units(case.rewritten) for m in _VERDICT.finditer(unit)]
    originally = {m[1].lower() for unit in units(case.original) if (m := _POLARITY.match(unit))}
    if opposite in held and opposite not in originally:
        return _changed(opposite, word)
    if word in held or re.search(rf"(?<!\w){re.escape(word)}(?!\w)", case.rewritten, re.IGNORECASE):
        return PASS
    return _changed(case.rewritten[:80], word)


def _turned_word(case: Case) -> str:
    """A sentence of one word, such as `True.`, that stands as its opposite in the rewrite."""
    before = {key(unit).casefold() for unit in units(case.original)}
    opposite = set[str]().union(*(_OTHERS.get(word, ()) for word in before)) - before
    if not opposite:
        return ""
    after = [*map(key, units(case.rewritten)), stated(case.rewritten)]
    return next((word for word in after if word.casefold() in opposite), "")


def _check_short(case: Case) -> Verdict:
    """A response that is nothing but the answer must be stated somewhere in the rewrite."""
    if has_signs(case.original):
        same = states(case.rewritten, case.original)
        return PASS if same else _changed(case.rewritten[-80:], case.original)
    parts = [part for part in _ENTRY.split(case.original) if part.strip()]
    if states(case.rewritten, case.original) or all(_lists(case, part.strip()) for part in parts):
        closing = _wrong_closing(case, case.original) if _is_number(case.original) else ""
        return _changed(closing, case.original) if closing else PASS
    return _changed(case.rewritten[-80:], case.original.strip())


def _lists(case: Case, part: str) -> bool:
    """The last entry of a list has an `and` that goes when the list becomes bullets."""
    bare = " ".join(_BULLET.sub("", case.rewritten).replace(":\n", "\n").split())
    if states(case.rewritten, part) or states(bare, part):
        return True
    entries = [entry for entry in _CONJUNCTION.split(part) if entry.strip()]
    return bool(entries) and entries != [part] and all(states(case.rewritten, e) for e in entries)


def _is_number(text: str) -> bool:
    """One number, with or without what it counts; a list of them is none."""
    number = re.fullmatch(r"\W*-?[\d.,/ ]+\W*(?:[^\W\d_]{1,12})?\W*", text)
    return bool(number) and not _ENTRY.search(text.strip())


def _check_result(case: Case) -> Verdict:
    """A calculation without a marked answer: a conclusion that was added must hold its result."""
    results = results_of(case.original)
    if not results or not _MATHEMATICAL.search(case.original):
        return NOT_APPLICABLE
    if closing := _wrong_closing(case, results[-1]):
        return _changed(closing, results[-1])
    return PASS


def results_of(original: str) -> list[str]:
    """What the last sentence of a text arrives at, if it is a calculation."""
    body = units(original)
    return _results(body[-1]) if body else []


def _results(last: str) -> list[str]:
    """What the last sentence of a calculation arrives at: after an equals sign, else at its end."""
    found = [m[1] for m in _RESULT.finditer(signs_only(last))]
    if not found and _ARRIVES.search(last):
        found = [q.value for q in quantities(last)][-1:]
    return found


def _changed(span: str, answer: str) -> Verdict:
    return fail(
        Reason.ANSWER_CHANGED, span.strip(), detail=f"the answer was: {answer.strip()[:60]}"
    )
