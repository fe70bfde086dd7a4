"""`realign run --server` as a user starts it, against a server that stands in for a real one."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from realign_local.base.config import load_settings
from realign_local.base.errors import UsageError
from realign_local.commands.doctor import Wanted, diagnose
from realign_local.commands.run import rewrite_dataset
from realign_local.run.models.served import ServedTools
from realign_local.run.tidying import make_tools
from tests.integration.test_main_job import realign
from tests.stand_in_server import LLAMA, StandIn

pytestmark = pytest.mark.usefixtures("demo_assets")
KEY = "sk-do-not-tell-0123456789"
ROWS = [
    {
        "instruction": f"Which river flows through the town of Nord{n}?",
        "output": f"the Elbe{n}",
        "category": "open_qa",
    }
    for n in range(12)
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _says_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy answers a bare answer with the sentence that the operation hopes for."""
    from tests import stand_in_server

    plain = stand_in_server.says

    def says(messages: list[dict[str, str]]) -> str:
        found = re.search(r"the town of (\w+)\?\nAnswer: the (\w+)", messages[-1]["content"])
        if found:
            return f"The {found[2]} flows through the town of {found[1]}."
        return plain(messages)

    monkeypatch.setattr(stand_in_server, "says", says)


def all_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_run_asks_the_server_and_goes_on_at_another_port(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALIGN_SERVER_KEY", KEY)
    run = tmp_path / "run"
    with StandIn(key=KEY) as server:
        done = realign("run", str(source), "-o", str(run), "--server", server.url)
        assert done.returncode == 0, done.stderr
        assert "toy at" in done.stderr
        assert len(asked_by(server)) == len(ROWS)
        settings = (run / "run.toml").read_text(encoding="utf-8")
        assert f'server = [\n    "{server.url}",\n]' in settings
        assert 'server_model = "toy"' in settings
        assert "sent_to = []" in settings
        assert "continues an answer, tells probabilities, scores texts" in settings
    stats = json.loads((run / "stats.json").read_text(encoding="utf-8"))
    assert stats["status"]["rewritten"] == len(ROWS)
    assert stats["servers"] == {server.url: len(ROWS)}
    first = (run / "output.jsonl").read_bytes()
    assert b"The Elbe3 flows through the town of Nord3." in first
    with StandIn(key=KEY) as other:
        again = realign("run", str(source), "-o", str(run), "--server", f"{other.url}/v1")
        assert again.returncode == 0, again.stderr
        assert asked_by(other) == []
    assert (run / "output.jsonl").read_bytes() == first
    with StandIn(key=KEY, meta={"n_params": 9}) as bigger:
        third = realign("run", str(source), "-o", str(run), "--server", bigger.url)
        assert third.returncode == 0, third.stderr
        assert len(asked_by(bigger)) == len(ROWS), "another model makes results of its own"
    assert KEY.encode() not in all_files(run)
    assert KEY not in done.stdout + done.stderr + again.stderr + third.stderr


def test_a_server_here_gives_no_word_of_data_that_left(source: Path, tmp_path: Path) -> None:
    with StandIn() as server:
        settings = load_settings(flags={"server": [server.url]})
        rewrite_dataset(source, tmp_path / "run", settings)
    for name in ("README.md", "report.html"):
        assert "left the machine" not in (tmp_path / "run" / name).read_text(encoding="utf-8")
    assert "behind a server" in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")


def test_another_host_is_told_everywhere(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of this machine that is not a loopback address stands for another one."""
    monkeypatch.setattr(
        "realign_local.engine.remote.address.ServerAddress.is_loopback", property(lambda _: False)
    )
    with StandIn() as server:
        settings = load_settings(flags={"server": [server.url]})
        tools = make_tools(settings)
        assert any("leave this machine, to 127.0.0.1" in line for line in tools.warnings)
        assert any("not encrypted" in line for line in tools.warnings)
        rewrite_dataset(source, tmp_path / "run", settings)
    for name in ("README.md", "report.html"):
        assert "left the machine of the run" in (tmp_path / "run" / name).read_text("utf-8")
    assert 'sent_to = [\n    "127.0.0.1",\n]' in (tmp_path / "run" / "run.toml").read_text("utf-8")


def test_what_a_server_cannot_carry_is_off_and_said() -> None:
    with StandIn(frozenset()) as server:
        tools = make_tools(load_settings(flags={"server": [server.url], "mode": "auto"}))
        assert isinstance(tools, ServedTools)
        assert [line.split(":")[0] for line in tools.warnings] == [
            "proofread is off",
            "free is off",
        ]
        assert tools.resolved.operations == {"proofread": False, "free": False}
        assert tools.distrust == "the server tells no probabilities"
        for flags, words in (
            ({"mode": "free"}, "which --mode free needs"),
            ({"min_score": 3.0}, "which a score needs"),
            ({"classifier": "llm"}, "which --classifier llm needs"),
            ({"model": "m.gguf"}, "exclude each other"),
        ):
            with pytest.raises(UsageError, match=words):
                make_tools(load_settings(flags={"server": [server.url], **flags}))
    with StandIn(LLAMA - {"tokens"}) as server:
        tools = make_tools(load_settings(flags={"server": [server.url], "mode": "free"}))
        assert tools.warnings == ()


def test_settings_of_a_model_of_this_machine_are_said_to_be_of_no_use() -> None:
    flags = {"gpu_layers": 20, "kv_type": "q8_0", "threads": 2, "parallel": 3}
    with StandIn() as server:
        notes = make_tools(load_settings(flags={"server": [server.url], **flags})).notes
        assert len(make_tools(load_settings(flags={"server": [server.url]})).notes) == 1
    assert [line.partition(":")[0] for line in notes[1:]] == [
        "--gpu-layers 20 is not heeded",
        "--kv-type q8_0 is not heeded",
        "--threads 2 is heeded by the encoder alone",
    ]


def test_a_flag_takes_the_place_of_what_a_file_names(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('model = "m.gguf"\n', encoding="utf-8")
    named = {"REALIGN_MODEL": "n.gguf"}
    assert load_settings(file, environment=named, flags={"server": ["a"]}).model is None
    file.write_text('server = ["http://a"]\n', encoding="utf-8")
    assert load_settings(file, environment={}, flags={"model": "m.gguf"}).server is None
    assert load_settings(file, environment={}).server == ["http://a"]


def test_tidying_asks_no_server(source: Path, tmp_path: Path) -> None:
    settings = load_settings(flags={"server": ["http://127.0.0.1:9"], "mode": "tidy"})
    rewrite_dataset(source, tmp_path / "run", settings)
    assert "server =" not in (tmp_path / "run" / "run.toml").read_text(encoding="utf-8")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sitecustomize guards sockets")
def test_a_run_connects_to_the_named_address_alone(source: Path, tmp_path: Path) -> None:
    """No name is looked up, no proxy taken, no other address tried."""
    guard = tmp_path / "guard"
    guard.mkdir()
    with StandIn() as server:
        (guard / "sitecustomize.py").write_text(GUARD.format(port=server.port), encoding="utf-8")
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(guard), os.environ.get("PYTHONPATH", "")]),
            "HTTP_PROXY": "http://127.0.0.1:9",
            "ALL_PROXY": "http://127.0.0.1:9",
        }
        done = realign(
            "run", str(source), "-o", str(tmp_path / "run"), "--server", server.url, env=env
        )
        assert done.returncode == 0, done.stderr
        assert len(asked_by(server)) == len(ROWS)


GUARD = """
import socket
plain = socket.socket.connect
def connect(self, address):
    assert self.family == socket.AF_UNIX or address == ("127.0.0.1", {port}), address
    return plain(self, address)
socket.socket.connect = connect
"""


def test_a_server_that_is_away_is_one_line(source: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = realign("run", str(source), "-o", str(tmp_path / "r"), "--server", f"127.0.0.1:{port}")
    assert done.returncode == 4
    assert f"no answer from http://127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_run_that_is_stopped_asks_for_no_finished_row_again(
    source: Path, tmp_path: Path, number: int, code: int
) -> None:
    """Rows that were in flight may be asked for twice; those that were filed never."""
    run = tmp_path / "run"
    with StandIn(seconds=0.2) as server:
        options = ["--server", server.url, "--parallel", "2"]
        command = [sys.executable, "-m", "realign_local", "run", str(source), "-o", str(run)]
        child = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 120
        while len(asked_by(server)) < len(ROWS) // 2 and time.monotonic() < limit:
            time.sleep(0.02)
        child.send_signal(number)
        assert child.wait(30) == code
        asked, filed = len(asked_by(server)), filed_in(run)
        done = realign("run", str(source), "-o", str(run), *options)
        assert done.returncode == 0, done.stderr
        times = Counter(asked_by(server))
    stats = json.loads((run / "stats.json").read_text(encoding="utf-8"))
    assert stats["status"]["rewritten"] == len(ROWS)
    assert stats["generated_twice"] == 0
    assert len(times) == len(ROWS)
    assert sum(times.values()) - asked == len(ROWS) - filed < len(ROWS)


def filed_in(run: Path) -> int:
    """How many rewritten rows the journal holds."""
    with closing(sqlite3.connect(run / "journal.sqlite")) as db:
        (count,) = db.execute("select count(*) from results where stage='rewrite'").fetchone()
    return int(count)


def asked_by(server: StandIn) -> list[str]:
    """The rows that a server was asked about."""
    return [text for text in server.asked if "town of" in text]


def test_the_doctor_says_what_a_server_can_do() -> None:
    with StandIn() as server:
        found = diagnose(Wanted(server=(server.url,)))
    named = {finding.name: finding for finding in found}
    assert "continues an answer" in named["server"].detail
    assert "model" not in named
    assert "llama.cpp" not in named
    gone = {finding.name: finding for finding in diagnose(Wanted(server=(server.url,)))}["server"]
    assert (gone.ok, "no answer" in gone.detail) == (False, True)
