"""What chat templates may use, the limits that they run under, and who says that one fails."""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import datetime
from pathlib import Path

import pytest

from realign_local.base.errors import EngineError
from realign_local.commands import doctor
from realign_local.commands.doctor import Wanted, diagnose
from realign_local.engine.chat import CHATML, HINT, ChatTemplate, Fragment
from realign_local.engine.process.template_child import compile_template
from realign_local.engine.request import Message
from tests.scripted import ScriptedTools, run
from tests.unit.test_gguf import METADATA, write_gguf
from tests.unit.test_pipeline import Told

SYSTEM, USER, ANSWER = (
    Message("system", "Be kind."),
    Message("user", "Why?"),
    Message("assistant", "So."),
)
SHOWN = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"


def plain(fragments: list[Fragment]) -> str:
    return "".join(fragment.text for fragment in fragments)


def fault_of(source: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        ChatTemplate(source).check()
    return caught.value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% generation %}a{% endgeneration %}b", "ab"),
        ("{%- generation -%} a {%- endgeneration -%} b", "ab"),
        ("{% set x = 1 %}{% generation %}{{ x }}{% set x = 2 %}{% endgeneration %}{{ x }}", "11"),
        ("{% for i in [1, 2, 3, 4] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}"
         "{% if i == 3 %}{% break %}{% endif %}{% endfor %}", "13"),
        ("{{ {'b': 'é<', 'a': 1} | tojson }}", '{"b": "é<", "a": 1}'),
        ("{{ {'b': 'é', 'a': 1} | tojson(ensure_ascii=True, sort_keys=True) }}",
         '{"a": 1, "b": "\\u00e9"}'),
        ("{{ [1, 2] | tojson(separators=(',', ':')) }}", "[1,2]"),
        ("{{ [1] | tojson(indent=1) }}", "[\n 1\n]"),
        ("  {% if true %}\na\n  {% endif %}\nb", "a\nb"),
        ("{% set n = namespace(k=1) %}{% set n.k = 2 %}{{ n.k }}{{ dict(a=1).a }}", "21"),
        ("{{ dict.fromkeys(['a'], 3).a }}", "3"),
        ("{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ documents is none }}", "BETrueTrue"),
        ("{{ strftime_now('%Y') }}", str(datetime.now().year)),
    ],
)  # fmt: skip
def test_templates_have_what_transformers_offers(source: str, text: str) -> None:
    shown = plain(ChatTemplate(source + SHOWN, bos="B", eos="E").render([USER]))
    assert shown == f"{text}<user>Why?"


def test_what_transformers_itself_gives_is_given_here() -> None:
    utils = pytest.importorskip("transformers.utils.chat_template_utils")
    source = (
        "{% for m in messages %}\n  {%- if m.role == 'assistant' %}\n{% generation %}\n"
        "{{ m.content }}\n{% endgeneration %}\n  {%- else %}\n[{{ m | tojson(indent=2) }}]\n"
        "  {% endif %}\n{% endfor %}{{ add_generation_prompt }}"
    )
    rows = [{"role": "user", "content": "é"}, {"role": "assistant", "content": "x"}]
    (theirs,), _ = utils.render_jinja_template(
        [rows], None, None, source, add_generation_prompt=True
    )
    shown = plain(ChatTemplate(source).render([Message(**row) for row in rows]))
    assert shown == theirs


