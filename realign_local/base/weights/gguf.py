"""What a GGUF file says about itself, read in pure Python before native code sees the file.

llama.cpp aborts or crashes on some damaged files; a header that does not add up is refused here
with one line instead. Layout: "GGUF specification", ggml/docs/gguf.md in the llama.cpp sources.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realign_local.base.errors import AssetError
from realign_local.base.untrusted import check_plain

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
LARGE_ARRAY = 4096
"""Longer arrays (vocabularies) are counted, not kept."""
MAX_DEPTH = 4
MOST_ENTRIES = 1 << 17
"""Pairs, tensors, and values that are kept; no model has a tenth of it."""
MOST_TEXTS = 1 << 21
"""Of a vocabulary, of which the largest have a quarter of a million."""
MOST_TEXT_BYTES = 1 << 24
"""Of one text, the longest of which are chat templates."""
MOST_PARTS = 99_999
"""What five digits in the parts' names can count."""

SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i",
    6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
STRING, ARRAY = 8, 9

# ggml tensor type -> (values in a block, bytes of a block); ggml/src/ggml.c, `type_traits`.
BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeaderCount:
    """Stands for an array that is too long to keep: only its length."""

    items: int


@dataclass(frozen=True, slots=True)
class GgufInfo:
    """The metadata of one GGUF file; sizes in tokens, values or bytes as named."""

    path: Path
    file_bytes: int
    metadata: Mapping[str, Any]
    tensors: int

    @property
    def architecture(self) -> str:
        """The family of the model, such as `llama` or `qwen2`."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """The model's own name, else the file's."""
        return str(self.metadata.get("general.name") or self.path.stem)

    @property
    def licence(self) -> str:
        """The licence that the file names, else the empty string."""
        return str(self.metadata.get("general.license", ""))

    @property
    def chat_template(self) -> str:
        """The Jinja chat template, else the empty string."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    @property
    def context_tokens(self) -> int:
        """The longest sequence that the model was trained on; 0 where the file does not say."""
        return self._number("context_length")

    @property
    def layers(self) -> int:
        """Blocks of the transformer."""
        return self._number("block_count")

    @property
    def embedding(self) -> int:
        """Width of a hidden state."""
        return self._number("embedding_length")

    @property
    def heads(self) -> int:
        """Attention heads of the widest layer."""
        return self._number("head_count")

    @property
    def vocabulary(self) -> int:
        """Entries of the vocabulary."""
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        if isinstance(tokens, HeaderCount):
            return tokens.items
        return len(tokens) if isinstance(tokens, list) and tokens else self._number("vocab_size")

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, or all parts of a model that is split over several files."""
        count = whole(self.metadata.get("split.count", 0))
        stem, _, _ = self.path.stem.partition("-00001-of-")
        if count < 2 or stem == self.path.stem:
            return (self.path,)
        names = (f"{stem}-{n:05}-of-{count:05}.gguf" for n in range(1, count + 1))
        return tuple(self.path.with_name(name) for name in names)

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of f16 keys and values that one token occupies over all layers."""
        head = self.embedding // max(1, self.heads)
        width = (self._number("attention.key_length") or head) + (
            self._number("attention.value_length") or head
        )
        return 2 * width * self._kv_heads()

    def _kv_heads(self) -> int:
        """Over all layers."""
        each = self._value("attention.head_count_kv") or self.heads
        return sum(map(whole, each)) if isinstance(each, list) else whole(each) * self.layers

    def _value(self, key: str) -> Any:
        return self.metadata.get(f"{self.architecture}.{key}")

    def _number(self, key: str) -> int:
        value = self._value("attention.head_count" if key == "head_count" else key)
        if isinstance(value, list):
            return max(map(whole, value), default=0)
        return whole(value)


def whole(value: object) -> int:
    """A count that a header gives; 0 for a text, NaN or whatever else is none."""
    counts = isinstance(value, int | float) and math.isfinite(value) and value > 0
    return int(value) if counts else 0  # type: ignore[call-overload]


def read_gguf(path: Path) -> GgufInfo:
    """Read and check the header of a GGUF file.

    Raises AssetError when the file is missing, is not GGUF, is cut short, or does not describe a
    language model. The tensors' values are not looked at: that is what a sha256 is for.
    """
    try:
        check_plain(path)
        size = path.stat().st_size
        with path.open("rb") as file:
            _check_magic(path, file.read(len(MAGIC)), size)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                info = _HeaderReader(path, data).info()
    except OSError as error:
        raise AssetError(f"cannot read the model {path}: {error.strerror}") from error
    for part in info.files:
        if not part.is_file():
            raise AssetError(f"{path} is one part of a split model: {part.name} is missing")
    return info


