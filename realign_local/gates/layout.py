"""The layout gate: a rewrite shows the sections of its task's layout, in their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Gate, Verdict, fail
from realign_local.text.code.code_blocks import cut
from realign_local.text.code.code_detect import bare_blocks

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

KEPT_SHARE = 0.8
"""Words of a verbatim part that must be there: a free rewrite may split and join its sentences."""
MAX_CHARS = 400_000
_WORD = re.compile(r"[A-Za-z0-9]+|[^\W_]")
_ANSWER_MARK = re.compile(r"^####\s*(\S.*?)\s*$|(\\boxed\s*\{[^\n]*\})", re.MULTILINE)
_KINDS = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "ordered_list_open": "numbered",
    "bullet_list_open": "bullets",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "blockquote_open": "quotation",
}
_ANYTHING = frozenset({*_KINDS.values(), "other"})
_BETWEEN = frozenset({"heading", "other"})


class SectionLike(Protocol):
    """What this gate reads of a criterion's section."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def min_items(self) -> int: ...
    @property
    def optional(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ShownSections:
    """A block of the rewrite: what it is, its first line's number, and how many items it lists."""

    kind: str
    line: int
    items: int = 0


@dataclass(frozen=True, slots=True)
class LayoutForm:
    """The blocks that a section may be made of: `core` at both ends, `between` before and amid."""

    core: frozenset[str]
    between: frozenset[str] = _BETWEEN


_FORMS = {
    "paragraph": LayoutForm(frozenset({"paragraph", "quotation"})),
    "numbered": LayoutForm(frozenset({"numbered"}), _ANYTHING),
    "bullets": LayoutForm(frozenset({"bullets"}), _ANYTHING),
    "table": LayoutForm(frozenset({"table"}), _BETWEEN | {"paragraph"}),
    "code": LayoutForm(frozenset({"code", "numbered", "bullets"}), _BETWEEN | {"paragraph"}),
    "as_is": LayoutForm(_ANYTHING, _ANYTHING),
}


def layout_gate(sections: Sequence[SectionLike]) -> Gate:
    """The gate for the rows of one task."""
    return lambda case: check(case, sections)


def check(case: Case, sections: Sequence[SectionLike]) -> Verdict:
    """Not applicable where a task has no layout."""
    return meets_layout(case.rewritten, case.original, sections) if sections else NOT_APPLICABLE


def meets_layout(rewritten: str, original: str, sections: Sequence[SectionLike]) -> Verdict:
    """Fails with format_not_met and says which section is missing, too short or out of place.

    It looks at shape alone: paragraphs, lists and their numbers of items, tables, code; and at
    whether the parts that are to be copied are there. Optional sections may be left out.
    """
    blocks = _blocks(rewritten[:MAX_CHARS])
    problem = _out_of_order(blocks, sections, rewritten)
    if problem is None:
        problem = _too_few_items(blocks, sections) or _part_missing(rewritten, original, sections)
    return problem or PASS


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    """A parser of blocks only: what stands inside a paragraph does not matter here."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 20}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _blocks(text: str) -> list[ShownSections]:
    """The blocks at the top level of a Markdown text."""
    tokens = _markdown().parse(text)
    tops = [
        number for number, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0
    ]
    return [_shown(tokens[start:end]) for start, end in pairwise([*tops, len(tokens)])]


def _shown(tokens: Sequence[Token]) -> ShownSections:
    first = tokens[0]
    items = sum(1 for token in tokens if token.type == "list_item_open" and token.level == 1)
    return ShownSections(_KINDS.get(first.type, "other"), first.map[0] if first.map else 0, items)


def _form(section: SectionLike) -> LayoutForm:
    if section.kind == "verbatim" and section.style == "paragraph":
        return _FORMS["as_is"]  # what is copied may itself hold lists
    return _FORMS[section.style]


State = tuple[int, str]
"""Number of a section; whether it is to begin, goes on ("amid") or may end ("done")."""


def _out_of_order(
    blocks: Sequence[ShownSections], sections: Sequence[SectionLike], text: str
) -> Verdict | None:
    """Read the blocks as the sections, all ways at the same time, one block after the other."""
    states = _closed({(0, "begin")}, sections)
    for block in blocks:
        reached = {state for old in states for state in _next(old, block, sections)}
        if not reached:
            return _misplaced(states, block, sections, text)
        states = _closed(reached, sections)
    if (len(sections), "begin") in states:
        return None
    missing = sections[max(number for number, _ in states if number < len(sections))]
    return fail(
        Reason.FORMAT_NOT_MET, detail=f"section {missing.name!r} ({missing.style}) is missing"
    )


def _next(state: State, block: ShownSections, sections: Sequence[SectionLike]) -> list[State]:
    number, phase = state
    if number >= len(sections):
        return []
    form = _form(sections[number])
    found: list[State] = []
    if block.kind in form.core:
        found.append((number, "done"))
    if block.kind in form.between and block.kind not in form.core:
        found.append((number, "begin" if phase == "begin" else "amid"))
    return found


def _closed(states: set[State], sections: Sequence[SectionLike]) -> set[State]:
    """With what may come next: the section after one that is done, and after an optional one."""
    closed = set(states)
    for number in range(len(sections)):
        over = (number, "done") in closed
        skipped = (number, "begin") in closed and _may_be_left_out(sections[number])
        if over or skipped:
            closed.add((number + 1, "begin"))
    return closed


def _may_be_left_out(section: SectionLike) -> bool:
    """An answer to be copied is looked for in the text, not as a section of its own."""
    return section.optional or (section.kind == "verbatim" and section.part == "answer")


def _misplaced(
    states: set[State], block: ShownSections, sections: Sequence[SectionLike], text: str
) -> Verdict:
    lines = text.split("\n")
    span = lines[block.line].strip() if block.line < len(lines) else ""
    wanted = [sections[n].name for n, _ in sorted(states) if n < len(sections)]
    expected = f"section {wanted[-1]!r}" if wanted else "the end"
    return fail(Reason.FORMAT_NOT_MET, span, detail=f"{block.kind} where {expected} should be")


def _too_few_items(
    blocks: Sequence[ShownSections], sections: Sequence[SectionLike]
) -> Verdict | None:
    """Lists that are there must be long enough; a list in several pieces counts as one."""
    items = Counter[str]()
    for block in blocks:
        items[block.kind] += block.items
    for section in sections:
        listed = items[section.style]
        if section.kind != "items" or listed >= section.min_items:
            continue
        if listed or not section.optional:
            detail = (
                f"section {section.name!r}: {listed} items, at least {section.min_items} needed"
            )
            return fail(Reason.FORMAT_NOT_MET, detail=detail)
    return None


def _part_missing(rewritten: str, original: str, sections: Sequence[SectionLike]) -> Verdict | None:
    for section in sections:
        if section.kind == "verbatim" and (span := _missing(section.part, rewritten, original)):
            detail = f"section {section.name!r}: this part of the original is missing"
            return fail(Reason.FORMAT_NOT_MET, span, detail=detail)
    return None


def _missing(part: str, rewritten: str, original: str) -> str:
    """What should have been copied and is not there, or ""; parts that cannot be told are not."""
    if part == "answer":
        marks = [found[0] for found in _ANSWER_MARK.finditer(original)]
        flat = _flat(rewritten)
        return next((mark for mark in marks if _flat(mark) not in flat), "")
    if part == "code":
        return _code_without_fence(rewritten, original)
    if part == "all":
        return "" if _kept_share(rewritten, original) >= KEPT_SHARE else original.strip()
    return ""


def _code_without_fence(rewritten: str, original: str) -> str:
    parts = cut(original)
    blocks = [*parts.fenced, *bare_blocks(parts.lines)]
    return blocks[0].text if blocks and not cut(rewritten).fenced else ""


def _kept_share(rewritten: str, original: str) -> float:
    """Words of the original that the rewrite has, for each one of the original."""
    if _flat(original) in _flat(rewritten):
        return 1.0
    wanted = Counter(word.casefold() for word in _WORD.findall(original))
    there = Counter(word.casefold() for word in _WORD.findall(rewritten))
    return (wanted & there).total() / max(1, wanted.total())


def _flat(text: str) -> str:
    return " ".join(text.split())
