"""What `realign verify` shows a person: failed rows with the offending text marked, and counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from realign_local.base.words.plural import counted
from realign_local.cli.terminal.screen import Screen
from realign_local.commands.verify import UNKNOWN_TASK, Checked, Finding, VerifySummary

AROUND_CHARS = 60
_SPACE = re.compile(r"\s+")


def print_report(rows: Iterable[Checked], *, show: int) -> VerifySummary:
    """Print the first `show` failed rows as they are found, then the counts; on stdout."""
    console = Screen()
    summary = VerifySummary()
    for row in rows:
        summary.count(row)
        if row.findings and summary.rows_failed <= show:
            _print_row(console, row)
    if summary.rows_failed > show:
        more = counted(summary.rows_failed - show, "more row")
        console.print(f"... and {more}; --show N shows more of them\n")
    if summary.violations:
        console.print(_by_reason(summary), "")
    if set(summary.by_task) - {UNKNOWN_TASK}:
        console.print(_by_task(summary), "")
    console.print(_total(summary), style="bold")
    if summary.unread.told:
        console.print(Text(summary.unread.told), soft_wrap=True)
    return summary


def _total(summary: VerifySummary) -> str:
    rows, differ = counted(summary.rows, "row"), summary.rows_differ
    if not differ:
        return f"{rows}, none differs: nothing to judge"
    failed = f"{summary.rows_failed:,} of them with" if summary.rows_failed else "without"
    return f"{rows}, {differ:,} {'differs' if differ == 1 else 'differ'}, {failed} violations"


def _print_row(console: Console, row: Checked) -> None:
    console.print(
        Text.assemble((f"row {row.index}", "bold"), f", id {row.id}  {row.task}".rstrip())
    )
    for finding in row.findings:
        head = Text.assemble("  ", (finding.reason.value, "red"), f"  {finding.detail}")
        console.print(head, soft_wrap=True)
        if finding.span:
            console.print(Text("    ").append(in_place(finding, row.rewritten)), soft_wrap=True)
    console.print()


def in_place(finding: Finding, rewritten: str) -> Text:
    """The span marked in the text around it, or alone where the rewrite does not have it."""
    at = rewritten.find(finding.span)
    if at < 0:
        return Text(f"[{_flat(finding.span)}]", style="red")
    end = at + len(finding.span)
    before = _flat(rewritten[max(0, at - AROUND_CHARS) : at])
    after = _flat(rewritten[end : end + AROUND_CHARS])
    return Text.assemble(before, (f"[{_flat(finding.span)}]", "bold red"), after)


def _flat(text: str) -> str:
    """One line that any terminal can show: no line breaks, no control characters."""
    text = _SPACE.sub(" ", text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _by_reason(summary: VerifySummary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("reason")
    table.add_column("rows", justify="right")
    for reason, count in summary.by_reason.most_common():
        table.add_row(reason, str(count))
    return table


def _by_task(summary: VerifySummary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task")
    table.add_column("reasons")
    for task, counts in sorted(summary.by_task.items()):
        table.add_row(task, ", ".join(f"{reason} {n}" for reason, n in counts.most_common()))
    return table