def _check_magic(path: Path, start: bytes, size: int) -> None:
    if start != MAGIC:
        what = "is empty" if size == 0 else f"starts with {start!r}, must be {MAGIC!r}"
        raise AssetError(
            f"{path} is not a GGUF model: it {what}",
            hint="Give a file in GGUF format; other weights must be converted first.",
        )


class _HeaderReader:
    """A cursor over the mapped file; every complaint names the file."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.at, self.kept = path, data, len(MAGIC), 0

    def info(self) -> GgufInfo:
        try:
            return self._info()
        except (struct.error, OverflowError, ValueError) as error:
            raise self.damaged("its header breaks off or does not make sense") from error

    def _info(self) -> GgufInfo:
        version = self.number("<I")
        if version not in VERSIONS:
            raise self.damaged(f"its version must be one of {VERSIONS}, was: {version}")
        tensors, pairs = self.number("<Q"), self.number("<Q")
        if max(tensors, pairs) > MOST_ENTRIES:
            raise ValueError(f"{tensors} tensors, {pairs} pairs")
        self.expect_room(24 * tensors + 12 * pairs)
        metadata = {self.text(): self.value(self.number("<I")) for _ in range(pairs)}
        self.check_tensors(tensors, metadata)
        info = GgufInfo(self.path, len(self.data), metadata, tensors)
        if not info.architecture or not info.vocabulary or not info.layers:
            raise self.damaged("it does not describe a language model")
        if whole(metadata.get("split.count", 0)) > MOST_PARTS:
            raise self.damaged(f"it says that it is one of {metadata['split.count']:,} parts")
        return info

    def check_tensors(self, tensors: int, metadata: Mapping[str, Any]) -> None:
        """Every tensor must lie inside the file; the offsets count from the end of the header."""
        spans = [self.tensor() for _ in range(tensors)]
        alignment = whole(metadata.get("general.alignment", DEFAULT_ALIGNMENT))
        if alignment <= 0:
            raise self.damaged("its alignment must be a number above 0")
        start = -(-self.at // alignment) * alignment
        needed = start + max((offset + size for offset, size in spans), default=0)
        if needed > len(self.data):
            raise self.damaged(
                f"it is cut short: {needed:,} bytes expected, {len(self.data):,} found"
            )

    def tensor(self) -> tuple[int, int]:
        """(offset, bytes) of the next tensor; 0 bytes for a type that is not known here."""
        self.text()
        dimensions = self.number("<I")
        if dimensions > 8:
            raise ValueError(f"{dimensions} dimensions")
        values = math.prod(self.number("<Q") for _ in range(dimensions))
        block, size = BLOCKS.get(self.number("<I"), (1, 0))
        return self.number("<Q"), values // block * size

    def value(self, kind: int, depth: int = 0) -> Any:
        self.kept += 1
        if self.kept > MOST_ENTRIES:
            raise ValueError("too many values")
        if kind == STRING:
            return self.text()
        if kind == ARRAY and depth < MAX_DEPTH:
            return self.array(depth + 1)
        if kind not in SCALARS:
            raise ValueError(f"value type {kind}")
        return self.number(SCALARS[kind])

    def array(self, depth: int) -> Any:
        kind, items = self.number("<I"), self.number("<Q")
        if items <= LARGE_ARRAY:
            return [self.value(kind, depth) for _ in range(items)]
        if kind in SCALARS:
            self.skip(items * struct.calcsize(SCALARS[kind]))
        elif kind == STRING:
            if items > MOST_TEXTS:
                raise ValueError(f"{items} texts")
            self.expect_room(8 * items)
            for _ in range(items):
                self.skip(self.number("<Q"))
        else:
            raise ValueError(f"array of type {kind}")
        return HeaderCount(items)

    def number(self, layout: str) -> Any:
        (value,) = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return value

    def text(self) -> str:
        size = self.number("<Q")
        if size > MOST_TEXT_BYTES:
            raise ValueError(f"a text of {size} bytes")
        start = self.at
        self.skip(size)
        return self.data[start : self.at].decode("utf-8", "replace")

    def skip(self, size: int) -> None:
        self.expect_room(size)
        self.at += size

    def expect_room(self, size: int) -> None:
        if self.at + size > len(self.data):
            raise ValueError(f"{size} bytes announced at {self.at}")

    def damaged(self, why: str) -> AssetError:
        return AssetError(
            f"{self.path} is damaged: {why}", hint="Copy or download the model again."
        )
