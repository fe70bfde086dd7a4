"""Broken or mixed Markdown: open fences and emphasis, headings and formulas of two styles."""

from __future__ import annotations

import re
from collections import Counter

from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.characters import about_code
from realign_local.text.code.code_blocks import cut, split_lines
from realign_local.text.code.code_lines import is_sentence
from realign_local.text.prose import lines_of_code, reads_as_prose

# --- what is open --------------------------------------------------------------------------------

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_COMMENT = re.compile(r"\s*(?:#|//|/?\*|--|;|%|<!--|\"\"\"|''')")
_BARE_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(`{3,}|~{3,})[ \t]*([^`~^\n]*)")
_SAID_TO_END = re.compile(r"[a-z][.!?]\s*$")
LEAST_SIGNS_A_LINE = 5
"""Of a row of signs that underlines a title; fences have three or four."""
MAX_ROUNDS = 4


def _unclosed(response: str, request: str) -> str:
    closed = _with_closed_fence(response) if "```" in response or "~~~" in response else response
    if "**" not in closed or about_code(request):
        return closed
    return _with_paired_bold(closed)


def _with_closed_fence(text: str) -> str:
    """A last fence that is open is closed, if code and nothing but code follows it."""
    parts, lines = cut(text), split_lines(text)
    if not parts.fenced:
        return text
    last = parts.fenced[-1]
    inside = lines[last.line + 1 :]
    fence = _FENCE.match(lines[last.line])
    if fence is None or any(_closes(line, fence[1]) for line in inside):
        return text
    if not _opens_code(lines[last.line], lines[last.line - 1] if last.line else ""):
        return text
    prose = any(_is_said(line) and not _COMMENT.match(line) for line in inside)
    if prose or _breaks_off("".join(inside)) or any(_FENCE.match(line) for line in inside):
        return text
    indent = lines[last.line][: fence.start(1)]
    return f"{text.rstrip()}\n{indent}{fence[1]}"


def _opens_code(line: str, above: str) -> bool:
    """Whether a line can be a fence and nothing else; under a title it can be an underline."""
    found = _BARE_FENCE.fullmatch(line)
    if found is None or not above.strip():
        return found is not None
    if found[1][0] == "~" and not above.rstrip().endswith(":"):
        return False
    return bool(found[2]) or len(found[1]) < LEAST_SIGNS_A_LINE


def _is_said(line: str) -> bool:
    return is_sentence(line) or (_SAID_TO_END.search(line) is not None and reads_as_prose(line))


def _breaks_off(code: str) -> bool:
    """Whether a bracket is open at the end: code that was cut off is not made whole by a fence."""
    return not code.strip() or any(code.count(a) > code.count(b) for a, b in ("()", "[]", "{}"))


def _closes(line: str, fence: str) -> bool:
    line = line.strip()
    return len(line) >= len(fence) and not line.strip(fence[0])


_LABEL = re.compile(r"(\s*(?:[-*+•] |\d{1,3}[.)] )?)\*\*([^*\n:]{1,60}):(?= |$)([^*\n]*)$")
_WHOLE_LABEL = re.compile(r"\s*(?:[-*+•] |\d{1,3}[.)] )?\*\*[^*\n:]{1,60}(:\*\*|\*\*:)")
_TITLE = re.compile(r"\s*\*\*[A-Z\d][^*\n.!?:,;]{1,60}$")
MOST_WORDS_A_TITLE = 8


def _with_paired_bold(text: str) -> str:
    """Bold marks are paired where one line has one mark too many; of two, both may be meant."""
    lines, code = split_lines(text), lines_of_code(text)
    odd = [at for at, line in enumerate(lines) if at not in code and _is_odd(line)]
    if len(odd) != 1 or "***" in text:
        return text
    at = odd[0]
    style = Counter(found[1] for line in lines if (found := _WHOLE_LABEL.match(line)))
    new = _paired(lines[at], style)
    return text if new == lines[at] else "\n".join([*lines[:at], new, *lines[at + 1 :]])


def _is_odd(line: str) -> bool:
    return line.count("**") % 2 == 1 and "`" not in line and "$" not in line


def _paired(line: str, style: Counter[str]) -> str:
    """Closed behind a label or a title; taken away where it opens nothing."""
    label = _LABEL.match(line)
    if label and style:
        mark = style.most_common(1)[0][0]
        return f"{label[1]}**{label[2]}{mark}{label[3]}"
    if line.count("**") > 1:
        return line
    if _TITLE.match(line) and len(line.split()) <= MOST_WORDS_A_TITLE:
        return f"{line.rstrip()}**"
    bare = line.rstrip()
    if bare.endswith("**") and len(bare) > 2 and not re.search(r"[\d*/^=]\s*\*\*$", bare):
        return bare[:-2].rstrip()
    return line


