"""Links, e-mail addresses and file paths: copied sign by sign or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail

_URL = re.compile(
    r"(?:https?|ftp|file)://[^\s<>\"'`|\\^{}\[\]]{1,2000}|\bwww\.[^\s<>\"'`|\\^{}\[\]]{3,500}"
)
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
_PATH = re.compile(r"(?<![\w/.:~<)])(?:~|\.{1,2})?(?:/[\w.@+-]{1,80}){2,20}/?")
_FOLDER = re.compile(r"/[\w.@+-]+/[\w.@+-]")
"""In every path, and found fast."""
_DRIVE = re.compile(r"\b[A-Za-z]:\\(?:[\w. -]{1,60}\\){0,12}[\w.-]{1,80}")
_EXTENSION = re.compile(
    r"\.(?:py|js|ts|java|go|rs|cpp|json|ya?ml|toml|html|css|sql|sh|txt|csv|md|xml"
    r"|pdf|docx?|xlsx?|png|jpe?g|zip|ini|cfg|log|ipynb)\b(?![\w(@])"
)
_STEM = re.compile(r"(?<![\w@/.-])[\w-]{1,60}$")
_GOES_ON = re.compile(r"[\w/%=&#?@-]|\.\w")
FEW = 50
"""So many new links are looked for one by one; for more, the texts are read once for all."""


def links(text: str) -> list[str]:
    """All links, addresses and paths of the text in order, without the sentence's punctuation."""
    found = [_trimmed(url) for url in _URL.findall(text)] if "//" in text or "www." in text else []
    rest = _URL.sub(" ", text) if found else text
    if "@" in rest:
        found += _EMAIL.findall(rest)
    if _FOLDER.search(rest):
        found += [_trimmed(path) for path in _PATH.findall(rest) if not _is_calculation(path)]
    if ":\\" in rest:
        found += _DRIVE.findall(rest)
    return found + _files(rest) if "." in rest else found


def _files(text: str) -> list[str]:
    """Names with a well-known extension, such as notes.txt."""
    found = []
    for m in _EXTENSION.finditer(text):
        if stem := _STEM.search(text, max(0, m.start() - 62), m.start()):
            found.append(stem[0] + m[0])
    return found


def _trimmed(link: str) -> str:
    link = link.rstrip(".,;:!?*_")
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(".,;:!?*_")
    return link


def _is_calculation(path: str) -> bool:
    return not re.search(r"[A-Za-z]{2}", path)


def check(case: Case) -> Verdict:
    """Fail on a link that is gone, and on one in neither original, instruction nor evidence."""
    before, after = links(case.original), links(case.rewritten)
    known, kept = set(before), set(after)
    for link in before:
        if link not in kept and link not in case.rewritten:
            return fail(Reason.LINK_CHANGED, link, detail="this link is lost or changed")
    texts = (case.original, case.instruction, *case.evidence)
    if len(kept - known) > FEW:
        known |= {link for text in texts for link in _wholes(text)}
    for link in after:
        if link not in known and not any(_whole(_bare(link, known), text) for text in texts):
            return fail(Reason.LINK_CHANGED, link, detail="this link comes from nowhere")
    return PASS if before or after else NOT_APPLICABLE


def _bare(link: str, known: set[str]) -> str:
    """An address that was given without its scheme may get one, to be a link that works."""
    bare = link.removeprefix("https://").removeprefix("http://").removesuffix("/")
    return bare if bare in known and bare.startswith("www.") else link


def _wholes(text: str) -> Iterator[str]:
    """Links for which `_whole` is true, in one pass over the text."""
    for pattern in (_URL, _EMAIL, _PATH, _DRIVE):
        for m in pattern.finditer(text):
            link = _trimmed(m[0])
            if not _GOES_ON.match(text, m.start() + len(link), m.start() + len(link) + 2):
                yield link
    for m in _EXTENSION.finditer(text):
        stem = _STEM.search(text, max(0, m.start() - 62), m.start())
        if stem and not _GOES_ON.match(text, m.end(), m.end() + 2):
            yield stem[0] + m[0]


def _whole(link: str, text: str) -> bool:
    """The link occurs and does not go on there: a shortened link is another link."""
    at = text.find(link)
    while at >= 0:
        if not _GOES_ON.match(text, at + len(link), at + len(link) + 2):
            return True
        at = text.find(link, at + 1)
    return False
