"""The bootstrap on machines with a graphics card, all tools of which are stand-ins."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from realign_local.base.gpu import builds
from scripts import bootstrap
from tests.stand_ins import HOPPER, Tools, bare_machine

CUDA = (
    "-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=native"
    " -DGGML_NATIVE=off -DGGML_CUDA_NO_VMM=on -DGGML_CUDA_NCCL=off"
)
PYTHON = """if [ "$1" = -c ]; then
  case "$2" in *prove_offload*) {proof};; *) {crash};; esac
else
  echo "[$CMAKE_ARGS]$CMAKE_GENERATOR $*" >> {log}
  case "$CMAKE_ARGS$*" in *GGML_CUDA=on*llama-cpp*) {build};; esac
fi
"""
NO_CACHE = "--no-cache-dir --no-binary llama-cpp-python"
ANEW = f"{NO_CACHE} --force-reinstall --no-deps"


class Setup:
    """A checkout whose .venv holds a stand-in for Python, which writes down how pip is called."""

    def __init__(self, tools: Tools, patch: pytest.MonkeyPatch) -> None:
        self.tools, self.venv, self.log = tools, tools.root / "venv", tools.root / "log"
        self.venv.mkdir()
        for name in ("VENV", "RECORD", "STAMP", "BUILD_LOG", "PYTHON"):
            place = getattr(bootstrap, name).relative_to(bootstrap.ROOT / ".venv")
            patch.setattr(bootstrap, name, self.venv / place)
        patch.setattr(bootstrap, "is_gcc", lambda: False)
        patch.delenv("TORCH_INDEX", raising=False)
        self.python()

    def python(self, *, build: str = ":", proof: str = "echo 31 layers", crash: str = ":") -> None:
        """How the build goes, what the proof says, and how the probe ends."""
        self.log.touch()
        script = PYTHON.format(log=self.log, build=build, proof=proof, crash=crash)
        self.tools.add("python", script).rename(_place(bootstrap.PYTHON))

    def run(self, *arguments: str) -> list[str]:
        """The calls of pip that concern llama.cpp, each with the CMAKE_ARGS that it got."""
        self.log.write_text("")
        bootstrap.main(arguments)
        return [
            line.replace("-m pip --disable-pip-version-check ", "").partition(" --constraint")[0]
            for line in self.log.read_text().splitlines()
            if "llama-cpp-python" in line
        ]

    @property
    def record(self) -> dict[str, str]:
        """What is kept for the next call."""
        return dict(json.loads(bootstrap.RECORD.read_text()))


def _place(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    return Setup(bare_machine(tmp_path, monkeypatch), monkeypatch)


PIN = bootstrap.pinned("llama-cpp-python")
NUMPY = bootstrap.pinned("numpy")


def test_without_a_card_nothing_is_new(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.run() == [f"[] install {NUMPY} {PIN}"]
    assert not bootstrap.RECORD.exists()
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if not line.startswith("bootstrap: pip")] == [
        "bootstrap: llama.cpp answers"
    ]
    assert setup.run("--if-needed") == []
    assert capsys.readouterr().err == ""


def test_a_card_and_a_compiler(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.tools.version("ninja", "1.11")
    assert setup.run() == [f"[{CUDA}]Ninja install {ANEW} {PIN}"]
    assert setup.record == {"wanted": f"CUDA: {CUDA}", "built": "CUDA"}
    assert "answers on the graphics card: 31 layers" in capsys.readouterr().err
    assert setup.run("--if-needed") == [], "it fits"
    assert setup.run() == [f"[{CUDA}]Ninja install {NO_CACHE} {PIN}"], "pip leaves what is there"


def test_a_card_that_came_later(setup: Setup) -> None:
    setup.run()
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    assert setup.run("--if-needed") == [f"[{CUDA}] install {ANEW} {PIN}"], "and nothing else"
    assert setup.run("--if-needed") == []


def test_a_card_that_is_refused_later(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """No build for CUDA out of pip's cache either."""
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.run()
    monkeypatch.setenv("REALIGN_CPU", "1")
    assert setup.run("--if-needed") == [f"[] install {ANEW} {PIN}"]
    assert setup.record == {"wanted": "", "built": ""}
    assert setup.run("--if-needed") == []


def test_a_card_that_is_refused_at_once(setup: Setup) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    assert setup.run("--cpu") == [f"[] install {NO_CACHE} {NUMPY} {PIN}"]
    assert not bootstrap.RECORD.exists()


