"""HTTP to one server. The only file that knows httpx2; its errors end here, as an Answer."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx2

from realign_local.base.untrusted import loads
from realign_local.engine.remote.address import ServerAddress

CONNECT_S = 10.0
MOST_BYTES = 16 << 20
"""No answer is longer; what claims to be is not read on."""
WORDS_CHARS = 200
MOST_WAIT_S = 60.0
BUSY = (429, 503)
FORBIDDEN = (401, 403)


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    """An answer, as a JSON object."""
    BUSY = "busy"
    """Too many requests, or still loading: the same again, later."""
    REFUSED = "refused"
    """Something is wrong with this request; the same again would end the same way."""
    FORBIDDEN = "forbidden"
    """The key is missing or wrong."""
    FAULT = "fault"
    """The server failed at it, or what it sent cannot be read."""
    SLOW = "slow"
    """No answer in time."""
    BROKEN = "broken"
    """The connection ended before the answer: perhaps the server died of it."""
    UNREACHED = "unreached"
    """There is no connection; the server never saw the request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` say in one line what went wrong; `wait_s` is how long the server asks to wait."""

    outcome: Outcome
    value: Mapping[str, Any]
    words: str = ""
    wait_s: float = 0.0


class Link:
    """Connections to one server; to be used and closed within one event loop.

    No redirects, no proxies and no settings from the environment: only the address that was named
    is ever connected to. The key is in no text that leaves this class. `connects` counts the
    connections that were made: after a new one, another program may be at the other end.
    """

    def __init__(self, address: ServerAddress, *, key: str = "") -> None:
        self.address, self._key, self.connects = address, key, 0
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        secure = address.url.startswith("https:")
        self._client = httpx2.AsyncClient(
            headers=headers,
            verify=ssl.create_default_context() if secure else False,  # no reading of it for http
            trust_env=False,
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
        )

    async def get(self, path: str, *, timeout_s: float) -> Answer:
        """Ask for a path such as /v1/models."""
        return await self._ask("GET", path, None, timeout_s, MOST_BYTES)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        timeout_s: float,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """Send a body as JSON; ASCII only, so that a lone surrogate in a dataset survives."""
        most = min(most_bytes, MOST_BYTES)
        return await self._ask("POST", path, json.dumps(body).encode(), timeout_s, most)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _ask(
        self, method: str, path: str, body: bytes | None, timeout_s: float, most: int
    ) -> Answer:
        try:
            async with asyncio.timeout(timeout_s):  # also for one that sends a byte now and then
                return await self._answer(method, path, body, timeout_s, most)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            return self._failed(Outcome.UNREACHED, error, "no connection")
        except (httpx2.TimeoutException, TimeoutError) as error:
            return self._failed(Outcome.SLOW, error, f"no answer in {timeout_s:.0f} s")
        except httpx2.TransportError as error:
            return self._failed(Outcome.BROKEN, error, "the connection broke off")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OverflowError) as error:
            return self._failed(Outcome.FAULT, error, "the answer cannot be read")

    async def _answer(
        self, method: str, path: str, body: bytes | None, timeout_s: float, most: int
    ) -> Answer:
        timeout = httpx2.Timeout(timeout_s, connect=CONNECT_S, pool=None)
        headers = {"Content-Type": "application/json"} if body else {}
        async with self._client.stream(
            method,
            self.address.url + path,
            content=body,
            headers=headers,
            timeout=timeout,
            extensions={"trace": self._trace},
        ) as response:
            read = bytearray()
            async for part in response.aiter_raw():
                read += part
                if len(read) > most:
                    raise ValueError(f"it is longer than {most:,} bytes")
        value = _object(bytes(read))
        status = response.status_code
        if status == httpx2.codes.OK:
            if value is None:
                raise ValueError("it is no JSON object")
            return Answer(Outcome.OK, value)
        words = self._clean(_complaint(value) or response.reason_phrase)
        wait_s = _seconds(response.headers.get("Retry-After", ""))
        return Answer(_outcome(status), value or {}, f"{status} {words}".strip(), wait_s)

    async def _trace(self, event: str, _info: Any) -> None:
        self.connects += event == "connection.connect_tcp.complete"

    def _failed(self, outcome: Outcome, error: Exception, what: str) -> Answer:
        words = self._clean(str(error))
        return Answer(outcome, {}, f"{what}: {words}".removesuffix(": "))

    def _clean(self, words: str) -> str:
        """One short line without the key, whatever the server says."""
        words = words.replace(self._key, "***") if self._key else words
        printable = "".join(c if c.isprintable() else " " for c in words)
        return " ".join(printable.split())[:WORDS_CHARS]


def _outcome(status: int) -> Outcome:
    if status in BUSY:
        return Outcome.BUSY
    if status in FORBIDDEN:
        return Outcome.FORBIDDEN
    return Outcome.REFUSED if 400 <= status < 500 else Outcome.FAULT


def _object(text: bytes) -> Mapping[str, Any] | None:
    try:
        value = loads(text)
    except ValueError:  # UnicodeDecodeError is one
        return None
    return value if isinstance(value, dict) else None


def _complaint(value: Mapping[str, Any] | None) -> str:
    """What servers say went wrong: {"error": {"message"}}, {"error"}, {"message"}, {"detail"}."""
    found: Any = value or {}
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(name):
            found = found[name]
    return found if isinstance(found, str) else json.dumps(found) if found else ""


def _seconds(text: str) -> float:
    """A Retry-After in seconds; dates are not worth reading."""
    return min(float(text), MOST_WAIT_S) if text.isascii() and text.isdigit() else 0.0
