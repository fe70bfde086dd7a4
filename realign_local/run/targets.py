"""One finished row as the records of each trainer's format; pure, no files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from realign_local.base.plugins import plugged
from realign_local.base.reasons import Reason, Status
from realign_local.data.calls import as_text, tools_of
from realign_local.data.conversation import Spoken
from realign_local.run.target_rows import (
    CALLS,
    CARRIED,
    Finished,
    Judged,
    Left,
    Records,
    Target,
    Unfit,
)

BATCH_MAX_TOKENS = 2048
ROLES = {"call": "assistant"}
SPEAKERS = {
    "system": "system",
    "user": "human",
    "assistant": "gpt",
    "call": "function_call",
    "tool": "observation",
}


def _whole(row: Finished, *, tools: bool = False) -> tuple[Spoken, ...]:
    """All turns, provided that their texts, and calls where there is a place, are all there is."""
    if row.row.conversation is None:
        raise Unfit(Reason.MALFORMED_ROW.value)
    if row.row.conversation.left:  # what the row is about stands beside its turns
        raise Unfit(Reason.NOTHING_TO_REWRITE.value)
    for turn in row.turns:
        if turn.role in ("call", "tool") and not tools:
            raise Unfit("has_tool_calls")
        if "parts" in turn.beside:
            raise Unfit("has_other_than_text")
        if turn.role == "assistant" and turn.path is None:
            raise Unfit("has_empty_turn")
    return row.turns


def _answered(row: Finished) -> int:
    """The turn of the last response; raises Unfit for a row that has none, or calls of tools."""
    _whole(row)
    if not row.has_response:
        raise Unfit(Reason.NOTHING_TO_REWRITE.value)
    return row.answer_turn


def messages_of(turns: Iterable[Spoken]) -> list[dict[str, Any]]:
    return [_message(turn) for turn in turns]


def _message(turn: Spoken) -> dict[str, Any]:
    if turn.role != "call":
        answers = {"tool_call_id": turn.call_id} if turn.call_id else {}
        return {"role": turn.role, "content": turn.text, **answers}
    if not turn.calls:
        raise Unfit("has_tool_calls")
    said = turn.text if CALLS & set(turn.beside) else ""  # else the text is the calls themselves
    return {"role": "assistant", "content": said, "tool_calls": json.loads(turn.calls)}


def _items(turns: Iterable[Spoken]) -> list[dict[str, str]]:
    return [{"from": SPEAKERS[turn.role], "value": _value(turn)} for turn in turns]


def _value(turn: Spoken) -> str:
    """The text; of calls that stand in a field of their own, what LLaMA-Factory reads there."""
    if turn.role != "call" or not CALLS & set(turn.beside):
        return turn.text
    if not turn.calls or turn.text.strip():
        raise Unfit("has_tool_calls")
    return as_text(turn.calls)


def _to_messages(row: Finished, columns: Left) -> Records:
    yield _with_tools(row, columns, {"messages": messages_of(_whole(row, tools=True))})


def _with_tools(row: Finished, columns: Left, record: dict[str, Any]) -> dict[str, Any]:
    if "tools" not in columns:
        return record
    return {**record, "tools": tools_of(_tools(row)) or []}


def _tools(row: Finished) -> str:
    return row.row.conversation.tools if row.row.conversation else ""


def _tools_column(row: Finished) -> Left:
    """`tools`, where the row offers some that can be written as a list."""
    return frozenset({"tools"} if tools_of(_tools(row)) else ())


def _shows_calls(record: dict[str, Any]) -> bool:
    turns = [*record.get("messages", ()), *record.get("prompt", ()), *record.get("completion", ())]
    return bool(record.get("tools")) or any("tool_calls" in turn for turn in turns)


def _to_sharegpt(row: Finished, columns: Left) -> Records:
    record: dict[str, Any] = {"conversations": _items(_whole(row, tools=True))}
    yield {**record, "tools": _tools(row)} if "tools" in columns else record


def _sharegpt_columns(row: Finished) -> Left:
    return frozenset({"tools"} if _tools(row) else ())


def _to_realign(row: Finished, _: Left) -> Records:
    first, *rest = _items(_whole(row))
    found = row.row.samples[-1]
    label = {"category": row.last.task or found.category, "evidence": list(found.given_evidence)}
    changed = any(judged.status == Status.REWRITTEN for judged in row.judged.values())
    yield {
        "id": row.id,
        "items": [{**first, **label}, *rest],
        "tag": "rewrite" if changed else "original",
    }


def _to_alpaca(row: Finished, columns: Left) -> Records:
    turn = _answered(row)
    system, rounds, asked = _rounds(row.before(turn))
    extra = row.row.conversation.input if row.row.conversation else ""
    record = {
        "instruction": _without(asked, extra),
        "input": extra,
        "output": row.response(turn).text,
        "system": system,
        "history": rounds,
    }
    yield {
        k: v for k, v in record.items() if k in columns or k in ("instruction", "input", "output")
    }


def _alpaca_columns(row: Finished) -> Left:
    if row.row.conversation is None or not row.has_response:
        return frozenset()
    before = row.before(row.answer_turn)
    used = {"system"} if any(turn.role == "system" for turn in before) else set()
    return frozenset(used | ({"history"} if any(t.role == "assistant" for t in before) else set()))


def _has_history(record: dict[str, Any]) -> bool:
    return bool(record.get("history"))


def _without(asked: str, extra: str) -> str:
    """A request without the input that was joined to it."""
    return asked.removesuffix(extra).removesuffix("\n\n") if extra else asked


def _rounds(before: Sequence[Spoken]) -> tuple[str, list[list[str]], str]:
    """System text, earlier rounds and the request; raises Unfit where turns do not alternate."""
    has_system = bool(before) and before[0].role == "system"
    system, spoken = (before[0].text, before[1:]) if has_system else ("", before)
    expected = ["user", "assistant"] * (len(spoken) // 2) + ["user"]
    if [turn.role for turn in spoken] != expected:
        raise Unfit("turns_do_not_alternate")
    texts = [turn.text for turn in spoken]
    return system, [list(pair) for pair in zip(texts[::2], texts[1::2], strict=False)], texts[-1]


def _to_prompt_completion(row: Finished, columns: Left) -> Records:
    """A call of a tool is a completion too, where the row ends with it."""
    turns = _whole(row, tools=True)
    if row.has_response:
        before, answer = row.before(row.answer_turn), row.response(row.answer_turn)
    elif turns[-1].role == "call":
        before, answer = turns[:-1], turns[-1]
    else:
        raise Unfit(Reason.NOTHING_TO_REWRITE.value)
    record = {"prompt": messages_of(before), "completion": messages_of([answer])}
    yield _with_tools(row, columns, record)


def _to_batch(row: Finished, _: Left) -> Records:
    asked = _whole(row)
    body = {
        "model": row.model,
        "messages": messages_of(row.before(row.answer_turn) if row.has_response else asked),
        "max_tokens": BATCH_MAX_TOKENS,
    }
    url = "/v1/chat/completions"
    yield {"custom_id": f"row-{row.index:06d}", "method": "POST", "url": url, "body": body}


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """A request with the response that won, the one that lost, and why."""

    before: tuple[Spoken, ...]
    won: str
    lost: str
    why: dict[str, str]


def pairs_of(row: Finished) -> Iterator[PreferencePair]:
    """One for each response that has two texts; raises Unfit where none has, naming the status."""
    _answered(row)
    found = [pair for judged in row.judged.values() if (pair := _pair(row, judged))]
    if not found:
        raise Unfit(row.last.status)
    yield from found


def _pair(row: Finished, judged: Judged) -> PreferencePair | None:
    """A rewrite that passed beats the original; the original beats one that a gate turned down.

    Where a judge just did not prefer the rewrite, nobody knows which is better: no pair.
    """
    slot = row.row.slots.get(judged.turn)
    if slot is None:
        return None
    if judged.status == Status.REWRITTEN:
        winner, loser = row.response(judged.turn).text, slot.thought + judged.original
        why = f"in the form of its task; passed {', '.join(judged.passed) or 'no gate'}"
    elif judged.rejected and (judged.failed or judged.reason != Reason.NOT_BETTER):
        winner, loser = slot.thought + judged.original, slot.thought + judged.rejected
        why = ": ".join(text for text in (judged.reason, judged.detail) if text)
    else:
        return None
    about = {
        "realign_id": judged.id,
        "realign_task": judged.task,
        "realign_won": "rewritten" if judged.status == Status.REWRITTEN else "original",
        "realign_why": why,
    }
    return PreferencePair(row.before(judged.turn), winner, loser, about)


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _to_dpo(row: Finished, _: Left) -> Records:
    for pair in pairs_of(row):
        chosen, rejected = _said(pair.won), _said(pair.lost)
        yield {
            "prompt": messages_of(pair.before),
            "chosen": chosen,
            "rejected": rejected,
            **pair.why,
        }


def _to_kto(row: Finished, _: Left) -> Records:
    for pair in pairs_of(row):
        for text, label in ((pair.won, True), (pair.lost, False)):
            record = {"prompt": messages_of(pair.before), "completion": _said(text), "label": label}
            yield {**record, **pair.why}


def _dpo_companion(row: Finished, _: Left) -> Records:
    for pair in pairs_of(row):
        chosen, rejected = ({"from": "gpt", "value": t} for t in (pair.won, pair.lost))
        texts = {"chosen": chosen, "rejected": rejected}
        yield {"conversations": _items(pair.before), **texts, **pair.why}


def _kto_companion(row: Finished, _: Left) -> Records:
    for pair in pairs_of(row):
        for text, label in ((pair.won, True), (pair.lost, False)):
            turns = [*_items(pair.before), {"from": "gpt", "value": text}]
            yield {"conversations": turns, "label": label, **pair.why}


TARGETS = {
    "realign": Target(_to_realign),
    "alpaca": Target(_to_alpaca, _alpaca_columns, leads=_has_history),
    "sharegpt": Target(_to_sharegpt, _sharegpt_columns, carries=CALLS),
    "messages": Target(_to_messages, _tools_column, leads=_shows_calls, carries=CARRIED),
    "prompt-completion": Target(
        _to_prompt_completion, _tools_column, leads=_shows_calls, carries=CARRIED
    ),
    "dpo": Target(_to_dpo, companion=_dpo_companion),
    "kto": Target(_to_kto, companion=_kto_companion),
    "openai-batch": Target(_to_batch),
}


@cache
def all_targets() -> dict[str, Target]:
    """The program's own, and those of other packages (entry points `realign_local.targets`)."""
    return {**TARGETS, **plugged("targets", taken=TARGETS, of=Target)}
