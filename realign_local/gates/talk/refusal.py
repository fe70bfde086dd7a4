"""Refusals: a response that refuses still does, and one that answers does not begin to refuse."""

from __future__ import annotations

import re

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail

_REFUSAL = re.compile(
    r"\bi(?:'m| am) (?:sorry|afraid)[^.\n]{0,40}\b(?:can't|cannot|can not|unable|not able|won't"
    r"|don't|do not|not)\b"
    r"|\bi(?:'m| am)? ?(?:can't|cannot|can not|am unable to|unable to|am not able to"
    r"|not able to|won't|will not|must decline to"
    r"|refuse to|decline to|have to decline)"
    r" (?:be able to )?(?:help|assist|provide|answer|comply|do that|support|fulfil|fulfill"
    r"|generate|create|write|give|share|offer"
    r"|engage|discuss|continue|recommend|participate|access|browse)"
    r"|\bas an ai(?: language)?(?: model| assistant)?[^.\n]{0,60}(?:can't|cannot|can not|unable"
    r"|not able|don't|do not)"
    r"|\bi (?:must|have to) (?:decline|refuse)\b|\bagainst my (?:guidelines|programming|policy)"
    r"|\bes tut mir leid[^.\n]{0,60}(?:nicht|kein)|\bich kann (?:ihnen |dir )?(?:dabei "
    r"|damit )?(?:leider )?nicht helfen"
    r"|\bje (?:suis désolée?|regrette)[^.\n]{0,60}\b(?:ne|pas)\b|\bje ne peux pas (?:vous "
    r"|t')?(?:aider|répondre|fournir)"
    r"|\blo siento[^.\n]{0,40}\bno (?:puedo|podemos)|\bno puedo (?:ayudar|proporcionar|responder)"
    r"|\bmi dispiace[^.\n]{0,40}\bnon posso|\bdesculpe[^.\n]{0,40}\bnão posso"
    r"|\bnão posso (?:ajudar|fornecer)"
    r"|извините[^.\n]{0,40}не (?:могу|можем)|не могу (?:помочь|предоставить|ответить)"
    r"|(?:抱歉|对不起|很遗憾)[^。\n]{0,30}(?:不能|无法|没法)|我(?:无法|不能)(?:提供|回答|帮助|协助|满足)"
    r"|申し訳(?:ありません|ございません)[^。\n]{0,40}(?:できません|出来ません|お答え)|(?:お手伝い|お答え)(?:できません|することはできません)"
    r"|죄송(?:합니다|하지만)[^.\n]{0,40}(?:수 없|못)"
    r"|(?:آسف|أعتذر|عذر)[^.\n]{0,40}لا (?:أستطيع|يمكنني)"
)
_SCREEN = (
    "sorry", "afraid", "can't", "cannot", "can not", "unable", "not able", "won't", "will not",
    "declin",
    "refus", "guideline", "programming", "policy", "as an ai", "nicht", "désolé", "regrette",
    "ne peux",
    "puedo", "podemos", "posso", "не могу", "не можем", "抱歉", "对不起", "很遗憾",
    "我无法", "我不能",
    "申し訳", "できません", "죄송", "آسف", "أعتذر", "عذر",
)  # fmt: skip
_ASCII_SCREEN = tuple(sign for sign in _SCREEN if sign.isascii())
LOOKED_AT_SIGNS = 20_000


def refuses(text: str) -> bool:
    """Whether the text says, in one of a dozen languages, that the request will not be met."""
    lowered = text[:LOOKED_AT_SIGNS].replace("’", "'").lower()
    screen = _ASCII_SCREEN if lowered.isascii() else _SCREEN
    return any(sign in lowered for sign in screen) and bool(_REFUSAL.search(lowered))


def check(case: Case) -> Verdict:
    """Fail where only one of the two refuses."""
    before, after = refuses(case.original), refuses(case.rewritten)
    if before == after:
        return PASS if before else NOT_APPLICABLE
    detail = "the refusal is gone" if before else "the rewrite refuses, the original did not"
    return fail(Reason.REFUSAL_CHANGED, case.rewritten[:120], detail=detail)
