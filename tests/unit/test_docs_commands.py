"""Every command of the guides is run: here where it is quick, else in the test that is named.

The model is the scripted engine and the classifier a fixed answer; all else is the program itself.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from realign_local.base.config import Settings
from realign_local.classifier.guess import Guess
from realign_local.cli import realign
from realign_local.engine.backends.scripted import ScriptedEngine, placeholders
from realign_local.engine.request import Engine
from realign_local.run import tools
from realign_local.stages.classification import Label
from tests.documents import GENERATED, PAGES, ROOT, Line, block_commands
from tests.unit.test_gguf import METADATA, write_gguf

RUN_HERE = {"completion", "run", "verify", "export", "models", "criteria", "report", "merge"}
RUN_ELSEWHERE = {
    "bench engine": "unit/test_engine_bench.py",
    "bench index": "unit",
    "bundle": "unit/test_bundle.py",
    "classify": "integration/test_classifier.py",
    "classifier": "unit",
    "doctor": "integration/test_doctor.py",
    "estimate": "unit/test_estimating.py",
    "evaluate": "unit/test_agreement.py",
    "index": "integration/test_index.py",
    "preview": "unit",
    "score": "integration/test_main_job.py",
    "select": "unit/test_select.py",
    "retrieve": "integration",
    "review": "unit",
    "run --server": "integration/test_served.py",
    "run --ray": "integration/test_cluster.py",
}
"""They need a model, an encoder, an index or a browser, and are run by tests that have one."""
SYSTEM = {"make", "pip", ".", "export", "tar", "python3", "unshare", "strace", "xdg-open",
          "realign-env/bin/pip", "CMAKE_ARGS=-DGGML_CUDA=on", "CMAKE_ARGS=-DGGML_VULKAN=on",
          "CMAKE_ARGS=-DGGML_METAL=on", "cp", "RAY_USAGE_STATS_ENABLED=0"}  # fmt: skip
"""What is not ours: installing, compiling, unpacking, looking."""

MEANT = {"IN": "data.jsonl", "RUN": "runs/first", "ANOTHER": "runs/another"}

SHOWN = [line for page in PAGES if page != GENERATED for line in block_commands(page)]
GUIDES = sorted({line.page for line in SHOWN})


class QuickModel(tools.ModelTools):
    """The real tools without a language model."""

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        assert longest_tokens > 0
        with ScriptedEngine(placeholders) as engine:
            yield engine


class QuickTools(tools.LocalTools):
    """The real tools without a language model, an encoder or an index."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.model_copy(update={"index": None}))

    @property
    def classifier_id(self) -> str:
        return "fixed"

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        yield lambda texts: [Guess("open_qa", 0.9) for _ in texts]

    engine = QuickModel.engine


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the guides take for granted."""
    folder = tmp_path_factory.mktemp("reader")
    answer = "Lake {} lies in the north of the country, near the border."
    rows = [{"instruction": f"Where does lake {n} lie?", "output": answer.format(n)} for n in "AB"]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    for name in ("data.jsonl", "original.jsonl", "rewritten.jsonl", "old.jsonl", "new.jsonl"):
        (folder / name).write_text(text, encoding="utf-8")
    for place in ("encoder", "models", "Downloads", "indexes", "runs"):
        (folder / place).mkdir()
    (folder / "encoder/modules.json").write_text("[]", encoding="utf-8")
    write_gguf(folder / "model.gguf", METADATA)
    write_gguf(folder / "small.gguf", METADATA, values=32)
    write_gguf(folder / "large.gguf", METADATA, values=64)
    write_gguf(folder / "Downloads/model.gguf", METADATA, values=96)
    (folder / "realign.toml").write_text('model = "model.gguf"\n', encoding="utf-8")
    shutil.copytree(ROOT / "criteria", folder / "criteria")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_a_page_in_their_order(
    page: Path, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(prepared, tmp_path / "reader")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tools, "LocalTools", QuickTools)
    monkeypatch.setattr(tools, "ModelTools", QuickModel)
    for name, value in {
        "REALIGN_ENCODER": "encoder",
        "REALIGN_MODEL": "model.gguf",
        "REALIGN_CACHE": "cache",
        "HOME": ".",
    }.items():
        monkeypatch.setenv(name, str(folder / value))
    for line in (line for line in SHOWN if line.page == page):
        words = [_filled_in(word, folder) for word in line.words]
        if words[0] == "cp":
            subprocess.run(words, check=True)
        elif (
            words[0] == "realign" and words[1] in RUN_HERE and not {"--server", "--ray"} & {*words}
        ):
            _run(line, words[1:], folder)


def _filled_in(word: str, folder: Path) -> str:
    """A word with the names that stand for a reader's own put in."""
    parts = [MEANT.get(part, part) for part in word.replace("~", str(folder)).split("/")]
    return "/".join(parts)


def _run(line: Line, words: list[str], folder: Path) -> None:
    """Run one command as the guide has it; a run that it takes for granted is made first."""
    runner = CliRunner()
    for word in {*words[1:]} - {words[words.index("-o") + 1] if "-o" in words else ""}:
        run = Path(*Path(word).parts[:2])
        if word.startswith("runs/") and not run.exists():
            made = ["run", "data.jsonl", "-o", str(run), "-m", "model.gguf"]
            assert runner.invoke(realign, made).exit_code == 0
    if "-m" in words:
        named = words[words.index("-m") + 1]
        model = Path(named if named.endswith(".gguf") else f"models/{named}.gguf")
        if not model.is_file():
            shutil.copy(folder / "model.gguf", model)
    result = runner.invoke(realign, words)
    problem = result.exception
    assert problem is None or isinstance(problem, SystemExit), f"{line}: {problem!r}"
    assert result.exit_code == 0, f"{line}: {result.output}"


def test_every_command_is_run_somewhere() -> None:
    for line in SHOWN:
        words = line.words
        if words[0] != "realign":
            assert words[0] in SYSTEM, f"{line}: nobody runs this"
        elif words[1] not in RUN_HERE:
            two = " ".join(words[1:3])
            where = RUN_ELSEWHERE.get(two) or RUN_ELSEWHERE.get(words[1])
            assert where, f"{line}: nobody runs this"
            assert _names(ROOT / "tests" / where, words[1]), f"{where} does not run {words[1]}"


def _names(place: Path, command: str) -> bool:
    files = [place] if place.is_file() else sorted(place.glob("test_*.py"))
    return any(command in file.read_text(encoding="utf-8") for file in files)
