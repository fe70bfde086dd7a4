"""The actors of a pass, seen from the run: work goes out, results come, the dead are replaced.

An actor that dies costs what it had in hand, which is tried again; what is to blame is found as the
engine's own worker finds it (engine/process/retry.py). All of this happens in the caller's thread:
what Ray tells from threads of its own goes through one queue.
"""

from __future__ import annotations

import itertools
import json
import queue
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from realign_local.base.errors import EngineError, RealignError
from realign_local.engine.process.handle import error_from
from realign_local.engine.process.retry import Retries
from realign_local.engine.process.wire import Line
from realign_local.run.cluster.ray_link import Node, RayLink
from realign_local.run.cluster.recipe import Recipe
from realign_local.run.cluster.station import Station

LOOK_S = 5.0
"""How often it is looked for nodes that came."""
WAIT_S = 900.0
"""How long a run waits for the first node, or for another when the last is gone."""
TELL_S = 30.0
"""How long it waits before it says so."""
STARTS = 3
"""Actors of a node that died in a row before they were ready; then the node is done without."""
GIVEN_UP = 8
"""Pieces of work in a row that ended their actors: then it is not the work."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Share:
    """What an actor takes of its node."""

    cpus: int
    gpus: int = 0
    extra: Mapping[str, float] = field(default_factory=dict)


Shares = Callable[[Node], list[Share]]
"""The actors that a node is to have."""


def tell_where(
    link: RayLink, what: str, *, note: Callable[[str], None], warn: Callable[[str], None]
) -> list[str]:
    """Say what the cluster is, and that `what` leaves this machine; returns where it goes."""
    nodes = link.nodes()
    cpus, gpus = sum(n.cpus for n in nodes), sum(n.gpus for n in nodes)
    note(f"a cluster of {len(nodes)} nodes, {cpus} CPUs and {gpus} GPUs")
    if elsewhere := link.hosts_elsewhere():
        warn(
            f"{what} leave this machine, to {', '.join(elsewhere)};"
            " Ray encrypts them only where RAY_USE_TLS is set"
        )
    return elsewhere


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One piece of work: what the caller knows it by, and the line that goes out."""

    number: int
    content: T
    line: Line


