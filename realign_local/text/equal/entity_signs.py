"""Character entities (`&ndash;`, `&#39;`) in prose and the signs that they stand for."""

from __future__ import annotations

import html
import re
from html.entities import name2codepoint

from realign_local.text.equal.simple_tags import SIMPLE_TAG, without_tags
from realign_local.text.prose import in_prose

ENTITY = re.compile(
    r"&(?:(?:amp|\#38);)*(?P<name>\#\d{2,6}|\#x[0-9a-f]{2,5}"
    rf"|apos|{'|'.join(name2codepoint)});",
    re.IGNORECASE,
)
_REST_OF_ENTITY = re.compile(r"#?\w{1,32};")
_TO_TAG = re.compile(r"&(?:amp;)*(?:lt|#0*60|#x0*3c);(?!(?:&lt;)?[\s\d])", re.IGNORECASE)
"""Less-than signs that begin no comparison: where one stays, all do."""
_ABOUT_MARKUP = re.compile(
    r"&#?\w+;|\b(?:x?html?|xml|entit(?:y|ies)|escap\w+|(?:en|de)cod\w+|markup|web ?pages?)\b",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(
    r"\b(?:entit(?:y|ies)|type|write|use|enter|insert):? [\"'“(]?&#?\w+;(?=[\"'”)]?(?:[\s.,;]|$))",
    re.IGNORECASE,
)
"""`The entity &nbsp; is a blank.`, which would say nothing with the sign."""


def shown(original: str, rewritten: str, instruction: str) -> str:
    """The original with signs for those of its entities that the rewrite has not, and Markdown
    for its simple tags; as it is where the request may be about them."""
    if not ("&" in original or "<" in original) or _ABOUT_MARKUP.search(instruction):
        return original
    if SIMPLE_TAG.search(original) and not SIMPLE_TAG.search(rewritten):
        original = without_tags(original)
    if not ENTITY.search(original):
        return original
    return in_prose(original, lambda stretch: decoded(stretch, rewritten))


def decoded(stretch: str, kept: str = "") -> str:
    """The text with signs for its entities but those that `kept` has, too; what would become a tag
    or an entity stays."""
    if "&" in stretch and _SPOKEN_OF.search(stretch):
        return stretch
    tags = _TO_TAG.search(stretch) is not None
    return ENTITY.sub(lambda m: m[0] if m[0] in kept else _sign(m, tags), stretch)


def _sign(found: re.Match[str], tags: bool) -> str:
    sign = html.unescape(f"&{found['name']};")
    if len(sign) != 1 or (tags and sign in "<>") or (sign.isascii() and sign.isalnum()):
        return found[0]
    if sign in "#;" or (sign == "&" and _REST_OF_ENTITY.match(found.string, found.end())):
        return found[0]
    return sign if sign.isprintable() else " " if sign.isspace() else found[0]
