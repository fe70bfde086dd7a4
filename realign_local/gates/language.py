"""Language and script: the rewrite speaks the language of the original."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text import small_words
from realign_local.text.align import Alignment, align
from realign_local.text.segments import key, words
from realign_local.text.small_words import LOOKED_AT_SIGNS, SHORT_WORDS, own_words, speaks, tokens
from realign_local.text.spelling import is_word

_SCRIPTS = {
    "latin": "A-Za-zÀ-ɏ", "cyrillic": "Ѐ-ӿ", "greek": "Ͱ-Ͽ", "arabic": "؀-ۿݐ-ݿ", "hebrew": "֐-׿",
    "kana": "぀-ヿ", "han": "㐀-鿿", "hangul": "가-힯", "devanagari": "ऀ-ॿ", "thai": "฀-๿",
    "bengali": "ঀ-৿", "tamil": "஀-௿", "georgian": "Ⴀ-ჿ", "armenian": "԰-֏",
}  # fmt: skip
_LETTERS = {name: re.compile(f"[{signs}]") for name, signs in _SCRIPTS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_LISTED = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)]) ", re.MULTILINE)
MOST_HAN_OF_HEADS = 6
"""New signs in the heads and labels of a layout."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ASCII_LETTER = re.compile("[A-Za-z]")
_ASCII_WORD = re.compile("[a-z]+")
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_NOT_LETTERS = {code: None for code in range(128) if not chr(code).isalpha()}
_SPACELESS = {"han", "kana", "thai"}
_LETTERS_A_SIGN = {"han": 3, "kana": 2, "hangul": 2}
_LEAST_SIGNS = {"han": 2, "kana": 2, "thai": 2, "hangul": 2, "greek": 4}
"""Letters of a script that the response has not; those of Greek may be variables."""
_QUOTED = re.compile(r'"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|`[^`\n]*`|https?://\S+')
_ABOUT_WORDS = re.compile(
    r"\b(?:translat\w*|how (?:do|would) (?:you|i|we) say|mean(?:s|ing)?|grammar|correct\w*"
    r"|vocabulary|pronounc\w*|conjugat\w*|proofread|sentences?|phrases?|words?|übersetz\w*|tradu\w*|vertaal"
    r"|languages?|sprache|langue|idioma|przetłumacz)\b|语言|言語|翻译|翻訳|번역|перевед|перевод|ترجم",
    re.IGNORECASE,
)
"""Requests about a text in another language, which may be explained in that of the request."""
_CHINESE = re.compile(
    "[们這這说請请对從从應应问题时间開开进過过动现发给让样么该個个還还你她吗嗎为為养议习书车长门见风飞马鸟东电话语读写"
    "买卖钱银级约经统结线组细难简护报择据检标树欢爱环疗码离积稳笔纸联脑营补观规视觉订计讨训记讲许论设证评识词译试询"
    "详误课谁调谈谢质贵费资赞转轮软轻较达运远连适选错队阳阴险顶项顺预领颜饭馆验骤很]|如下"
)
"""Signs that Japanese writes otherwise or not at all."""
_LABEL = re.compile(r"([^\W\d_]+(?: [^\W\d_]+)?) ?(?:[:：]|\Z)")
FEW = 0.04
"""Share of a language's small words up to which a text is not in it."""
NAMES = 0.6
"""Share of words with a capital from which on a text names things."""
MIN_LETTERS = 20
MIN_WORDS = 8
MIN_SIGNS = 5
RARE = 0.2
MOST = 0.75
"""Share of the letters from which on a sentence is written in a script; it may hold a name."""
LOOKED_AT_UNITS = 20
KEPT_SHARE = 0.6


def check(case: Case) -> Verdict:
    """Fail where the script or the language differs, of the whole or of an added sentence.

    Where every unit of the original is there word for word, only what was added is looked at.
    """
    before, after = _outside_code(_without_fenced(case)), _outside_code(case.rewritten)
    if sum(scripts(after).values()) < MIN_LETTERS:  # code, which the original may not fence
        before, after = case.original[:LOOKED_AT_SIGNS], case.rewritten[:LOOKED_AT_SIGNS]
    old, new = scripts(before), scripts(after)
    if sum(old.values()) < MIN_LETTERS:
        return _added_to_few(sum(old.values()), case)
    if verdict := _script(old, new, case):
        return verdict
    aligned = align(case.original, case.rewritten)
    if aligned.pairs or aligned.missing:
        one, other = latin_language(before), latin_language(after)
        if one and other and one != other and not _are_the_same_words(before, after):
            return fail(Reason.LANGUAGE_CHANGED, after[:80], detail=f"from {one} to {other}")
    return _added(aligned, case) or PASS


def _are_the_same_words(before: str, after: str) -> bool:
    """A translation has few words of the original; a terse layout has its few small words only."""
    old, new = Counter(_WORD.findall(before.lower())), Counter(_WORD.findall(after.lower()))
    return (old & new).total() >= KEPT_SHARE * new.total()


