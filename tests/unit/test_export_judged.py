"""Targets with weights and margins: lengths, laws, and what each needs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.progress import Silent
from realign_local.base.records import Passage
from realign_local.commands.export import export_run
from realign_local.commands.export_judged import export_judged, pair_columns
from realign_local.commands.score import of_run, score
from realign_local.engine.request import Completion, Finish, Given, Request
from realign_local.rewriting.scorer import Scorer
from realign_local.run.files.finished import open_finished
from realign_local.run.files.score_cache import ScoreCache
from realign_local.run.preference_targets import (
    JUDGED_TARGETS,
    JudgedTarget,
    JudgedText,
    allo,
    f1_at,
    factalign,
    figa,
    reward_augmented,
    smooth_below,
    spa,
)
from tests.scripted import ScriptedTools, run
from tests.unit.test_pipeline import Told
from tests.vouched import vouch

LEAD: dict[str, Any] = {"prompt": []}
WORDS = st.lists(st.sampled_from(["a", " b", " c", "\n", "."]), min_size=1, max_size=12)


def _tokens(words: Sequence[str], log: float = -0.1) -> tuple[tuple[str, float], ...]:
    return tuple((word, log) for word in words)


def _side(words: Sequence[str], log: float = -0.1) -> JudgedText:
    told = _tokens(words, log)
    return JudgedText("".join(words), plain=told, formed=told, corrected=told, scores={"x": 3.0})


@given(WORDS)
def test_a_rewrite_that_equals_its_original_has_no_weight_and_no_margin(words: list[str]) -> None:
    side = _side(words)
    (record,) = figa(LEAD, side, side)
    assert set(record["output_weights"]) | set(record["original_weights"]) == {0.0}
    (record,) = spa(LEAD, side, side, smooth_below=-math.inf)
    assert (record["margin"], record["confidence"], record["label"]) == (0.0, 0.5, 1.0)


@given(WORDS, WORDS)
def test_weights_and_rewards_have_the_length_of_the_tokens(new: list[str], old: list[str]) -> None:
    (record,) = figa(LEAD, _side(new), _side(old))
    assert len(record["output_weights"]) == len(record["output_tokens"]) == len(new)
    assert len(record["original_weights"]) == len(record["original_tokens"]) == len(old)
    assert "".join(record["output_tokens"]) == record["output"]
    assert all(weight in (0.0, 1.0) for weight in record["output_weights"])
    for record in allo(LEAD, _side(new), _side(old)):
        assert len(record["reward"]) == len(record["ref_prob"]) == len(record["tokens"])
        assert all(0 <= value <= 1 for value in record["reward"])


def test_only_what_the_model_would_say_is_unlearnt() -> None:
    new = _side(["a", " b"])
    (likely,) = figa(LEAD, new, _side(["a", " c"], log=-0.5))
    (unlikely,) = figa(LEAD, new, _side(["a", " c"], log=-0.7))
    assert likely["original_weights"] == [0.0, -1.0]
    assert unlikely["original_weights"] == [0.0, 0.0]
    assert likely["output_weights"] == [0.0, 1.0]


def test_the_tenth_with_the_smallest_margins_is_smoothed() -> None:
    margins = [float(n) for n in range(20)]
    below = smooth_below(margins)
    assert sum(margin < below for margin in margins) == 2
    assert smooth_below([1.0, 2.0]) == -math.inf
    low, high = JudgedText("x", formed=_tokens("x", -9), plain=_tokens("x", -1)), _side(["y"])
    (record,) = spa(LEAD, low, high, smooth_below=0.0)
    assert record["label"] == 0.9
    assert record["margin"] == pytest.approx(-0.8)


def test_a_pair_comes_once_for_each_goal_and_who_meets_it_is_chosen() -> None:
    won = JudgedText("new", scores={"helpfulness": 4.0, "accuracy": 5.0})
    lost = JudgedText("old", scores={"helpfulness": 2.0, "accuracy": 3.0})
    first, second = reward_augmented(LEAD, won, lost)
    assert (first["goal"], first["chosen"], first["rejected"]) == (4.5, "new", "old")
    assert (second["goal"], second["chosen"], second["rejected"]) == (2.5, "old", "new")
    assert "4.5 of 5" in first["system"]


def test_f1_at_k_by_hand() -> None:
    said = ["supported", "supported", "unsupported", "undecided"]
    assert f1_at(said, 4) == pytest.approx(2 * (2 / 3) * 0.5 / (2 / 3 + 0.5))
    assert f1_at(["unsupported"], 1) == 0
    side = JudgedText("x", sentences=("a", "b"), support=("supported", "undecided"))
    record = next(factalign(LEAD, side, side, k=1))
    assert record["sentence_label"] == [True, False]
    assert record["label"] is True


ROWS = [{"instruction": "Name three trees.", "output": "1)Oak.\n2)Ash.\n3)Elm."},
        {"instruction": "Name a tree.", "output": "The oak is a tree."}]  # fmt: skip


def _generate(requests: Iterable[Request]) -> Iterator[Completion]:
    for request in requests:
        (part,) = request.answer
        assert isinstance(part, Given)
        tokens = tuple((character, -0.2) for character in part.text) if part.each else ()
        yield Completion(
            request.key, (part.text,), Finish.STOP, log_probability=-1.0,
            scored_tokens=len(part.text), instead=(-1.0,) * len(part.instead), tokens=tokens,
        )  # fmt: skip


@pytest.mark.parametrize("target", JUDGED_TARGETS)
def test_every_target_of_a_run(tmp_path: Path, target: JudgedTarget) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    tools = ScriptedTools()
    run(source, tmp_path / "run", tools)

    def search(queries: Sequence[str], k: int) -> list[list[Passage]]:
        return [[Passage("1", "Trees", "", "Oak, ash and elm are trees.")][:k] for _ in queries]

    done = export_judged(
        tmp_path / "run", out, target=target, criteria=tools.criteria, generate=_generate,
        score=Scorer(_generate, model="m").scores, search=search, progress=(told := Told()),
    )  # fmt: skip
    assert (told.totals["export"], told.steps["export"]) == (1, 1)
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(records) == done.records == {"figa": 1, "spa": 1}.get(target, 2)
    assert done.rows == 2
    assert done.left_out == {"skipped": 1}
    assert records[0]["prompt"] == [{"role": "user", "content": "Name three trees."}]


def _finished(folder: Path, rows: list[dict[str, str]] = ROWS) -> tuple[Path, ScriptedTools]:
    source, tools = folder / "in.jsonl", ScriptedTools()
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run(source, folder / "run", tools, settings={})
    return folder / "run", tools


def _words(requests: Iterable[Request]) -> Iterator[Completion]:
    """To whom an answer is the more probable the shorter it is, and with a form more than without;
    what has a poplar in it is too long."""
    for request in requests:
        (part,) = request.answer
        assert isinstance(part, Given)
        if "Poplar" in part.text:
            yield Completion(request.key, (), Finish.PROMPT_TOO_LONG)
            continue
        log = -0.1 if len(request.messages) > 1 else -0.2
        tokens = tuple((character, log) for character in part.text)
        yield Completion(request.key, (part.text,), Finish.STOP, tokens=tokens)


def test_dpo_with_a_model_is_plain_dpo_with_what_the_model_thinks_of_it(tmp_path: Path) -> None:
    folder, tools = _finished(tmp_path)
    plain, out = tmp_path / "plain.jsonl", tmp_path / "out.jsonl"
    export_run(folder, plain, target="dpo")
    told = Told()
    found = pair_columns(folder, criteria=tools.criteria, generate=_words, progress=told)
    assert (told.totals["export"], told.steps["export"]) == (1, 1)
    done = export_run(folder, out, target="dpo", columns_of=found)
    (old,), (new,) = (
        [json.loads(x) for x in p.read_text("utf-8").split("\n") if x] for p in (plain, out)
    )
    assert {key: new[key] for key in old} == old
    assert list(new)[len(old) :] == ["margin", "confidence", "label"]
    won, lost = (len(new[side][0]["content"]) for side in ("chosen", "rejected"))
    assert new["margin"] == pytest.approx(0.1 * 0.1 * (won - lost))
    assert (done.records, done.left_out) == (1, {"skipped": 1})
    companion = json.loads(done.files[1].read_text("utf-8").split("\n")[0])
    assert companion["margin"] == new["margin"]


def test_a_pair_that_the_model_cannot_read_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*ROWS, {"instruction": "Name two trees.", "output": "1)Poplar.\n2)Birch."}]
    folder, tools = _finished(tmp_path, rows)
    found = pair_columns(folder, criteria=tools.criteria, generate=_words, progress=Silent())
    done = export_run(folder, tmp_path / "out.jsonl", target="dpo", columns_of=found)
    assert (done.records, done.left_out) == (1, {"skipped": 1, "prompt_too_long": 1})


def test_a_text_is_asked_about_once_where_it_won_against_itself(tmp_path: Path) -> None:
    folder, tools = _finished(tmp_path)
    asked: list[str] = []

    def uneven(requests: Iterable[Request]) -> Iterator[Completion]:
        for number, request in enumerate(requests):
            asked.append(request.key)
            tokens = (("x", -float(number)),)
            yield Completion(request.key, ("x",), Finish.STOP, tokens=tokens)

    path = folder / "provenance.jsonl"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    records[0]["original"] = records[0]["rewritten"]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    vouch(folder)
    found = pair_columns(folder, criteria=tools.criteria, generate=uneven, progress=Silent())
    assert len(asked) == 2
    assert found == {(0, 0): {"margin": 0.0, "confidence": 0.5, "label": 1.0}}


def test_scores_that_are_known_are_not_asked_for_an_export(tmp_path: Path) -> None:
    folder, tools = _finished(tmp_path)
    with ScoreCache(tmp_path / "cache") as known:
        scorer = Scorer(_generate, model="m", known=known)
        score(of_run(open_finished(folder)), scorer, progress=Silent())
        again = Scorer(_words, model="m", known=known)
        done = export_judged(
            folder, tmp_path / "out.jsonl", target="reward-augmented", criteria=tools.criteria,
            score=again.scores, progress=Silent(),
        )  # fmt: skip
    assert again.asked == 0
    assert done.records == 2
