"""The experiment of benchmarks/effect in miniature: a random model of two layers, twenty rows."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft", reason="peft is not installed (the dev extra has it)")

from benchmarks.effect import __main__ as effect
from benchmarks.effect import problems
from benchmarks.effect.tuning import Budget, Example, TrainingFailed, ask, examples, order, tune

TEMPLATE = "{% for turn in messages %}{{ turn['content'] }}\n{% endfor %}"
BUDGET = Budget(epochs=2, batch=8, rate=1e-2, rank=4, most_tokens=400)


@pytest.fixture(autouse=True)
def _their_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights whose tokens are bytes, as a folder of transformers."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("tiny")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {sign: n for n, sign in enumerate([*alphabet, "<end>", "<pad>"])}
    bare = Tokenizer(models.BPE(vocab=words, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bare, eos_token="<end>", pad_token="<pad>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(path)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=1024,
    )
    LlamaForCausalLM(config).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def loaded(folder: Path) -> tuple[Any, Any]:
    from benchmarks.effect.weights import device_of, load

    return load(folder, device_of("cpu"))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [problems.alpaca(row) for row in problems.make("train", 20, seed=0)]


def test_training_learns_leaves_the_model_alone_and_repeats_itself(
    loaded: tuple[Any, Any], rows: list[dict[str, str]]
) -> None:
    model, tokenizer = loaded
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    encoded = examples(tokenizer, rows, BUDGET.most_tokens)
    tuned, told = tune(model, encoded, BUDGET, seed=1)
    assert told["loss_last"] < told["loss_first"] - 0.1
    assert told["steps"] == BUDGET.steps(20) == 6
    assert all(bool((model.state_dict()[n] == w).all()) for n, w in before.items())
    assert {type(module).__module__ for module in tuned.modules()} == {
        type(module).__module__ for module in model.modules()
    }
    again, retold = tune(model, encoded, BUDGET, seed=1)
    clock = {"train_s": 0}
    assert told | clock == retold | clock
    same = zip(tuned.state_dict().values(), again.state_dict().values(), strict=True)
    assert all(bool((one == other).all()) for one, other in same)
    assert tune(model, encoded, BUDGET, seed=2)[1]["loss_last"] != told["loss_last"]


def test_training_that_loses_its_numbers_says_where(
    loaded: tuple[Any, Any], rows: list[dict[str, str]]
) -> None:
    model, tokenizer = loaded
    encoded = examples(tokenizer, rows, BUDGET.most_tokens)
    with pytest.raises(TrainingFailed, match=r"at step \d+, rows \["):
        tune(model, encoded, replace(BUDGET, rate=1e30), seed=1)


def test_only_the_answer_is_learned_and_it_has_an_end(
    loaded: tuple[Any, Any], rows: list[dict[str, str]]
) -> None:
    from benchmarks.effect.tuning import IGNORED, _padded

    _, tokenizer = loaded
    first, *_ = encoded = examples(tokenizer, rows[:2], 4000)
    assert tokenizer.decode(first.answer) == rows[0]["output"] + "<end>"
    assert rows[0]["instruction"] in tokenizer.decode(first.prompt)
    found = _padded(encoded, "cpu")
    learned = found["labels"][0][found["labels"][0] != IGNORED]
    assert tuple(learned.tolist()) == first.answer
    assert int(found["attention_mask"][0].sum()) == len(first.prompt) + len(first.answer)
    long = examples(tokenizer, rows[:1], len(first.prompt) + 5)[0]
    assert long.answer == first.answer[:5]


def test_order_hangs_on_the_seed_alone() -> None:
    batches = order(20, BUDGET, 4)
    assert [len(batch) for batch in batches] == [8, 8, 4] * 2
    assert sorted(place for batch in batches[:3] for place in batch) == list(range(20))
    assert batches == order(20, BUDGET, 4) != order(20, BUDGET, 5)


def test_questions_at_once_are_answered_as_one_by_one(loaded: tuple[Any, Any]) -> None:
    model, tokenizer = loaded
    questions = [{"question": "x" * n} for n in (3, 40, 11)]
    at_once = ask(model, tokenizer, questions, 3, 12)
    assert at_once == [ask(model, tokenizer, [one], 1, 12)[0] for one in questions]
    assert all(0 <= length <= 12 for _, length in at_once)


def test_the_whole_experiment(folder: Path, tmp_path: Path, capsys: Any) -> None:
    problems.main([str(tmp_path), "--rows", "20", "--questions", "4"])
    lines = [json.loads(x) for x in (tmp_path / "train.jsonl").read_text().splitlines()]
    better = [{**row, "output": f"1. {row['output']}"} for row in lines[:5]] + lines[5:]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in better))
    target = tmp_path / "effect.json"
    options = f"""--model {folder} --original {tmp_path}/train.jsonl -o {target} --device cpu
        --rewritten tidy={tmp_path}/new.jsonl --questions {tmp_path}/unseen.jsonl --seeds 2
        --questions {tmp_path}/seen.jsonl --epochs 1 --answer-tokens 4 --batch 10"""
    effect.main(options.split())
    told = json.loads(target.read_text())
    assert [(run["arm"], run["seed"]) for run in told["runs"]] == [
        ("untrained", None), ("original", 0), ("tidy", 0), ("original", 1), ("tidy", 1),
    ]  # fmt: skip
    trained = told["runs"][1:]
    assert {run["steps"] for run in trained} == {2}
    assert trained[1]["learned_tokens"] == trained[0]["learned_tokens"] + 5 * len("1. ")
    assert told["changed_rows"] == {"original": 0, "tidy": 5}
    assert {run["sets"]["seen"]["accuracy"] for run in trained} == {0.0}
    assert [d["questions"] for d in told["differences"]] == ["unseen", "seen"]
    assert "| unseen | tidy | 5 | 2 |" in capsys.readouterr().out


def test_arms_with_other_requests_are_refused() -> None:
    first, second = Example((1,), (2,)), Example((9,), (2,))
    effect._same_requests({"original": [first], "new": [Example((1,), (3,))]})
    with pytest.raises(SystemExit, match="new: its requests"):
        effect._same_requests({"original": [first], "new": [second]})


def test_no_seed_is_begun_for_which_there_is_no_time(folder: Path, tmp_path: Path) -> None:
    problems.main([str(tmp_path), "--rows", "2", "--questions", "1"])
    options = f"""--model {folder} --original {tmp_path}/train.jsonl -o {tmp_path}/out.json
        --rewritten {tmp_path}/train.jsonl --questions {tmp_path}/unseen.jsonl --epochs 1
        --answer-tokens 2 --minutes 0 --without-untrained --device cpu"""
    effect.main(options.split())
    told = json.loads((tmp_path / "out.json").read_text())
    assert [run["arm"] for run in told["runs"]] == ["original", "rewritten"]
    assert told["stopped"].startswith("1 of 3 seeds")
