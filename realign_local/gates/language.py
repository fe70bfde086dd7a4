"""Language and script: the rewrite speaks the language of the original."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from realign_local.gates.align import align
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.reasons import Reason

_SCRIPTS = {
    "latin": "A-Za-zÀ-ɏ", "cyrillic": "Ѐ-ӿ", "greek": "Ͱ-Ͽ", "arabic": "؀-ۿݐ-ݿ", "hebrew": "֐-׿",
    "kana": "぀-ヿ", "han": "㐀-鿿", "hangul": "가-힯", "devanagari": "ऀ-ॿ", "thai": "฀-๿",
    "bengali": "ঀ-৿", "tamil": "஀-௿", "georgian": "Ⴀ-ჿ", "armenian": "԰-֏",
}  # fmt: skip
_LETTERS = {name: re.compile(f"[{signs}]") for name, signs in _SCRIPTS.items()}
_PROFILES = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is that it for was on are with as be this by from at have not "
        "or you which",
        "de": "der die und das ist nicht ein eine zu den mit von sich des auf für dem im auch "
        "es werden sind",
        "fr": "le la les de des et est une un dans que pour du pas sur qui au avec ce par sont "
        "il elle nous vous",
        "es": "el la los las de que y en un una es por con para del se no su como más son lo "
        "al está",
        "it": "il la le di che e un una per è con non del della sono si in da i gli anche come "
        "più alla",
        "pt": "o a os as de que e um uma em para com não do da no na por é mais dos se como são ao",
        "nl": "de het een en van is dat niet op te in zijn met voor aan er ook door als bij "
        "worden deze",
        "sv": "och att det en som är på för av med till inte den i har ett om de var kan",
        "pl": "i w na z do nie się jest to że o jak ale po od za przez są dla przy",
        "tr": "ve bir bu için ile da de çok olarak daha olan gibi en ne kadar değil",
        "id": "yang dan di untuk dengan dari pada adalah ini itu tidak dalam akan atau ke oleh",
        "vi": "và là của có một không cho được các trong người với những để này",
        "cs": "a se na je v že to s z do jako pro ale by jsem jsou nebo o po",
        "ro": "și de la în cu un o este pe nu să care mai din pentru sunt al a",
        "ru": "и в не на что с по это как а к из за от для его но у то",
        "uk": "і в не на що з до як це та для від за його але є у",
        "bg": "и на в за от се да с не са по е като това при",
    }.items()
}  # fmt: skip
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _PROFILES.items():
    for _word in sorted(w for w in _words if len(w) > 1 or w > "z"):  # letters are variables, too
        _LANGUAGES_OF.setdefault(_word, []).append(_language)
_WORD = re.compile(r"[^\W\d_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ASCII_LETTER = re.compile("[A-Za-z]")
_ASCII_WORD = re.compile("[a-z]+")
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_NOT_LETTERS = {code: None for code in range(128) if not chr(code).isalpha()}
MIN_LETTERS = 20
MIN_WORDS = 8
LOOKED_AT_SIGNS = 4000


def check(case: Case) -> Verdict:
    """Fail where the script or the language differs, of the whole or of an added sentence.

    Where every unit of the original is there word for word, only what was added is looked at.
    """
    before, after = _outside_code(case.original), _outside_code(case.rewritten)
    if sum(scripts(after).values()) < MIN_LETTERS:  # code, which the original may not fence
        before, after = case.original[:LOOKED_AT_SIGNS], case.rewritten[:LOOKED_AT_SIGNS]
    old, new = scripts(before), scripts(after)
    if sum(old.values()) < MIN_LETTERS:
        return NOT_APPLICABLE
    if verdict := _script(old, new, case):
        return verdict
    aligned = align(case.original, case.rewritten)
    if aligned.pairs or aligned.missing:
        spoken, speaks = latin_language(before), latin_language(after)
        if spoken and speaks and spoken != speaks:
            return fail(Reason.LANGUAGE_CHANGED, after[:80], detail=f"from {spoken} to {speaks}")
    return _added(aligned.extra, case) or PASS


def _outside_code(text: str) -> str:
    text = text[: 4 * LOOKED_AT_SIGNS]
    return _CODE.sub(" ", text)[:LOOKED_AT_SIGNS] if "`" in text else text[:LOOKED_AT_SIGNS]


@lru_cache(maxsize=64)
def scripts(text: str) -> dict[str, int]:
    """Letters of the text by script."""
    if text.isascii():
        return {"latin": len(text.translate(_NOT_LETTERS))}
    other = "".join(_NOT_ASCII.findall(text))
    counts = {name: len(letters.findall(other)) for name, letters in _LETTERS.items()}
    counts["latin"] += len(_ASCII_LETTER.findall(text))
    return {name: count for name, count in counts.items() if count}


def _script(old: dict[str, int], new: dict[str, int], case: Case) -> Verdict | None:
    """Every script that carries the original still does, and no other one takes over."""
    total, now = sum(old.values()), max(1, sum(new.values()))
    for name in sorted({*old, *new}):
        share, share_now = old.get(name, 0) / total, new.get(name, 0) / now
        lost = share >= 0.3 and share_now < 0.3 * share
        came = share < 0.1 and share_now >= 0.3 and name not in scripts(case.instruction)
        if lost or came or (share < 0.05 and share_now >= 0.5):
            return fail(Reason.LANGUAGE_CHANGED, case.rewritten[:80], detail=f"script {name}")
    return None


@lru_cache(maxsize=64)
def latin_language(text: str) -> str:
    """The language whose commonest words stand out, of those with spaces; "" where none does."""
    lowered = text[:LOOKED_AT_SIGNS].lower()
    found = (_ASCII_WORD if lowered.isascii() else _WORD).findall(lowered)
    if len(found) < MIN_WORDS:
        return ""
    counts, hits = Counter(found), dict[str, list[int]]()
    for word in counts.keys() & _LANGUAGES_OF.keys():
        for language in _LANGUAGES_OF[word]:
            hits.setdefault(language, []).append(counts[word])
    ranked = sorted(((sum(h), name) for name, h in hits.items() if len(h) >= 3), reverse=True)
    (best, language), (second, _) = [*ranked, (0, ""), (0, "")][:2]
    clear = best >= 3 and best >= 0.15 * len(found) and best >= 1.5 * second and best - second >= 2
    return language if clear else ""


def _added(extra: tuple[str, ...], case: Case) -> Verdict | None:
    """An added sentence in a language that neither original nor instruction uses."""
    for unit in extra[:20]:
        if len(unit.split()) < 2 * MIN_WORDS:
            continue
        spoken, speaks = latin_language(_outside_code(case.original)), latin_language(unit)
        if spoken and speaks and speaks not in (spoken, latin_language(case.instruction)):
            return fail(Reason.LANGUAGE_CHANGED, unit, detail=f"from {spoken} to {speaks}")
    return None
