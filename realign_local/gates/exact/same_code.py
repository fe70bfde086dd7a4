"""The code gate: all of the original's code is in the rewrite, token for token, and no other."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from realign_local.base.reasons import Reason
from realign_local.gates.exact.code_bare_notes import bare_comments_kept
from realign_local.gates.exact.code_comments import comments_kept
from realign_local.gates.exact.code_diff import compare_lines, difference, known_pieces, squeezed_in
from realign_local.gates.exact.code_match import MatchTarget, covers, is_fragment, loosely
from realign_local.gates.exact.comment_language import is_translated
from realign_local.gates.gate import NOT_APPLICABLE, PASS, Case, Verdict, fail
from realign_local.text.code.code_blocks import CodeBlock, CodeParts, cut, inline_spans, squeezed
from realign_local.text.code.code_detect import bare_blocks
from realign_local.text.code.code_language import guess_language
from realign_local.text.code.code_lines import has_signal

MAX_TREE_CHARS = 20_000  # deeper trees than fit here could exhaust the parser's stack
MAX_CHARS, MAX_BLOCKS = 100_000, 200  # above these, lines are compared instead of tokens
_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
_LED_PROSE = re.compile(r"([^\n]*[^\s.])\. [A-Z][a-z]+(?: [\w`./-]+){3,}[.!]")
_TEXT_LABELS = frozenset({"text", "txt", "plaintext", "output", "markdown", "md", "math", "latex"})


def check(case: Case) -> Verdict:
    """Fails with code_lost where code is missing, with code_changed where it differs or is new.

    Code may be fenced, labelled, commented, indented otherwise, cut into parts with prose between
    them, and quoted again. Tokens are compared, and for Python also the syntax tree. Comments and
    docstrings may be added, or all be translated; what the original's say is kept line for line.
    """
    if not _may_hold_code(case):
        return NOT_APPLICABLE
    original, rewritten = cut(case.original), cut(case.rewritten)
    blocks = _blocks(original)
    spans = inline_spans(original)
    if case.original == case.rewritten:
        return PASS if blocks or spans or rewritten.fenced else NOT_APPLICABLE
    verdict = bare_comments_kept(blocks, original, rewritten, case)
    if verdict.outcome == "fail" or not (blocks or spans or rewritten.fenced):
        return verdict if verdict.outcome == "fail" else NOT_APPLICABLE
    if not _same_blocks(blocks, rewritten):
        verdict = _compare(blocks, case, rewritten)
        if verdict.outcome == "fail":
            return verdict
    return _spans_kept(spans, case.rewritten)


def _may_hold_code(case: Case) -> bool:
    both = (case.original, case.rewritten)
    return any("`" in text or "~~~" in text for text in both) or has_signal(case.original)


def _blocks(parts: CodeParts) -> list[CodeBlock]:
    """The fenced and bare code of a text in its order."""
    bare = [_without_prose(block) for block in bare_blocks(parts.lines)]
    return sorted([*parts.fenced, *bare], key=lambda block: block.line)


def _without_prose(block: CodeBlock) -> CodeBlock:
    """A command in a line of its own, of which a sentence follows: `make test. Run it twice.`"""
    led = _LED_PROSE.fullmatch(block.text.strip())
    return replace(block, text=led[1]) if led else block


def _same_blocks(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> bool:
    """The common case: the rewrite has the same blocks in the same order and no other."""
    return [squeezed(b.text) for b in blocks] == [squeezed(b.text) for b in rewritten.fenced]


def _with_languages(blocks: Sequence[CodeBlock], rewritten: CodeParts) -> list[CodeBlock]:
    """Give each block a language: its label's, else by its looks, else the rewrite's label."""
    labels = [block.language for block in rewritten.fenced if block.language]
    fallback = labels[0] if labels else ""
    return [
        block
        if block.language or block.label in _TEXT_LABELS
        else replace(block, language=guess_language(block.text) or fallback)
        for block in blocks
    ]


def _compare(blocks: Sequence[CodeBlock], case: Case, rewritten: CodeParts) -> Verdict:
    if _is_huge(blocks, case, rewritten):
        others = (case.original, case.instruction, *case.evidence)
        return compare_lines(blocks, rewritten, others=others)
    blocks = _with_languages(blocks, rewritten)
    target = MatchTarget.of((block.text, block.language) for block in blocks)
    verbatim = _verbatim(blocks, case.rewritten)
    if not (verbatim or _all_there(blocks, target, rewritten, case.instruction)):
        return difference(blocks, rewritten)
    if not verbatim and (verdict := comments_kept(blocks, rewritten, case)).outcome == "fail":
        return verdict
    loose = [loosely(text) for text in (case.original, case.instruction, *case.evidence)]
    for block in rewritten.fenced:
        if is_fragment(target, block.text, loose):
            continue
        if not _same_code(blocks, block.text, case.instruction):
            return fail(Reason.CODE_CHANGED, block.text.strip(), detail="code that is new")
    if line := squeezed_in(blocks, rewritten, original=case.original):
        return fail(Reason.CODE_CHANGED, line, detail="a line of code that is new")
    return PASS


def _is_huge(blocks: Sequence[CodeBlock], case: Case, rewritten: CodeParts) -> bool:
    chars = len(case.original) + len(case.rewritten)
    return chars > MAX_CHARS or max(len(blocks), len(rewritten.fenced)) > MAX_BLOCKS


def _verbatim(blocks: Sequence[CodeBlock], rewritten: str) -> bool:
    """Whether the blocks stand in the rewrite line for line, in order, fenced or not."""
    lines = squeezed(rewritten).split("\n")
    done = 0
    for block in blocks:
        code = squeezed(block.text)
        wanted = code.split("\n") if code else []
        done = next((at for at in range(done, len(lines)) if _stands(wanted, lines, at)), -1)
        if done < 0:
            return False
        done += len(wanted)
    return True


def _stands(wanted: Sequence[str], lines: Sequence[str], at: int) -> bool:
    """Whether all of the lines stand here, with one margin before them."""
    if not wanted or not lines[at].endswith(wanted[0]) or len(lines) < at + len(wanted):
        return not wanted
    margin = lines[at].removesuffix(wanted[0])
    here = lines[at : at + len(wanted)]
    return not margin.strip() and all(margin + w == n for w, n in zip(wanted, here, strict=True))


def _all_there(
    blocks: Sequence[CodeBlock], target: MatchTarget, rewritten: CodeParts, asked: str
) -> bool:
    """All code in the original's order; or each block as a whole; or the same tree."""
    fenced = [(block.line, block.text) for block in rewritten.fenced]
    spans = [(block.line, block.text) for block in inline_spans(rewritten)]
    bare = known_pieces(blocks, rewritten)
    return (
        covers(target, _in_order(fenced + bare if fenced else bare + spans))
        or (len(blocks) > 1 and _each_there(blocks, _in_order(fenced + bare + spans)))
        or _same_code(blocks, "\n".join(text for _, text in fenced), asked)
        or any(_same_code(blocks, text, asked) for _, text in fenced)
    )


