"""Facts that cost time to find out, kept between runs: one small file each, none of them needed.

The files lie in `machine.cache_folder()`; a cache that cannot be read or written is no trouble.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from realign_local.base.atomic import replacing
from realign_local.base.errors import RealignError
from realign_local.base.machine import cache_folder
from realign_local.base.untrusted import loads, read_text


def recall(kind: str, key: Sequence[Any]) -> Any:
    """What was remembered under this key, else None."""
    try:
        kept = loads(read_text(_file(kind, key)))
    except (OSError, ValueError):
        return None
    return kept["value"] if isinstance(kept, dict) and kept.get("key") == list(key) else None


def remember(kind: str, key: Sequence[Any], value: Any) -> None:
    """Keep a JSON-able value; atomic, so that two runs at once do no harm."""
    file = _file(kind, key)
    with contextlib.suppress(OSError, RealignError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as out:
            out.write(json.dumps({"key": list(key), "value": value}).encode())


def _file(kind: str, key: Sequence[Any]) -> Path:
    text = json.dumps(list(key), ensure_ascii=True)
    return cache_folder() / kind / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
