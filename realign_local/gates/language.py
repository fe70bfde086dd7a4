"""Language and script: the rewrite speaks the language of the original."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.align import Alignment, align
from realign_local.text.segments import key, words

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
_MORE = {
    language: frozenset(words.split())
    for language, words in {
        "en": "what how here there has can will would its an these they we their your i if when "
        "who two into than so following below means asks question answer",
        "de": "was wie wird aus bei wir ich er hat haben kann nach zum zur als durch oder aber "
        "wenn dass hier so wurde in an einen einem einer man sie ihr",
        "fr": "cette ces sa son ses aux ou où comme plus être a ont était je on si mais voici "
        "comment même l d qu c",
        "es": "este esta estos si pero cuando cómo qué fue ser tiene hay aquí sobre entre a o",
        "it": "questo questa questi quando cosa dei delle nel nella al ha hanno essere ma se ecco",
        "pt": "este esta isso quando quem você ele ela foi ser tem há seu sua mas ou aqui sobre",
        "nl": "wat hoe hier dit die naar om bij uit maar heeft kan zo ik je we was of",
        "sv": "vad hur här detta dessa eller men så vi jag",
        "pl": "co tu jej jego ten ta te być był ma oraz lub aby dla go",
        "ru": "здесь или мы вы они она он был были же так бы",
    }.items()
}  # fmt: skip
"""Words besides those of the profiles, by which a short sentence is told apart."""
_SHORT = {
    name: frozenset(w for w in found | _MORE.get(name, frozenset()) if len(w) > 1 or w > "z")
    for name, found in _PROFILES.items()
}
_SHORT_OF: dict[str, list[str]] = {}
for _language, _words in _SHORT.items():
    for _word in sorted(_words):
        _SHORT_OF.setdefault(_word, []).append(_language)
_FAMILY = {
    **dict.fromkeys(("de", "nl", "sv"), "germanic"),
    **dict.fromkeys(("es", "pt", "it", "ro"), "romance"),
    **dict.fromkeys(("pl", "cs"), "west slavic"),
    **dict.fromkeys(("ru", "uk", "bg"), "east slavic"),
}
"""Languages that share too many small words to be told apart in a short sentence."""
_SPACELESS = {"han", "kana", "thai"}
_QUOTED = re.compile(r'"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|`[^`\n]*`|https?://\S+')
_ABOUT_WORDS = re.compile(
    r"\b(?:translat\w*|how (?:do|would) (?:you|i|we) say|mean(?:s|ing)?|grammar|correct\w*"
    r"|vocabulary|pronounc\w*|conjugat\w*|proofread|sentences?|phrases?|words?|übersetz\w*|tradu\w*|vertaal"
    r"|languages?|sprache|langue|idioma|przetłumacz)\b|语言|言語|翻译|翻訳|번역|перевед|перевод|ترجم",
    re.IGNORECASE,
)
"""Requests about a text in another language, which may be explained in that of the request."""
SHORT_WORDS = 4
FEW = 0.04
"""Share of a language's small words up to which a text is not in it."""
MIN_LETTERS = 20
MIN_WORDS = 8
MIN_SIGNS = 5
RARE = 0.2
LOOKED_AT_UNITS = 20
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
        return _added_to_few(sum(old.values()), case)
    if verdict := _script(old, new, case):
        return verdict
    aligned = align(case.original, case.rewritten)
    if aligned.pairs or aligned.missing:
        one, other = latin_language(before), latin_language(after)
        if one and other and one != other:
            return fail(Reason.LANGUAGE_CHANGED, after[:80], detail=f"from {one} to {other}")
    return _added(aligned, case) or PASS


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


def _added_to_few(letters: int, case: Case) -> Verdict:
    """A few words may be explained in the language of the request, whichever they are in."""
    if letters < SHORT_WORDS or case.original == case.rewritten:
        return NOT_APPLICABLE
    added = _added(align(case.original, case.rewritten), case)
    asked = _speaks(case.instruction)
    return added if added and (not asked or asked != _speaks(added.span)) else NOT_APPLICABLE


