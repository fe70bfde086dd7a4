"""What a text that is not UTF-8 may be written in, told from its bytes; and reading it as that."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from realign_local.base.atomic import replacing
from realign_local.base.errors import DataError, UsageError
from realign_local.data.reading.source import (
    MARKS,
    PARQUET,
    first_bytes,
    magic,
    open_bytes,
    reading,
)

LOOKED_AT = 1 << 16
PIECE = 1 << 20
TABLE = Path(__file__).with_suffix(".toml")
LEAST_FIT = 0.6
"""Of the signs above 127; a text of another encoding is hardly ever so much at home in one."""
LEAST_NULS = 0.05
"""Of all bytes: even a row of Chinese has names of fields, whose letters have a NUL in UTF-16."""
NOTATIONS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
"""Codecs of Python that respell text instead of encoding it; a row's own escapes would be lost."""
NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as `open_text` gives it."""
WRONG_BYTES = "not valid UTF-8"
LIKELY = "gb18030 (Chinese) or cp1252 (Western)"
SURE_BYTES = 3
"""Above 127: fewer fit a letter of one encoding as well as a sign of another."""
SHOWING_CHARS = 300
"""Enough of a row to tell its encoding by."""
_HIGH = re.compile(rb"[\x80-\xff]+")
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{2,}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding that a file may have, and what its usual text looks like (see the table)."""

    codec: str
    called: str
    leads: Sequence[tuple[int, int]] = ()
    letters: str = ""
    usual: str = ""
    runs: bool = True

    def fit(self, data: bytes) -> float:
        """How well the text above 127 looks under this encoding: 0 to 2, 0 where it cannot be."""
        text = codecs.getincrementaldecoder(self.codec)("replace").decode(data)
        signs = [sign for sign in text if sign > "\x7f"]
        if not signs or text.count("�") > len(signs) / 100:
            return 0.0
        if self.letters and self.runs != _has_runs(data):
            return 0.0
        at_home = sum(self._is_common(sign) for sign in signs) / len(signs)
        usual = sum(sign in self.usual for sign in signs) / len(signs)
        return at_home + usual if at_home >= LEAST_FIT else 0.0

    def _is_common(self, sign: str) -> bool:
        if self.letters:
            return sign in self.letters
        first = sign.encode(self.codec, "replace")[0]
        return any(low <= first <= high for low, high in self.leads)


def _has_runs(data: bytes) -> bool:
    """Whether most bytes above 127 stand in words of nothing else: Cyrillic, but not `Größe`."""
    data = _ESCAPE.sub(b" ", data)
    alone = sum(len(word) for word in _WORD.findall(data) if _HIGH.fullmatch(word))
    return alone * 2 > sum(map(len, _HIGH.findall(data)))


@cache
def known_encodings() -> tuple[Encoding, ...]:
    """Those of the table, in its order."""
    found = tomllib.loads(TABLE.read_text(encoding="utf-8"))["encoding"]
    return tuple(Encoding(**each) for each in found)


def guess(data: bytes) -> Encoding | None:
    """The encoding that bytes which are no UTF-8 look most like; None where none fits."""
    if wide := wide_encoding(data):
        return Encoding(wide, wide.upper())
    fits = [(encoding.fit(data), encoding) for encoding in known_encodings()]
    best, found = max(fits, key=lambda fit: fit[0])
    return found if best else None


