"""Exports under the code that will read them: Hugging Face datasets, and TRL's preprocessing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.atomic import write_lines
from realign_local.commands import export
from realign_local.commands.export import export_run
from realign_local.run.targets import TARGETS
from tests.unit.test_data_export import ROWS, chat, make_run
from tests.vouched import vouch

datasets = pytest.importorskip("datasets", reason="datasets is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")
"""What these libraries think of their own old names is not this program's business."""

TEMPLATE = (
    "{% for m in messages %}{{ '<' + m['role'] + '> ' + m['content'] + ' </s> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant> ' }}{% endif %}"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with every status, system texts, earlier rounds, thoughts, and turned-down texts."""
    rows = [chat(f"ask {n}", f"say {n} " + "word " * 20) for n in range(60)]
    folder = make_run(
        tmp_path_factory.mktemp("run") / "run", [*rows, *ROWS], rewritten={*range(0, 60, 3), 60, 61}
    )
    proof = folder / "provenance.jsonl"
    lines = [json.loads(line) for line in proof.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if line["status"] == "kept" and line["index"] % 2:
            line |= {"rejected": f"worse: {line['original']} 99", "reason": "number_added"}
    write_lines(proof, map(json.dumps, lines))
    vouch(folder)
    return folder


def _load(path: Path, cache: Path) -> Any:
    """In pieces of a few rows, so that the type of every column is put to the test."""
    return datasets.load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(cache), chunksize=2048
    )


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_loads_without_a_cast_error(
    run: Path, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SEEN_AT_ONCE", 1)
    datasets.disable_progress_bars()
    done = export_run(run, tmp_path / "out.jsonl", target=target)
    for path in done.files:
        if path.suffix == ".jsonl":
            assert len(_load(path, tmp_path / "cache")) == done.records > 20


@pytest.mark.parametrize("target", ["messages", "prompt-completion"])
def test_sft(run: Path, tmp_path: Path, target: str) -> None:
    trl = pytest.importorskip("trl", reason="trl is not installed")
    rows = _load(export_run(run, tmp_path / "o.jsonl", target=target).path, tmp_path / "cache")
    trainer = trl.SFTTrainer(
        _model(), args=trl.SFTConfig(**_arguments(tmp_path)), train_dataset=rows,
        processing_class=_tokenizer(),
    )  # fmt: skip
    first = trainer.train_dataset[0]
    assert _tokenizer().decode(first["input_ids"]).startswith("<user> ask 0")
    batch = next(iter(trainer.get_train_dataloader()))
    assert (batch["labels"] != -100).any()


def test_dpo(run: Path, tmp_path: Path) -> None:
    trl = pytest.importorskip("trl", reason="trl is not installed")
    rows = _load(export_run(run, tmp_path / "o.jsonl", target="dpo").path, tmp_path / "cache")
    assert set(rows["realign_won"]) == {"rewritten", "original"}
    trainer = trl.DPOTrainer(
        _model(), ref_model=_model(), args=trl.DPOConfig(**_arguments(tmp_path)),
        train_dataset=rows, processing_class=_tokenizer(),
    )  # fmt: skip
    assert len(trainer.train_dataset) == len(rows)
    assert next(iter(trainer.get_train_dataloader()))


def test_kto(run: Path, tmp_path: Path) -> None:
    trl = pytest.importorskip("trl", reason="trl is not installed")
    rows = _load(export_run(run, tmp_path / "o.jsonl", target="kto").path, tmp_path / "cache")
    trainer = trl.KTOTrainer(
        _model(), ref_model=_model(), args=trl.KTOConfig(**_arguments(tmp_path)),
        train_dataset=rows, processing_class=_tokenizer(),
    )  # fmt: skip
    assert len(trainer.train_dataset) == len(rows)
    assert next(iter(trainer.get_train_dataloader()))


def _arguments(folder: Path) -> dict[str, Any]:
    return {
        "output_dir": str(folder / "trained"), "report_to": "none", "use_cpu": True, "bf16": False,
        "max_length": 128, "per_device_train_batch_size": 2, "disable_tqdm": True,
    }  # fmt: skip


def _tokenizer() -> Any:
    """Words of the rows, one token each, and a chat template."""
    import tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["<unk>", "<pad>", "</s>", "<user>", "<assistant>", "<system>", "ask", "say", "word"]
    words += ["better:", "worse:", *map(str, range(100))]
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>")
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", pad_token="<pad>", eos_token="</s>"
    )
    fast.chat_template = TEMPLATE
    return fast


def _model() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=128, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, max_position_embeddings=256, pad_token_id=1, eos_token_id=2,
        )
    )  # fmt: skip
