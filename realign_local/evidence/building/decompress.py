"""A file's bytes, decompressed: plain, bz2, gzip or zstd; whole bz2 streams several at a time."""

from __future__ import annotations

import bz2
import re
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from realign_local.base.untrusted import told

CHUNK_BYTES = 1 << 14  # small, so that little is lost in front of damage
SCANNED_BYTES = 1 << 20
MOST_PACKED_BYTES = 1 << 22  # of a stream; one of a multistream dump has a tenth of it
MOST_UNPACKED_BYTES = 1 << 24
AHEAD_PER_THREAD = 2
_PACKED = {b"BZh": "bz2", b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst"}
_STREAM = re.compile(rb"BZh[1-9]1AY&SY")  # the header of a bz2 stream and of its first block


@dataclass
class Reading:
    """How far a file has been read, and what is wrong with it."""

    path: Path
    read_bytes: int = 0
    damage: str = ""


def chunks(reading: Reading, *, threads: int = 1) -> Iterator[bytes]:
    """The file's bytes, decompressed; ends at damage and says so in `reading.damage`.

    With more than one thread, streams of a multistream bz2 are decompressed side by side. They are
    found by their first bytes; what comes out is the same for any number of threads.
    """
    try:
        with reading.path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            kind = next((k for magic, k in _PACKED.items() if head.startswith(magic)), "")
            if kind == "bz2" and threads > 1:
                yield from _side_by_side(file, reading, threads)
            yield from _one_by_one(file, reading, kind)
    except (OSError, ValueError) as error:
        place = reading.read_bytes - reading.read_bytes % CHUNK_BYTES
        reading.damage = f"damaged at byte {place} or soon after: {told(error)}"


def _one_by_one(file: BinaryIO, reading: Reading, kind: str) -> Iterator[bytes]:
    state = _Decompressor(kind)
    # Pieces end where they would end had all been read so: what damage costs is then the same.
    while piece := file.read(CHUNK_BYTES - reading.read_bytes % CHUNK_BYTES):
        yield from state.feed(piece)
        reading.read_bytes += len(piece)
    if not state.complete:
        reading.damage = f"the {kind} data ends too early, at byte {reading.read_bytes}"


class _Decompressor:
    """One face for bz2, gzip and zstd, each with several streams one after the other."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._error: type[Exception] = zlib.error
        self._state: Any = self._new()
        self._started = False

    def _new(self) -> Any:
        if self._kind == "bz2":
            return bz2.BZ2Decompressor()
        if self._kind == "gz":
            return zlib.decompressobj(wbits=31)
        if self._kind == "zst":
            import zstandard

            self._error = zstandard.ZstdError
            return zstandard.ZstdDecompressor().decompressobj()
        return None

    @property
    def complete(self) -> bool:
        """Whether the last stream came to its end."""
        return self._state is None or not self._started or self._state.eof

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Decompress the next piece of the file."""
        if self._state is None:
            yield piece
            return
        while piece:
            if self._state.eof:
                piece = piece.lstrip(b"\0")  # some writers pad the end
                self._state, self._started = self._new(), bool(piece)
            if piece:
                self._started = True
                try:
                    data = self._state.decompress(piece)
                except self._error as error:
                    raise ValueError(str(error)) from error
                if data:
                    yield data
                piece = self._state.unused_data if self._state.eof else b""


def _side_by_side(file: BinaryIO, reading: Reading, threads: int) -> Iterator[bytes]:
    """Whole streams in order, up to one that is damaged or very long; the file stands before it."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[int, Future[bytes | None]]] = deque()
        streams = _streams(file)
        while True:
            while len(waiting) < threads * AHEAD_PER_THREAD and (stream := next(streams, b"")):
                waiting.append((len(stream), pool.submit(_whole, stream)))
            if not waiting or (data := waiting[0][1].result()) is None:
                break
            yield data
            reading.read_bytes += waiting.popleft()[0]
    file.seek(reading.read_bytes)


def _streams(file: BinaryIO) -> Iterator[bytes]:
    """Compressed streams, cut where the next one seems to begin."""
    held = b""
    while len(held) <= MOST_PACKED_BYTES:
        piece = file.read(SCANNED_BYTES)
        held += piece
        starts = [0, *(match.start() for match in _STREAM.finditer(held, 1))]
        for start, stop in pairwise(starts):
            yield held[start:stop]
        held = held[starts[-1] :]
        if not piece:
            yield held
            return


def _whole(stream: bytes) -> bytes | None:
    """What a stream holds; None if it is torn, damaged or very long, or was cut by mistake."""
    state = bz2.BZ2Decompressor()
    try:
        data = state.decompress(stream, MOST_UNPACKED_BYTES)
    except (OSError, ValueError):
        return None
    return data if state.eof and not state.unused_data.strip(b"\0") else None
