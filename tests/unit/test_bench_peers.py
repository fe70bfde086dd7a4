"""The benchmark's peers: who is missing is named, and who is there is asked, with stand-ins."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from realign_local.engine.bench import peers
from realign_local.engine.bench.baselines import (
    LLAMA_SERVER,
    OPENVINO,
    PEERS,
    XLLAMACPP,
    Asked,
    Report,
    Setup,
)
from realign_local.engine.bench.peers import asked_of_peers, left_out, peer_turn
from realign_local.engine.bench.speed import ENGINE, _Baseline, _count_unlike_plain
from realign_local.engine.capacity import Capacity
from realign_local.engine.request import Given, Message, Request, Span

MODEL = Path("model.gguf")
ROOM = Capacity(512, 4, 512, 512, 1)
ROWS = tuple(Asked(str(n), f"row {n}", 30, ("END",)) for n in range(40))
HEARD = {row.key: f"heard: {row.prompt}" for row in ROWS}

SERVER = """
import http.server, json, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        assert self.path == "/v1/completions"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert (body["max_tokens"], body["stop"], body["temperature"]) == (30, ["END"], 0)
        self.send_response({status}); self.end_headers()
        choice = {{"text": "heard: " + body["prompt"]}}
        self.wfile.write(json.dumps({{"choices": [choice]}}).encode())
    def log_message(self, *_): pass
def serve(port):
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer)
"""
PROGRAM = """
port = int(sys.argv[sys.argv.index("--port") + 1])
assert sys.argv[sys.argv.index("--spec-type") + 1] == "ngram-mod" and "-kvu" in sys.argv
serve(port).serve_forever()
"""
XLLAMACPP_MODULE = """
import threading, types
common_speculative_type = types.SimpleNamespace(COMMON_SPECULATIVE_TYPE_NGRAM_MOD="guesses")
class CommonParams:
    def __init__(self):
        for name in ("model", "cpuparams", "cpuparams_batch", "speculative"):
            setattr(self, name, types.SimpleNamespace())
class Server:
    def __init__(self, given):
        assert given.model.path == "model.gguf" and given.hostnames == ["127.0.0.1"]
        assert (given.n_parallel, given.kv_unified, given.n_gpu_layers) == (16, True, 0)
        assert given.cpuparams.n_threads == given.cpuparams_batch.n_threads == 1
        assert given.speculative.types == ["guesses"]
        threading.Thread(target=serve(given.port).serve_forever, daemon=True).start()
"""
OPENVINO_MODULE = """
import types
try:
    import openvino_telemetry
except ImportError:
    pass
else:
    raise AssertionError("it would call home")
class SchedulerConfig: pass
class Handle:
    def __init__(self, prompt, config):
        assert config.eos_token_id == 7 and config.stop_strings == {"END"}
        self.prompt, self.left = prompt, 3
    def get_status(self):
        done = "IGNORED" if self.prompt == "too long" else "FINISHED"
        return "GenerationStatus." + ("RUNNING" if self.left else done)
    def read_all(self):
        return [types.SimpleNamespace(generated_ids=list(f"heard: {self.prompt}END and more"))]
class Tokenizer:
    def get_eos_token_id(self): return 7
    def decode(self, ids): return "".join(ids)
class Config:
    eos_token_id = -1
    def set_eos_token_id(self, token): self.eos_token_id = token
class ContinuousBatchingPipeline:
    def __init__(self, model, plan, device, properties):
        if model.endswith("refused.gguf"):
            raise RuntimeError("Check failed at file:84:\\nno such type of tensor\\n")
        assert plan.enable_prefix_caching and plan.max_num_seqs == 16
        assert properties == {"INFERENCE_NUM_THREADS": 1, "prompt_lookup": True}
        self.handles = []
    def get_config(self): return Config()
    def get_tokenizer(self): return Tokenizer()
    def add_request(self, number, prompt, config):
        assert len([one for one in self.handles if one.left]) < 16
        self.handles.append(Handle(prompt, config))
        return self.handles[-1]
    def step(self):
        for one in self.handles: one.left = max(0, one.left - 1)
        if self.handles[-1].prompt == "breaks": raise RuntimeError("out of blocks")
