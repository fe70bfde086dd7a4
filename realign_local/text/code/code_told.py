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
)
"""An article, a pronoun, or a full stop behind a word: no argument of a command looks so."""
_VERB = re.compile(
    r"\s*(?:[-*+•] +|\d+[.)] +)?\S+(?: (?!install|uninstall|add)(?:-{1,2}[\w-]+|[a-z]+|[A-Z]+))?"
    r"(?: -{1,2}[\w-]+)* [a-z]{2,}(?<!s)s (?:(?!from\b|as\b|where\b)[a-z]{2,})\b(?![=/.:(]\S)"
)
"""A command, perhaps with an option, and what it does to something: `git push sends commits`."""
_SIGNED = re.compile(r"[|&$~\\<>{}*]|\w=|=\w|\b\d+\b|(?:^|\s)echo\b|\./|\S/\S")
_NAMED_CALLS = re.compile(r"\.?[\w.]+\([^()]*\)(?:(?:,|,? (?:and|or)) \.?[\w.]+\([^()]*\))+[.,]?")
_WORD = r"[^\W\d_][\w'’-]*"
_BEFORE = re.compile(rf"\s*[A-ZÀ-Þ][\w'’-]*(?:,? {_WORD}){{2,}}[.:!?] +\S")
_LEADS_IN = re.compile(
    rf"(?i)\s*{_WORD}(?:,? {_WORD})+[,;:.(]* (?:for example|for instance|e\.g\.|example|like this"
    r"|z\. ?B\.|par exemple|por ejemplo)[:,]? +\S"
)
_BEHIND = re.compile(rf".*[;)}}\]] +[A-ZÀ-Þ][a-zß-ÿ]+(?:,? {_WORD}){{2,}}[.!?]\s*$")
_NO_SENTENCE = vocabulary(
    "select insert update delete create alter drop with move add subtract display perform given when"
    " then and but scenario feature background import from return def class if for while"
)


def tells_of_commands(code: str, language: str) -> bool:
    """Whether half of the commands or more are the subjects of sentences."""
    if language in _WORDY:
        return False
    parts = [part.strip() for part in _PARTS.split(code) if part.strip(" .")]
    plain = [part for part in parts if not _SIGNED.search(part)]
    spoken = (_VERB, _SPEAKS) if language in _COMMANDS else (_VERB,)
    told = sum(any(pattern.match(part) for pattern in spoken) for part in plain)
    return told * 2 >= len(parts) > 0


def names_calls(lines: Sequence[str]) -> bool:
    """Whether every line lists calls with commas between them: that names functions, and runs
    nothing that anybody would write so."""
    return bool(lines) and all(_NAMED_CALLS.fullmatch(line.strip()) for line in lines)


def holds_sentence(line: str) -> bool:
    """Whether a sentence stands before or behind the code of one line."""
    first = line.split(maxsplit=1)[0].lower()
    if line.isupper() or first in _NO_SENTENCE:
        return False
    return any(pattern.match(line) for pattern in (_BEFORE, _BEHIND, _LEADS_IN))
