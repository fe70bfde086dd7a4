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

DIGEST = "digest"


def recall(kind: str, key: Sequence[Any]) -> Any:
    """What was remembered under this key, else None."""
    try:
        kept = loads(read_text(_file(kind, key)))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("key") != list(key) or "value" not in kept:
        return None
    # A file of an older version has no digest, and what people measured is not to be lost.
    return kept["value"] if kept.get(DIGEST) in (None, _digest(kept)) else None


def remember(kind: str, key: Sequence[Any], value: Any) -> bool:
    """Keep a JSON-able value; atomic, so that two runs at once do no harm. False where it cannot
    be kept.
    """
    file = _file(kind, key)
    with contextlib.suppress(OSError, RealignError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as out:
            kept = {"key": list(key), "value": value}
            out.write(json.dumps({**kept, DIGEST: _digest(kept)}).encode())
        return True
    return False


def _digest(kept: dict[str, Any]) -> str:
    """Of the fact and its key: who uses a fact does not look whether it can be one."""
    text = json.dumps([kept["key"], kept["value"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _file(kind: str, key: Sequence[Any]) -> Path:
    text = json.dumps(list(key), ensure_ascii=True)
    return cache_folder() / kind / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
