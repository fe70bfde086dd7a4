"""Quoted strings: what stands between quotation marks is copied, and nothing new is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.segments import plain, units

_MARKED = {
    '"': re.compile(r"\"([^\"\n]{1,400})\""),
    "“": re.compile(r"“([^”\n]{1,400})”"),
    "„": re.compile(r"„([^“”\n]{1,400})[“”]"),
    "«": re.compile(r"«\s?([^»\n]{1,400}?)\s?»"),
    "「": re.compile(r"「([^」\n]{1,400})」"),
    "『": re.compile(r"『([^』\n]{1,400})』"),
    "'": re.compile(r"(?<![\w'])'([^'\n]{1,200})'(?![\w'])"),
    "‘": re.compile(r"‘([^’\n]{1,200})’(?!\w)"),
    "`": re.compile(r"(?<!`)`([^`\n]{1,200})`(?!`)"),
}
_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n.*?(?:^[ \t]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_NOT_LETTERS = re.compile(r"[\W_]+")
MIN_NEW_WORDS = 3
MIN_SIGNS = 2
"""A lone letter says nothing; read over, its second mark would open the next quotation."""
MANY = 50
"""From here on it pays to know the other text's own quotations first."""


def quoted(text: str) -> list[str]:
    """The strings between quotation marks of any kind, outside of fenced code."""
    patterns = [pattern for mark, pattern in _MARKED.items() if mark in text]
    if not patterns:
        return []
    outside = _FENCE.sub("\n", text) if "```" in text or "~~~" in text else text
    found = (text for pattern in patterns for text in pattern.findall(outside))
    return [text for text in found if len(text) >= MIN_SIGNS]


def check(case: Case) -> Verdict:
    """Fail on a quoted string that is gone or altered, and on a new one of three words or more."""
    before, after = quoted(case.original), quoted(case.rewritten)
    if not before and not after:
        return NOT_APPLICABLE
    held = _Searched(_letters(case.rewritten))
    if len(before) > MANY:
        held.expect(_letters(part) for text in after for part in units(text))
    for text in before:
        if any(_letters(part) not in held for part in units(text)):
            return fail(Reason.QUOTE_CHANGED, text, detail="this quotation is lost or changed")
    return _check_new(case, after)


def _check_new(case: Case, after: list[str]) -> Verdict:
    texts = (case.original, case.instruction, *case.evidence)
    known = _Searched(_letters("\n".join(texts)).casefold())
    if len(after) > MANY:
        known.expect(_letters(found).casefold() for text in texts for found in quoted(text))
    for text in after:
        letters = _letters(text).casefold()
        if letters.count(" ") + 1 >= MIN_NEW_WORDS and letters not in known:
            return fail(Reason.QUOTE_CHANGED, text, detail="this quotation comes from nowhere")
    return PASS


class _Searched:
    """A text that is searched for many pieces, most of which stand in it in their order.

    Each search begins where the last one ended, so that all of them together read it once.
    """

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._found: set[str] = set()

    def __contains__(self, piece: str) -> bool:
        if piece in self._found:
            return True
        at = self._text.find(piece, self._at)
        if at < 0:
            at = self._text.find(piece, 0, self._at + len(piece))
        if at >= 0:
            self._at = at
            self._found.add(piece)
        return at >= 0

    def expect(self, pieces: Iterable[str]) -> None:
        """Look for pieces in the text's own order, so that they are known in any other."""
        for piece in pieces:
            piece in self  # noqa: B015


def _letters(text: str) -> str:
    """Letters and digits only: quotation styles, emphasis and spacing are form."""
    return _NOT_LETTERS.sub(" ", plain(text)).strip()
