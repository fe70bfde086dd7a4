"""Simple HTML in prose (`<br>`, `<b>`, `<li>`) as Markdown."""

from __future__ import annotations

import re

from realign_local.text.prose import lines_of_code

_TAG = re.compile(r"</?([a-z][a-z0-9]*)\b[^<>\n]*>", re.IGNORECASE)
SIMPLE_TAG = re.compile(r"</?(?:p|b|i|strong|em|li|ul)>|<br ?/?>", re.IGNORECASE)
_PAIRED = re.compile(r"<(b|strong|i|em)>([^<>\n*]+)</\1>", re.IGNORECASE)
_MARK = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_ITEM = re.compile(r"(?:(?<!\s)\s+)?(?:</li>\s*)?<li>[ \t]*", re.IGNORECASE)
_BREAK = re.compile(
    r"(?:(?<![ \t])[ \t]+)?(?:<br ?/?>|</p>\s*<p>|</?p>|</li>|</?ul>)[ \t]*", re.IGNORECASE
)
_BREAKS = {"<br>": "\n", "<br/>": "\n", "<br />": "\n", "<ul>": "\n", "</li>": ""}
_SPACED = re.compile(r"\n{3,}")


def without_tags(text: str) -> str:
    """The text with Markdown for its simple tags, if it has no other ones and all of them close."""
    names = [name.lower() for name in _TAG.findall(text)]
    simple = len(SIMPLE_TAG.findall(text))
    if len(names) != simple or "|" in text or "`" in text or lines_of_code(_TAG.sub("", text)):
        return text
    new = _PAIRED.sub(_emphasized, text)
    if re.search(r"</?(?:b|strong|i|em)>", new, re.IGNORECASE):
        return text
    new = _ITEM.sub("\n- ", new)
    new = _BREAK.sub(lambda found: _BREAKS.get(found[0].strip(" \t").lower(), "\n\n"), new)
    return _SPACED.sub("\n\n", new).strip("\n")


def _emphasized(found: re.Match[str]) -> str:
    mark, text = _MARK[found[1].lower()], found[2]
    inner = text.strip()
    if not inner:
        return text
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{mark}{inner}{mark}{trail}"
