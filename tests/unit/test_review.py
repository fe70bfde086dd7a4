"""The review's decisions and its server: durable, keyed by content, closed to everyone else."""

from __future__ import annotations

import errno
import http.client
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from realign_local.base.errors import DiskError, UsageError
from realign_local.commands.export import export_run
from realign_local.gates import judge
from realign_local.report.loopback import MOST_BODY_BYTES, ReviewServer
from realign_local.report.review_state import Review
from realign_local.report.rows import shown_rows
from realign_local.run.files.decisions import (
    REVIEW,
    Decision,
    DecisionLog,
    read_review,
)
from realign_local.run.files.finished import open_finished
from tests.reported import make_run
from tests.vouched import vouch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


@pytest.fixture
def server(folder: Path) -> Iterator[ReviewServer]:
    with closing(Review(folder, judge)) as review, ReviewServer(review, title="run") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: ReviewServer, path: str, body: Any = None, *, method: str = "", **headers: str
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request, with the token; headers in the place of the usual ones."""
    line = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
    usual = {"Content-Type": "application/json"} if body is not None else {}
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    full = path if path.startswith("/") else f"/{server.token}/{path}"
    with closing(line):
        line.request(method or ("POST" if data else "GET"), full, data, {**usual, **asked})
        answer = line.getresponse()
        text = answer.read()
        kind = answer.getheader("Content-Type")
        return answer.status, json.loads(text) if kind == "application/json" else {}


def keys(folder: Path) -> list[str]:
    return [shown.key for shown in shown_rows(open_finished(folder))]


def exported(folder: Path, tmp_path: Path, target: str = "messages") -> list[dict[str, Any]]:
    out = tmp_path / "out" / f"{target}.jsonl"
    export_run(folder, out, target=target)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]


def test_export_honours_every_kind_of_decision(folder: Path, tmp_path: Path) -> None:
    before = [row["messages"][-1]["content"] for row in exported(folder, tmp_path)]
    key, shown = keys(folder), list(shown_rows(open_finished(folder)))
    log = DecisionLog(folder)
    log.add(Decision(key[0], "accept"))
    log.add(Decision(key[3], "reject"))
    log.add(Decision(key[6], "edit", "By hand."))
    log.add(Decision(key[7], "edit", "By hand, too."))
    log.add(Decision(key[9], "reject"))
    log.add(Decision(key[9], "undecided"))
    log.close()
    after = [row["messages"][-1]["content"] for row in exported(folder, tmp_path)]
    changed = [text for old, text in zip(before, after, strict=True) if old != text]
    assert changed == [shown[3].record["original"], "By hand.", "By hand, too."]
    pairs = exported(folder, tmp_path, "dpo")
    won = {pair["realign_id"]: (pair["realign_won"], pair["realign_why"]) for pair in pairs}
    assert won["mill-3"] == ("original", "rejected in the review")
    assert won["mill-6"] == ("rewritten", "in the form of its task; passed review")
    assert [pair["chosen"][0]["content"] for pair in pairs].count("By hand.") == 1


def test_a_decision_does_not_outlive_the_text_it_was_made_on(folder: Path, tmp_path: Path) -> None:
    key = keys(folder)[0]
    log = DecisionLog(folder)
    log.add(Decision(key, "edit", "By hand."))
    log.close()
    for name in ("output.jsonl", "provenance.jsonl"):
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"seven oars", b"eight oars"))
    vouch(folder)
    assert "eight oars" in exported(folder, tmp_path)[0]["messages"][-1]["content"]


def test_decisions_on_other_texts_are_said_not_to_be_applied(folder: Path, tmp_path: Path) -> None:
    key = keys(folder)
    for decision in (Decision(key[3], "reject"), Decision("gone", "edit", "By hand.")):
        with closing(DecisionLog(folder)) as log:
            log.add(decision)
    done = export_run(folder, tmp_path / "out" / "one.jsonl", target="messages")
    assert done.notes[:1] == ("1 response rejected in the review",)
    assert done.notes[-1] == ("review.jsonl: 1 decision belongs to other texts and was not applied")
    with closing(DecisionLog(folder)) as log:
        log.add(Decision("lost", "accept"))
    done = export_run(folder, tmp_path / "out" / "two.jsonl", target="dpo")
    assert done.notes[-1].endswith("2 decisions belong to other texts and were not applied")
    with closing(Review(folder, judge)) as review:
        assert review.stale == 2


def test_a_torn_line_costs_nothing_but_itself(folder: Path) -> None:
    log = DecisionLog(folder)
    log.add(Decision("a", "accept"))
    log.close()
    with (folder / REVIEW).open("ab") as file:
        file.write(b'{"key": "b", "verd')
    log = DecisionLog(folder)
    log.add(Decision("c", "reject"))
    log.close()
    assert {k: d.verdict for k, d in read_review(folder).decisions.items()} == {
        "a": "accept",
        "c": "reject",
    }


def test_a_full_disk_is_said_and_spoils_no_other_decision(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with closing(DecisionLog(folder)) as log:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(DiskError, match="No space"):
                log.add(Decision("a", "accept"))
        assert log.decisions == {}
        log.add(Decision("b", "reject"))
    assert read_review(folder).decisions["b"] == Decision("b", "reject")


def test_one_review_at_a_time(folder: Path) -> None:
    with closing(DecisionLog(folder)), pytest.raises(UsageError, match="being reviewed"):
        DecisionLog(folder)


def test_the_page_and_its_rows_are_served(server: ReviewServer) -> None:
    for path in ("", "columns", "block-0"):
        assert ask(server, path)[0] == 200
    assert ask(server, "decisions") == (200, {"decisions": {}})
    assert ask(server, "block-99")[0] == ask(server, "nothing")[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_foreign_hosts_and_origins_are_refused(
    server: ReviewServer, headers: dict[str, str]
) -> None:
    assert ask(server, "decisions", **headers)[0] == 403
    assert ask(server, "decide", {"row": 0}, **headers)[0] == 403


def test_two_host_headers_are_one_too_many(server: ReviewServer) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    with closing(line):
        line.putrequest("GET", f"/{server.token}/decisions")
        line.putheader("Host", "evil.example")
        line.endheaders()
        assert line.getresponse().status == 403


@pytest.mark.parametrize("path", ["/", "/x/", "/x/decisions", "/decisions", "//", "/%2e%2e/"])
def test_no_token_no_answer(server: ReviewServer, path: str) -> None:
    assert ask(server, path)[0] == 403
    assert ask(server, path, {"row": 0})[0] == 403
    assert ask(server, f"/{server.token}")[0] == 403


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "MADEUP"])
def test_other_methods_are_refused(server: ReviewServer, method: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    with closing(line):
        line.request(method, f"/{server.token}/")
        assert line.getresponse().status == 405


def test_bodies_are_bounded_and_must_be_json(server: ReviewServer) -> None:
    assert ask(server, "decide", b"x", Content_Length=str(MOST_BODY_BYTES + 1))[0] == 413
    assert ask(server, "decide", b"x", Content_Length="-1")[0] == 411
    assert ask(server, "decide", b"not json")[0] == 400
    assert ask(server, "decide", b"[" * 100_000)[0] == 400
    assert ask(server, "decide", b"[1]")[0] == 400
    half = {"row": 0, "key": "k", "verdict": "edit", "text": "half \ud800"}
    assert ask(server, "decide", half) == (400, {"error": "the text holds half a character"})
    assert ask(server, "decide", {"row": "0"})[0] == 400
    assert ask(server, "decide", {"row": 0}, Content_Type="text/plain")[0] == 415


def test_decisions_are_checked_and_then_on_the_disk(server: ReviewServer, folder: Path) -> None:
    key = keys(folder)
    wrong = [
        {"row": 0, "key": key[1], "verdict": "accept"},
        {"row": -1, "key": key[-1], "verdict": "accept"},
        {"row": 0, "key": key[0], "verdict": "edit", "text": "  "},
        {"row": 12, "key": key[12], "verdict": "accept"},
    ]
    assert [ask(server, "decide", body)[0] for body in wrong] == [409] * 4
    assert ask(server, "decide", {"row": 0, "key": key[0], "verdict": "burn"})[0] == 400
    assert read_review(folder).decisions == {}
    edit = {"row": 0, "key": key[0], "verdict": "edit", "text": "\u2028 \U0001f600"}
    assert ask(server, "decide", edit) == (200, {"ok": True})
    assert read_review(folder).decisions[key[0]] == Decision(key[0], "edit", "\u2028 \U0001f600")
    assert ask(server, "decisions")[1]["decisions"] == {
        key[0]: {"verdict": "edit", "text": "\u2028 \U0001f600"}
    }


def test_the_gates_look_at_an_edit(server: ReviewServer, folder: Path) -> None:
    original = list(shown_rows(open_finished(folder)))[8].record["original"]
    _, same = ask(server, "check", {"row": 8, "text": original})
    _, more = ask(server, "check", {"row": 8, "text": original + " It has 99 rooms."})
    assert same == {"findings": []}
    assert more["findings"][0]["reason"] == "number_added"
    assert "99" in more["findings"][0]["words"]
    assert ask(server, "check", {"row": 99, "text": ""})[0] == 409


def test_a_length_of_too_many_digits_is_refused(server: ReviewServer) -> None:
    status, told = ask(server, "decisions", {}, Content_Length="4" * 5000)
    assert (status, told) == (413, {"error": "too long"})


def test_a_text_that_was_damaged_is_not_a_persons_own(folder: Path, tmp_path: Path) -> None:
    log = DecisionLog(folder)
    log.add(Decision(keys(folder)[0], "edit", "Nine oars."))
    log.close()
    file = folder / "review.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Nine", b"Five"))
    assert read_review(folder).decisions == {}
    assert read_review(folder).unread == 1
    assert "Five oars" not in exported(folder, tmp_path)[0]["messages"][-1]["content"]
