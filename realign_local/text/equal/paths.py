"""Ways through menus: `File -> Print`, `File > Print` and `**File** → **Print**` are one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

_MARK = r"(?:\*{1,2}|`|_|[\"“”])"
_STEP = rf"{_MARK}?[A-Z][\w&/+']*(?:[ -][A-Za-z0-9&][\w&/+']*){{0,3}}(?:\.\.\.|…)?{_MARK}?"
_JOINT = r"\ ?(?:-{1,2}>|=>|→|←|➔|➜|⟶|»|›|>|▸)\ ?"
_CODE = r"(?P<code>^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]*[^\w\s`][^`\n]*`)"
_PATH = re.compile(
    rf"{_CODE}|(?<![\w<>=-]){_MARK}?{_STEP}(?:{_JOINT}{_STEP})+(?![\w<>=])",
    re.MULTILINE | re.DOTALL,
)
_JOINT_ALONE = re.compile(_JOINT)
_MARKS = re.compile(_MARK)
_SHOWN = re.compile(r"[-=]>|[→←➔➜⟶»›▸]|\w[*\"”`]* ?>")


def same_paths(original: str, rewritten: str) -> tuple[str, str]:
    """Both texts with every path as `File > Print`, if both have one and they differ."""
    if original == rewritten or not (_SHOWN.search(original) and _SHOWN.search(rewritten)):
        return original, rewritten
    old, new = ([m[0] for m in _paths(text)] for text in (original, rewritten))
    if not old or not new or old == new:
        return original, rewritten
    return _PATH.sub(_in_one_way, original), _PATH.sub(_in_one_way, rewritten)


def _paths(text: str) -> Iterator[re.Match[str]]:
    return (m for m in _PATH.finditer(text) if not m["code"])


def _in_one_way(m: re.Match[str]) -> str:
    if m["code"]:
        return m[0]
    joints = (" < " if "←" in joint else " > " for joint in _JOINT_ALONE.findall(m[0]))
    steps = (_MARKS.sub("", step).strip() for step in _JOINT_ALONE.split(m[0]))
    return "".join(part for pair in zip_longest(steps, joints, fillvalue="") for part in pair)


def turned_path(original: str, rewritten: str) -> str:
    """A path of the rewrite whose steps the original has in another order."""
    old, new = ([_steps(m) for m in _paths(text)] for text in (original, rewritten))
    gone = {tuple(sorted(path)) for path in old if path not in new}
    found = (path for path in new if path not in old and tuple(sorted(path)) in gone)
    return " > ".join(next(found, ()))


def _steps(m: re.Match[str]) -> tuple[str, ...]:
    """The steps, without the words of the sentence before the first and behind the last one."""
    first, *middle, last = re.split(" [<>] ", _in_one_way(m))
    return (first.split(" ")[-1], *middle, last.split(" ")[0])
