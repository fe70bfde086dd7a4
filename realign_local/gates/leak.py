"""Prompt leakage: no preamble about the rewriting, no chat markup, no text of the prompt."""

from __future__ import annotations

import re

from realign_local.gates.align import align
from realign_local.gates.gate import PASS, Case, Verdict, fail
from realign_local.gates.prose import key, keys, word_count
from realign_local.reasons import Reason

_TAG = re.compile(
    r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>(?=\s|$)"
    r"|<\|?(?:begin|end)[▁_]of[▁_]\w{1,30}\|?>"
)
_HEADING = re.compile(
    r"^#{2,3} (?:Instruction|Response|Input|Human|Assistant|User|System|Task|Format|Rewritten"
    r"|Original)\b[^\n]{0,30}"
    r"|^(?:Human|Assistant|User|System|ASSISTANT|USER|SYSTEM) ?:",
    re.MULTILINE,
)
_NOUN = (
    r"(?:response|answer|text|version|solution|reply|output|format|content|passage|sentence|message"
    r"|result|explanation)"
)
_ABOUT = re.compile(
    rf"\b(?:here(?:'s| is| are)|below is|this is|the following is"
    rf"|sure[,!.]?[^.\n]{{0,30}}) [^.\n]{{0,40}}\b(?:re-?written|re-?formatted|revised"
    rf"|restructured|re-?write|rewording|reformulation|revision|restructuring|rephrasing"
    rf"|re-?phrased|improved|polished|converted|reorgani[sz]ed|re-?worded)\b"
    rf"|\b(?:re-?written|re-?formatted|restructured|rephrased|revised"
    rf"|improved) {_NOUN}s?\b ?(?::|is\b|in the\b|follows|below)"
    rf"|\b(?:original|provided|given) (?:response|answer|output|reply)\b"
    rf"|\b(?:rewrit(?:e|ing|ten)|reformat(?:ting|ted)?|rephrased?|restructured?) (?:the |this "
    rf"|your |my )?(?:[a-z]+ )?(?:{_NOUN})s?\b"
    rf"|\b(?:follow(?:s|ing)?|match(?:es|ing)?|according to|adher\w+ to|in"
    rf"|into) (?:the )?(?:required|requested|specified|given|desired|above|following) "
    rf"(?:format|layout|structure|criteri\w+|instructions?|guidelines)\b"
    rf"|\b(?:the )?(?:criterion|system prompt|prompt above|instructions? (?:above|below)"
    rf"|guidelines above|format (?:described|given|above|below))\b"
    rf"|\byou are (?:a|an) (?:helpful|expert|ai|assistant|careful|language)\b[^.\n]{{0,60}}"
    rf"|\b(?:do not|don't|never) (?:change|add|remove|alter|invent|modify"
    rf"|omit)\b[^.\n]{{0,60}}\b(?:numbers?|facts?|names?|code|content|meaning|information"
    rf"|anything)\b"
    rf"|\bkeep (?:all |every |the )[^.\n]{{0,40}}(?:unchanged|as (?:it is|they are|is)|verbatim"
    rf"|the same)\b"
    rf"|\byour (?:task|job|goal) is to\b|\bas an ai(?: language)? model\b|\bi (?:have"
    rf"|'ve) (?:rewritten|reformatted|restructured|reorgani[sz]ed|formatted)\b"
    rf"|\bi (?:have |'ve )?(?:kept|preserved|retained|maintained|left|changed|added|removed"
    rf"|made sure)"
    rf"\b[^.\n]{{0,40}}\b(?:numbers?|facts?|names?|code|content|meaning|information|wording|format"
    rf"|structure|text|response|original|unchanged|everything)\b"
    rf"|^\W*(?:the )?end of (?:the )?(?:rewritten )?(?:{_NOUN}|rewrite)\W*$"
    rf"|^\W*(?:re-?written|reformatted|rephrased|revised|response|output|answer)\]"
    rf"|^\W*(?:format|criteri(?:on|a)|rules|guidelines|requirements|constraints|style)\W*:"
    rf"(?=.*\b(?:analysis|conclusion|steps?|list|bullets?|response|answer|format|should|must)\b)"
    rf"|\b(?:question|instruction|response|evidence|example|rewritten|original)(?: \d)?: ?$"
    rf"|^(?:rewritten|reformatted|revised)(?: {_NOUN})? ?:|^(?:evidence|instruction"
    rf"|original response|response|output)(?: \d+)? ?:"
    rf"|(?:以下是|下面是)[^。\n]{{0,12}}(?:改写|重写|重新格式化|修改)|改写后的|hier ist (?:die|der"
    rf"|das) (?:überarbeitete|umgeschriebene|umformulierte)"
    rf"|voici (?:la|le) [^.\n]{{0,20}}(?:réécrite?|reformulée?)|aquí (?:está"
    rf"|tienes) [^.\n]{{0,20}}(?:reescrit|reformulad)",
    re.MULTILINE,
)
"""For text in lower case."""
_SCREEN = (
    "writ", "format", "reword", "re-word", "phras", "revis", "structur", "organi", "improv",
    "polish", "convert", "original", "provided answer", "given answer", "provided reply",
    "given reply", "output", "respon", "reformul", "layout", "criteri", "prompt", "instruct",
    "guideline", "you are a", "never", "don't", "do not", "keep ", "your task", "your job",
    "your goal", "as an ai", "i ", "end of", "rules", "requirement", "style", "constraint",
    "question", "evidence", "example", "]", "改写", "重写", "修改", "hier ist", "voici", "aquí",
)  # fmt: skip
"""One of these is in whatever _ABOUT matches; most sentences have none."""
_ORDERS = re.compile(
    r"(?:please |now |then )?(?:write|give|list|explain|describe|answer|rewrite|summari[sz]e"
    r"|translate|generate|create|make|find|identify|provide|use|solve|compute|calculate"
    r"|determine|you are|you need|you should|your)\b",
    re.IGNORECASE,
)
"""Instructions ask; the facts that they give may be repeated."""
MIN_COPIED_WORDS = 9