def wide_encoding(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark at the start, told from where the NUL bytes are; or ""."""
    size = len(data) - len(data) % 4
    nuls = [data[place:size:4].count(0) for place in range(4)]
    total = sum(nuls)
    if not size or total < LEAST_NULS * size:
        return ""
    if min(nuls[2:]) * 10 > 9 * size / 4:
        return _if_signs(data[:size], "utf-32-le")
    if min(nuls[:2]) * 10 > 9 * size / 4:
        return _if_signs(data[:size], "utf-32-be")
    if (nuls[1] + nuls[3]) * 20 > 19 * total:
        return "utf-16-le"
    return "utf-16-be" if (nuls[0] + nuls[2]) * 20 > 19 * total else ""


def _if_signs(data: bytes, codec: str) -> str:
    """The codec where the data are signs in it; "" for an image or an archive full of NUL bytes."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return ""
    return codec if text.count("\0") * 2 < len(text) else ""


def check_no_nuls(path: Path) -> None:
    """Raise DataError where the text is UTF-16 or UTF-32 without a mark, or nothing but NUL bytes.

    The first line decides: a disk that failed leaves such bytes in the midst of good rows.
    """
    data = first_bytes(path, LOOKED_AT)
    if data and not data.strip(b"\0"):
        raise DataError(f"{path} is nothing but NUL bytes", hint="Copy it again.")
    marked = any(data.startswith(mark) for mark, _ in MARKS)
    if marked or b"\0" not in data.partition(b"\n")[0] + data[:4]:
        return
    if wide := wide_encoding(data):
        raise DataError(
            f"{path} has NUL bytes and looks like {wide.upper()} without a mark at its start",
            hint=way_out(wide, path),
        )


def way_out(codec: str, path: Path) -> str:
    """What to do about a file in such an encoding."""
    return f"Give --encoding {codec}, or convert it: iconv -f {codec} -t utf-8 {path}"


def not_utf8(text: str) -> str:
    """What is wrong with a row's text that has bytes which are no UTF-8, and the way out.

    The rest of the file may well be UTF-8, and would be spoiled: so only where all of it is.
    """
    start = next((n for n, sign in enumerate(text) if sign > "\x7f"), 0)
    data = text[start : start + SHOWING_CHARS].encode("utf-8", "surrogateescape")
    found = guess(data) if sum(map(len, _HIGH.findall(data))) >= SURE_BYTES else None
    if found:
        name = found.codec
        return f"{WRONG_BYTES}, looks like {name}; where all of the file is: --encoding {name}"
    return f"{WRONG_BYTES}; --encoding names what the file is in, such as {LIKELY}"


def hint_for(path: Path) -> tuple[str, str]:
    """What a file that is no UTF-8 looks like, and the way out."""
    found = guess(first_bytes(path, LOOKED_AT))
    if found:
        return f"it is not UTF-8 but looks like {found.called}", way_out(found.codec, path)
    return (
        "it is not UTF-8",
        f"Give its encoding, such as --encoding {LIKELY}, or convert it:"
        f" iconv -f ENCODING -t utf-8 {path}",
    )


def codec_name(name: str) -> str:
    """Python's name of an encoding of text, "" for UTF-8; raises UsageError for an unknown one."""
    try:
        found = codecs.lookup(name)
        "".encode(name)  # a codec for bytes, such as zip, is no encoding of text
        if found.name in NOTATIONS:
            raise LookupError(name)
    except (LookupError, ValueError, TypeError) as error:
        known = ", ".join(each.codec for each in known_encodings())
        raise UsageError(
            f"unknown encoding {name!r}", hint=f"Some that are known: {known}, utf-16-le."
        ) from error
    return "" if found.name in ("utf-8", "utf-8-sig", "ascii") else found.name


def to_utf8(path: Path, to: Path, *, encoding: str) -> None:
    """Write the file once more, unpacked and in UTF-8.

    Raises DataError with the line where it is not in that encoding, UsageError for Parquet, which
    has its own; DiskError.
    """
    if magic(path) == PARQUET:
        raise UsageError(f"{path} is Parquet, which is UTF-8", hint="Leave --encoding away.")
    decoder, line = codecs.getincrementaldecoder(encoding)("strict"), 1
    with reading(path), open_bytes(path) as file, replacing(to) as copy:
        start = True
        while True:
            with reading(path):  # before `replacing` takes it for trouble with the copy
                piece = file.read(PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeError as error:
                if isinstance(error, UnicodeDecodeError):
                    line += str(error.object[: error.start], encoding, "replace").count("\n")
                raise DataError(
                    f"{path}:{line}: not valid {encoding}",
                    hint="Give another --encoding, or mend the line.",
                ) from error
            text = text.removeprefix("\ufeff") if start else text
            start = start and not text
            copy.write(text.encode("utf-8", "surrogatepass"))
            line += text.count("\n")
            if not piece:
                return
