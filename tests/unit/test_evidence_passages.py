"""Sentences and windows."""

from __future__ import annotations

from realign_local.evidence.passages import sentences, windows


def words(text: str) -> int:
    return len(text.split())


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    text = "Dr. A. Smith left the U.S. in 1999. He won 3.5 million. (See Fig. 3.) 5 men stayed."
    assert sentences(text) == (
        "Dr. A. Smith left the U.S. in 1999.",
        "He won 3.5 million.",
        "(See Fig. 3.)",
        "5 men stayed.",
    )


def test_unspaced_scripts_have_sentences_too() -> None:
    assert sentences("他来了。我走了。") == ("他来了。", "我走了。")


def test_windows_are_balanced() -> None:
    text = " ".join(f"Sentence number {i} is here." for i in range(12))  # 60 words
    found = list(windows(text, count=words, most_tokens=50))
    assert [words(window) for window in found] == [35, 25]


def test_a_sentence_beyond_the_bound_is_cut_between_words() -> None:
    found = list(windows("word " * 25, count=words, most_tokens=10))
    assert [words(window) for window in found] == [10, 10, 5]


def test_paragraphs_stay_on_lines_of_their_own() -> None:
    assert list(windows("One.\n\nTwo.", count=words, most_tokens=10)) == ["One.\nTwo."]
