"""The whole command line, run in this process: what a user sees, without the wait of a start."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from realign_local.cli import main


def realign(*arguments: str | Path, text: str = "") -> CompletedProcess[str]:
    """As `realign ARGUMENTS` with `text` on standard input would end: code, stdout and stderr.

    What hangs on the process itself, such as its environment or its imports, needs one.
    """
    words = ["realign", *map(str, arguments)]
    given = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with patch.multiple(sys, argv=words, stdin=given, stdout=out, stderr=err):
        try:
            main()
            code: object = 0
        except SystemExit as end:
            code = end.code
    told = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return CompletedProcess(words, int(str(code)), *told)