"""

NAMES = (*peers.MODULES.values(), "openvino_telemetry")


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which modules are found, here and in child processes."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "openvino_telemetry.py").touch()
    known = dict(sys.modules)
    for module in NAMES:
        sys.modules.pop(module, None)
    yield tmp_path
    for module in NAMES:
        sys.modules.pop(module, None)
    sys.modules.update({module: known[module] for module in NAMES if module in known})


def _program(folder: Path, text: str) -> Path:
    program = folder / "llama-server"
    program.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    program.chmod(0o755)
    return program


def _ask_all(name: str, setup: Setup) -> Report:
    with ExitStack() as stack:
        turn = peer_turn(name, setup, stack)
        report = turn(0.01)
        while not report["finished"]:
            report = turn(0.2)
        return report


def test_peers_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda _module: None)
    assert set(left_out(None)) == set(PEERS)
    assert left_out(Path("llama-server")) == {XLLAMACPP: "not installed", OPENVINO: "not installed"}


def test_a_module_that_is_there_takes_part(modules: Path) -> None:
    (modules / "xllamacpp.py").touch()
    (modules / "openvino_genai.py").touch()
    assert set(left_out(None)) == {LLAMA_SERVER}


@pytest.mark.skipif(sys.platform == "win32", reason="scripts with #! are no programs there")
def test_a_server_works_in_turns_and_answers_every_row(tmp_path: Path) -> None:
    program = _program(tmp_path, SERVER.format(status=200) + PROGRAM)
    report = _ask_all(LLAMA_SERVER, Setup(MODEL, ROOM, (), ROWS, server=program))
    assert (report["rows"], report["of"]) == (40, 40)
    assert report["texts"] == HEARD
    assert "absent" not in report


@pytest.mark.skipif(sys.platform == "win32", reason="scripts with #! are no programs there")
@pytest.mark.parametrize("is_refused", [True, False])
def test_a_server_that_fails_is_left_out_by_name(tmp_path: Path, is_refused: bool) -> None:
    text = SERVER.format(status=500) + PROGRAM if is_refused else "raise SystemExit(3)\n"
    report = _ask_all(LLAMA_SERVER, Setup(MODEL, ROOM, (), ROWS, server=_program(tmp_path, text)))
    assert ("500" if is_refused else "code 3") in report["absent"]


def test_the_server_in_a_wheel_answers_every_row(modules: Path) -> None:
    text = SERVER.format(status=200) + XLLAMACPP_MODULE
    (modules / "xllamacpp.py").write_text(text, encoding="utf-8")
    report = _ask_all(XLLAMACPP, Setup(MODEL, ROOM, (), ROWS))
    assert report["texts"] == HEARD
    assert report["peak_rss_mb"] > 0
    assert report["cpu_s"] >= 0


def test_a_wheel_that_does_not_work_is_left_out_by_name(modules: Path) -> None:
    (modules / "xllamacpp.py").write_text("raise ImportError('no AVX2')\n", encoding="utf-8")
    assert "code 1" in _ask_all(XLLAMACPP, Setup(MODEL, ROOM, (), ROWS))["absent"]


def test_openvino_is_stepped_until_every_row_is_there(modules: Path) -> None:
    (modules / "openvino_genai.py").write_text(OPENVINO_MODULE, encoding="utf-8")
    assert _ask_all(OPENVINO, Setup(MODEL, ROOM, (), ROWS))["texts"] == HEARD


def test_what_openvino_refuses_is_left_out_by_name(modules: Path) -> None:
    (modules / "openvino_genai.py").write_text(OPENVINO_MODULE, encoding="utf-8")
    report = _ask_all(OPENVINO, Setup(Path("refused.gguf"), ROOM, (), ROWS))
    assert report["absent"] == "it refuses refused.gguf: no such type of tensor"
    other = Setup(Path("refused.gguf"), ROOM, (), ROWS, openvino_model=Path("folder"))
    assert _ask_all(OPENVINO, other)["texts"] == HEARD
    for prompt, why in (("breaks", "it fails: out of blocks"), ("too long", "it leaves rows out")):
        row = Asked("k", prompt, 30, ("END",))
        assert _ask_all(OPENVINO, Setup(MODEL, ROOM, (), (row,)))["absent"] == why


def test_a_module_that_cannot_be_imported_is_left_out_by_name(modules: Path) -> None:
    (modules / "openvino_genai.py").write_text("import no_such_library\n", encoding="utf-8")
    report = _ask_all(OPENVINO, Setup(MODEL, ROOM, (), ROWS))
    assert "no_such_library" in report["absent"]


class _DeadPipe:
    def send(self, _turn_s: float) -> None:
        raise BrokenPipeError


def test_a_peer_whose_process_dies_ends_no_measurement() -> None:
    peer = _Baseline(OPENVINO, None, _DeadPipe(), {})  # type: ignore[arg-type]
    peer.take_turn(1.0)
    assert peer.finished
    assert peer.report["absent"] == "its process died"


@pytest.mark.parametrize(("opens", "start"), [(True, ""), (False, "<s>")])
def test_peers_get_the_models_own_form_of_a_chat(
    monkeypatch: pytest.MonkeyPatch, opens: bool, start: str
) -> None:
    template = (
        "{{ bos_token }}{% for one in messages %}[{{ one.role }}]{{ one.content }}"
        "{{ eos_token }}{% endfor %}[assistant]"
    )
    facts = {"template": template, "bos": "<s>", "eos": "</s>", "opens": opens}
    monkeypatch.setattr(peers, "ask_llama", lambda *_: facts)
    request = Request("k", (Message("user", "hi"),), (Span(30, stop=("\n",)),))
    prompt = f"{start}[user]hi</s>[assistant]"
    assert asked_of_peers(MODEL, [request]) == (Asked("k", prompt, 30, ("\n",)),)


def test_texts_are_compared_with_the_plain_loops_where_both_are_unguided() -> None:
    reports: dict[str, Report] = {
        "baseline": {"texts": {"a": "x", "b": "y", "guided": "-"}},
        XLLAMACPP: {"texts": {"a": "x", "b": "z", "guided": "+"}},
        ENGINE: {"texts": {"a": "x", "guided": "+"}},
    }
    _count_unlike_plain(reports, {"a", "b"})
    assert reports[XLLAMACPP]["rows_differ_from_plain"] == 1
    assert reports[XLLAMACPP]["rows_compared_with_plain"] == 2
    assert reports[ENGINE]["rows_differ_from_plain"] == 0


def test_guided_answers_are_not_compared() -> None:
    from realign_local.engine.bench.baselines import is_one_span

    chat = (Message("user", "hi"),)
    assert is_one_span(Request("k", chat, (Span(3),)))
    assert not is_one_span(Request("k", chat, (Given("a"), Span(3))))
    assert not is_one_span(Request("k", chat, (Span(3, max_sentences=1),)))
