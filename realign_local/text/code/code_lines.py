"""One line of text: whether it is code, may be code, is a gap, or is prose.

The patterns are strict: a line that a person might write in a letter is at most weak.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Kind = Literal["strong", "weak", "gap", "prose"]
MAX_LINE_CHARS = 1000  # nobody writes longer lines of code by hand

_SIGNAL = re.compile(r"\{[ \t]*$|\}[ \t]*$|;[ \t]*$|:[ \t]*$|\((?<=\w\().*\)|<[\w/]", re.MULTILINE)
_SIGNAL_LINE = re.compile(
    r"[ \t]*(?:[#$/@;%]|--|import |from |return\b|[a-z_]+:"
    r"|(?:sudo|pip3?|npm|git|cd|docker|curl|apt) )"
)
_SIGNAL_WORDS = ("def ", "fn ", "func", "select", "create", "insert", "update", "delete")
_SIGNAL_WORD = re.compile(r"\b(?:def |fn |func|(?i:select\b|create\b|insert\b|update\b|delete\b))")
_STRONG = re.compile(
    r"""^\s*(?:
      (?:async\s+)?def\s+\w+\s*\(.*
    | class\s+\w+\s*(?:\([\w.,\ =]*\))?\s*:
    | class\s+\w+[^.:;]*\{
    | (?:if|elif|while)\b\s*(?:not\s+)?[\w.\[\]"'-]+(?:\([^:]*\))?(?:\s*(?:[=<>!]=|[<>%&|+*/-]
      |\bin\b|\bis\b|\bnot\b|\band\b|\bor\b).*)?:
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
    | (?:print|println|printf|puts|echo|input|len|range|self\.\w+|console\.\w+|fmt\.\w+
      |System\.out\.\w+|\w+\.\w+)\(.*\)
    | (?:export\s+|default\s+|async\s+|static\s+|pub(?:\(\w+\))?\s+)*(?:function|func
      |fn)\b\s*(?:\([^)]*\)\s*)?\w*\s*(?:<[^>]*>)?\s*\(.*
    | (?:(?:export|const|let|var|val|mut|static|final|public|private|protected|unsigned|volatile
      |auto|inline|extern|typedef|register|abstract|override|readonly)\s+)+[\w<>\[\],*&:?|\ ]+(?:=
      |\(|;|\{).*
    | (?:int|float|double|char|bool|boolean|void|long|short|string|String|size_t|byte|var|u8|i32
      |i64|usize|std::\w+
      |[A-Z]\w*(?:<[\w<>,\ ?\[\]]+>)?)(?:\[\])*\s+[*&]?\w+(?:\[\w*\])*\s*(?:=[^=]|;|\().*[;{,)]
    | (?:package|use|using|namespace|mod|impl|struct|enum|trait|interface
      |type)\s+[\w:.<>*{},=\ &'\[\]]+[;{]
    | package\s+[a-z]\w*
    | template\s*<.*>
    | set\s+-\w+.*
    | (?:source|cd|export|find|tar|python3?)\s+(?:-\w+\s.*|[~./$"'][\w./$"'-]*.*|\w+=.*)
    | type\s+\w+\s+(?:struct|interface)\b.*
    | type\s+\w+(?:<.*>)?\s*=.*
    | [\w.,\ \[\]]+\s*:=\s*\S.*
    | (?:if|for|while|switch|else\s+if|\}\s*else\s+if|\}\s*else|else|do|try|catch|\}\s*catch
      |\}\s*finally|match|loop|unsafe|foreach)\b[^.?]*\{
    | (?:return|break|continue|throw|yield|goto|case|default)\b[^.?]*[;:]
    | [\w.\[\]()*>&$-]+\s*(?:[-+*/%|&^]|<<|>>)?=[^=].*;
    | [\w.\[\]]+(?:\+\+|--);
    | [\w.\[\]"']+\s*(?:[-+*/%|&]|//|\*\*)=\s*\S.*
    | \.\w+\(.*
    | .*=>\s*[\[{(].*
    | .*\)\s*(?:->\s*[\w&<>\[\],\ ']+\s*|:\s*[\w<>\[\]|\ ]+\s*|throws\s+\w+\s*|const\s*|error\s*
      |\w+\s*)?\{
    | </?[a-zA-Z][\w-]*(?:\s+[\w:@-]+(?:=(?:"[^"]*"|'[^']*'|\S+))?)*\s*/?>.*
    | <!(?:DOCTYPE|doctype)\b.*
    | "[\w\ $.-]+"\s*:\s*(?:".*"|[\d.-]+|true|false|null|[\[{].*),?
    | (?i:select\b.*\b(?:from\b.*|,.*)|select\s+(?:\*|count\(|distinct\b).*|insert\s+into\s+\w+.*
      |update\s+\w+\s+set\b.*|delete\s+from\s+\w+.*)
    | (?i:create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+)?(?:table|view|index|database
      |function|procedure)\b.*|alter\s+table\b.*|drop\s+(?:table|view|index)\b.*)
    | (?:SELECT|FROM|WHERE|GROUP\ BY|ORDER\ BY|HAVING|(?:INNER|LEFT|RIGHT|FULL
      |CROSS)\ (?:OUTER\ )?JOIN|JOIN|LIMIT|UNION|VALUES|SET)\b.*
    | \$\ \w.*
    | (?:sudo|apt-get|apt|pip3?|npm|npx|yarn|git|docker|kubectl|mkdir|chmod|chown|curl|wget|ssh
      |scp|grep|sed|awk|tar|conda|cargo|brew)\s+(?:-|[a-z./~$"'\\*]).*[^.:,?]
    | (?:if|while|elif)\s+\[\[?\s.*
    | for\s+\w+\s+in\b.*;\s*do
    | (?:then|fi|done|esac|do)
    | (?:pass|break|continue|return)
    | (?:return|raise|yield|assert|del|await)\s+(?:[\w.]+(?:[(\[].*)?|[\[({"'-].*|not\s.*
      |.*[=<>+*/%\[(].*)
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
_SENTENCE = re.compile(
    r"^\s*(?:\d+[.)]\s|[-*•]\s|#+\s|>\s)?[\"'(*]*[A-Z][\w'’]*(?:,?\s+[\w'’*`-]+){3,}.*[.:!?]\**$"
)
_SAID_OF_CALL = re.compile(r"^\s*[\w.]+\([^()]*\)(?: [A-Za-zÀ-ɏ]{2,}\b){1,3} [^{};=]*[.!?]$")
"""`half(8) returns 4.`: a sentence that begins with a call."""
_MATH = re.compile(r"<<|####|\\boxed|\\frac|\$\$")


@lru_cache(maxsize=16)
def has_signal(text: str) -> bool:
    """Whether anything in the text could be bare code: a quick no for most prose."""
    if "=" in text or _SIGNAL.search(text) or any(map(_SIGNAL_LINE.match, text.split("\n"))):
        return True
    small = text.lower()
    may_have = not text.isascii() or any(word in small for word in _SIGNAL_WORDS)
    return may_have and _SIGNAL_WORD.search(text) is not None


def line_kind(line: str) -> Kind:
    """strong (can hardly be prose), weak (may be code), gap (blank or a comment), prose."""
    if not line.strip():
        return "gap"
    if len(line) > MAX_LINE_CHARS or _MATH.search(line):
        return "prose"
    if is_sentence(line):
        return "prose"
    if _STRONG.match(line):
        return "prose" if _SENTENCE.match(line) else "strong"
    if _COMMENT.match(line):
        return "gap"
    return "weak" if _WEAK.match(line) and not _SENTENCE.match(line) else "prose"


def is_sentence(line: str) -> bool:
    """Capital letter, several plain words, a full stop or a colon: no code looks like that."""
    if _SAID_OF_CALL.match(line):
        return True
    return _SENTENCE.match(line) is not None and not _COMMENT.match(line)
