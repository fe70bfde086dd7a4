"""A dump of made-up pages, and an encoder of ten words that is at once there to encode them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ["[UNK]", "lake", "bridge", "stone", "fish", "tower", "deep", "old", "the", "is"]
DIM = 16


def static_encoder(folder: Path) -> Path:
    """A static one, as sentence-transformers reads it."""
    tokenizer = Tokenizer(WordLevel({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), DIM)).astype(np.float32)
    save_file({"embeddings": vectors}, str(folder / "model.safetensors"))
    (folder / "config.json").write_text("{}")
    return folder


def dump_of(path: Path, pages: int, *, sentences: int) -> Path:
    """Pages with markup and so many sentences each; every seventh one leads to its neighbour."""
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        file.write("<mediawiki>")
        for number in range(pages):
            text = " ".join(_sentence(rng) for _ in range(sentences))
            if number % 7 == 6:
                text = f"#REDIRECT [[Page {number - 1}]]"
            page = f"<title>Page {number}</title><ns>0</ns><id>{number}</id>"
            file.write(f"<page>{page}<revision><text>{text}</text></revision></page>\n")
        file.write("</mediawiki>")
    return path


def _sentence(rng: random.Random) -> str:
    words = rng.choices(WORDS[1:], k=12)
    return f"The '''{words[0]}''' is [[{words[1]}|{words[2]}]] {' '.join(words[3:])}{{{{cn}}}}."