def _each_there(blocks: Sequence[CodeBlock], pieces: Sequence[str]) -> bool:
    """Blocks may come in another order, and short ones as code spans, but each whole."""
    return all(covers(MatchTarget.of([(block.text, block.language)]), pieces) for block in blocks)


def _in_order(pieces: Sequence[tuple[int, str]]) -> list[str]:
    return [text for _, text in sorted(pieces, key=lambda piece: piece[0])]


def _same_code(blocks: Sequence[CodeBlock], code: str, asked: str) -> bool:
    """Whether Python reads both alike: quotes, brackets and trailing commas may differ.

    Docstrings may be added where there was none, or be translated: a tree knows of them, but they
    are comments.
    """
    if not blocks or any(block.language != "python" for block in blocks):
        return False
    old, new = _tree("\n".join(block.text for block in blocks)), _tree(code)
    if old is None or new is None or old.shape != new.shape:
        return False
    said = [pair for pair in zip(old.documents, new.documents, strict=True) if pair[0]]
    before = [line for pair in said for line in pair[0]]
    after = [line for pair in said for line in pair[1]]
    return before == after or is_translated(before, after, asked)


@dataclass(frozen=True, slots=True)
class _Tree:
    """A syntax tree without docstrings, and the lines of these: none where there is none."""

    shape: str
    documents: tuple[tuple[str, ...], ...]


def _tree(code: str) -> _Tree | None:
    if len(code) > MAX_TREE_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(squeezed(code))
            documents = tuple(
                _taken_document(node) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)
            )
            return _Tree(ast.dump(tree), documents)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _taken_document(node: _Documented) -> tuple[str, ...]:
    """Take the docstring off; a body of a docstring alone keeps an empty one."""
    document = ast.get_docstring(node)
    if document is None:
        return ()
    if len(node.body) > 1:
        del node.body[0]
    else:
        node.body[0] = ast.Expr(ast.Constant(""))
    lines = (" ".join(line.split()) for line in document.split("\n"))
    return tuple(line for line in lines if line)


def _spans_kept(spans: Sequence[CodeBlock], rewritten: str) -> Verdict:
    """Every `code span` of the original is still somewhere in the rewrite, marked or not."""
    text = loosely(rewritten) if spans else ""
    for span in spans:
        if loosely(span.text) not in text:
            return fail(Reason.CODE_LOST, span.text, detail="a code span that is gone")
    return PASS
