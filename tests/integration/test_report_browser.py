"""The report and the review in a real Chromium: render, filter, keys, no error on the console."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from realign_local.commands.export import export_run
from realign_local.report.rows import shown_rows
from realign_local.report.write import write_report
from realign_local.run.files.decisions import REVIEW, Decision, DecisionLog, read_review
from realign_local.run.files.finished import open_finished
from realign_local.run.files.run_scores import ScoredResponse, writing_scores
from tests.browser import Browser, browser_or_skip
from tests.reported import NASTY, make_run

SHOWN = "return document.querySelector('#detail h3')?.textContent"
NUMBERS = "return [...document.querySelectorAll('.line .number')].map(n => n.textContent)"
LINES = "return document.querySelectorAll('#space .line').length"
FOUND = "return document.querySelector('#found').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser_or_skip(tmp_path_factory.mktemp("chromium")) as browser:
        browser.command(
            "Emulation.setDeviceMetricsOverride",
            width=1200, height=800, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = make_run(tmp_path_factory.mktemp("report") / "run", rows=1000, long_chars=1_000_000)
    return write_report(run).as_uri()


def shows(browser: Browser, row: str) -> None:
    browser.until(f"{SHOWN} === arguments[0]", f"Row {row}")


def pick(browser: Browser, control: str, value: str) -> None:
    browser.run(
        "const node = document.getElementById(arguments[0]); node.value = arguments[1];"
        " node.dispatchEvent(new Event('change'))",
        control,
        value,
    )


def test_the_report_shows_filters_and_searches(browser: Browser, report: str) -> None:
    browser.open(report)
    assert "334 were rewritten" in browser.text(".lead")
    assert browser.run("return document.querySelectorAll('svg.plot').length") == 2
    assert browser.run(FOUND) == "1,001 responses"
    assert browser.run(LINES) < 60
    shows(browser, "0")
    pick(browser, "status", "kept")
    browser.until(f"{FOUND}.startsWith('333 of')")
    pick(browser, "task", "planning")
    browser.until(f"{FOUND}.startsWith('166 of')")
    browser.run("document.getElementById('clear').click()")
    browser.until(f"{FOUND} === '1,001 responses'")
    browser.run("document.querySelector('button[data-reason=\"malformed_row\"]').click()")
    shows(browser, "1000")
    browser.run("document.getElementById('clear').click()")
    browser.keys("/")
    browser.type("mill 777 TURNS")
    browser.until(f"{FOUND} === '1 of 1,001'")
    browser.keys("Escape", "j")
    shows(browser, "777")
    assert browser.complaints() == []


def test_keys_addresses_and_samples(browser: Browser, report: str) -> None:
    browser.open(f"{report}#row=17")
    shows(browser, "17")
    browser.keys("j", "j", "k")
    shows(browser, "18")
    assert browser.run("return location.hash") == "#row=18"
    browser.keys("r")  # rejects in the review: here it is nothing
    assert browser.run(FOUND) == "1,001 responses"
    browser.keys("s")
    browser.until(f"{FOUND} === '20 drawn at random'")
    drawn = browser.run(NUMBERS)
    assert len(set(drawn)) == len(drawn)
    assert all(int(row) % 3 == 0 for row in drawn)
    shared = browser.run("return location.href")
    browser.run("document.getElementById('clear').click()")
    browser.run("location.href = arguments[0]", shared)
    browser.until(f"{FOUND} === '20 drawn at random'")
    again = browser.run(NUMBERS)
    assert again == drawn
    assert browser.complaints() == []


def test_words_are_marked_by_who_wrote_them(browser: Browser, report: str) -> None:
    browser.open(f"{report}#row=18")
    shows(browser, "18")
    found = "[...document.querySelectorAll('.sides .' + arguments[0])]"
    marks = f"return {found}.map(n => n.textContent)"
    assert browser.run(marks, "program") == ["To begin:", "1."]
    assert browser.run(marks, "model") == ["seven oars help."]
    assert "Mills › Oars" in browser.text(".evidence .source")
    assert browser.run("return document.querySelectorAll('.sides .removed').length") == 0


DIFF_LAW = """
  const bad = [], words = ["ab", "cd", "ef", "gh", "ij"];
  const draw = (n) => Math.floor(Math.random() * n);
  for (let round = 0; round < 400; round++) {
    const text = () => Array.from({ length: draw(25) }, () => words[draw(5)]).join(" ");
    const a = text(), b = text(), [x, y] = Words.compare(a, b);
    const same = (side) => side.words.filter((_, i) => side.kinds[i] === Words.SAME).join(" ");
    if (same(x) !== same(y) || x.words.join(" ") !== a || y.words.join(" ") !== b) bad.push([a, b]);
  }
  return bad;
