r"""Sums in columns, aligned equations and LaTeX environments: what only its layout holds together.

A list marker looks like a sign: `+ 989` under `123` is no bullet, and as `1. 989` it has lost its
plus. An environment is read by LaTeX, to which a number or a fence before a row is an error. Both
keep every number and word, so no other gate sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from realign_local.base.reasons import Reason
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.code.code_blocks import cut, split_lines
from realign_local.text.segments import plain, vocabulary

_NUMERAL = r"[$€£¥]?\ ?\d(?:[\d.,'_\ ]*\d)?"
_OPERAND = re.compile(rf"^[ \t>|]*([-+*/=]?|[xX](?=[ \t]))[ \t]*({_NUMERAL})(?!\d)([^\n]*)$")
_MARKED = re.compile(r"^[ \t>|]*(?:\d{1,3}[.)]|[-*+•◦▪–])[ \t]+")
_SIGN_LINE = re.compile(rf"^[ \t]*[-+*/=xX×÷−–⋅][ \t]*{_NUMERAL}", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*[-_=—─]{2,}[ \t]*$")
_RULE_WITHIN = re.compile(r"\d[ \t]*[-_=—─]{3,}[ \t]*[$€£¥]?\d")
_UNIT = re.compile(r"[ \t]*[^\W\d_]{0,12}[ \t]*[.%°]?[ \t]*$")
_GAP = re.compile(r"[-+*/=xX]")
_RELATION = re.compile(r"^[ \t]*(?:=(?![=>])|[≈≤≥⇒⇔])(?!.*\\\\$)")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE)
_BEGIN_OR_END = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+)\*?\}")
_DISPLAY = re.compile(r"\$\$(?P<dollars>[\s\S]+?)\$\$|\\\[(?P<brackets>(?:(?!\\\[)[\s\S])+?)\\\]")
_BROKEN = re.compile(
    r"^[ \t]*(?:`{3}|~{3}|\d{1,3}[.)][ \t]|[-*+•][ \t]+\S|#{1,6}[ \t])", re.MULTILINE
)
_ROW_END = re.compile(r"\\\\(?:\[[^\]\n]*\])?")
_ASKS_FOR_TEX = re.compile(r"\b(?:la)?tex\b|\boverleaf\b|\bkatex\b|\bmathjax\b", re.IGNORECASE)
_ROWS = vocabulary("align aligned alignat equation gather gathered split multline eqnarray")
"""Environments whose rows may also stand as formulas of their own."""
_PROSE = vocabulary(
    "itemize enumerate description quote quotation center document abstract figure theorem lemma"
    " proof definition example remark minipage flushleft flushright"
)
"""Environments of text, which Markdown writes otherwise."""
MAX_CHARS, MAX_BLOCKS = 100_000, 100


def check(case: Case) -> Verdict:
    """Fail on an operand without its sign, on equations run together, on a changed environment."""
    if case.original == case.rewritten or len(case.original) + len(case.rewritten) > MAX_CHARS:
        return NOT_APPLICABLE
    tried = [look(case) for look, sign in _LOOKS if any(s in case.original for s in sign)]
    if "$" in case.rewritten:
        tried.append(_unclosed(case))
    found = [verdict for verdict in tried if verdict is not None]
    failed = next((verdict for verdict in found if verdict.outcome == "fail"), None)
    return failed or (PASS if found else NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class _Operand:
    """A line that begins with a number: its sign if it has one, and what follows."""

    sign: str
    number: str
    tail: str

    @property
    def key(self) -> tuple[str, str]:
        return self.number, " ".join(self.tail.split()).strip(" .|*")


def _operand(line: str) -> _Operand | None:
    found = _OPERAND.match(line)
    if not found:
        return None
    sign = found[1].replace("X", "x")
    return _Operand("*" if sign == "x" else sign, _digits(found[2]), found[3])


def _digits(numeral: str) -> str:
    return re.sub(r"[^\d.]", "", numeral.replace(",", "")).strip(".")


def _columns(lines: Sequence[str]) -> Iterator[list[_Operand]]:
    """The operands of each sum that is written line under line."""
    run: list[_Operand] = []
    for number, line in enumerate([*lines, ""]):
        operand = _operand(line)
        if operand and (operand.sign or not run):
            run.append(operand)
            continue
        if len(run) > 1 and _is_sum(run, lines[number:]):
            yield run
        run = [operand] if operand else []


def _is_sum(run: Sequence[_Operand], behind: Sequence[str]) -> bool:
    """Not a list: numbers alone under a number, or a result, or signs that no list would mix."""
    signs = {operand.sign for operand in run[1:]}
    bare = all(_UNIT.match(operand.tail) for operand in run)
    if "=" in signs or (len(signs) > 1 and (bare or not _are_bullets(run))):
        return True
    ruled = len(behind) > 1 and _RULE.match(behind[0]) and _operand(behind[1])
    return bool(ruled) or (bare and not run[0].sign)


def _are_bullets(run: Sequence[_Operand]) -> bool:
    """Whether the first number has its sign, too, and a `*` is among them: an account has `+ -`."""
    signs = {operand.sign for operand in run}
    return "*" in signs and signs <= {"-", "*", "+"}


def _sums(case: Case) -> Verdict | None:
    """Every operand at the beginning of a line has the sign that it had."""
    if not _SIGN_LINE.search(case.original):
        return None
    old = plain(case.original)
    sums = list(_columns(old.split("\n")))
    if not sums:
        return None
    new = plain(case.rewritten)
    known = _signs(old.split("\n"))
    summed = {operand.key for run in sums for operand in run if operand.sign != "="}
    for line in new.split("\n"):
        readings = filter(None, (_operand(line), _operand(_MARKED.sub("", line))))
        shown = [operand for operand in readings if operand.key in summed]
        if shown and not any(operand.sign in known[operand.key] for operand in shown):
            return fail(Reason.NUMBER_LOST, line, detail="the sign before a number differs")
    if _RULE_WITHIN.search(new) and not _RULE_WITHIN.search(old):
        return fail(Reason.NUMBER_LOST, detail="a sum in columns has become one line")
    return _gaps(sums, (old, plain(case.instruction)), new) or PASS


def _signs(lines: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    known: dict[tuple[str, str], set[str]] = {}
    for operand in filter(None, map(_operand, lines)):
        known.setdefault(operand.key, set()).add(operand.sign)
    return known


def _gaps(sums: Sequence[Sequence[_Operand]], texts: Sequence[str], new: str) -> Verdict | None:
    """Two operands with no word between them have the sign between them that they had."""
    for a, b in {(x, y) for run in sums for x, y in pairwise(run)}:
        allowed = {sign for text in texts for sign, _ in _between(a.number, b.number, text)}
        for sign, span in _between(a.number, b.number, new):
            if sign not in allowed:
                return fail(Reason.NUMBER_LOST, span, detail=f"{b.sign} before {b.number} is gone")
    return None


def _between(a: str, b: str, text: str) -> Iterator[tuple[str, str]]:
    """The sign between two numbers, wherever there is no word or number between them."""
    gap = r"([^\w\n]{0,20}\n?[^\w\n]{0,20})"
    for found in re.finditer(
        rf"(?<![\d.,]){re.escape(a)}(?!\d){gap}{re.escape(b)}(?![\d.]*\d)", text
    ):
        sign = _GAP.search(found[1])
        yield (sign[0] if sign else ""), found[0]


def _aligned(case: Case) -> Verdict | None:
    """Three lines of one equation do not become one line."""
    lines = split_lines(case.original)
    follows = [bool(_RELATION.match(line)) for line in lines]
    pairs = [n for n in range(1, len(lines)) if follows[n - 1] and follows[n]]
    if not pairs:
        return None
    squeezed = [_squeezed(line) for line in split_lines(case.rewritten)]
    known = {_squeezed(line) for line in lines}
    for n in pairs[:MAX_BLOCKS]:
        both = _squeezed(lines[n - 1]) + _squeezed(lines[n])
        if any(both in line and line not in known for line in squeezed):
            return fail(
                Reason.FORMAT_NOT_MET, lines[n], detail="lines of an equation have become one"
            )
    return PASS


def _squeezed(text: str) -> str:
    return "".join(text.split())


@dataclass(frozen=True, slots=True)
class _Environment:
    name: str
    body: str

    @property
    def source(self) -> str:
        """What has to be there: a matrix with its brackets, a set of rows under any name."""
        begin = "" if self.name in _ROWS else f"\\begin{{{self.name}}}"
        return begin + _source(self.body)


def _environments(text: str) -> list[_Environment]:
    """Every environment that is closed, the outer ones after those inside them."""
    found: list[_Environment] = []
    opened: list[re.Match[str]] = []
    for mark in _BEGIN_OR_END.finditer(text):
        if mark[1] == "begin":
            opened.append(mark)
        elif opened and opened[-1][2] == mark[2] and len(found) < MAX_BLOCKS:
            found.append(_Environment(mark[2], text[opened.pop().end() : mark.start()]))
    return found


def _latex(case: Case) -> Verdict | None:
    """Environments and display formulas are whole, and fenced only for who asked for LaTeX."""
    prose = cut(case.original).prose
    environments = _environments(prose)
    displays = [_bare(found) for found in _DISPLAY.finditer(prose)][:MAX_BLOCKS]
    if not environments and not displays:
        return None
    asked = bool(_ASKS_FOR_TEX.search(case.instruction)) or "\\begin{document}" in prose
    asked = asked or "```math" in case.rewritten
    shown = case.rewritten if asked else cut(case.rewritten).prose
    kept = {environment.source for environment in _environments(shown)}
    kept |= {_source(_bare(found)) for found in _DISPLAY.finditer(shown)}
    for environment in environments:
        if environment.source not in kept and not _stands_otherwise(environment, case.rewritten):
            return fail(Reason.CODE_CHANGED, environment.body, detail="a changed environment")
    return _displays(displays, case.rewritten, _source(shown)) or PASS


def _source(text: str) -> str:
    """What LaTeX reads: blanks do not count, nor whether the rows of a formula are numbered."""
    return "".join(text.split()).replace("*}", "}")


def _bare(display: re.Match[str]) -> str:
    return display["dollars"] or display["brackets"]


def _stands_otherwise(environment: _Environment, rewritten: str) -> bool:
    """Rows as formulas of their own, or text in Markdown: the environment itself is given up."""
    if f"\\begin{{{environment.name}" in rewritten:
        return False
    rewritten = _source(rewritten)
    if environment.name in _PROSE:
        return True
    rows = [_source(row).replace("&", "") for row in _ROW_END.split(environment.body)]
    return environment.name in _ROWS and all(row.strip(",.") in rewritten for row in rows)


def _unclosed(case: Case) -> Verdict | None:
    """A dollar sign closes a formula that none opens: `€2 \\cdot 7$`, of `$2 \\cdot 7$`."""
    shown = cut(case.rewritten).prose
    for m in (*_CLOSES.finditer(_LEFT_OVER.sub("", shown)), *_DOUBLED.finditer(shown)):
        if m[0] not in case.original:
            return fail(Reason.NUMBER_LOST, m[0], detail="a formula does not begin")
    return None


def _displays(displays: Sequence[str], rewritten: str, shown: str) -> Verdict | None:
    """No display formula is fenced, and none gets a list or a fence inside."""
    sources = {_source(display) for display in displays}
    whole = _source(rewritten)
    for display in displays:
        if _source(display) in whole and _source(display) not in shown:
            return fail(Reason.CODE_CHANGED, display, detail="a formula that is shown as code")
    for found in _DISPLAY.finditer(rewritten):
        if _source(_bare(found)) not in sources and _BROKEN.search(_bare(found)):
            return fail(Reason.CODE_CHANGED, found[0], detail="a list or a fence in a formula")
    return None


_LEFT_OVER = re.compile(r"\$\$[\s\S]*?\$\$|(?<![\\$\w])\$[^$\n]{1,400}?(?<=\S)\$(?![\w$])")
"""Formulas between two dollar signs."""
_DOUBLED = re.compile(r"\$[€£¥]")
_CLOSES = re.compile(
    r"[€£¥][\d.,]+\$(?![\w$])|[€£¥][^$\n]{0,80}(?:\\[a-z]+|[\^_])[^$\n]{0,80}?(?<=\S)\$(?![\w$])"
)
_LOOKS = (
    (_sums, ("\n",)),
    (_aligned, ("\n",)),
    (_latex, ("\\begin", "\\[", "$$")),
)
"""What is looked at, and a sign without which there is nothing to look at."""
