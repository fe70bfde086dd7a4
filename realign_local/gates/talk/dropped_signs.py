"""What a layout leaves out of a text in a script whose words no blank parts, or of Korean.

Signs of meaning are compared, so Han, katakana and the words of Korean without their endings: a
clause of which all are gone was dropped, where no others have come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.base.reasons import Reason
from realign_local.gates.gate import Case, Verdict, fail
from realign_local.text.order.ordering import unordered
from realign_local.text.rules import rules
from realign_local.text.segments import plain

LEAST_STRETCH = 3
"""Signs side by side that are gone from within a clause, hiragana between them aside."""
LEAST_CLAUSE = 2
LEAST_UNSAID = 7
MOST_NEW = 2
MAX_SIGNS = 20_000
_HANGUL = re.compile("[\uac00-\ud7af]")
_HIRAGANA = re.compile("[\u3040-\u309f]")
_MEANT = re.compile("[\u30a0-\u30fa\u3400-\u9fff]|[\uac00-\ud7af]+")
_CLAUSE = re.compile(r"[，,、。．.；;：:！？!?\n|（）()]")
_LABEL = re.compile(r"^[^:|\n]{1,30}:|^\|.*\|[ ]*(?=\n\|[ ]*:?-)|^#.*$|^\*\*.*\*\*$", re.MULTILINE)
_PARTICLE = re.compile(rf"(?<=.)(?:{'|'.join(rules('wording')['particles'].split())})+$")
_NUMBER = re.compile(r"\d|[一二三四五六七八九十百千万两半零]")
_SMALL = re.compile(
    "因此|所以|因为|例如|比如|总之|此外|另外|同时|其中|以及|还有|不过|而且|但是|分别|先|再|也|还|都|并|然后|接着|最后|首先"
    "|例えば|また|そして|次|最初|最後|それぞれ|この場合|三种|三つ"
    "|그리고|그런 다음|그다음|먼저|우선|이어서|마지막으로|또한|각각|있습니다|합니다|됩니다|입니다"
)


def dropped_signs(case: Case) -> Verdict | None:
    """Fail on a clause, or a stretch of one, of which no sign of meaning is left."""
    if len(case.original) > MAX_SIGNS or case.original == case.rewritten:
        return None
    original, rewritten = plain(case.original), plain(case.rewritten)
    asked = plain(case.instruction)
    given = f"{original}\n{asked}\n{' '.join(case.evidence)}"
    new = {sign for sign in _meant(_LABEL.sub(" ", rewritten)) if _lacks(given, sign)}
    if len(new) >= MOST_NEW or not _meant(original):
        return None
    for clause in _CLAUSE.split(original):
        if gone := _gone(clause, rewritten, asked):
            return fail(Reason.TOO_SHORT, gone, detail="this part of the original is left out")
    return None


def _meant(text: str) -> list[str]:
    return _MEANT.findall(_SMALL.sub(" ", text))


def _lacks(text: str, sign: str) -> bool:
    """Of a Korean word the end may change, which is a particle or that of a verb."""
    if _HANGUL.match(sign):
        sign = _PARTICLE.sub("", sign) or sign
    return (sign[: max(2, len(sign) - 1)] if _HANGUL.match(sign) else sign) not in text


def _gone(clause: str, held: str, asked: str) -> str:
    """What was asked may go, and is no sign that the clause is there."""
    signs = _meant(unordered(clause.strip()))
    signs = [sign for sign in signs if _lacks(asked, sign) or not _lacks(held, sign)]
    if not signs or _NUMBER.search(clause):
        return ""
    lost = [_lacks(held, sign) for sign in signs]
    korean = bool(_HANGUL.search(clause))
    least = LEAST_CLAUSE if korean else LEAST_STRETCH
    if all(lost) and len(lost) >= (1 if korean else LEAST_CLAUSE):
        return clause.strip()
    if not korean and (unsaid := _unsaid(clause, held)):
        return unsaid
    for stretch in _stretches(signs, lost):
        if len(stretch) >= least:
            return (" " if korean else "").join(stretch)
    return ""


def _unsaid(clause: str, held: str) -> str:
    """A long stretch with hiragana that has no three signs of the rewrite: `鎖につないでいれば`."""
    begin = 0
    for at in range(len(clause) - 1):
        if clause[at : at + 3] in held or at + 3 > len(clause):
            begin = at + 2
        elif at + 3 - begin >= LEAST_UNSAID:
            stretch = clause[begin : at + 3]
            kana = len(_HIRAGANA.findall(stretch)) >= LEAST_CLAUSE
            if kana and any(_lacks(held, sign) for sign in _meant(stretch)):
                return stretch
    return ""


def _stretches(signs: list[str], lost: list[bool]) -> Iterator[list[str]]:
    found: list[str] = []
    for sign, is_lost in zip(signs, lost, strict=True):
        if is_lost:
            found.append(sign)
        elif found:
            yield found
            found = []
    if found:
        yield found