"""


def test_what_the_diff_leaves_unmarked_is_the_same_on_both_sides(
    browser: Browser, report: str
) -> None:
    browser.open(report)
    assert browser.run(DIFF_LAW) == []
    moved = "return [...Words.compare('a b c d e f g h', 'e f g h a b c d')[1].kinds].join('')"
    assert sorted(set(browser.run(moved))) == ["0", "2"]


def test_nasty_texts_are_only_texts(browser: Browser, report: str) -> None:
    browser.open(report)
    for row, text in enumerate(NASTY):
        browser.run("location.hash = arguments[0]", f"#row={row}")
        shows(browser, str(row))
        # Lengths and truth values only: the driver cannot pass a lone surrogate on.
        assert browser.run(
            "return document.querySelector('#detail .request .text').innerText.length"
        )
        if text.isascii() and "\x00" not in text:
            holds = "document.querySelector('#detail').textContent.includes(arguments[0])"
            assert browser.run(f"return {holds}", text)
    assert browser.run("return window.hacked === undefined")
    asked = "performance.getEntriesByType('resource').map(e => e.name)"
    assert browser.run(f"return {asked}.filter(name => !name.startsWith('data:'))") == []
    assert browser.complaints() == []


def test_the_policy_stops_what_would_get_in(browser: Browser, report: str) -> None:
    browser.open(report)
    browser.run(
        "const bad = document.createElement('script'); bad.textContent = 'window.hacked = 1';"
        " document.body.append(bad);"
        " const pixel = new Image(); pixel.src = 'http://127.0.0.1:9/x';"
        " document.body.append(pixel)"
    )
    assert browser.run("return window.hacked === undefined")
    assert sum("Content Security Policy" in line for line in browser.complaints()) >= 2


def start(run: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "realign_local", "review", str(run)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_review_survives_a_kill_and_reaches_the_export(browser: Browser, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    process, address = start(run)
    try:
        browser.open(address)
        shows(browser, "0")
        browser.keys("a")
        shows(browser, "1")
        browser.keys("j", "j")
        shows(browser, "3")
        browser.keys("r")
        shows(browser, "4")
        browser.keys("e")
        browser.until("return document.activeElement.tagName === 'TEXTAREA'")
        browser.until("return document.querySelector('.findings').textContent")
        browser.keys("Control+a")
        browser.type("Mill 99 by hand.")
        findings = "document.querySelector('.findings').textContent"
        browser.until(f"return {findings}.includes('number_lost')")
        browser.keys("Control+Enter")
        shows(browser, "5")
        assert browser.text("#said") == "3 of 13 decided"
        assert browser.complaints() == []
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert len(read_review(run).decisions) == 3
    process, address = start(run)
    try:
        browser.open(f"{address}#row=3")
        shows(browser, "3")
        assert browser.run("return document.getElementById('reject').ariaPressed") == "true"
        browser.keys("u")
        browser.until("return document.getElementById('said').textContent === '2 of 13 decided'")
        pick(browser, "verdict", "edit")
        browser.until(f"{FOUND} === '1 of 13'")
        assert browser.complaints() == []
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    export_run(run, tmp_path / "out.jsonl", target="messages")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    exported = [json.loads(line)["messages"][-1]["content"] for line in lines]
    assert exported.count("Mill 99 by hand.") == 1
    assert len((run / REVIEW).read_bytes().splitlines()) == 4


def decided_run(folder: Path) -> Path:
    """A run that somebody has scored and reviewed."""
    run = make_run(folder, rows=30)
    keys = [shown.key for shown in shown_rows(open_finished(run))]
    with closing(DecisionLog(run)) as log:
        log.add(Decision(keys[0], "accept"))
        log.add(Decision(keys[3], "reject"))
        log.add(Decision(keys[4], "edit", "Mill 4 by hand."))
    with writing_scores(run, model="a model", judge="") as record:
        for row in range(30):
            lower, higher = {"helpfulness": 3.0, "accuracy": 3.5}, {"helpfulness": 4.8}
            record(ScoredResponse(row, 0, "open_qa", lower, {**lower, **higher}))  # type: ignore[typeddict-item]
    return run


def test_the_report_shows_what_was_decided(browser: Browser, tmp_path: Path) -> None:
    browser.open(write_report(decided_run(tmp_path / "run")).as_uri())
    assert "decided on 3 of 31 responses" in browser.text("#reviewed")
    pick(browser, "verdict", "edit")
    browser.until(f"{FOUND} === '1 of 31'")
    browser.open(f"{(tmp_path / 'run' / 'report.html').as_uri()}#row=4")
    shows(browser, "4")
    assert "Mill 4 by hand." in browser.text(".sides")
    browser.run("document.querySelector('button[data-verdict=\"reject\"]').click()")
    shows(browser, "3")
    assert "rejected: the original is exported" in browser.text(".sides")
    assert "✗ reject" in browser.text(".line .under")
    assert browser.complaints() == []


HIDDEN = """return [...document.querySelectorAll('main td, main tbody th')].filter((cell) =>
  cell.textContent.trim() && !cell.closest('details, thead')
  && !cell.getClientRects().length).length"""
BEYOND = """return [...document.querySelectorAll('main *, #rows *')].filter((node) =>
  !node.closest('thead, #space, svg, details')
  && node.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.mark.parametrize("width", [320, 360, 600, 900])
def test_a_narrow_screen_hides_nothing(browser: Browser, tmp_path: Path, width: int) -> None:
    page = write_report(decided_run(tmp_path / "run"))
    name, size = "Emulation.setDeviceMetricsOverride", {"height": 800, "deviceScaleFactor": 1}
    browser.command(name, width=width, mobile=width < 600, **size)
    try:
        browser.open(page.as_uri())
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(HIDDEN) == browser.run(BEYOND) == 0
        label = "getComputedStyle(document.querySelector('.tasks tbody td'), '::before').content"
        assert (browser.run(f"return {label}") == '"responses"') == (width < 576)
    finally:
        browser.command(name, width=1200, mobile=False, **size)
