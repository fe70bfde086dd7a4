"""`realign evaluate --pairs`: labelled pairs read, agreement counted, kept by the model's hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.errors import DataError
from realign_local.cli import realign
from realign_local.engine.request import Completion, Finish, Request
from realign_local.run import agreement, tools
from realign_local.run.agreement import Agreement, agreement_of, keep, measure, read_pairs
from tests.unit.test_gguf import METADATA, write_gguf

ROWS = [
    {"instruction": "Name a river.", "output_1": "Po", "output_2": "A river flows.", "label": 1},
    {"instruction": "Name a lake.", "output_1": "Water.", "output_2": "Como", "label": 2},
    {"instruction": "Name a hill.", "output_1": "Up.", "output_2": "Monte Po", "label": 2},
]


def likes(word: str) -> object:
    """A judge that finds the answer with this word better wherever it stands."""

    def generate(requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            _, _, rest = request.messages[-1].content.partition("Answer A:\n")
            first, _, second = rest.partition("\n\nAnswer B:\n")
            liked = "A" if word in first else "B" if word in second else "?"
            letter = request.answer[0].text  # type: ignore[union-attr]
            score = 0.0 if letter == liked else -3.0
            yield Completion(request.key, (letter,), Finish.STOP, log_probability=score)

    return generate


def written(folder: Path, rows: object = ROWS) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")  # type: ignore[attr-defined]
    return path


def test_agreement_is_counted_over_both_orders(tmp_path: Path) -> None:
    seen: list[int] = []
    found = measure(
        read_pairs(written(tmp_path)),
        likes("Po"),  # type: ignore[arg-type]
        seen=lambda: seen.append(1),
    )
    # The second pair has no such word: a tie, which is no preference.
    assert found == Agreement(3, 2 / 3, 2 / 3, 1.0)
    assert len(seen) == 3


@pytest.mark.parametrize(
    "line",
    ["{}", "[1]", "not json", '{"instruction": "a", "output_1": "b", "output_2": 3, "label": 1}',
     '{"instruction": "a", "output_1": "b", "output_2": "c", "label": 3}'],
)  # fmt: skip
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(f"{json.dumps(ROWS[0])}\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"pairs\.jsonl:2: no labelled pair"):
        read_pairs(path)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_a_file_without_pairs_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "pairs.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match="pairs"):
        read_pairs(path)


@pytest.mark.parametrize(
    ("right", "clear"), [(0.59, False), (0.66, True), (0.5, False), (0.9, True)]
)
def test_only_a_clear_judge_is_asked(right: float, clear: bool) -> None:
    assert Agreement(150, right).is_clear is clear


def test_what_was_measured_wins_over_the_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = tmp_path / "model.gguf"
    write_gguf(model, METADATA)
    assert agreement_of(model) is None
    keep(model, Agreement(40, 0.75, 0.5, 0.8))
    assert agreement_of(model) == Agreement(40, 0.75, 0.5, 0.8)


def test_the_command_prints_and_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = tmp_path / "model.gguf"
    write_gguf(model, METADATA)

    class Quick(tools.ModelTools):
        def engine(self, *, longest_tokens: int) -> object:  # type: ignore[override]
            from contextlib import nullcontext
            from types import SimpleNamespace

            assert longest_tokens > 0
            return nullcontext(SimpleNamespace(generate=likes("Po")))

    monkeypatch.setattr(tools, "ModelTools", Quick)
    arguments = ["evaluate", "--pairs", str(written(tmp_path)), "-m", str(model)]
    told = CliRunner().invoke(realign, arguments, catch_exceptions=False)
    assert "agrees with people in 67% of 3 pairs" in told.output
    assert "too close to chance" in told.output
    found = json.loads(CliRunner().invoke(realign, [*arguments, "--json"]).stdout)
    assert set(found) == {"pairs", "agreement", "consistent", "agreement_consistent"}
    assert agreement.agreement_of(model) is not None
