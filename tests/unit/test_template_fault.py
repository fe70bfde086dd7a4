"""A chat template is tried out once; one that fails is tried again, and told each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from realign_local.base.errors import EngineError
from realign_local.engine.chat import CHATML, ChatTemplate
from realign_local.run.models.template_fault import fault_of_template


def test_only_what_worked_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    fault: list[EngineError] = [EngineError("the chat template fails")]

    def check(template: ChatTemplate) -> None:
        tried.append(template._source)
        if fault:
            raise fault[0]

    monkeypatch.setenv("REALIGN_CACHE", str(tmp_path))
    monkeypatch.setattr(ChatTemplate, "check", check)
    for _ in range(2):
        assert fault_of_template(CHATML).startswith("the chat template fails; prompts take")
    fault.clear()
    assert [fault_of_template(CHATML) for _ in range(3)] == ["", "", ""]
    assert fault_of_template(CHATML + " ") == ""
    assert tried == [CHATML, CHATML, CHATML, CHATML + " "]
