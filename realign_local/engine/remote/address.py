"""The address of a server as the user named it: checked, without secrets, near or far."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from realign_local.base.errors import UsageError

KEY_VARIABLE = "REALIGN_SERVER_KEY"
HINT = "Give one that begins with http:// or https://, such as http://127.0.0.1:8080."
_VISIBLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`url` is where the server's own paths begin: without /v1, and without a slash at its end."""

    url: str
    host: str

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent there stays on this machine; of a name other than localhost, no."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    @property
    def is_secret(self) -> bool:
        """Whether nobody on the way can read what is sent there."""
        return self.url.startswith("https:") or self.is_loopback


def read_address(url: str, *, option: str) -> ServerAddress:
    """The server that `option` names, with or without http:// and /v1.

    Raises UsageError for what can be no server's address, and for one with a name, password or key
    in it: addresses are written down, keys are not. Such an address is not shown.
    """
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        is_right = is_right and bool(_VISIBLE.fullmatch(url))
    except ValueError:  # a port that is no number, brackets that do not close
        is_right = False
    if any(sign in url for sign in "@?#"):
        raise UsageError(
            f"{option}: an address must hold no password, key or query",
            hint=f"Give the address alone, and the key in the variable {KEY_VARIABLE}.",
        )
    if not is_right:
        raise UsageError(f"{option} {url}: not the address of a server", hint=HINT)
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return ServerAddress(f"{parts.scheme}://{parts.netloc}{path}", parts.hostname or "")


def read_key(environment: Mapping[str, str]) -> str:
    """The key for the servers, "" where there is none. Raises UsageError, without showing it."""
    key = environment.get(KEY_VARIABLE, "").strip()
    if key and not _VISIBLE.fullmatch(key):
        raise UsageError(
            f"{KEY_VARIABLE} holds signs that no key can have",
            hint="Give it in plain letters, digits and signs, without blanks.",
        )
    return key
