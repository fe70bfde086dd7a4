"""A server that speaks OpenAI's chat protocol over a toy model, and misbehaves on cue.

The toy writes "It is so: " and the last words that it was shown. A token is a word with the blank
before it, or a sign; its probability follows from its letters. What the server can do beyond a
plain chat is a set of flags, as in llama-server, vLLM and simpler ones.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from zlib import crc32

TOKEN = re.compile(r"\s?\w+|\s|[^\w\s]")
LLAMA = frozenset({"unasked", "logprobs", "grammar", "tokens"})
VLLM = frozenset({"flags", "logprobs", "structured", "prompt_logprobs"})
Misbehaviour = str
"""One of: 429, 503, 500, 400, too_long, slow, drip, die, cut, garbage, no_choices, huge, long,
401."""
Cue = Callable[[int, dict[str, Any]], Misbehaviour]
"""(number of the request, its body) -> what to do wrong, "" for nothing."""


def nothing_wrong(_number: int, _body: dict[str, Any]) -> Misbehaviour:
    """A server that works."""
    return ""


def log_of(token: str) -> float:
    """The toy's logarithm of a token's probability, wherever it stands."""
    return -0.1 - (crc32(token.strip().encode()) % 700) / 100


def says(messages: list[dict[str, str]]) -> str:
    """The toy's whole answer to a chat."""
    asked = next(one["content"] for one in reversed(messages) if one["role"] == "user")
    if "days of the week" in asked:
        return "Monday, Tuesday, Wednesday, Thursday."
    return f"It is so: {asked.strip()[-60:]}."


@dataclass
class StandIn:
    """The server; a context manager. `at_once` is how many it answers at a time, others wait."""

    abilities: frozenset[str] = LLAMA
    cue: Cue = nothing_wrong
    model: str = "toy"
    seconds: float = 0.0
    at_once: int = 64
    most_waiting: int = 10_000
    key: str = ""
    meta: dict[str, Any] = field(default_factory=lambda: {"n_params": 7})
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    busiest: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.room = threading.Semaphore(self.at_once)
        self.waiting = 0
        self.connections: set[socket.socket] = set()
        self.server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        stand_in = self

        class Handler(_Handler):
            owner = stand_in

        server = _Server(("127.0.0.1", self.port), Handler)
        self.server, self.port = server, server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def kill(self) -> None:
        """Die as with SIGKILL: the port is closed and every connection is reset."""
        server, self.server = self.server, None
        if server:
            server.socket.close()
            server.shutdown()
            server.server_close()
        for connection in [*self.connections]:
            reset(connection)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def asked(self) -> list[str]:
        """The last words of every chat, without those that find out what it can do."""
        rows = [body["messages"] for body in self.bodies]
        return [row[-1]["content"] for row in rows if "days of the week" not in row[0]["content"]]