def _without_fenced(case: Case) -> str:
    """The original without the lines that are the same in code blocks of the rewrite."""
    if "```" not in case.rewritten or "```" in case.original:
        return case.original
    fenced = {line.strip() for m in _CODE.finditer(case.rewritten) for line in m[0].split("\n")}
    lines = case.original.split("\n")
    return "\n".join(line for line in lines if not line.strip() or line.strip() not in fenced)


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
        if name == "kana" and lost and _is_japanese_in_a_layout(case):
            continue
        came = share < 0.1 and share_now >= 0.3 and name not in scripts(case.instruction)
        if lost or came or (share < 0.05 and share_now >= 0.5):
            return fail(Reason.LANGUAGE_CHANGED, case.rewritten[:80], detail=f"script {name}")
    return None


def _is_japanese_in_a_layout(case: Case) -> bool:
    """A table or list needs no particles: `月曜日は九時から`, `月曜日 | 9時`."""
    han = set(_LETTERS["han"].findall(case.rewritten))
    new = han - set(case.original) - set(case.instruction)
    laid_out = "|" in case.rewritten or _LISTED.search(case.rewritten)
    return bool(laid_out) and len(new) <= max(MOST_HAN_OF_HEADS, RARE * len(han))


@lru_cache(maxsize=64)
def latin_language(text: str) -> str:
    """The language whose commonest words stand out, of those with spaces; "" where none does."""
    lowered = text[:LOOKED_AT_SIGNS].lower()
    found = (_ASCII_WORD if lowered.isascii() else _WORD).findall(lowered)
    if len(found) < MIN_WORDS:
        return ""
    counts, hits = Counter(found), dict[str, list[int]]()
    languages_of = small_words.languages_of("frequent")
    for word in counts.keys() & languages_of.keys():
        for language in languages_of[word]:
            hits.setdefault(language, []).append(counts[word])
    ranked = sorted(((sum(h), name) for name, h in hits.items() if len(h) >= 3), reverse=True)
    (best, language), (second, _) = [*ranked, (0, ""), (0, "")][:2]
    clear = best >= 3 and best >= 0.15 * len(found) and best >= 1.5 * second and best - second >= 2
    return language if clear else ""


def _added_to_few(letters: int, case: Case) -> Verdict:
    """A few words may be explained in the language of the request, whichever they are in."""
    if letters < SHORT_WORDS or case.original == case.rewritten:
        return NOT_APPLICABLE
    added = _added(align(case.original, case.rewritten), case)
    asked = speaks(case.instruction)
    return added if added and (not asked or asked != speaks(added.span)) else NOT_APPLICABLE


def _added(aligned: Alignment, case: Case) -> Verdict | None:
    """An added sentence in another language than the response's, or an original one put into it."""
    sentences, labelled = list(aligned.extra[:LOOKED_AT_UNITS]), list(aligned.extra)
    for pair in aligned.pairs[:LOOKED_AT_UNITS]:
        labelled += pair.after
        for unit in pair.after[:2]:
            if len(words(unit) - words(pair.before[0])) >= SHORT_WORDS:
                sentences.append(unit.replace(key(pair.before[0]), " "))
    for unit in sentences:
        said = _QUOTED.sub(" ", unit) if not unit.isascii() or '"' in unit else unit
        if language := _other_script(said, case) or _other_language(said, case):
            return fail(Reason.LANGUAGE_CHANGED, unit, detail=f"a sentence in {language}")
    for unit in labelled[:LOOKED_AT_UNITS]:
        if language := _other_label(unit, case):
            return fail(Reason.LANGUAGE_CHANGED, unit, detail=f"a label in {language}")
    return None


def _other_script(unit: str, case: Case) -> str:
    """The script of a sentence in which the original has hardly a word."""
    if unit.isascii() and case.original.isascii():
        return ""
    signs = scripts(unit)
    if not signs:
        return ""
    old = scripts(_outside_code(case.original))
    if _is_chinese_in_japanese(unit, signs, old, case):
        return "Chinese"
    if "kana" in signs and "kana" in old:
        return ""
    if "kana" in signs:
        signs = {**signs, "kana": signs["kana"] + signs.get("han", 0), "han": 0}
    name = max(signs, key=lambda script: _weight(signs, script))
    rare = _weight(old, name) < RARE * sum(_weight(old, script) for script in old)
    whole = _weight(signs, name) >= MOST * sum(_weight(signs, script) for script in signs)
    if not rare or not whole or not _is_new(unit, name, signs, case):
        return ""
    asked = scripts(case.instruction)
    explained = _ABOUT_WORDS.search(case.instruction)
    if explained and asked.get(name, 0) >= RARE * sum(asked.values()):
        return ""
    return f"{name} script"


def _weight(signs: dict[str, int], script: str) -> int:
    """Signs that are a word or a syllable count for several letters."""
    return signs.get(script, 0) * _LETTERS_A_SIGN.get(script, 1)


