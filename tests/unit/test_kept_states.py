"""What one engine leaves for the next: fixed beginnings alone, and nothing that is damaged."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from realign_local.base.config import Settings
from realign_local.engine.backends.scripted import ScriptedBackend
from realign_local.engine.engine import BatchEngine, Policy
from realign_local.engine.kept.state_files import MAGIC, StateFiles
from realign_local.engine.prefix import as_tokens
from realign_local.engine.process.spec import fault_spec, without_kept
from realign_local.engine.request import Message, Request, Span
from realign_local.engine.text_ids import Codec
from realign_local.rewriting.sentence import PROMPT
from realign_local.run.job import kept_folder

RULES = Message("system", "the cat is a cat. " * 20, recurs=True)
EXAMPLE = (Message("user", "Step 1.", recurs=True), Message("assistant", "END", recurs=True))
TOKENS = as_tokens(list(range(100)))
STATE = bytes(range(256)) * 4


def row(key: str, *beginning: Message) -> Request:
    return Request(key, (*beginning, Message("user", f"{key}: a row's own text")), (Span(3),))


def rows(count: int, *beginning: Message) -> list[Request]:
    return [row(str(number), *(beginning or (RULES, *EXAMPLE))) for number in range(count)]


def engine_over(files: StateFiles | None, **backend: bool) -> BatchEngine:
    return BatchEngine(ScriptedBackend(slots=6, **backend), Policy(running=4), kept=files)


def texts(engine: BatchEngine, requests: list[Request]) -> dict[str, str]:
    return {one.key: one.text for one in engine.generate(requests)}


@pytest.fixture
def files(tmp_path: Path) -> StateFiles:
    return StateFiles(tmp_path / "kept", "a model")


def test_the_second_engine_reads_what_the_first_one_evaluated(files: StateFiles) -> None:
    first, second, third = engine_over(files), engine_over(files), engine_over(None)
    texts(first, rows(3))
    (file,) = files.folder.iterdir()
    written = file.stat()
    others = [row(key, RULES, *EXAMPLE) for key in ("x", "y", "z")]
    assert texts(second, others) == texts(third, others)
    beginning = Codec(ScriptedBackend().vocabulary).recurring(others[0].messages)
    assert (first.stats.restored_tokens, second.stats.restored_tokens) == (0, beginning)
    saved = third.stats.prompt_tokens_evaluated - second.stats.prompt_tokens_evaluated
    assert saved == beginning
    assert file.stat().st_ino == written.st_ino, "not written again"


def test_a_single_row_is_enough(files: StateFiles) -> None:
    texts(engine_over(files), rows(1))
    second = engine_over(files)
    texts(second, rows(1))
    assert second.stats.restored_tokens > 64


def test_nothing_of_a_row_is_in_a_file(files: StateFiles) -> None:
    requests = rows(4)
    texts(engine_over(files), [*requests, *requests])
    codec = Codec(ScriptedBackend().vocabulary)
    beginning = as_tokens(
        codec.prompt(requests[0].messages)[: codec.recurring(requests[0].messages)]
    )
    assert files.read(beginning) == beginning.tobytes()
    assert len(list(files.folder.iterdir())) == 1


@pytest.mark.parametrize(
    "beginning",
    [(replace(RULES, recurs=False),), (Message("system", "a cat", recurs=True),), ()],
    ids=["not said to recur", "short", "none"],
)
def test_what_does_not_come_again_or_is_short_stays(
    files: StateFiles, beginning: tuple[Message, ...]
) -> None:
    requests = [row(str(number), *beginning) for number in range(3)]
    texts(engine_over(files), requests)
    assert not files.folder.exists()


@pytest.mark.parametrize("lacking", ["can_rewind", "has_states"])
def test_a_model_without_states_keeps_none(files: StateFiles, lacking: str) -> None:
    texts(engine_over(files, **{lacking: False}), rows(3))
    assert not files.folder.exists()


def test_more_beginnings_than_slots(files: StateFiles) -> None:
    kinds = [
        Message("system", f"{kind} the cat is a cat. " * 12, recurs=True) for kind in "abcdefghij"
    ]
    requests = [row(f"{kind.content[0]}{n}", kind) for n in range(3) for kind in kinds]
    expected = texts(engine_over(None), requests)
    first, second = engine_over(files), engine_over(files)
    assert texts(first, requests) == texts(second, requests) == expected
    assert len(list(files.folder.iterdir())) == len(kinds)
    assert second.stats.prompt_tokens_evaluated < first.stats.prompt_tokens_evaluated


def test_a_state_that_the_backend_refuses_is_evaluated_and_written_anew(files: StateFiles) -> None:
    (request,) = rows(1)
    codec = Codec(ScriptedBackend().vocabulary)
    beginning = as_tokens(codec.prompt(request.messages)[: codec.recurring(request.messages)])
    assert files.write(beginning, beginning[:-1].tobytes())
    engine = engine_over(files)
    assert texts(engine, [request]) == texts(engine_over(None), [request])
    assert engine.stats.restored_tokens == 0
    assert files.read(beginning) == beginning.tobytes()


def test_a_folder_that_cannot_be_had_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    files = StateFiles(tmp_path / "file" / "kept", "a model")
    assert texts(engine_over(files), rows(3)) == texts(engine_over(None), rows(3))
    assert not files.write(TOKENS, STATE)
    assert files.read(TOKENS) is None


def test_a_state_comes_back_for_the_same_tokens_and_model(files: StateFiles) -> None:
    assert files.read(TOKENS) is None
    assert files.write(TOKENS, STATE)
    assert files.read(TOKENS) == STATE
    assert files.read(TOKENS[:-1]) is None
    assert StateFiles(files.folder, "another model").read(TOKENS) is None


@pytest.mark.parametrize("place", [0, len(MAGIC), len(MAGIC) + 32, -1])
def test_a_damaged_file_is_not_there(files: StateFiles, place: int) -> None:
    files.write(TOKENS, STATE)
    (file,) = files.folder.iterdir()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert files.read(TOKENS) is None
    file.write_bytes(content[:20])
    assert files.read(TOKENS) is None


def test_a_renamed_file_is_not_there(files: StateFiles) -> None:
    files.write(TOKENS, STATE)
    (good,) = files.folder.iterdir()
    files.write(TOKENS[:70], STATE)
    (other,) = set(files.folder.iterdir()) - {good}
    good.replace(other)
    assert files.read(TOKENS[:70]) is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    files = StateFiles(tmp_path, "a model", most_bytes=4000)
    lists = [as_tokens([number] * 80) for number in range(4)]
    for age, tokens in enumerate(lists[:3]):
        files.write(tokens, STATE)
        (new,) = [file for file in tmp_path.iterdir() if time.time() - file.stat().st_mtime < 60]
        os.utime(new, (age + 1000, age + 1000))
    assert files.read(lists[0]) == STATE, "which makes it the last one used"
    assert files.write(lists[3], STATE)
    assert [files.has(tokens) for tokens in lists] == [True, False, True, True]
    assert not files.write(TOKENS, STATE * 4), "too large for all of the room"
    assert files.has(lists[3])


def test_what_a_killed_process_left_half_written_goes(tmp_path: Path) -> None:
    files = StateFiles(tmp_path, "a model")
    old, new = tmp_path / ".a.state.7.tmp", tmp_path / ".b.state.8.tmp"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    files.write(TOKENS, STATE)
    assert (old.exists(), new.exists()) == (False, True)


def test_prompts_say_what_recurs_in_them() -> None:
    asked = PROMPT.ask("a row")
    assert [message.recurs for message in asked] == [True] * (len(asked) - 1) + [False]
    codec = Codec(ScriptedBackend().vocabulary)
    ids, length = codec.prompt(asked), codec.recurring(asked)
    assert ids[:length] == codec.prompt(PROMPT.ask("another"))[:length]
    assert b"".join(map(codec.vocabulary.piece, ids[length:])).startswith(b"a row")


def test_only_a_folder_that_was_asked_for_takes_states(tmp_path: Path) -> None:
    assert kept_folder(Settings()) is None
    folder = kept_folder(Settings(cache=str(tmp_path)))
    assert folder
    assert folder.parent == tmp_path


def test_an_engine_without_what_is_kept_is_the_same_otherwise() -> None:
    spec = {**fault_spec(sequences=2), "kept": "[crash]"}
    assert without_kept(spec) == fault_spec(sequences=2)
