"""Bare code in prose: which lines of a text are code although no fence says so.

A line is code, prose, or neither; a run of code lines with nothing but neither between them is a
block. To take prose for code would reject faithful rewrites, so a run must either be read by a
grammar or hold several lines that can hardly be anything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.gates.code_blocks import Block, squeezed
from realign_local.gates.code_language import guess_language, is_shaped, is_yaml
from realign_local.gates.code_parse import parses

_SIGNAL = re.compile(
    r"[{};]\s*$|\w\(.*\)|\bdef |\bfn |\bfunc|=|<\w|</|^\s*[#$/@]|:\s*$|^\s*(?:---|import |from |return\b|[a-z_]+:)"
    r"|(?i:\bselect\b|\bcreate\b|\binsert\b|\bupdate\b|\bdelete\b)|^\s*(?:sudo|pip3?|npm|git|cd|docker|curl|apt) ",
    re.MULTILINE,
)
_STRONG = re.compile(
    r"""^\s*(?:
      (?:async\s+)?def\s+\w+\s*\(.*
    | class\s+\w+\s*(?:\([\w.,\ =]*\))?\s*:
    | class\s+\w+[^.:;]*\{
    | (?:if|elif|while)\b\s*(?:not\s+)?[\w.\[\]"'-]+(?:\([^:]*\))?(?:\s*(?:[=<>!]=|[<>%&|+*/-]|\bin\b|\bis\b|\bnot\b|\band\b|\bor\b).*)?:
    | (?:if|elif|while)\b.*[=<>()\[\]].*:
    | (?:async\s+)?for\s+[\w,\ ()*]+\s+in\b.*:
    | (?:else|try|finally)\s*:
    | (?:async\s+)?with\s+\w.*\(.*:
    | except(?:\s+[\w.(),\ ]+?)?(?:\s+as\s+\w+)?:
    | (?:import\s+[\w.*]+(?:\s+as\s+\w+)?(?:,\s*[\w.]+)*;?|from\s+[\w.]+\s+import\s+[\w.*,\ ()]+)
    | import\s+.*\bfrom\s+['"].*
    | import\s+[("].*
    | @\w[\w.]*(?:\(.*\))?
    | \#\s*(?:include\s*[<"].*|define\s+\w+.*|ifn?def\b.*|endif\b.*|pragma\b.*)
    | \#!.*/\w+.*
    | >>>\ .*
    | [\w.$:>\[\]-]+(?:<[\w,\ ]*>)?!?\(.*\)\s*(?:;|\{|\)\s*;?)
    | (?:print|println|printf|puts|echo|input|len|range|self\.\w+|console\.\w+|fmt\.\w+|System\.out\.\w+|\w+\.\w+)\(.*\)
    | (?:export\s+|default\s+|async\s+|static\s+|pub(?:\(\w+\))?\s+)*(?:function|func|fn)\b\s*(?:\([^)]*\)\s*)?\w*\s*(?:<[^>]*>)?\s*\(.*
    | (?:(?:export|const|let|var|val|mut|static|final|public|private|protected|unsigned|volatile|auto|inline|extern|typedef|register|abstract|override|readonly)\s+)+[\w<>\[\],*&:?|\ ]+(?:=|\(|;|\{).*
    | (?:int|float|double|char|bool|boolean|void|long|short|string|String|size_t|byte|var|u8|i32|i64|usize|std::\w+|[A-Z]\w*(?:<[\w<>,\ ?\[\]]+>)?)(?:\[\])*\s+[*&]?\w+(?:\[\w*\])*\s*(?:=[^=]|;|\().*[;{,)]
    | (?:package|use|using|namespace|mod|impl|struct|enum|trait|interface|type)\s+[\w:.<>*{},=\ &'\[\]]+[;{]
    | package\s+[a-z]\w*
    | template\s*<.*>
    | set\s+-\w+.*
    | (?:source|cd|export|find|tar|python3?)\s+(?:-\w+\s.*|[~./$"'][\w./$"'-]*.*|\w+=.*)
    | type\s+\w+\s+(?:struct|interface)\b.*
    | type\s+\w+(?:<.*>)?\s*=.*
    | [\w.,\ \[\]]+\s*:=\s*\S.*
    | (?:if|for|while|switch|else\s+if|\}\s*else\s+if|\}\s*else|else|do|try|catch|\}\s*catch|\}\s*finally|match|loop|unsafe|foreach)\b[^.?]*\{
    | (?:return|break|continue|throw|yield|goto|case|default)\b[^.?]*[;:]
    | [\w.\[\]()*>&$-]+\s*(?:[-+*/%|&^]|<<|>>)?=[^=].*;
    | [\w.\[\]]+(?:\+\+|--);
    | [\w.\[\]"']+\s*(?:[-+*/%|&]|//|\*\*)=\s*\S.*
    | \.\w+\(.*
    | .*=>\s*[\[{(].*
    | .*\)\s*(?:->\s*[\w&<>\[\],\ ']+\s*|:\s*[\w<>\[\]|\ ]+\s*|throws\s+\w+\s*|const\s*|error\s*|\w+\s*)?\{
    | </?[a-zA-Z][\w-]*(?:\s+[\w:@-]+(?:=(?:"[^"]*"|'[^']*'|\S+))?)*\s*/?>.*
    | <!(?:DOCTYPE|doctype)\b.*
    | "[\w\ $.-]+"\s*:\s*(?:".*"|[\d.-]+|true|false|null|[\[{].*),?
    | (?i:select\b.*\b(?:from\b.*|,.*)|select\s+(?:\*|count\(|distinct\b).*|insert\s+into\s+\w+.*|update\s+\w+\s+set\b.*|delete\s+from\s+\w+.*)
    | (?i:create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+)?(?:table|view|index|database|function|procedure)\b.*|alter\s+table\b.*|drop\s+(?:table|view|index)\b.*)
    | (?:SELECT|FROM|WHERE|GROUP\ BY|ORDER\ BY|HAVING|(?:INNER|LEFT|RIGHT|FULL|CROSS)\ (?:OUTER\ )?JOIN|JOIN|LIMIT|UNION|VALUES|SET)\b.*
    | \$\ \w.*
    | (?:sudo|apt-get|apt|pip3?|npm|npx|yarn|git|docker|kubectl|mkdir|chmod|chown|curl|wget|ssh|scp|grep|sed|awk|tar|conda|cargo|brew)\s+(?:-|[a-z./~$"'\\*]).*[^.:,?]
    | (?:if|while|elif)\s+\[\[?\s.*
    | for\s+\w+\s+in\b.*;\s*do
    | (?:then|fi|done|esac|do)
    | (?:pass|break|continue|return)
    | (?:return|raise|yield|assert|del|await)\s+(?:[\w.]+(?:[(\[].*)?|[\[({"'-].*|not\s.*|.*[=<>+*/%\[(].*)
    )\s*(?://.*|\#.*|--\s.*|\\)?$""",
    re.VERBOSE,
)
_WEAK = re.compile(
    r"""^\s*(?:
      [\w.\[\]'",\ *&]+\s*(?:[-+*/%|&^]|<<|>>)?=(?!=).*
    | [\[\](){}<>,;:\\]+
    | [)\]}][)\]},;\ .]*(?:else|catch|finally|while|,|;|\)|\w+\().*
    | \w+\(.*\).*
    | (?:end|begin|then|else|fi|done|esac)\b;?
    | (?:AND|OR|ON|AS)\b.*
    | [\w."']+\s*,
    | (?:"[^"]*"|'[^']*'|-?\d[\d.]*),?
    )\s*$""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"^\s*(?://|/\*|\*/|\*\s|#(?!#)\s*\S|--\s|<!--)")
_SENTENCE = re.compile(r"^\s*(?:\d+[.)]\s|[-*•]\s|#+\s|>\s)?[\"'(*]*[A-Z][\w'’]*(?:,?\s+[\w'’*`-]+){3,}.*[.:!?]\**$")
_MATH = re.compile(r"<<|####|\\boxed|\\frac|\$\$")
_TRIPLE = re.compile(r'"""|' + "'''")
_STRING = re.compile(r"""\"(?:[^"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'""")
_STEP_IN = 4

Line = tuple[int, str]
Lines = tuple[Line, ...]
Run = tuple[list[Line], int]


def has_signal(text: str) -> bool:
    """Whether anything in the text could be bare code: a quick no for most prose."""
    return _SIGNAL.search(text) is not None


def line_kind(line: str) -> str:
    """strong (can hardly be prose), weak (may be code), gap (blank or a comment), prose."""
    if not line.strip():
        return "gap"
    if len(line) > 1000 or _MATH.search(line):
        return "prose"
    if _STRONG.match(line):
        return "prose" if _SENTENCE.match(line) else "strong"
    if _COMMENT.match(line):
        return "gap"
    return "weak" if _WEAK.match(line) and not _SENTENCE.match(line) else "prose"


def bare_blocks(lines: Lines) -> list[Block]:
    """The runs of code among a text's unfenced lines, each with its language."""
    text = "\n".join(line for _, line in lines)
    if not has_signal(text):
        return []
    if is_shaped(text) or (text.startswith("#!") and not any(is_sentence(n) for _, n in lines)):
        return [_bare([*lines])]
    runs = _runs(lines, _kinds(lines))
    if runs and _whole_text_is_code(text, runs):
        return [_bare([*lines])]
    wide = [_widened(run, lines) for run, strong in runs if _is_code(run, strong)]
    return [_bare(run) for n, run in enumerate(wide) if n == 0 or run[0] > wide[n - 1][-1]]


def _bare(run: Sequence[Line]) -> Block:
    text = squeezed("\n".join(line for _, line in run))
    return Block(text, run[0][0], guess_language(text), kind="bare")


def _kinds(lines: Lines) -> list[str]:
    """Each line's kind; the lines of a paragraph that is YAML as a whole are code."""
    kinds = [line_kind(line) for _, line in lines]
    start = 0
    for number, (_, line) in enumerate((*lines, (-1, ""))):
        if line.strip():
            continue
        if is_yaml([text for _, text in lines[start:number]]):
            kinds[start:number] = ["strong"] * (number - start)
        start = number + 1
    return kinds


def _runs(lines: Lines, kinds: Sequence[str]) -> list[Run]:
    """Maximal stretches from a code line to a code line, with the number of strong lines in each."""
    runs: list[Run] = []
    run: list[Line] = []
    kept = strong = 0
    inside = _Inside()
    for (number, line), kind in zip((*lines, (-1, "")), (*kinds, "end"), strict=True):
        within = kind != "end" and bool(run) and inside.holds(line, run[0][1])
        if kind in ("prose", "end") and not within:
            if kept:
                runs.append((run[:kept], strong))
            run, kept, strong, inside = [], 0, 0, _Inside()
        elif run or line.strip():
            run.append((number, line))
            inside.read(line)
            if kind in ("strong", "weak") or within:
                kept = len(run)
                strong += kind == "strong"
    return runs


def _widened(run: list[Line], lines: Lines) -> list[Line]:
    """With the lines that touch the run, as long as they are no sentences and the code still parses.

    Code has lines of every look; that they stand in one paragraph with plain code says enough.
    """
    numbers = [number for number, _ in lines]
    first, last = numbers.index(run[0][0]), numbers.index(run[-1][0])
    start, end = first, last
    while start > 0 and _touches(lines[start - 1], lines[start]):
        start -= 1
    while end + 1 < len(lines) and _touches(lines[end + 1], lines[end]):
        end += 1
    wider = list(lines[start : end + 1])
    return wider if len(wider) > len(run) and _reads_well(wider) else run


def _touches(line: Line, other: Line) -> bool:
    near = abs(line[0] - other[0]) == 1
    return near and bool(line[1].strip()) and not is_sentence(line[1])


def _reads_well(run: Sequence[Line]) -> bool:
    code = squeezed("\n".join(line for _, line in run))
    language = guess_language(code)
    return bool(language) and parses(code, language)


def is_sentence(line: str) -> bool:
    """Capital letter, several plain words, a full stop or a colon: no code looks like that."""
    return _SENTENCE.match(line) is not None and not _COMMENT.match(line)


class _Inside:
    """Whether the lines so far leave something open: a docstring, a comment, a bracket, a block."""

    def __init__(self) -> None:
        self.depth = 0
        self.quoted = False
        self.commented = False

    def read(self, line: str) -> None:
        was_quoted = self.quoted
        if len(_TRIPLE.findall(line)) % 2:
            self.quoted = not self.quoted
        if "/*" in line or "*/" in line:
            self.commented = line.rfind("/*") > line.rfind("*/")
        if not (self.quoted or was_quoted):
            line = _STRING.sub("", line)
            self.depth += sum((c in "([{") - (c in ")]}") for c in line)
            self.depth = max(0, self.depth)

    def holds(self, line: str, first: str) -> bool:
        """Whether a line that looks like prose belongs to the code around it."""
        if self.quoted or self.commented or self.depth > 0:
            return True
        margin = len(first) - len(first.lstrip())
        return bool(line.strip()) and len(line) - len(line.lstrip()) >= margin + _STEP_IN


def _whole_text_is_code(text: str, runs: list[Run]) -> bool:
    """Strong lines throughout and a grammar that reads all of it: sentences would not pass."""
    code = squeezed(text)
    lines = code.count("\n") + 1
    strong = sum(count for _, count in runs)
    if strong * 4 < lines:
        return False
    language = guess_language(code)
    return language not in ("", "shell", "yaml", "html") and parses(code, language)


def _is_code(run: Sequence[Line], strong: int) -> bool:
    filled = sum(1 for _, line in run if line.strip())
    if strong >= 2 and strong * 4 >= filled:
        return True
    if strong == 0:
        return False
    code = squeezed("\n".join(line for _, line in run))
    language = guess_language(code)
    return bool(language) and (language == "shell" or parses(code, language))
