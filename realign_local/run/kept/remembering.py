"""The tools of a command with `--cache DIR`: what earlier runs found out is not found out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from realign_local.base.criterion import Criteria
from realign_local.base.errors import PlaceError
from realign_local.base.progress import Progress
from realign_local.base.records import Passage, content_key
from realign_local.classifier.guess import Guess
from realign_local.engine.request import Engine
from realign_local.run.job import Tools, Workplace
from realign_local.run.kept.content_store import ContentStore
from realign_local.run.kept.known_answers import KnownAnswers
from realign_local.run.results import Identity
from realign_local.stages.classification import Label
from realign_local.stages.retrieval import Search
from realign_local.stages.verification import Check

Made = TypeVar("Made")


@contextmanager
def remembering(tools: Tools, folder: Path | None, progress: Progress) -> Iterator[Tools]:
    """The tools with what is kept in that folder; as they are where there is none.

    Nothing is kept of tools that cannot tell all that a result hangs on (`Identity.machine`): a
    server's model may change under its name.
    """
    if folder is None or not tools.identity.machine:
        yield tools
        return
    try:
        store = ContentStore(folder, warn=progress.warn)
    except PlaceError as error:
        progress.warn(f"going on without the answers of earlier runs: {error}")
        yield tools
        return
    if not store.is_writable:
        progress.warn(f"{store.path} cannot be written to: what it has is used, nothing is added")
    made = RememberingTools(tools, store)
    try:
        yield made
    finally:
        store.close()
        if made.told:
            progress.note(made.told)


class RememberingTools:
    """Tools that load a part at its first question to which the store has no answer."""

    def __init__(self, tools: Tools, store: ContentStore) -> None:
        self._tools, self._store = tools, store
        self._found, self._asked = Counter[str](), Counter[str]()

    @property
    def workplace(self) -> Workplace:
        return self._tools.workplace

    @property
    def criteria(self) -> Criteria:
        return self._tools.criteria

    @property
    def identity(self) -> Identity:
        return self._tools.identity

    @property
    def check(self) -> Check:
        return self._tools.check

    @property
    def distrust(self) -> str:
        return self._tools.distrust

    @property
    def template_fault(self) -> str:
        return self._tools.template_fault

    def describe(self) -> Mapping[str, Any]:
        return self._tools.describe()

    def effort(self) -> Mapping[str, Any]:
        return self._tools.effort()

    @property
    def told(self) -> str:
        """One line for a person; "" where nothing was found."""
        parts = [
            f"{found} of {found + self._asked[what]} {what}"
            for what, found in self._found.items()
            if found
        ]
        return f"known from earlier runs: {', '.join(parts)}" if parts else ""

    @contextmanager
    def classifier(self) -> Iterator[Label]:
        """A task hangs on the request and on who reads it."""
        with ExitStack() as stack:
            label = _at_first_use(stack, self._tools.classifier)
            yield lambda texts: self._looked_up(
                "tasks", (self.identity.classifier,), texts, lambda some: label()(some),
                list, lambda kept: _guess(*kept),
            )  # fmt: skip

    @contextmanager
    def search(self) -> Iterator[Search]:
        """Passages hang on what is looked up, where, and how many there are to be."""
        with ExitStack() as stack:
            search = _at_first_use(stack, self._tools.search)
            yield lambda queries, k: self._looked_up(
                "searches", (self.identity.index, k), queries, lambda some: search()(some, k),
                lambda found: [asdict(passage) for passage in found],
                lambda kept: tuple(Passage(**passage) for passage in kept),
            )  # fmt: skip

    @contextmanager
    def engine(self, *, longest_tokens: int) -> Iterator[Engine]:
        """Answers hang on the request and the model."""
        with ExitStack() as stack:
            known = KnownAnswers(
                self._store,
                lambda: stack.enter_context(self._tools.engine(longest_tokens=longest_tokens)),
                hang_on=(self.identity.machine, self.identity.model),
            )
            try:
                yield known
            finally:
                self._found["answers"] += known.found
                self._asked["answers"] += known.asked

    def _looked_up(
        self,
        what: str,
        hang_on: tuple[Any, ...],
        texts: Sequence[str],
        ask: Callable[[Sequence[str]], Iterable[Made]],
        to_json: Callable[[Made], Any],
        from_json: Callable[[Any], Made],
    ) -> list[Made]:
        """What is known of the texts, and for the others what is found out and kept now."""
        keys = [content_key(what, self.identity.machine, *hang_on, text) for text in texts]
        found: dict[int, Made] = {}
        for place, key in enumerate(keys):
            try:
                if (kept := self._store.recall(key)) is not None:
                    found[place] = from_json(kept)
            except (KeyError, TypeError, ValueError):
                continue
        missing = [place for place in range(len(texts)) if place not in found]
        self._found[what] += len(found)
        self._asked[what] += len(missing)
        made = ask([texts[place] for place in missing]) if missing else ()
        for place, one in zip(missing, made, strict=True):
            found[place] = one
            self._store.keep(keys[place], to_json(one))
        return [found[place] for place in range(len(texts))]


def _at_first_use(
    stack: ExitStack, make: Callable[[], AbstractContextManager[Made]]
) -> Callable[[], Made]:
    """What is made when it is asked for first, and ended with the stack."""
    made: list[Made] = []

    def get() -> Made:
        if not made:
            made.append(stack.enter_context(make()))
        return made[0]

    return get


def _guess(
    task: str, confidence: float, needs_evidence: bool, ranking: Iterable[Sequence[Any]]
) -> Guess:
    return Guess(task, confidence, needs_evidence, tuple((name, share) for name, share in ranking))
