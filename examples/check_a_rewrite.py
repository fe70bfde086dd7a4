"""Which rows of a dataset that something else has rewritten say another thing than before.

python examples/check_a_rewrite.py ORIGINAL REWRITTEN
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from realign_local import verify_files


def main(original: Path, rewritten: Path) -> Counter[str]:
    """Print each row that fails with its reason and the text at fault; count the reasons."""
    reasons: Counter[str] = Counter()
    for row in verify_files(original, rewritten):
        for finding in row.findings:
            reasons[finding.reason] += 1
            print(f"row {row.index}: {finding.reason}: {finding.span or finding.detail}")
    print(dict(reasons) or "every row says what it said")
    return reasons


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/check_a_rewrite.py ORIGINAL REWRITTEN")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