def _is_new(unit: str, script: str, signs: dict[str, int], case: Case) -> bool:
    """Whether these are words of a sentence, more than a name or a term."""
    if script in _SPACELESS and signs[script] >= MIN_SIGNS:
        return True
    if script != "latin" and script not in {*scripts(case.original), *scripts(case.instruction)}:
        return signs[script] >= _LEAST_SIGNS.get(script, SHORT_WORDS)
    given = {*_WORD.findall(case.original.lower()), *_WORD.findall(case.instruction.lower())}
    found = [word for word in _WORD.findall(unit.lower()) if len(word) > 1]
    strange = sum(word not in given for word in found)
    plain = len(found) >= SHORT_WORDS and unit[1:] == unit[1:].lower()
    english = plain and not small_words.small_words("en").isdisjoint(found)
    small = script == "latin" and (english or bool(speaks(unit)))
    return strange >= 2 and (small or (2 * strange > len(found) and len(found) > SHORT_WORDS))


def _is_chinese_in_japanese(
    unit: str, signs: dict[str, int], old: dict[str, int], case: Case
) -> bool:
    """Japanese writes its small words in kana; a sentence of Han signs alone has Chinese ones."""
    japanese = old.get("kana", 0) >= RARE * sum(old.values())
    if not japanese or "kana" in signs or signs.get("han", 0) < MIN_SIGNS:
        return False
    return bool(_CHINESE.search(unit)) and not _ABOUT_WORDS.search(case.instruction)


def _other_language(unit: str, case: Case) -> str:
    """The language of a sentence whose small words are not those of the response."""
    ours = spoken(case.original, case.instruction)
    if ours not in ("", "en") and _is_english(unit, ours) and _is_strange("en", ours, case):
        return "" if _ABOUT_WORDS.search(case.instruction) else "en"
    found = speaks(unit)
    if not found or found == ours:
        return ""
    if len(unit.split()) >= 2 * MIN_WORDS:
        response, sentence = latin_language(_outside_code(case.original)), latin_language(unit)
        if response and sentence not in ("", response, latin_language(case.instruction)):
            return sentence
    if not _is_strange(found, ours, case):
        return ""
    if _ABOUT_WORDS.search(case.instruction) and own_words(case.instruction, found, beside=""):
        return ""
    theirs, still_ours = own_words(unit, found, beside=ours), own_words(unit, ours, beside=found)
    kinds = len(set(theirs))
    allowed = 0 if small_words.are_close(found, ours) else kinds
    return found if kinds > 1 and 2 * len(still_ours) <= allowed else ""


def _is_english(unit: str, ours: str) -> bool:
    """Whether all words of a sentence are English, one of them a small one, and none is ours."""
    found = tokens(unit)
    if not unit.isascii() or len(found) < SHORT_WORDS or own_words(unit, ours, beside="en"):
        return False
    small = small_words.small_words("en").intersection(_WORD.findall(unit))  # not `US` of a name
    return bool(small) and all(map(is_word, found))


def _is_strange(found: str, ours: str, case: Case) -> bool:
    """Whether the response has hardly a word of a language.

    Of two close ones it must have words that tell it from the other. Where its language is not
    known, a sentence can be seen to be English: a list of English words tells the response.
    """
    old = _outside_code(case.original)
    if ours and not small_words.are_close(found, ours):
        return len(own_words(old, found, beside=ours)) <= FEW * len(tokens(old))
    given = f"{case.instruction}\n{old}"
    theirs = len(own_words(given, found, beside=ours))
    if ours:
        return 2 * theirs < len(own_words(given, ours, beside=found))
    known = tokens(given)
    if found != "en" or theirs or len(known) < MIN_WORDS:
        return False
    return 2 * sum(is_word(word) for word in known) < len(known)


def _other_label(unit: str, case: Case) -> str:
    """The language of a label such as `Steps:`, in a text of another one that has not this word."""
    label = _LABEL.match(unit)
    if not label:
        return ""
    found = tokens(label[1])
    ours = spoken(case.original, case.instruction)
    if _ABOUT_WORDS.search(case.instruction):
        return ""
    given = {*tokens(case.original), *tokens(case.instruction)}
    if not given.isdisjoint(found) or not (ours or _is_written_otherwise(label[1], case)):
        return ""
    known = small_words.labels(ours) | small_words.small_words(ours)
    for language in small_words.table():
        theirs = small_words.labels(language)
        if small_words.are_close(language, ours) or theirs.isdisjoint(found) or known & {*found}:
            continue
        if theirs.union(small_words.small_words(language)).issuperset(found):
            return language
    return ""


def _is_written_otherwise(label: str, case: Case) -> bool:
    old = scripts(case.original)
    return not any(old.get(script, 0) > RARE * sum(old.values()) for script in scripts(label))


@lru_cache(maxsize=32)
def spoken(original: str, instruction: str) -> str:
    """The language of the response, or of the request where the response is too short to tell.

    A list of names is of the language in which it was asked for.
    """
    text = _outside_code(original)
    given = f"{instruction}\n{text}"
    asked = speaks(instruction) if _is_names(text) else ""
    return (
        asked or latin_language(text) or speaks(text) or speaks(given) or speaks(given, share=FEW)
    )


def _is_names(text: str) -> bool:
    found: list[str] = _WORD.findall(text)
    return sum(word[0].isupper() for word in found) >= NAMES * len(found) > 0
