"""An encoder's tokens, counted without loading its weights."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from realign_local.base.errors import AssetError
from realign_local.base.untrusted import as_utf8, loads, read_text

MOST_WORDS_KNOWN = 500_000  # about 60 MB
STATIC_MAX_TOKENS = (
    512  # a static model has no limit of its own; a mean over more words says little
)
_WORD = re.compile(r"\S+")


def max_tokens_of(folder: Path) -> int:
    """The longest input that the encoder reads, in its own tokens, without loading it."""
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "seq_length"),
    ):
        found = _read_json(folder / name).get(key)
        if isinstance(found, int) and 0 < found < 1 << 20:
            return found
    longest = _read_json(folder / "config.json").get("max_position_embeddings")
    return min(longest, 512) if isinstance(longest, int) else STATIC_MAX_TOKENS


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = loads(read_text(path))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class TokenCounter:
    """Counts an encoder's tokens without loading its weights; remembers what each word costs.

    Words are counted one by one and added up: exact for WordPiece, at most a little too high for
    others, which keeps a passage inside the bound.
    """

    def __init__(self, folder: Path) -> None:
        files = [folder / "tokenizer.json", *sorted(folder.rglob("tokenizer.json"))]
        path = next((p for p in files if p.is_file()), None)
        if path is None:
            raise AssetError(
                f"{folder} has no tokenizer.json", hint="Save the encoder with its fast tokenizer."
            )
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises no other class
            first = (str(error).splitlines() or ["it cannot be read"])[0]
            raise AssetError(
                f"{path} is no tokenizer: {first}", hint="Copy or save the encoder again."
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._known: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        words: list[str] = _WORD.findall(text)
        if len(self._known) > MOST_WORDS_KNOWN:
            self._known = {}
        known = self._known
        if new := [word for word in words if word not in known]:
            self._learn(new)
        return sum(map(known.__getitem__, words))

    def _learn(self, words: Iterable[str]) -> None:
        found = self._tokenizer.encode_batch(
            [as_utf8(word) for word in words], add_special_tokens=False
        )
        self._known.update((w, len(e.ids)) for w, e in zip(words, found, strict=True))