def test_an_order_of_roles_is_rendered_once_and_filled_with_each_rows_words() -> None:
    template = ChatTemplate(SHOWN)
    assert plain(template.render([USER, ANSWER, USER])) == "<user>Why?<assistant>So.<user>Why?"
    begun = time.monotonic()
    for number in range(200):
        assert plain(template.render([Message("user", str(number)), ANSWER, USER])).startswith(
            f"<user>{number}<assistant>"
        )
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{% for %}", "cannot be read: line 1"),
        ("{% nosuchtag %}", "unknown tag 'nosuchtag'"),
        ("{{ raise_exception('not today') }}", "refuses: not today"),
        ("no contents", "does not show each message once"),
        (SHOWN + SHOWN, "does not show each message once"),
        (SHOWN + "{{ 1 // 0 }}", "ZeroDivisionError"),
        (SHOWN + "{{ 2.0 ** 5000 }}", "OverflowError"),
        (SHOWN + "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "RecursionError"),
        (SHOWN + "{{ messages.nothing.more }}", "UndefinedError"),
        (SHOWN + "{{ messages.__class__.__mro__ }}", "SecurityError"),
        (SHOWN + "{% set n = namespace(_x=1) %}", "SecurityError"),
        (SHOWN + "{{ messages.append(1) }}", "SecurityError"),
        (SHOWN + "{{ 'ab' * 10**10 }}", "MiB of memory"),
        (SHOWN + "{{ 'x'.center(10**11) }}", "MiB of memory"),
        (SHOWN + "{{ '%9999999999d' % 1 }}", "fails|MiB of memory"),
        (SHOWN + "{% set n = namespace(s='ab') %}{% for i in range(60) %}"
         "{% set n.s = n.s + n.s %}{% endfor %}", "MiB of memory"),
        (SHOWN + "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "RecursionError"),
        (SHOWN + "{{ 'x' * 2000000 }}", "more than 1,000,000 characters"),
        (SHOWN + "{% for i in range(300000) %}{% endfor %}", "OverflowError: Range too big"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_told_in_one_line(source: str, words: str) -> None:
    fault = fault_of(source)
    assert re.search(words, str(fault)), fault
    assert "\n" not in str(fault)
    assert (str(fault).startswith("the chat template "), fault.hint) == (True, HINT)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 7 ** (7 ** 10) }}",
    ],
)
def test_a_template_without_end_is_ended(source: str) -> None:
    begun = time.monotonic()
    assert "more than 5 s of computing" in str(fault_of(SHOWN + source))
    assert time.monotonic() - begun < 50


def test_the_way_to_chatml_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        shown = ChatTemplate("{{ 1 / 0 }}").render([SYSTEM, USER])
    assert shown == ChatTemplate(CHATML).render([SYSTEM, USER])
    assert "ZeroDivisionError" in caplog.text


def test_what_needs_no_system_role_or_has_no_template_is_no_fault() -> None:
    ChatTemplate("").check()
    alternating = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
    ChatTemplate(alternating + SHOWN).check()
    assert compile_template("{{ 1 }}").render() == "1"


@pytest.mark.parametrize(("source", "ok"), [(SHOWN, True), ("{{ 1 / 0 }}", False), ("", True)])
def test_the_doctor_looks_at_the_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, ok: bool
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(write_gguf(path, {**METADATA, "tokenizer.chat_template": source}))
    for name in ("_decode", "_encoder", "_build", "_memory", "_model_hash", "_judge"):
        monkeypatch.setattr(doctor, name, lambda *_: doctor.CheckResult("other", False, ""))
    found = {finding.name: finding for finding in diagnose(Wanted(model=str(path)))}
    assert found["chat template"].ok is ok
    assert bool(found["chat template"].hint) is not ok


def test_a_run_warns_of_it_where_a_row_needs_the_model(tmp_path: Path) -> None:
    fault = "the chat template fails: ZeroDivisionError"
    bare = {"instruction": "Who built the mill?", "output": "Ada Crane"}
    mended = {"instruction": "Tell me of it.", "output": "Sure, here you go!\n\nIt grinds wheat."}
    for task, row, warnings in (
        ("open_qa", bare, [fault]),
        ("information_extraction", mended, []),
    ):
        source, told = tmp_path / f"{task}.jsonl", Told()
        source.write_text(json.dumps(row) + "\n", encoding="utf-8")
        tools = ScriptedTools(task, answer=lambda _: ["It is so."], template_fault=fault)
        run(source, tmp_path / task, tools, progress=told)
        assert (tools.started, told.warnings) == (len(warnings), warnings)