def _added(aligned: Alignment, case: Case) -> Verdict | None:
    """An added sentence in another language than the response's, or an original one put into it."""
    worded = (
        unit.replace(key(pair.before[0]), " ")
        for pair in aligned.pairs[:LOOKED_AT_UNITS]
        for unit in pair.after[:2]
        if len(words(unit) - words(pair.before[0])) >= SHORT_WORDS
    )
    for unit in (*aligned.extra[:LOOKED_AT_UNITS], *worded):
        said = _QUOTED.sub(" ", unit) if not unit.isascii() or '"' in unit else unit
        if speaks := _other_script(said, case) or _other_language(said, case):
            return fail(Reason.LANGUAGE_CHANGED, unit, detail=f"a sentence in {speaks}")
    return None


def _other_script(unit: str, case: Case) -> str:
    """The script of a sentence in which the original has hardly a word."""
    if unit.isascii() and case.original.isascii():
        return ""
    signs = scripts(unit)
    if not signs:
        return ""
    name = max(signs, key=lambda script: signs[script])
    old = scripts(_outside_code(case.original))
    asked = scripts(case.instruction)
    if old.get(name, 0) >= RARE * sum(old.values()) or 2 * signs[name] < sum(signs.values()):
        return ""
    if name in _SPACELESS:
        new = signs[name] >= MIN_SIGNS
    else:
        given = {*_WORD.findall(case.original.lower()), *_WORD.findall(case.instruction.lower())}
        found = [w for w in _WORD.findall(unit.lower()) if len(w) > 1]
        new = len(found) >= SHORT_WORDS and 2 * sum(w not in given for w in found) > len(found)
        new = new or (len(found) >= SHORT_WORDS and name == "latin" and bool(_speaks(unit)))
    explained = _ABOUT_WORDS.search(case.instruction)
    if not new or (explained and asked.get(name, 0) >= RARE * sum(asked.values())):
        return ""
    return f"{name} script"


def _other_language(unit: str, case: Case) -> str:
    """The language of a sentence whose small words are not those of the response."""
    speaks = _speaks(unit)
    if not speaks or speaks == spoken(case.original, case.instruction):
        return ""
    if len(unit.split()) >= 2 * MIN_WORDS:
        response, sentence = latin_language(_outside_code(case.original)), latin_language(unit)
        if response and sentence not in ("", response, latin_language(case.instruction)):
            return sentence
    ours_is = spoken(case.original, case.instruction)
    if not ours_is or _FAMILY.get(ours_is, ours_is) == _FAMILY.get(speaks, speaks):
        return ""
    ours, theirs = _SHORT[ours_is] - _SHORT[speaks], _SHORT[speaks] - _SHORT[ours_is]
    old = _tokens(_outside_code(case.original))
    if sum(w in theirs for w in old) > FEW * len(old):
        return ""
    if _ABOUT_WORDS.search(case.instruction) and words(case.instruction) & _SHORT[speaks]:
        return ""
    new = _tokens(unit)
    hits = {w for w in new if w in theirs}
    return speaks if len(hits) > 1 and 2 * sum(w in ours for w in new) <= len(hits) else ""


def _tokens(text: str) -> list[str]:
    return _WORD.findall(text[:LOOKED_AT_SIGNS].lower())


@lru_cache(maxsize=64)
def _speaks(text: str) -> str:
    """The language of which a text has most small words, two at least; "" without a clear one."""
    found = _tokens(text)
    if len(found) < SHORT_WORDS:
        return ""
    hits = dict[str, list[str]]()
    for word in found:
        for language in _SHORT_OF.get(word, ()):
            hits.setdefault(language, []).append(word)
    ranked = sorted(((len(h), len(set(h)), name) for name, h in hits.items()), reverse=True)
    (best, kinds, name), (second, *_) = [*ranked, (0, 0, ""), (0, 0, "")][:2]
    return name if kinds > 1 and best > second and best >= 0.2 * len(found) else ""


@lru_cache(maxsize=32)
def spoken(original: str, instruction: str) -> str:
    """The language of the response, or of the request where the response is too short to tell."""
    text = _outside_code(original)
    return latin_language(text) or _speaks(text) or _speaks(f"{instruction}\n{text}")