def test_a_build_that_fails(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.python(build="echo nvcc fatal; exit 1")
    assert setup.run() == [
        f"[{CUDA}] install {ANEW} {PIN}",
        f"[] install {NUMPY} {PIN}",
    ]
    said = capsys.readouterr().err
    assert "the build for CUDA failed, going on with one for the CPU" in said
    assert f"why is at the end of {bootstrap.BUILD_LOG}" in said
    assert "nvcc fatal" in bootstrap.BUILD_LOG.read_text()
    assert setup.record == {"wanted": f"CUDA: {CUDA}", "built": ""}
    assert setup.run("--if-needed") == [], "not at every make"
    setup.python()
    assert setup.run("--llama") == [f"[{CUDA}] install {ANEW} {PIN}"], "tried again when asked to"


def test_a_driver_that_refuses_the_build(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.python(proof="echo 'a.b.EngineError: driver version is insufficient' >&2; exit 1")
    setup.run()
    said = capsys.readouterr().err
    assert "built for a graphics card and does not use it: driver version is insufficient" in said


def test_a_card_and_no_compiler(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builds.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(builds.sys, "platform", "linux")
    setup.tools.nvidia(HOPPER, cuda="12.4")
    assert setup.run() == [f"[] install {NUMPY} {PIN}"]
    said = capsys.readouterr().err
    assert "NVIDIA H100 80GB HBM3 is there, but no CUDA compiler (nvcc)" in said
    assert f"{bootstrap.PYTHON} -m pip install --force-reinstall" in said
    assert f"{PIN} " in said
    assert "https://abetlen.github.io/llama-cpp-python/whl/cu124" in said
    assert setup.run("--if-needed") == []


def test_neither_compiler_nor_wheel(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builds.platform, "machine", lambda: "aarch64")
    setup.tools.nvidia(HOPPER)
    setup.run()
    assert "install NVIDIA's CUDA toolkit, then: python3 scripts/boo" in capsys.readouterr().err
    setup.tools.add("nvidia-smi", "echo NVIDIA-SMI has failed because; exit 9")
    setup.run()
    said = capsys.readouterr().err
    assert "NVIDIA-SMI has failed because: llama.cpp is built for the CPU alone" in said
    assert "mend its driver" in said


@pytest.mark.parametrize(
    "words", ["ModuleNotFoundError: No module named 'psutil'", "a.b.AssetError: no model was named"]
)
def test_what_cannot_be_tried_is_no_crash(
    setup: Setup, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    untried = f'echo "{words}" >&2; exit 1'
    setup.python(crash=untried, proof=untried)
    assert len(setup.run("--llama")) == 1
    said = capsys.readouterr().err
    assert f"llama.cpp is installed, but was not tried: {words}" in said
    assert len(setup.run("--llama", "--cpu")) == 1
    assert "crashed" not in capsys.readouterr().err


def test_what_works_on_the_card_stays(setup: Setup) -> None:
    """A crash on the CPU, with its extra buffers, is worked around where it matters."""
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.python(crash="echo ended by SIGSEGV")
    assert len(setup.run()) == 1
    assert setup.record["built"] == "CUDA"


def test_what_works_nowhere_gives_way(setup: Setup) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    setup.python(proof="exit 1", crash="echo ended by SIGILL")
    assert setup.run()[1:] == [f"[] install {ANEW} {PIN}"]
    assert setup.record == {"wanted": f"CUDA: {CUDA}", "built": ""}


def test_the_users_own_backend(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built as asked, without a card too, as in an image; and no other build takes its place."""
    own = "-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=86"
    monkeypatch.setenv("CMAKE_ARGS", own)
    assert setup.run() == [f"[{own}] install {ANEW} {PIN}"]
    assert setup.record["wanted"] == f"your CMAKE_ARGS: {own}"
    bootstrap.RECORD.unlink()
    setup.python(build="exit 1")
    with pytest.raises(SystemExit, match="pip failed"):
        setup.run()


def test_the_arguments_for_a_script(
    setup: Setup, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.tools.nvidia(HOPPER)
    setup.tools.nvcc("13.0")
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_AVX512=on")
    bootstrap.main(["--print-cmake-args"])
    assert capsys.readouterr().out == f"-DGGML_AVX512=on {CUDA}\n"
    bootstrap.main(["--print-cmake-args", "--cpu"])
    assert capsys.readouterr().out == "-DGGML_AVX512=on\n"
    assert setup.log.read_text() == ""


def test_a_torn_record_is_none(setup: Setup) -> None:
    for text in ("", "[]", '{"wanted": "CUDA"}', "\x00"):
        bootstrap.RECORD.write_text(text)
        assert bootstrap.read_record() == {"wanted": "", "built": ""}
    assert setup.venv.is_dir()
    assert "REALIGN_CPU" not in os.environ
