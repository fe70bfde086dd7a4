"""Mend one answer without a model, see what was done, and check that nothing was lost."""

from __future__ import annotations

from realign_local import Case, first_failure, judge, tidy

REQUEST = "How do I descale a kettle?"
RESPONSE = """Sure! Here is how to descale a kettle:
1)Fill it with equal parts of water and vinegar.
2)Let it stand for 30 minutes.
3)Boil it, pour it out and rinse it twice.
I hope this helps!"""


def main() -> None:
    """Print the mended text, the names of the operations, and the gates' word."""
    tidied = tidy(RESPONSE, REQUEST)
    print(tidied.text)
    print("\noperations:", ", ".join(tidied.operations))
    failure = first_failure(judge(Case(REQUEST, RESPONSE, tidied.text)))
    print("gates:", "all pass" if failure is None else failure)


if __name__ == "__main__":
    main()
