"""Encoders with gaps, manifests with gaps, indexes that may only be read, folders full of traps."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from realign_local.base.errors import AssetError
from realign_local.commands.doctor import Wanted, _encoder, _guarded
from realign_local.evidence import manifest
from realign_local.evidence.building.pipeline import BuildPlan, build_index
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.evidence.search import open_index
from tests.dumped import DIM, WORDS, static_encoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static one of ten words."""
    return static_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    """A BERT of two small layers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    base = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(WORDS), intermediate_size=16, **shape)
    BertModel(config).save_pretrained(str(base))
    special = dict.fromkeys(["pad_token", "unk_token", "cls_token", "sep_token"], "[UNK]")
    tokens = PreTrainedTokenizerFast(tokenizer_file=str(encoder / "tokenizer.json"), **special)
    tokens.save_pretrained(str(base))
    folder = tmp_path_factory.mktemp("transformer")
    module = Transformer(str(base))
    pooled = Pooling(16)
    SentenceTransformer(modules=[module, pooled], device="cpu").save(str(folder))
    return folder


def weights_of(folder: Path) -> Path:
    return next(folder.rglob("model.safetensors"))


def without_a_layer(folder: Path) -> None:
    path = weights_of(folder)
    kept = {name: t for name, t in load_file(str(path)).items() if "layer.1." not in name}
    save_file(kept, str(path), {"format": "pt"})


def without_one_bias(folder: Path) -> None:
    path = weights_of(folder)
    kept = load_file(str(path))
    del kept[next(name for name in kept if name.endswith("layer.0.output.dense.bias"))]
    save_file(kept, str(path), {"format": "pt"})


def with_more_layers(folder: Path) -> None:
    path = weights_of(folder).with_name("config.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 4}))


@pytest.mark.parametrize("harm", [without_a_layer, without_one_bias, with_more_layers])
def test_an_encoder_with_gaps_is_refused_by_all(
    transformer: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(transformer, folder)
    assert Encoder(folder).dim == 16
    harm(folder)
    with pytest.raises(AssetError, match=r"lacks \d+ of the weights .* such as .*layer"):
        Encoder(folder)
    for file in weights_of(folder).parent.iterdir():  # the doctor wants config.json at the top
        if not (folder / file.name).exists():
            shutil.copy(file, folder)
    finding = _guarded("encoder", lambda: _encoder(Wanted(encoder=str(folder))))
    assert not finding.ok
    assert "lacks" in finding.detail
    source = tmp_path / "rows.jsonl"
    source.write_text('{"title": "a", "text": "the lake"}\n')
    with pytest.raises(AssetError, match="lacks"):
        build_index(BuildPlan((source,), tmp_path / "index", folder))
    assert not (tmp_path / "index").exists()


def test_a_pooler_that_nobody_reads_may_be_missing(transformer: Path, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(transformer, folder)
    kept = {k: t for k, t in load_file(str(weights_of(folder))).items() if "pooler" not in k}
    save_file(kept, str(weights_of(folder)), {"format": "pt"})
    both = [Encoder(path).encode(["the old bridge"]) for path in (transformer, folder)]
    assert np.allclose(*both, atol=1e-6)


def test_a_static_encoder_with_fewer_vectors_than_words_is_refused(
    encoder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(encoder, folder)
    save_file({"embeddings": np.ones((3, DIM), np.float32)}, str(folder / "model.safetensors"))
    with pytest.raises(AssetError, match="3 vectors for the 10 words"):
        Encoder(folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    base = tmp_path_factory.mktemp("built")
    rows = [{"id": w, "title": w, "text": f"the {w} is old"} for w in ("lake", "bridge", "tower")]
    (base / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    build_index(BuildPlan((base / "rows.jsonl",), base / "index", encoder))
    return base / "index"


def listing(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*")}


def test_searching_writes_nothing_and_others_may_read(built: Path, encoder: Path) -> None:
    before = listing(built)
    for path in built.rglob("*"):
        wanted = 0o555 if path.is_dir() else 0o444
        readable = path.stat().st_mode & wanted & ~_umask()
        assert readable == wanted & ~_umask(), path
        path.chmod(wanted)
    built.chmod(0o555)
    index = open_index(built, encoder=encoder)
    assert index.search(["tower"], 1)[0][0].passage_id == "tower"
    index.close()
    for path in (built, *(p for p in built.rglob("*") if p.is_dir())):
        path.chmod(0o755)
    assert listing(built) == before


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(
    "forgotten",
    ["passages.sqlite", "dense/index.faiss", "vectors/part-00000.npy", "lexical/meta.json", "all"],
)
def test_a_file_that_the_manifest_does_not_name_is_not_read(
    built: Path, encoder: Path, tmp_path: Path, forgotten: str
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built, folder)
    told = json.loads((folder / manifest.NAME).read_text())
    told["files"] = {k: v for k, v in told["files"].items() if forgotten not in (k, "all")}
    del told[manifest.SELF]  # as somebody would who knows of it
    (folder / manifest.NAME).write_text(json.dumps(told))
    with pytest.raises(AssetError, match="says nothing of"):
        open_index(folder, encoder=encoder)
    with pytest.raises(AssetError, match="says nothing of"):
        manifest.check_sizes(folder, manifest.read_manifest(folder))


def test_a_file_that_came_later_is_not_read(built: Path, encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built, folder)
    (folder / "lexical" / "0123.term").write_bytes(b"x")
    with pytest.raises(AssetError, match=r"says nothing of lexical/0123\.term"):
        open_index(folder, encoder=encoder)


TRAPS = (
    "pickle", "socket", "multiprocessing", "json", "struct", "threading", "signal", "numpy",
    "tokenizers", "_sitebuiltins", "mwparserfromhell", "faiss", "selectors", "weakref",
)  # fmt: skip
PROGRAM = "import sys; sys.path.pop(0); from realign_local.cli import main; main()"
CONTESTANT = """
import sys; sys.path.pop(0)
from pathlib import Path
from realign_local.engine.bench import speed
from realign_local.engine.bench.baselines import Setup
if __name__ == "__main__":
    entered = speed._enter("none", Setup(Path("none"), None, ()))
    entered.process.join(60)