def reset(connection: socket.socket) -> None:
    """End a connection without grace."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    except OSError:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: StandIn

    def setup(self) -> None:
        super().setup()
        self.owner.connections.add(self.connection)

    def finish(self) -> None:
        self.owner.connections.discard(self.connection)
        try:
            super().finish()
        except (OSError, ValueError):
            return

    def log_message(self, format: str, *args: Any) -> None:
        return

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (OSError, ValueError):
            self.close_connection = True

    @property
    def is_dead(self) -> bool:
        """Whether the server was killed since this connection was made."""
        return self.owner.server is not self.server

    def do_GET(self) -> None:
        if self.is_dead or not self._may():
            self.close_connection = True
            return
        entry = {"id": self.owner.model, "created": int(time.time()), "meta": self.owner.meta}
        self._send(200, {"object": "list", "data": [entry]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._may():
            return
        if self.path == "/tokenize" and "tokens" in self.owner.abilities:
            ids = [number_of(token) for token in TOKEN.findall(body["content"])]
            self._send(200, {"tokens": ids})
            return
        if self.path != "/v1/chat/completions":
            self._send(404, {"error": {"message": "not found"}})
            return
        owner = self.owner
        with owner.lock:
            owner.bodies.append(body)
            owner.headers.append(dict(self.headers.items()))
            number = len(owner.bodies) - 1
            owner.waiting += 1
            owner.busiest = max(owner.busiest, owner.waiting)
            is_too_much = owner.waiting > owner.most_waiting
        try:
            wrong = "429" if is_too_much else owner.cue(number, body)
            if not self._misbehaves(wrong):
                with owner.room:
                    time.sleep(owner.seconds)
                    answer = chat(owner.abilities, body)
                if self.is_dead:
                    reset(self.connection)
                    self.close_connection = True
                    return
                self._send(*answer)
                if answer[0] == 200:
                    with owner.lock:
                        owner.answered.append(body["messages"][-1]["content"])
        finally:
            with owner.lock:
                owner.waiting -= 1

    def _may(self) -> bool:
        key = self.owner.key
        if key and self.headers.get("Authorization") != f"Bearer {key}":
            given = self.headers.get("Authorization", "")
            self._send(401, {"error": {"message": f"wrong key: {given}"}})
            return False
        return True

    def _misbehaves(self, wrong: Misbehaviour) -> bool:
        if wrong in ("", "slow"):
            time.sleep(0.5 if wrong else 0.0)
            return False
        if wrong.isdigit():
            self._send(int(wrong), {"error": {"message": f"this is a {wrong}"}})
        elif wrong == "too_long":
            said = {"type": "exceed_context_size_error", "message": "exceeds the context size"}
            self._send(400, {"error": said})
        elif wrong == "die":
            reset(self.connection)
        elif wrong == "cut":
            self._begin(200, 5000)
            self.wfile.write(b'{"choices": [{"message": {"content": "half')
            self.wfile.flush()
            reset(self.connection)
        elif wrong == "huge":
            self._begin(200, 10**15)
            self.wfile.write(b" " * (17 << 20))
        elif wrong == "long":  # an answer as it should be, but for its length
            self._send(200, {"choices": [{"message": {"content": "It is so. " * 200_000}}]})
        elif wrong == "drip":
            self._begin(200, 200)
            for _ in range(40):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        elif wrong == "garbage":
            self._begin(200, 9)
            self.wfile.write(b"<html>no\n")
        else:
            self._send(200, {"choices": []})
        return True

    def _begin(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self._begin(status, len(data))
        self.wfile.write(data)


_NUMBERS: dict[str, int] = {}
_LOCK = threading.Lock()


def number_of(token: str) -> int:
    """A number for every token, given out as they are met."""
    with _LOCK:
        return _NUMBERS.setdefault(token, len(_NUMBERS))


def chat(abilities: frozenset[str], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The answer to a body of /v1/chat/completions."""
    messages = body["messages"]
    given = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
    flagged = "flags" in abilities and body.get("continue_final_message")
    if flagged and body.get("add_generation_prompt", True):
        return 400, {"error": {"message": "cannot set both"}}
    goes_on = bool(given) and ("unasked" in abilities or bool(flagged))
    whole = says(messages)
    text = whole
    if goes_on:
        text = whole[len(given) :] if whole.startswith(given) else " and so on."
    if allowed := _allowed(abilities, body):
        text = allowed
    tokens = TOKEN.findall(text)
    was_cut = len(tokens) > body["max_tokens"]
    tokens = tokens[: body["max_tokens"]]
    text = "".join(tokens)
    for stop in body.get("stop", ()):
        text = text.partition(stop)[0]
    choice: dict[str, Any] = {
        "message": {"role": "assistant", "content": text},
        "finish_reason": "length" if was_cut else "stop",
    }
    if body.get("logprobs") and "logprobs" in abilities:
        content = [_told(token, body["top_logprobs"]) for token in tokens]
        choice["logprobs"] = {"content": content}
    shown = TOKEN.findall(" ".join(one["content"] for one in messages))
    usage = {"prompt_tokens": len(shown), "completion_tokens": len(tokens)}
    value: dict[str, Any] = {"choices": [choice], "usage": usage}
    if "prompt_logprobs" in abilities and body.get("prompt_logprobs") is not None:
        tail = [*TOKEN.findall("<|im_start|>"), *TOKEN.findall(given)]
        value["prompt_logprobs"] = [
            None,
            *({str(number_of(t)): {"logprob": log_of(t), "decoded_token": t}} for t in tail),
        ]
    return 200, value


def _told(token: str, top: int) -> dict[str, Any]:
    others = [token, "A", "B", *map(str, range(6)), *(f"w{n}" for n in range(20))]
    unique = list(dict.fromkeys(others))[:top]
    return {
        "token": token,
        "logprob": log_of(token),
        "bytes": list(token.encode()),
        "top_logprobs": [{"token": one, "logprob": log_of(one)} for one in unique],
    }


def _allowed(abilities: frozenset[str], body: dict[str, Any]) -> str:
    """What a grammar lets the toy write: one literal text, or one row of tokens."""
    grammar = body.get("grammar", "") if "grammar" in abilities else ""
    if "structured" in abilities:
        grammar = (body.get("structured_outputs") or {}).get("grammar", "")
    ids = [int(one) for one in re.findall(r"<\[(\d+)\]>", grammar)]
    if ids:
        names = {number: token for token, number in _NUMBERS.items()}
        return "".join(names[one] for one in ids)
    literal = re.search(r'root ::= "(.*?)"', grammar)
    return literal.group(1) if literal else ""
