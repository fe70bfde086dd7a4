"""The one file that knows Ray: nodes, actors pinned to a node, bytes there and back."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from realign_local.base.errors import EngineError, UsageError
from realign_local.base.stop import SIGNALS

HERE = "local"
"""The address of a cluster that is started for this run alone, on this machine."""
LOOPBACK = "127.0.0.1"
STORE_BYTES = 128 * 2**20
"""Of a cluster of our own: nothing large goes through Ray's store, as files are read by path."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
OWN = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
"""For a cluster of our own. Ray reads the first as: this cluster has one node, on the loopback
address; otherwise its servers listen on every address of the machine. With a token in the
environment none is left in the user's folder."""
MOST_WORDS = 160
CONNECT_S = 10.0
CALLS_AT_ONCE = 2
"""One waits for results while the other brings work."""

Then = Callable[[bytes | str], None]
"""Given what a call returned, or how the actor ended; called from a thread of Ray's."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster and what it has in all, whoever uses it now."""

    id: str
    host: str
    cpus: int
    gpus: int
    resources: Mapping[str, float] = field(default_factory=dict)


def check_installed() -> None:
    """Raise UsageError where Ray is not installed; imports nothing."""
    if find_spec("ray") is None:
        raise UsageError(
            "--ray needs Ray, which is not installed",
            hint="In a checkout: pip install '.[ray]', on every node.",
        )


class RayLink:
    """A connection to the cluster at `address`, or with HERE a cluster on the loopback address.

    Raises UsageError where Ray is not installed, EngineError where there is no cluster.
    """

    def __init__(self, address: str) -> None:
        self.is_own = address == HERE
        os.environ.update(QUIET)
        if self.is_own:
            os.environ.update({**OWN, "RAY_AUTH_TOKEN": secrets.token_hex(32)})
        check_installed()
        import ray

        self._ray, self._folder = ray, ""
        # What raylets say of deaths goes to stdout, where --json is; there is no public switch.
        ray._private.worker._worker_logs_enabled = False
        with _signals_kept():
            try:
                self._connect(address)
            except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
                self.close()
                raise EngineError(
                    f"no Ray cluster at {address}: {str(error).splitlines()[0]}",
                    hint="Give the address that `ray start --head` named, from a machine of the"
                    " cluster; --ray alone starts one here.",
                ) from error

    def _connect(self, address: str) -> None:
        quiet: dict[str, Any] = {"configure_logging": False, "log_to_driver": False}
        if not self.is_own:
            _check_listens(address)
            self._ray.init(address, **quiet)
            return
        self._folder = tempfile.mkdtemp(prefix="realign-ray-")
        self._ray.init(
            HERE,
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            _temp_dir=self._folder,
            **quiet,
        )
        if any(node.host != LOOPBACK for node in self.nodes()):
            raise RuntimeError(
                "Ray was loaded before, and listens on other addresses than 127.0.0.1"
            )

    def nodes(self) -> list[Node]:
        """Those that are there now."""
        with self._explained():
            return [_node(found) for found in self._ray.nodes() if found["Alive"]]

    def hosts_elsewhere(self) -> list[str]:
        """The nodes that are not this machine."""
        here = {LOOPBACK, self._ray.util.get_node_ip_address(), socket.gethostname()}
        return sorted({node.host for node in self.nodes()} - here)

    def start(
        self, kind: type, brief: bytes, *, node: str, cpus: float, gpus: float, extra: Any
    ) -> Any:
        """An actor of this class on that node and no other; Ray itself never starts it again."""
        affinity = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        with self._explained():
            made = self._ray.remote(kind).options(
                num_cpus=cpus,
                num_gpus=gpus,
                resources=dict(extra),
                max_restarts=0,
                max_concurrency=CALLS_AT_ONCE,
                scheduling_strategy=affinity(node, soft=False),
            )
            return made.remote(brief)

    def tell(self, actor: Any, method: str, content: bytes) -> None:
        """Call without an answer; a death is told by the calls that wait for one."""
        with self._explained():
            getattr(actor, method).remote(content)

    def ask(self, actor: Any, method: str, then: Then) -> None:
        """Call, and have `then` called with the bytes that come back, or with how it ended."""

        def told(future: Any) -> None:
            error = future.exception()
            then(future.result() if error is None else _last_words(error))

        with self._explained():
            getattr(actor, method).remote().future().add_done_callback(told)

    def end(self, actor: Any) -> None:
        """Kill an actor; one that is dead already stays so."""
        with suppress(self._ray.exceptions.RayError, ValueError):
            self._ray.kill(actor)

    def close(self) -> None:
        """Leave the cluster, which ends all actors of this run; a cluster of our own ends too."""
        self._ray.shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._ray.exceptions.RayError as error:
            raise EngineError(f"the cluster is gone: {_last_words(error)}") from error


def _check_listens(address: str) -> None:
    """Raise OSError where nobody listens there: Ray would go on trying for many minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()


def _node(found: Mapping[str, Any]) -> Node:
    has = found["Resources"]
    return Node(
        found["NodeID"],
        found["NodeManagerAddress"],
        cpus=int(has.get("CPU", 0)),
        gpus=int(has.get("GPU", 0)),
        resources=dict(has),
    )


def _last_words(error: BaseException) -> str:
    """The telling part of Ray's many lines: how it ended, without what all may be the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = lines[-1] if lines else type(error).__name__
    told = told.rpartition("Worker exit detail: ")[2].partition(" Some common causes")[0]
    return told[:MOST_WORDS].rstrip(" .")


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray sets a handler for SIGTERM of its own: an orderly stop is this program's business."""
    in_main = threading.current_thread() is threading.main_thread()
    before = {each: signal.getsignal(each) for each in SIGNALS} if in_main else {}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
