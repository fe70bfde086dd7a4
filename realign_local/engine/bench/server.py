"""The same rows against an OpenAI-compatible server: only the standard library, many at once."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from realign_local.base.errors import UsageError
from realign_local.base.untrusted import told
from realign_local.engine.bench.baselines import bound_tokens, whole_stops
from realign_local.engine.remote.address import read_address
from realign_local.engine.request import Request

TIMEOUT_S = 600.0
READY_S = 5.0
THERE_S = 5.0


def requests_per_second(url: str, requests: Sequence[Request], *, at_once: int) -> float:
    """Rows a second of a server at `url` (with or without /v1) with so many requests in flight.

    Raises UsageError where the address is no server or it answers with an error.
    """
    check_address(url)
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda request: ask(url, request), requests))
    return round(len(requests) / (time.perf_counter() - started), 4)


def check_address(url: str) -> None:
    """Raise UsageError where `url` can be no server's, before anything is measured."""
    read_address(url, option="--against")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_ready(url: str) -> bool:
    """Whether a llama-server of ours has loaded its model."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=READY_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def body_of(request: Request) -> dict[str, object]:
    """The request as a chat completion: the same messages, bound, stops and temperature."""
    return {
        "messages": [{"role": one.role, "content": one.content} for one in request.messages],
        "max_tokens": bound_tokens(request),
        "stop": list(whole_stops(request)),
        "temperature": request.sampling.temperature,
        "cache_prompt": True,
    }


def check_is_there(url: str) -> None:
    """Raise UsageError where nobody listens at that address."""
    connection, _ = _connection(url, THERE_S)
    try:
        connection.connect()
    except OSError as error:
        raise UsageError(f"no answer from {url}: {told(error)}") from error
    finally:
        connection.close()


def _connection(url: str, timeout_s: float | None) -> tuple[http.client.HTTPConnection, str]:
    """Still to be opened, and the path of the address."""
    parts = urlsplit(read_address(url, option="--against").url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    return connection, parts.path


def ask(url: str, request: Request) -> str:
    """The answer's text, "" where there is none in it. Raises UsageError where it fails."""
    return post(url, "/v1/chat/completions", body_of(request), timeout_s=TIMEOUT_S)


def post(url: str, path: str, body: Mapping[str, object], *, timeout_s: float | None) -> str:
    """The text of the first choice that a server answers with. Raises UsageError."""
    connection, before = _connection(url, timeout_s)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", before + path, json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        if response.status != http.client.OK:
            raise UsageError(f"{url} answered {response.status} {response.reason}")
        return _text_in(content)
    except (OSError, http.client.HTTPException) as error:
        raise UsageError(f"no answer from {url}: {told(error)}") from error
    except (ValueError, OverflowError, MemoryError) as error:  # of a Content-Length beyond sense
        raise UsageError(f"the answer of {url} cannot be read: {error or 'too long'}") from error
    finally:
        connection.close()


def _text_in(content: bytes) -> str:
    """Of a chat's answer, or of a completion's."""
    try:
        choice = json.loads(content)["choices"][0]
        return str(choice.get("text") or choice["message"]["content"] or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
