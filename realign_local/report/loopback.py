"""The review's server: this machine only, one secret address, nothing for other sites."""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from realign_local.base.errors import DiskError, UsageError
from realign_local.base.untrusted import fits_utf8
from realign_local.report.page import CHOICES, asset, browser, page
from realign_local.report.review_state import Review, Unfitting
from realign_local.report.summary import text
from realign_local.run.files.decisions import Decision

LOOPBACK = "127.0.0.1"
MOST_BODY_BYTES = 16_000_000
MOST_DIGITS = 20
"""Of a length; Python refuses to read numbers of thousands."""
TIMEOUT_S = 30
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_BLOCK = re.compile(r"block-(\d{1,9})")


class ReviewServer(ThreadingHTTPServer):
    """Serves one review under an address that nobody can guess."""

    daemon_threads = True

    def __init__(self, review: Review, *, title: str, port: int = 0) -> None:
        self.review, self.title = review, title
        self.token = secrets.token_urlsafe(24)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", hint="Leave --port out."
            ) from error
        self.hosts = {f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody closed the page while it was answered: nobody is left to be told."""

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_port}/{self.token}/"


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """Every request passes `_guarded` before anything looks at what it asks for."""

    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "realign", ""
    timeout = TIMEOUT_S

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def __getattr__(self, name: str) -> Any:
        """Every other method, known or made up, gets the same short answer."""
        if name.startswith("do_"):
            return lambda: self._json({"error": "GET or POST"}, HTTPStatus.METHOD_NOT_ALLOWED)
        raise AttributeError(name)

    def _guarded(self, answer: Callable[[str], None]) -> None:
        try:
            answer(self._admitted())
        except _Refused as refused:
            self._json({"error": str(refused)}, refused.status)
        except Unfitting as unfitting:
            self._json({"error": str(unfitting)}, HTTPStatus.CONFLICT)
        except DiskError as error:
            self._json({"error": str(error)}, HTTPStatus.INSUFFICIENT_STORAGE)
        except ConnectionError:
            raise
        except Exception as error:
            self._json({"error": f"unexpected: {error!r}"}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _admitted(self) -> str:
        """What is asked for below the token; raises _Refused.

        A foreign Host header means DNS rebinding, a foreign Origin another site's page.
        """
        origins = {f"http://{host}" for host in self.server.hosts}
        named = self.headers.get_all("Host", [])
        if len(named) != 1 or named[0] not in self.server.hosts:
            raise _Refused(HTTPStatus.FORBIDDEN, "wrong host")
        if self.headers.get("Origin", next(iter(origins))) not in origins:
            raise _Refused(HTTPStatus.FORBIDDEN, "wrong origin")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _Refused(HTTPStatus.FORBIDDEN, "wrong site")
        parts = self.path.split("/", 2)
        token = parts[1] if len(parts) == 3 else ""
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.FORBIDDEN, "wrong address: copy the whole of it")
        return parts[2]

    def _get(self, name: str) -> None:
        review = self.server.review
        if name == "":
            self._send(self._page().encode("utf-8", "replace"), "text/html; charset=utf-8")
        elif name == "columns":
            self._send(review.columns(), "application/octet-stream")
        elif name == "decisions":
            self._json({"decisions": review.decisions()})
        elif found := _BLOCK.fullmatch(name):
            self._block(int(found[1]))
        else:
            raise _Refused(HTTPStatus.NOT_FOUND, "nothing here")

    def _block(self, number: int) -> None:
        try:
            self._send(self.server.review.block(number), "application/octet-stream")
        except IndexError:
            raise _Refused(HTTPStatus.NOT_FOUND, "no such block") from None

    def _post(self, name: str) -> None:
        value = self._body()
        row = value.get("row")
        if not isinstance(row, int):
            raise _Refused(HTTPStatus.BAD_REQUEST, "row must be a number")
        if name == "decide":
            self.server.review.decide(row, self._decision(value))
            self._json({"ok": True})
        elif name == "check" and isinstance(value.get("text"), str):
            self._json({"findings": self.server.review.findings(row, value["text"])})
        else:
            raise _Refused(HTTPStatus.NOT_FOUND, "nothing here")

    def _decision(self, value: dict[str, Any]) -> Decision:
        try:
            decision = Decision.of(value)
        except ValueError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        if not fits_utf8(decision.text):
            raise _Refused(HTTPStatus.BAD_REQUEST, "the text holds half a character")
        return decision

    def _body(self) -> dict[str, Any]:
        """The JSON object that was sent; its type keeps plain forms of other pages out."""
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON only")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        if len(length) > MOST_DIGITS or int(length) > MOST_BODY_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
        try:
            value = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, "not JSON") from error
        if not isinstance(value, dict):
            raise _Refused(HTTPStatus.BAD_REQUEST, "must be an object")
        return value

    def _page(self) -> str:
        body = browser(choices=CHOICES, decide=asset("decide.html"))
        title = text(f"Review of {self.server.title}")
        return "".join(
            page(title=title, kind="review", body=body, script="review.js", connect="'self'")
        )

    def _json(self, value: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(value).encode(), "application/json", status)

    def _send(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.close_connection = self.close_connection or status != HTTPStatus.OK
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the address with its token belongs in no log."""
