"""Pages of one file: style and scripts inside, and a policy that forbids everything outside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
SHARED_SCRIPTS = ("words.js", "source.js", "list.js", "detail.js", "decided.js", "browser.js")
CHOICES = '<select id="verdict" aria-label="Decision"></select>'
"""Of the rows by what a person decided on them."""
_HOLE = re.compile(r"\{\{(\w+)\}\}")


def asset(name: str) -> str:
    """The text of a file that belongs to the pages."""
    return (ASSETS / name).read_text(encoding="utf-8")


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its {{holes}} filled; what is put in is never looked at again."""
    return _HOLE.sub(lambda hole: values[hole[1]], template)


def browser(*, choices: str = "", decide: str = "") -> str:
    """The part of a page that shows rows, with what one page has and the other has not."""
    return filled(asset("browser.html"), {"choices": choices, "decide": decide})


def page(
    *,
    title: str,
    kind: str,
    body: str,
    script: str,
    connect: str = "'none'",
    columns: bytes = b"",
    blocks: Iterable[bytes] = (),
) -> Iterator[str]:
    """The pieces of a page in order; `title` and `body` must be HTML already.

    `script` names the script that comes after those that both pages share, `connect` where it may
    ask for more; columns and blocks are embedded.
    """
    style = asset("style.css")
    code = '"use strict";\n' + "".join(map(asset, (*SHARED_SCRIPTS, script)))
    values = {
        "policy": policy(style, code, connect=connect),
        "title": title,
        "kind": kind,
        "style": style,
        "body": body,
        "script": code,
        "columns": base64.b64encode(columns).decode(),
    }
    before, after = asset("page.html").split("{{blocks}}")
    yield filled(before, values)
    for number, data in enumerate(blocks):
        packed = base64.b64encode(data).decode()
        yield f'<script type="text/plain" id="block-{number}">{packed}</script>\n'
    yield filled(after, values)


def policy(style: str, code: str, *, connect: str) -> str:
    """A Content-Security-Policy that lets in this style, this script and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}';"
        f" connect-src {connect}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
