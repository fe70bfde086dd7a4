"""The whole job as a library call, then the rows that changed.

    python examples/rewrite_a_dataset.py DATASET RUN

`mode="tidy"` needs no model. Without it the model in models/ is taken, as on the command line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from realign_local import RealignError, load_settings, open_finished, rewrite_dataset


def main(dataset: Path, run: Path) -> int:
    """Rewrite, or go on where an earlier call stopped; returns how many responses changed."""
    try:
        stats = rewrite_dataset(dataset, run, load_settings(flags={"mode": "tidy"}))
    except RealignError as error:
        sys.exit(f"{error}\n{error.hint}")
    for _, records in open_finished(run).rows():
        for record in records:
            if record["status"] == "rewritten":
                print(f"row {record['index']}: {', '.join(record['operations'])}")
    return int(stats["status"]["rewritten"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/rewrite_a_dataset.py DATASET RUN")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
