"""How often the right passage is on top, and what each part of the search adds to that."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realign_local.base.errors import DataError
from realign_local.base.records import Passage
from realign_local.base.untrusted import loads, read_text
from realign_local.evidence.rank import Weights
from realign_local.evidence.search import Index

DEPTH = 20
VARIANTS = {
    "dense": Weights(words=0, cover=0, sentence=0, title=0),
    "lexical": Weights(meaning=0, words=1, cover=0, sentence=0, title=0),
    "fused": Weights(cover=0, sentence=0, title=0),
    "fused+entity": Weights(cover=0, sentence=0),
    "fused+entity+rerank": Weights(),
}
RERANKED = {"all+cross-encoder": Weights()}
HINT = 'A line is {"question", and "passage_id" or "title" or "answers": [..]}.'


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question and how to know the right passage: by id, title, or an answer in its text."""

    text: str
    passage_id: str = ""
    title: str = ""
    answers: tuple[str, ...] = ()

    def answered_by(self, passage: Passage) -> bool:
        """Whether this is the right passage; the surest of the three signs decides."""
        if self.passage_id:
            return passage.passage_id == self.passage_id
        if self.title:
            return _same(passage.title) == _same(self.title)
        return any(answer.lower() in passage.text.lower() for answer in self.answers)


def _same(title: str) -> str:
    return title.replace("_", " ").strip().lower()


def read_questions(path: Path) -> list[EvalQuestion]:
    """Read a JSONL of questions; raises DataError that names the line."""
    try:
        lines = read_text(path, "utf-8-sig", pipes=True).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read questions from {path}", hint=HINT) from error
    found = [_question(path, n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise DataError(f"{path} holds no questions", hint=HINT)
    return found


def _question(path: Path, number: int, line: str) -> EvalQuestion:
    try:
        row = loads(line)
        text = row["question"]
        answers = tuple(map(str, row.get("answers") or ()))
        title = row.get("title") or ""
        question = EvalQuestion(text, str(row.get("passage_id") or ""), title, answers)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}:{number}: not a question", hint=HINT) from error
    if not (isinstance(text, str) and isinstance(title, str)):
        raise DataError(f"{path}:{number}: question and title must be strings", hint=HINT)
    if not (question.passage_id or title or answers):
        raise DataError(f"{path}:{number}: nothing tells the right passage", hint=HINT)
    return question


def evaluate(
    index: Index,
    questions: Sequence[EvalQuestion],
    *,
    report: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Ranks of the right passages with the whole search, and by variant under "ablation".

    Latency is that of one question at a time, encoding included.
    """
    variants = {**VARIANTS, **(RERANKED if index.reranker else {})}
    steps = len(questions) * (1 + len(variants))
    vectors, encode_ms = [], []
    for number, question in enumerate(questions, start=1):
        start = time.perf_counter()
        vectors.append(index.encoder.encode([question.text], role="query"))
        encode_ms.append((time.perf_counter() - start) * 1000)
        report(number, steps)
    found = {}
    for place, (name, weights) in enumerate(variants.items(), start=1):
        ranks, times = [], []
        for number, question in enumerate(questions):
            start = time.perf_counter()
            passages = index.search_vectors(
                [question.text], vectors[number], DEPTH, weights=weights, rerank=name in RERANKED
            )
            times.append((time.perf_counter() - start) * 1000 + encode_ms[number])
            ranks.append(_rank(question, passages[0]))
            report(place * len(questions) + number + 1, steps)
        found[name] = {**_hits(ranks), **_latency(times)}
    return {"questions": len(questions), **found[list(variants)[-1]], "ablation": found}


def _rank(question: EvalQuestion, passages: Sequence[Passage]) -> int:
    """Place of the first right passage from 1, or 0."""
    return next((n for n, p in enumerate(passages, start=1) if question.answered_by(p)), 0)


def _hits(ranks: Sequence[int]) -> dict[str, float]:
    found = {f"hit@{k}": sum(0 < r <= k for r in ranks) / len(ranks) for k in (1, 5, 20)}
    found["mrr"] = sum(1 / r for r in ranks if r) / len(ranks)
    return {name: round(value, 4) for name, value in found.items()}


def _latency(times_ms: Sequence[float]) -> dict[str, float]:
    order = sorted(times_ms)
    return {
        "p50_ms": round(order[len(order) // 2], 2),
        "p95_ms": round(order[min(len(order) - 1, int(len(order) * 0.95))], 2),
    }
