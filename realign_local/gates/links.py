"""Links, e-mail addresses and file paths: copied sign by sign or not at all."""

from __future__ import annotations

import re

from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.reasons import Reason

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
    for link in before:
        if link not in after and link not in case.rewritten:
            return fail(Reason.LINK_CHANGED, link, detail="this link is lost or changed")
    known = set(before)
    for link in after:
        if link not in known and not _given(link, case):
            return fail(Reason.LINK_CHANGED, link, detail="this link comes from nowhere")
    return PASS if before or after else NOT_APPLICABLE


def _given(link: str, case: Case) -> bool:
    texts = (case.original, case.instruction, *case.evidence)
    return any(_whole(link, text) for text in texts)


def _whole(link: str, text: str) -> bool:
    """The link occurs and does not go on there: a shortened link is another link."""
    at = text.find(link)
    while at >= 0:
        rest = text[at + len(link) : at + len(link) + 2]
        if not re.match(r"[\w/%=&#?@-]|\.\w", rest):
            return True
        at = text.find(link, at + 1)
    return False
