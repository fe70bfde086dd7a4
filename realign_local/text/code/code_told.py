"""Prose that looks like code: sentences about commands, names of functions, sentences around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.text.segments import vocabulary

_COMMANDS = frozenset(("bash", "sql", "dockerfile", "powershell"))
"""Their lines are words with blanks between them, but without articles."""
_WORDY = frozenset(("cobol", "gherkin", "applescript"))
"""Their statements are sentences."""
_PARTS = re.compile(r"[;\n]|(?<=[a-z]{2})\. ")
_SPEAKS = re.compile(
    r".*(?:\b(?:the|them|an|its|it|your|this|that|which)\b|\ba [a-z]{3})|\S+ .*\b[a-z]{2,}\.$"
    r"|[\w -]+(?: [–—] |: )|[A-Z]+(?: BY)?, "
)
"""An article, a pronoun, a dash, or a stop behind a word: no argument of a command looks so."""
_SPEAKS_OF_SHELL = re.compile(r"\S+ (?:\S+ )?(?:to|for|will|can|is|are|when) [a-z]{2}|.*, .*, ")
_SAID_AT_END = re.compile(r"[^\n]* [^\W\d_]{3,}\.$")
_VERB = re.compile(
    r"\s*(?:[-*+•] +|\d+[.)] +)?\S+(?: (?!install|uninstall|add)(?:-{1,2}[\w-]+|[a-z]+|[A-Z]+))?"
    r"(?: -{1,2}[\w-]+)* [a-z]{2,}(?<!s)s (?:(?!from\b|as\b|where\b)[a-z]{2,})\b(?![=/.:(]\S)"
)
"""A command, perhaps with an option, and what it does to something: `git push sends commits`."""
_SIGNED = re.compile(r"[|&$~\\<>{}*]|\w=|=\w|\b\d+\b|(?:^|\s)echo\b|\./|\S/\S")
_NAMED_CALLS = re.compile(r"\.?[\w.]+\([^()]*\)(?:(?:,|,? (?:and|or)) \.?[\w.]+\([^()]*\))+[.,]?")
_WORD = r"[^\W\d_][\w'’-]*"
_BEFORE = re.compile(rf"\s*[A-ZÀ-Þ][\w'’-]*(?:,? {_WORD}){{2,}}[.:!?] +\S")
_LABEL = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?: [a-zß-ÿ]+){0,4}: +\S.*[(){}=;]")
_LEADS_IN = re.compile(
    rf"(?i)\s*{_WORD}(?:,? {_WORD})+[,;:.(]* (?:for example|for instance|e\.g\.|example|like this"
    r"|z\. ?B\.|par exemple|por ejemplo)[:,]? +\S"
)
_BEHIND = re.compile(rf".*[;)}}\]] +[A-ZÀ-Þ][a-zß-ÿ]+(?:,? {_WORD}){{2,}}[.!?]\s*$")
_NO_SENTENCE = vocabulary(
    "select insert update delete create alter drop with move add subtract display perform given"
    " when then and but scenario feature background import from return def class if for while"
)


def tells_of_commands(code: str, language: str) -> bool:
    """Whether half of the commands or more are the subjects of sentences."""
    if language in _WORDY:
        return False
    parts = [part.strip() for part in _PARTS.split(code) if part.strip(" .")]
    plain = [part for part in parts if not _SIGNED.search(part)]
    if language == "bash" and _SAID_AT_END.fullmatch(code.strip()):
        return True
    spoken = (_VERB, *((_SPEAKS,) if language in _COMMANDS else ()))
    spoken += (_SPEAKS_OF_SHELL,) if language == "bash" else ()
    told = sum(any(pattern.match(part) for pattern in spoken) for part in plain)
    return told * 2 >= len(parts) > 0


def names_calls(lines: Sequence[str]) -> bool:
    """Whether every line lists calls with commas between them: that names functions, and runs
    nothing that anybody would write so."""
    return bool(lines) and all(_NAMED_CALLS.fullmatch(line.strip()) for line in lines)


def holds_sentence(lines: Sequence[str]) -> bool:
    """Whether a sentence stands before or behind the code of a line, or a label before its only
    one."""
    labelled = len(lines) == 1 and _LABEL.match(lines[0]) is not None
    return labelled or any(map(_holds_sentence, lines))


def _holds_sentence(line: str) -> bool:
    if line.isupper() or _NO_SENTENCE.intersection(line.lower().split()[:1]):
        return False
    return any(pattern.match(line) for pattern in (_BEFORE, _BEHIND, _LEADS_IN))
