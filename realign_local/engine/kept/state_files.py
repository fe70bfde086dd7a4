"""Keys and values of beginnings in files, for the next process: checked, bounded, never needed.

Each file has one name, the hash of the tokens and of all that a state hangs on (`identity`: model,
build, sizes), and says in front which bytes follow. Whatever is damaged, of another version or
under another name is not there. Files take their names when they are whole; so processes may share
a folder, and one may remove what another is about to read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from realign_local.base.atomic import replacing
from realign_local.base.errors import RealignError
from realign_local.base.untrusted import check_plain
from realign_local.engine.backend import Tokens

MAGIC = b"realign state 1\n"
HEAD_BYTES = len(MAGIC) + hashlib.sha256().digest_size
ENDING = ".state"
MOST_BYTES = 1 << 30
"""Of all files; those that were used longest ago go first."""
ABANDONED_S = 86_400
"""A file that is still without its name after so long belongs to a process that was killed."""


class StateFiles:
    """The states in one folder, for one model, build and size of context.

    Nothing here raises for the sake of a file: what cannot be read is not there, and what cannot be
    written is not kept.
    """

    def __init__(self, folder: Path, identity: str, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._identity = identity.encode()
        self._most_bytes = most_bytes

    def __repr__(self) -> str:
        return f"<StateFiles in {self.folder}, up to {self._most_bytes >> 20} MiB>"

    def has(self, tokens: Tokens) -> bool:
        """Whether there is a file, good or not."""
        return self._file(tokens).exists()

    def read(self, tokens: Tokens) -> bytes | None:
        """The state after these tokens, as it was written; it counts as used now."""
        file = self._file(tokens)
        try:
            check_plain(file)
            if file.stat().st_size > self._most_bytes:
                return None
            content = file.read_bytes()
        except OSError:
            return None
        state = content[HEAD_BYTES:]
        if content[:HEAD_BYTES] != self._head(file, state):
            return None
        with contextlib.suppress(OSError):
            os.utime(file)
        return state

    def write(self, tokens: Tokens, state: bytes) -> bool:
        """Keep a state; false where that was not to be had."""
        size = HEAD_BYTES + len(state)
        if size > self._most_bytes:
            return False
        file = self._file(tokens)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room(size)
            with replacing(file) as out:
                out.write(self._head(file, state))
                out.write(state)
        except (OSError, RealignError):
            return False
        return True

    def _file(self, tokens: Tokens) -> Path:
        digest = hashlib.sha256(len(self._identity).to_bytes(8, "little") + self._identity)
        digest.update(tokens.astype("<i4").tobytes())
        return self.folder / f"{digest.hexdigest()}{ENDING}"

    def _head(self, file: Path, state: bytes) -> bytes:
        """What the file begins with: its name is part of the hash, so a renamed file is no good."""
        return MAGIC + hashlib.sha256(file.name.encode() + state).digest()

    def _make_room(self, size: int) -> None:
        """Remove what was used longest ago until so many bytes more are within the bound."""
        now, found = time.time(), list[tuple[float, int, Path]]()
        for file in self.folder.glob(f"*{ENDING}*"):
            with contextlib.suppress(OSError):
                status = file.stat()
                if file.suffix == ENDING:
                    found.append((status.st_mtime, status.st_size, file))
                elif now - status.st_mtime > ABANDONED_S:
                    file.unlink()
        over = size + sum(one for _, one, _ in found) - self._most_bytes
        for _, freed, file in sorted(found):
            if over <= 0:
                return
            with contextlib.suppress(OSError):
                file.unlink()
                over -= freed
