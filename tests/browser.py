"""A real headless Chromium for tests, spoken to in the W3C WebDriver protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip
KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "Control": "\ue009", "End": "\ue010"}
PATIENCE_S = 20


def browser_or_skip(profile: Path) -> Browser:
    """A new browser; skips the test where Chromium or its driver is not installed."""
    driver = shutil.which("chromedriver")
    binary = shutil.which("chromium") or shutil.which("google-chrome")
    if not driver or not binary:
        pytest.skip("no Chromium with chromedriver: apt-get install chromium chromium-driver")
    return Browser(driver, binary, profile)


class Browser:
    """One window; everything that its console said is kept."""

    def __init__(self, driver: str, binary: str, profile: Path) -> None:
        port = _free_port()
        self._at = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [driver, f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile)},
        )
        self._wait_for_driver()
        options = {"binary": binary, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._at += f"/session/{made['sessionId']}"

    def _wait_for_driver(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if self._ask("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("chromedriver did not start")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._at + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def open(self, address: str) -> None:
        """Go to an address afresh and wait until the page says that it is ready."""
        self._ask("POST", "/url", {"url": "about:blank"})
        self._ask("POST", "/url", {"url": address})
        self.until("return !!document.documentElement.dataset.ready")

    def run(self, script: str, *args: Any) -> Any:
        """The value of a script's `return`; a promise is waited for."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": args})

    def until(self, script: str, *args: Any) -> Any:
        """Ask a script until it gives something true, and return that."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if found := self.run(script, *args):
                return found
            time.sleep(0.03)
        raise AssertionError(f"never came true: {script}")

    def keys(self, *names: str) -> None:
        """Press and release keys one after the other; "Control+Enter" presses both."""
        steps = []
        for name in names:
            held = [KEYS.get(part, part) for part in (name.split("+") if len(name) > 1 else [name])]
            steps += [{"type": "keyDown", "value": key} for key in held]
            steps += [{"type": "keyUp", "value": key} for key in reversed(held)]
        action = {"type": "key", "id": "keyboard", "actions": steps}
        self._ask("POST", "/actions", {"actions": [action]})

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.keys(*text)

    def text(self, selector: str) -> str:
        """The text of the first element that the selector finds."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def command(self, name: str, **params: Any) -> Any:
        """A command of Chromium's own protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def screenshot(self, path: Path) -> None:
        """The window as PNG."""
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """What the console said since the last call, warnings and errors only."""
        log = self._ask("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in log if entry["level"] in ("SEVERE", "WARNING")]

    def close(self) -> None:
        """End the browser and its driver."""
        try:
            self._ask("DELETE", "")
        finally:
            self._process.terminate()
            self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