@dataclass(slots=True)
class Member(Generic[T]):
    """An actor and what it has in hand. `room` is 0 until it is ready."""

    actor: Any
    node: Node
    share: Share
    room: int = 0
    in_hand: dict[int, Task[T]] = field(default_factory=dict)
    is_apart: bool = False
    effort: Mapping[str, Any] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many pieces of work more it takes."""
        return 0 if self.is_apart else self.room - len(self.in_hand)


class Crew(Generic[T]):
    """Actors by `recipe` on every node for which `shares` names some; `say` is told of deaths.

    Raises EngineError where no node is left, or one piece of work after another ends its actor, and
    what an actor refused with where no other node is better.
    """

    def __init__(
        self,
        link: RayLink,
        recipe: Recipe,
        shares: Shares,
        *,
        say: Callable[[str], None],
        station: type[Station] = Station,
    ) -> None:
        self._link, self._recipe, self._shares, self._say = link, recipe, shares, say
        self._station = station
        self._members: dict[int, Member[T]] = {}
        self._events: queue.SimpleQueue[tuple[int, bytes | str]] = queue.SimpleQueue()
        self._numbers, self._tasks = itertools.count(), itertools.count()
        self._bad_nodes: dict[str, RealignError] = {}
        self._bad_starts: Counter[str] = Counter()
        self._past: Counter[str] = Counter()
        self._looked = float("-inf")
        self._alone_since, self._has_told = time.monotonic(), False
        self._given_up = 0
        self.lost = 0
        """Actors that died with the pass still going on."""

    def answer(self, tasks: Iterable[tuple[T, Line]]) -> Iterator[tuple[T, Line | str]]:
        """Have it all done: (content, line) in; (content, result) out, in the order of the ends.

        A text in the place of a result tells how the actor ended that was alone with it.
        """
        retries = Retries[Task[T]]()
        source = (Task(next(self._tasks), content, line) for content, line in tasks)
        is_over = False
        try:
            while True:
                self._look_for_nodes()
                is_over = self._hand_out(retries, source, is_over=is_over)
                if is_over and not (self._in_hand or retries.again or retries.apart):
                    return
                yield from self._hear(retries)
        finally:
            self._drop(list(self._members) if self._in_hand else [])

    @property
    def _in_hand(self) -> int:
        return sum(len(member.in_hand) for member in self._members.values())

    @property
    def effort(self) -> dict[str, float]:
        """The engines' counters, added up over all actors that there were."""
        total = Counter(self._past)
        for member in list(self._members.values()):
            total.update(member.effort.get("engine", {}))
        return dict(total)

    @property
    def size(self) -> int:
        """How many actors are ready."""
        return sum(member.room > 0 for member in self._members.values())

    def close(self) -> None:
        """End all actors."""
        self._drop(list(self._members))

    def _look_for_nodes(self) -> None:
        """Make the actors that are lacking; a node that comes later gets its own, too."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        for node in self._link.nodes():
            if node.id in self._bad_nodes:
                continue
            there = Counter(m.share.gpus for m in self._members.values() if m.node.id == node.id)
            for share in self._shares(node):
                if there[share.gpus]:
                    there[share.gpus] -= 1
                else:
                    self._start(node, share)
        if self._members:
            self._alone_since = now
        elif self._bad_nodes:
            raise next(iter(self._bad_nodes.values()))
        self._wait_for_ready(now)

    def _wait_for_ready(self, now: float) -> None:
        if any(member.room for member in self._members.values()):
            self._alone_since, self._has_told = now, False
        waited = now - self._alone_since
        if waited > WAIT_S:
            raise EngineError(
                f"no node of the cluster has room for {self._recipe.work}",
                hint="`ray status` shows what there is; the same command goes on.",
            )
        if waited > TELL_S and not self._has_told:
            self._say(f"waiting for a node of the cluster with room for {self._recipe.work}")
            self._has_told = True

    def _start(self, node: Node, share: Share) -> None:
        number = next(self._numbers)
        actor = self._link.start(
            self._station,
            self._recipe.with_threads(max(1, share.cpus)).to_bytes(),
            node=node.id,
            cpus=share.cpus,
            gpus=share.gpus,
            extra=share.extra,
        )
        self._members[number] = Member(actor, node, share)
        self._await(number)

    def _await(self, number: int) -> None:
        """Ask an actor for what it has to tell; the answer becomes an event."""

        def then(told: bytes | str) -> None:
            self._events.put((number, told))

        self._link.ask(self._members[number].actor, "collect", then)

    def _hand_out(
        self, retries: Retries[Task[T]], source: Iterator[Task[T]], *, is_over: bool
    ) -> bool:
        """Give work to whoever has least of it; returns whether there is no more to come."""
        given: dict[int, list[Task[T]]] = {}
        kept_free = self._set_apart(retries)
        while True:
            able = [(m.free, -n) for n, m in self._members.items() if m.free > 0 and n != kept_free]
            if not able:
                break
            task = next(retries.once_more(), None)
            if task is None and not is_over:
                task = next(source, None)
                is_over = task is None
            if task is None:
                break
            number = -max(able)[1]
            self._members[number].in_hand[task.number] = task
            given.setdefault(number, []).append(task)
        for number, some in given.items():
            self._send(number, some)
        return is_over

    def _set_apart(self, retries: Retries[Task[T]]) -> int | None:
        """Give what is under suspicion to an idle actor; returns one to be kept free for it."""
        for number, member in self._members.items():
            if not retries.apart:
                return None
            if member.room and not member.in_hand:
                group = retries.next_group()
                member.is_apart = True
                member.in_hand.update((task.number, task) for task in group)
                self._send(number, group)
        waiting = [n for n, m in self._members.items() if m.room and not m.is_apart]
        return waiting[0] if retries.apart and waiting else None

    def _send(self, number: int, tasks: Iterable[Task[T]]) -> None:
        lines = (json.dumps({**task.line, "number": task.number}).encode() for task in tasks)
        self._link.tell(self._members[number].actor, "give", b"\n".join(lines))

    def _hear(self, retries: Retries[Task[T]]) -> Iterator[tuple[T, Line | str]]:
        """Wait for one event and take what comes with it."""
        try:
            number, told = self._events.get(timeout=LOOK_S)
        except queue.Empty:
            return
        if number not in self._members:
            return
        if isinstance(told, str):
            yield from self._after_death(number, retries, told)
            return
        for text in told.splitlines():
            if number in self._members:  # what refuses has nothing to tell after that
                yield from self._take(number, json.loads(text))
        if number in self._members:
            self._await(number)

    def _take(self, number: int, line: Line) -> Iterator[tuple[T, Line | str]]:
        member = self._members[number]
        if line["event"] == "ready":
            member.room = line["room"]
            self._bad_starts.pop(member.node.id, None)
        elif line["event"] == "effort":
            member.effort = line["effort"]
        elif line["event"] == "done":
            task = member.in_hand.pop(line["number"])
            member.is_apart = member.is_apart and bool(member.in_hand)
            self._given_up = 0
            yield task.content, line
        else:
            self._refused(number, error_from(line))

    def _refused(self, number: int, error: RealignError) -> None:
        """An actor whose node lacks something: the others do its work, where there are others."""
        member = self._members[number]
        named = type(error)(f"{member.node.host}: {error}", hint=error.hint)
        if member.room:  # it had begun: what it met would meet the others, too
            raise named
        self._do_without(member.node, named)

    def _do_without(self, node: Node, error: RealignError) -> None:
        self._bad_nodes[node.id] = error
        self._drop([n for n, m in self._members.items() if m.node.id == node.id])
        if self._members:
            self._say(f"{error}; going on without this node")
        self._looked = float("-inf")

    def _after_death(
        self, number: int, retries: Retries[Task[T]], words: str
    ) -> Iterator[tuple[T, Line | str]]:
        member = self._members[number]
        self._drop([number])
        self.lost += 1
        node, in_hand = member.node, list(member.in_hand.values())
        is_gone = all(other.id != node.id for other in self._link.nodes())
        self._say(f"{node.host}: {words}; to be done again: {len(in_hand)}")
        if is_gone:  # the machine is to blame, not what it worked on
            retries.give_back(in_hand, from_group=member.is_apart)
            return
        if not member.room:
            self._bad_starts[node.id] += 1
            if self._bad_starts[node.id] >= STARTS:
                self._do_without(node, EngineError(f"{node.host}: {words}"))
        condemned = retries.died(in_hand, crashed=False)
        if condemned is None:
            return
        self._given_up += 1
        if self._given_up >= GIVEN_UP:
            raise EngineError(
                f"{self._given_up} pieces of work in a row ended their actor; {words}"
            )
        yield condemned.content, words

    def _drop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            member = self._members.pop(number)
            self._past.update(member.effort.get("engine", {}))
            self._link.end(member.actor)
        self._looked = float("-inf")