# --- headings ------------------------------------------------------------------------------------

_MARKED = re.compile(r"(?:^|\n)#(?!### )")
_ATX = re.compile(r"(#{1,6}) +(?=[^\s#])")
_TIGHT = re.compile(r"(#{2,3}|#(?=[A-Z]?[a-z]+ \w))([^\W\d_][^#\n]*)$")
_TIGHT_SINGLE = re.compile(r"#[^\W\d_]")
_TIGHT_TITLE = re.compile(r"#{1,3}[A-ZÀ-Þ][^#:=()\[\]{}<>;]*")
_TIGHT_BELOW = re.compile(r"#{2,3}[^\W\d_]")
_TITLE_BEHIND_SIGN = re.compile(r"#[A-Z][^:=()\[\]{}<>;]*")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})[ \t]*$")
_NO_HEADING = re.compile(r"\s|[-*+>|#]|\d{1,3}[.)] .*[.!?]$")
_BOLD_LINE = re.compile(r"\*\*([^*\n]{2,60}?):?\*\*:?[ \t]*$")
_NUMBER = re.compile(r"(?:(?:step|part|section|chapter|day|week) )?(\d{1,2})[.:)] ", re.IGNORECASE)
_LAST_SECTIONS = frozenset(
    ("conclusion", "summary", "final thoughts", "key takeaways", "references")
)


def _headings(response: str, request: str) -> str:
    """Headings of one style; what a round has made of one may decide about another."""
    for _ in range(MAX_ROUNDS):
        before, response = response, _restyled(response, request)
        if response == before:
            break
    return response


def _restyled(response: str, request: str) -> str:
    if not _MARKED.search(response) or about_code(request):
        return response
    lines, code = split_lines(response), lines_of_code(response)
    levels = _levels(lines, code)
    single = bool(levels) and not _has_remarks(lines)
    new = [line if at in code else _with_space(line, single) for at, line in enumerate(lines)]
    if any(at not in code and _TIGHT_BELOW.match(line) for at, line in enumerate(lines)):
        new = _with_all_spaces(lines, new, code)
    if levels:
        new = _without_underlines(new, code)
        if new == lines:
            new = _without_bold_headings(lines, code, levels)
    return response if new == lines else "\n".join(new)


def _levels(lines: list[str], code: frozenset[int]) -> dict[int, int]:
    """The level of each heading that begins with number signs, by its line."""
    found = ((at, _ATX.match(line)) for at, line in enumerate(lines) if at not in code)
    return {at: len(mark[1]) for at, mark in found if mark and len(mark[1]) != 4}


def _has_remarks(lines: list[str]) -> bool:
    """Whether words right behind one number sign may be hashtags, directives, or settings.

    A heading begins with a capital, gives no value and stands alone.
    """
    tight = [at for at, line in enumerate(lines) if _TIGHT_SINGLE.match(line)]
    near = [line for at in tight for line in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2])]
    plain = all(_TITLE_BEHIND_SIGN.fullmatch(lines[at]) for at in tight)
    return not plain or any(line.startswith("#") for line in near)


def _with_space(line: str, single: bool) -> str:
    """`##Heading` with its blank; one number sign makes a hashtag where no other heading stands."""
    tight = _TIGHT.match(line)
    if not tight or (len(tight[1]) == 1 and not single):
        return line
    return f"{tight[1]} {tight[2]}"


def _with_all_spaces(lines: list[str], spaced: list[str], code: frozenset[int]) -> list[str]:
    """All headings with their blank: where `##Part` lacks it, `#Title` above it does, too.

    Where one of them may be something else, none: half a mend shows the other half the more.
    """
    last = max(at for at, line in enumerate(lines) if line.strip())
    new = list(spaced)
    for at, line in enumerate(spaced):
        if at in code or at == last or "#" in line.lstrip("#") or not _TIGHT_SINGLE.match(line):
            continue
        if not _TIGHT_TITLE.fullmatch(line) or len(line.split()) > MOST_WORDS_A_TITLE:
            return lines
        new[at] = f"# {line[1:]}"
    return new


def _without_underlines(lines: list[str], code: frozenset[int]) -> list[str]:
    new: list[str] = []
    for at, line in enumerate(lines):
        if new and at not in code and _underlines(lines, at):
            new[-1] = f"{'#' if line[0] == '=' else '##'} {new[-1].strip()}"
        else:
            new.append(line)
    return new


def _underlines(lines: list[str], at: int) -> bool:
    """Whether the line makes the one above it a heading; under a sentence it is a rule."""
    title, above = lines[at - 1], lines[at - 2] if at > 1 else ""
    if not _UNDERLINE.match(lines[at]) or above.strip() or not title.strip():
        return False
    return _may_be_title(title) and not _NO_HEADING.match(title)