def check(case: Case) -> Verdict:
    """Fail on markup, on talk about the rewriting, on sentences of the instruction copied out."""
    m = _markup(case.rewritten)
    if m and m[0] not in case.original and m[0] not in case.instruction:
        return _leak(m[0], "markup of a prompt")
    for unit in align(case.original, case.rewritten).extra:
        if verdict := _extra(unit, case):
            return verdict
    return _pairs(case) or PASS


def _markup(text: str) -> re.Match[str] | None:
    tag = _TAG.search(text) if "<" in text or "[" in text else None
    return tag or _HEADING.search(text)


def _extra(unit: str, case: Case) -> Verdict | None:
    m = _about(unit)
    if m and not _said(m[0], case):
        return _leak(unit, "this speaks about the rewriting")
    copied = key(unit)
    if (
        _ORDERS.match(copied)
        and not unit.endswith("?")
        and word_count(unit) >= MIN_COPIED_WORDS
        and copied in keys(case.instruction)
    ):
        return _leak(unit, "a sentence of the instruction is copied")
    return None


def _pairs(case: Case) -> Verdict | None:
    """Talk about the rewriting can also stand before an original sentence."""
    for pair in align(case.original, case.rewritten).pairs:
        text = " ".join(pair.after)
        m = _about(text)
        if m and not _said(m[0], case):
            return _leak(text, "this speaks about the rewriting")
    return None


def _about(text: str) -> re.Match[str] | None:
    lowered = text.lower()
    return _ABOUT.search(lowered) if any(sign in lowered for sign in _SCREEN) else None


def _said(phrase: str, case: Case) -> bool:
    lowered = phrase.lower()
    return lowered in case.original.lower() or lowered in case.instruction.lower()


def _leak(span: str, detail: str) -> Verdict:
    return fail(Reason.PROMPT_LEAK, span, detail=detail)
