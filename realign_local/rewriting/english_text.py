"""Whether a text is English: words of the program's own, or its rules for words, suit no other."""

from __future__ import annotations

from realign_local.gates.language import latin_language, scripts


def is_english(text: str) -> bool:
    """Whether the text is English, or too short to tell and written in plain Latin letters."""
    letters = scripts(text)
    if letters.get("latin", 0) < 0.9 * sum(letters.values()) or not letters:
        return False
    language = latin_language(text)
    return language == "en" or (not language and text.isascii())


def is_surely_english(text: str) -> bool:
    """Whether the commonest words of English stand out in the text."""
    return latin_language(text) == "en" and is_english(text)
