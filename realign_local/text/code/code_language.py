"""Which language a piece of code is in, from its words and from the grammar that reads it."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from realign_local.text.code.code_parse import MAX_PARSED_CHARS, parses
from realign_local.text.code.unified_diff import is_diff

_HINTS = {
    "python": r"^[ \t]*(?:async\s+)?def\s+\w+\(.*|^[ \t]*class\s+\w+(?:\([\w., ]*\))?:[ \t]*$"
    r"|^[ \t]*(?:from\s+[\w.]+\s+)?import\s+[\w.*, ]+$"
    r"|^[ \t]*(?:elif\b.*|else|try|finally):\s*(?:#.*)?$"
    r"|^[ \t]*(?:if|while|for|with|except)\b.*:\s*(?:#.*)?$|\bprint\(|\bself\."
    r"|^[ \t]*return\b[^;{\n]*$"
    r"|^>>> |\b(?:None|True|False)\b|\bnot in\b|^[ \t]*@\w+(?:\(.*\))?$|\blambda \w+:|\blen\("
    r"|^[ \t]*[\w.\[\]][\w.\[\], ]*[-+*/]?=[ \t]*[^;={\n]+$",
    "javascript": r"\b(?:const|let|var)\s+[\w{\[]|\bfunction\b\s*\w*\(|=>|===|!==|\bconsole\.\w+\("
    r"|\bawait\s|\bdocument\.|\brequire\(|^[ \t]*(?:export|import)\b.*(?:from|default)"
    r"|\bnew\s+\w+\(",
    "typescript": r"\binterface\s+\w+(?:<[^>]*>)?\s*\{|[\w)?]\s*:\s*(?:string|number|boolean"
    r"|void|any|unknown|never)\b(?:\[\])?"
    r"|\b(?:const|let)\s+\w+\s*:\s*\w|\btype\s+\w+(?:<[^>]*>)?\s*=|\)\s*:\s*(?:Promise|Array"
    r"|Map|Set|Record)<"
    r"|\bimport\s+type\b|\bas\s+const\b|\bexport\s+(?:function|const|interface|type|class)\b",
    "java": r"\bpublic\s+(?:static\s+|final\s+|class\b|interface\b)|\bSystem\.out\."
    r"|\bimport\s+java[\w.*]+;"
    r"|\bString(?:\[\])?\s+\w+|\bpublic\b|\bprivate\b|@Override|\b(?:List|Map|ArrayList|HashMap)<\w"
    r"|\bfinal\s+\w+\s+\w+|\bthrows\b|\bint\[\]",
    "go": r"\bfunc\s+(?:\(\w+\s+\*?\w+\)\s*)?\w+\(|:=|^[ \t]*package\s+\w+[ \t]*$"
    r"|\bfmt\.\w+|\bnil\b"
    r"|\btype\s+\w+\s+(?:struct|interface)\b|\bfor\s+\w*,?\s*\w*\s*:?=?\s*range\b|\berr\s*!="
    r"|\[\]\w+",
    "rust": r"\bfn\s+\w+|\blet\s+(?:mut\s+)?\w+|\bimpl\b|\bpub\s+|->\s*[\w&<>]+|\buse\s+\w+::"
    r"|println!|vec!|&mut\b|&str\b|::\w+|\bmatch\s+\w+\s*\{|\b(?:u|i)(?:8|16|32|64|size)\b"
    r"|\|\w+\|",
    "c": r"^[ \t]*#\s*(?:include|define|ifdef|ifndef)\b|\bprintf\(|\bmalloc\(|\bsizeof\b"
    r"|\bchar\s*\*"
    r"|^[ \t]*(?:static\s+|const\s+|unsigned\s+)*(?:int|void|char|float|double|long|size_t"
    r"|bool)\s+\*?\w+\s*[(\[=;,]"
    r"|\bstruct\s+\w+|->|\bNULL\b|\w+\s+\*\w+",
    "cpp": r"\bstd::|\bcout\s*<<|\bcin\s*>>|#include\s*<(?:iostream|vector|string|map|algorithm"
    r"|memory|set)>"
    r"|\btemplate\s*<|\busing\s+namespace\b|\bvector<|\bnullptr\b|\bauto\s*&?\s*\w+\s*[=:]"
    r"|\b(?:int|bool|void|string|double)\s+\w+\(|\bclass\s+\w+\s*\{",
    "sql": r"(?i:^[ \t]*(?:select\b(?=[\s\S]{1,400}?\b(?:from|as)\b|\s+[\d@*(])|insert\s+into\b"
    r"|update\s+\S+\s+set\b"
    r"|delete\s+from\b|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+)?(?:table|view"
    r"|index|database|function|procedure)\b"
    r"|alter\s+table\b|drop\s+(?:table|view|index)\b|with\s+\w+\s+as\s*\())|\bVARCHAR\b"
    r"|\bPRIMARY KEY\b"
    r"|\b(?:INNER|LEFT|RIGHT|CROSS) JOIN\b|\b(?:GROUP|ORDER) BY\b",
}  # fmt: skip
_COMPILED = {name: re.compile(pattern, re.MULTILINE) for name, pattern in _HINTS.items()}
_KIN = {"javascript": "typescript", "c": "cpp"}
_SHELL_LINE = re.compile(
    r"^\s*(?:\$ |#|(?:sudo|apt|apt-get|yum|brew|pip3?|npm|npx|yarn|git|docker|kubectl|cd|ls"
    r"|mkdir|rm|cp|mv"
    r"|echo|export|grep|sed|awk|curl|wget|chmod|chown|tar|ssh|scp|source|python3?|conda|cargo"
    r"|systemctl"
    r"|printf|read|local|set|unset|exit|kill|ps|touch|tail|head)\b|(?:if|elif|while)\s+!?\s*\["
    r"|(?:then|else|fi|do|done|esac)\b"
    r"|(?:for\s+\w+\s+in\b|while\s+read\b)|\w+\(\)\s*\{|[{}]\s*$|[A-Za-z_]\w*=\S*|(?:find|cat"
    r"|sort|cut|make|test|case)\s+\S*[-./\"'$*])"
)  # fmt: skip
_YAML_LINE = re.compile(
    r"^\s*(?:- )*(?:[\"']?[a-z_][\w./-]*[\"']?:(?:\s|$)|- \S|#)|^---\s*$|^\s+\S"
)
_YAML_KEY = re.compile(r"^\s*(?:- )?[\"']?[a-z_][\w./-]*[\"']?:(?:\s|$)")
_TAGS = (
    "html|head|body|div|span|p|a|ul|ol|li|table|tr|td|th|thead|tbody|form|input|button|h[1-6]|img|nav"
    "|section|article|header|footer|main|label|select|option|textarea|script|style|link|meta|title|svg|br"
)
_HTML = re.compile(rf"^\s*<(?:!doctype\b|!--|(?:{_TAGS})\b)[^<]*>", re.IGNORECASE)


@lru_cache(maxsize=256)
def guess_language(code: str) -> str:
    """The language of a piece of code without a label, or "" where none fits well.

    Only a language whose grammar reads the whole piece is taken at once; otherwise the one with the
    most words of its own, if they are many.
    """
    if (told := _by_shape(code)) or len(code) > MAX_PARSED_CHARS:
        return told
    scores = {name: len(pattern.findall(code)) for name, pattern in _COMPILED.items()}
    ranked = sorted((name for name in scores if scores[name]), key=lambda name: -scores[name])
    for name in ranked[:4]:
        for language in (name, _KIN.get(name, name)):
            if parses(code, language):
                return language
    lines = sum(1 for line in code.split("\n") if line.strip())
    if scores["typescript"] * 6 >= max(lines, 6):
        return "typescript"  # its types are no other language's, and no grammar reads them here
    return ranked[0] if ranked and scores[ranked[0]] * 3 >= max(lines, 3) else ""


def is_shaped(text: str) -> bool:
    """Whether the whole text is JSON, HTML or YAML, which hold sentences but are not prose."""
    return _by_shape(text) in ("json", "html", "yaml")


def _by_shape(code: str) -> str:
    """JSON, HTML, diffs, shell and YAML: they show in the shape of the lines, not in the words."""
    text = code.strip()
    if text[:1] in ("{", "[") and text[-1:] in ("}", "]") and _is_json(text):
        return "json"
    if _HTML.match(text) and text.endswith(">"):
        return "html"
    lines = [line for line in text.split("\n") if line.strip()]
    if is_diff(text):
        return "diff"
    if text.startswith("#!") and re.match(r"#!.*\b(?:ba|z|da)?sh\b", lines[0]):
        return "shell"
    if lines and all(_SHELL_LINE.match(line) for line in lines) and _more_than_values(lines):
        return "shell"
    return "yaml" if is_yaml(lines) else ""


def _more_than_values(lines: list[str]) -> bool:
    """Assignments, comments and braces alone may be any language."""
    return any(not re.match(r"\s*(?:#|\w+=|[{}])", line) for line in lines)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return ":" in text or '"' in text


def is_yaml(lines: list[str]) -> bool:
    """Whether lines are nested YAML: several small keys, and nothing that could not be YAML."""
    keys = sum(1 for line in lines if ":" in line and _YAML_KEY.match(line))
    if keys < 2 or not all(_YAML_LINE.match(line) for line in lines):
        return False
    return lines[0] == "---" or any(line[:1].isspace() for line in lines)