def _may_be_title(text: str) -> bool:
    return text.rstrip()[-1] not in ".!?,;:" and len(text.split()) <= MOST_WORDS_A_TITLE


def _without_bold_headings(
    lines: list[str], code: frozenset[int], levels: dict[int, int]
) -> list[str]:
    """A bold line becomes a heading where its number, or its place at the end, shows a level."""
    numbers = {n: level for at, level in levels.items() if (n := _number(_title(lines[at])))}
    bold = [at for at, line in enumerate(lines) if at not in code and _BOLD_LINE.match(line)]
    new = list(lines)
    for at in bold:
        title = _BOLD_LINE.sub(r"\1", lines[at]).strip()
        number = _number(title)
        level = 0
        if number and number not in numbers:
            level = numbers.get(number - 1) or numbers.get(number + 1) or 0
        elif title.lower() in _LAST_SECTIONS and len(bold) == 1 and at > max(levels):
            level = levels[max(levels)] if len(set(levels.values())) == 1 < len(levels) else 0
        if level:
            new[at] = f"{'#' * level} {title}"
    return new


def _title(line: str) -> str:
    return line.lstrip("# ").strip("* ")


def _number(title: str) -> int:
    found = _NUMBER.match(title)
    return int(found[1]) if found else 0


# --- formulas ------------------------------------------------------------------------------------

_MATH = re.compile(
    r"`[^`\n]+`"
    r"|(?<!\\)\\\[(?P<brackets>(?:(?!\\[\[\]])[^$]){1,1000})\\\]"
    r"|(?<!\\)\\\((?P<round>(?:(?!\\[()])[^$\n]){1,300})\\\)"
    r"|(?<![\\$])\$\$(?P<double>[^$]{1,1000})\$\$(?!\$)"
    r"|(?<![\\$\w])\$(?P<single>[^\s$](?:[^$\n]{0,300}[^\s$\\])?)\$(?![\w$])"
)
_MARKS = {
    "round": ("\\(", "\\)"), "single": ("$", "$"),
    "brackets": ("\\[", "\\]"), "double": ("$$", "$$"),
}  # fmt: skip
_WORDS = re.compile(r"(?<![\\{A-Za-z])[A-Za-z]{2,} [A-Za-z]{2,}|^[\d.,]+ [A-Za-z]{2,}")
_MATHEMATICAL = re.compile(r"[A-Za-z\\^_=+<>]")


def _math_marks(response: str, request: str) -> str:
    if "$" not in response or not ("\\(" in response or "\\[" in response):
        return response
    if lines_of_code(response) or about_code(request):
        return response
    new = _of_one_kind(response, "round", "single")
    return _of_one_kind(new, "brackets", "double")


def _of_one_kind(text: str, one: str, other: str) -> str:
    """The formulas of two kinds in the marks of the one that is used more; prices forbid it."""
    found = list(_MATH.finditer(text))
    counts = {kind: sum(m[kind] is not None for m in found) for kind in (one, other)}
    if not all(counts.values()) or counts[one] == counts[other] or _has_prices(text, found):
        return text
    wanted, other = sorted(counts, key=lambda kind: -counts[kind])
    if any(m[other] is not None and not _may_stand(m, wanted) for m in found):
        return text
    opening, closing = _MARKS[wanted]
    return _MATH.sub(
        lambda m: m[0] if m[other] is None else f"{opening}{_inner(m[other], wanted)}{closing}",
        text,
    )


def _inner(formula: str, wanted: str) -> str:
    """Between dollars no blank may stand at the edges."""
    return formula.strip() if wanted == "single" else formula


def _has_prices(text: str, found: list[re.Match[str]]) -> bool:
    if any(m["single"] is not None and not _is_formula(m["single"]) for m in found):
        return True
    return "$" in _MATH.sub("", text).replace("\\$", "")


def _is_formula(text: str) -> bool:
    plain = re.sub(r"\\(?:text|mathrm|mbox)\{[^}]*\}", "", text)
    return not _WORDS.search(plain) and bool(_MATHEMATICAL.search(plain))


def _may_stand(found: re.Match[str], wanted: str) -> bool:
    """Dollars are read as marks only where no letter or digit touches them from outside."""
    before = found.string[max(0, found.start() - 1) : found.start()]
    after = found.string[found.end() : found.end() + 1]
    around = before + after
    return wanted != "single" or not (any(s.isalnum() for s in around) or set(around) & set("_$\\"))


OPERATIONS: tuple[Operation, ...] = (
    Operation("unclosed", "Close an open code fence, pair bold marks.", _unclosed),
    Operation("headings", "Headings of one style, with their blank.", _headings),
    Operation("math_marks", "Formulas between marks of one kind.", _math_marks),
)
"""In their order: a fence that is open hides headings and formulas."""
