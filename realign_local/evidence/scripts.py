"""Scripts without spaces between words: their runs of signs, and the language that a script tells.

Words of Chinese, Japanese and Thai cannot be cut without a dictionary, and Korean ones carry their
particles. Pairs of neighbouring signs find them all, whatever language a source is said to be in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

# (language, ranges of code points), by the blocks of the Unicode standard.
_UNSPACED = (
    ("ja", "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"),
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("th", "\u0e01-\u0e4e"),
    ("lo", "\u0e81-\u0ece"),
    ("my", "\u1000-\u109f"),
    ("km", "\u1780-\u17d3"),
    (
        "zh",
        "\u2e80-\u2fd5\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    ),
)
_SPACED = (
    ("ru", "\u0400-\u052f"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("ar", "\u0600-\u06ff"),
    ("he", "\u0590-\u05ff"),
    ("hi", "\u0900-\u097f"),
    ("ta", "\u0b80-\u0bff"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
    ("en", "A-Za-z\u00c0-\u024f"),
)
_RUN = re.compile(f"[{''.join(signs for _, signs in _UNSPACED)}]+")
_BY_LANGUAGE = [(language, re.compile(f"[{s}]")) for language, s in _UNSPACED + _SPACED]
KANA_SHARE = 0.05  # Japanese is written with more Chinese signs than its own; Chinese has none


def spaced(text: str) -> str:
    """The text with each run of an unspaced script as its signs and pairs of neighbours.

    北京是 becomes 北 京 是 北京 京是: a word of one sign is found by itself, longer ones by pairs.
    """
    return _RUN.sub(lambda run: f" {' '.join(_grams(run[0]))} ", text)


def _grams(run: str) -> Iterator[str]:
    """Vowels and tones over and under a letter are left out: tantivy would cut the word there."""
    signs = [sign for sign in run if sign.isalnum()]
    yield from signs
    yield from map("".join, pairwise(signs))


def weight(text: str) -> int:
    """How much a text says, in letters of the Latin alphabet; a Chinese sign is about a word."""
    return len(text) + 2 * sum(len(run) for run in _RUN.findall(text))


def language_of(texts: Iterable[str]) -> str:
    """The commonest language of the script in which most of these texts are written.

    For the Latin script that is English: no sign tells French from Dutch.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({language: len(signs.findall(text)) for language, signs in _BY_LANGUAGE})
    if counts["ja"] >= KANA_SHARE * (counts["ja"] + counts["zh"]):
        counts["ja"] += counts["zh"]
    return counts.most_common(1)[0][0] if counts.total() else "en"