"""


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A folder of files that are called like modules, and tell when they are run."""
    folder = tmp_path / "trapped"
    folder.mkdir()
    for name in TRAPS:
        said = tmp_path / f"{name} was run"
        (folder / f"{name}.py").write_text(f"open({str(said)!r}, 'w').close()\n")
    return folder


def run_there(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert not list(folder.parent.glob("* was run")), done.stderr
    return done


def test_a_build_runs_nothing_of_the_current_folder(
    trapped: Path, encoder: Path, tmp_path: Path
) -> None:
    text = f"<revision><text>{'The old bridge is of stone. ' * 200}</text></revision>"
    page = f"<page><title>T{{0}}</title><ns>0</ns><id>{{0}}</id>{text}</page>"
    pages = "".join(map(page.format, range(200)))
    (trapped / "dump.xml").write_text(f"<mediawiki>{pages}</mediawiki>")
    options = ["--jobs", "2", "--encoder", str(encoder), "--json"]
    done = run_there(
        trapped, "-c", PROGRAM, "index", "build", "dump.xml", "-o", str(tmp_path / "ix"), *options
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pages"] == 200


def test_a_search_benchmark_runs_nothing_of_the_current_folder(trapped: Path) -> None:
    script = trapped.parent / "measure.py"
    script.write_text(
        "import sys; sys.path.pop(0)\n"
        "from realign_local.evidence.building.timings import _search\n"
        "if __name__ == '__main__':\n    print(_search(200, 8)['passages'])\n"
    )
    assert run_there(trapped, str(script)).stdout == "200\n"


def test_a_baseline_runs_nothing_of_the_current_folder(trapped: Path) -> None:
    script = trapped.parent / "contest.py"
    script.write_text(CONTESTANT)
    assert run_there(trapped, str(script)).returncode == 0
