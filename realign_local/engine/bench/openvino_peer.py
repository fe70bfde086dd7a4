"""OpenVINO's continuous batching on the same rows: the only file that touches `openvino_genai`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from realign_local.base.errors import EngineError
from realign_local.engine.bench.baselines import Answers, Asked
from realign_local.engine.capacity import Capacity

BLOCK_TOKENS = 32
"""A block of OpenVINO's cache on a CPU."""
ROOM = 2
"""Its cache holds keys and values in 8 bits: twice as many tokens in the memory of the others'."""
TELEMETRY = "openvino_telemetry"
DRAFT_TOKENS, NGRAM_TOKENS = 5, 3
"""Guesses from the prompt, as in OpenVINO's own example of prompt lookup."""


def openvino_answers(
    model: Path, capacity: Capacity, rows: Sequence[Asked], *, slots: int
) -> Answers:
    """Load the model, a folder of OpenVINO's or a GGUF file, then answer row by row as asked.

    Raises EngineError where OpenVINO refuses the model, or a step fails.
    """
    openvino_genai = _load()
    plan = openvino_genai.SchedulerConfig()
    plan.enable_prefix_caching = True
    plan.max_num_seqs = slots
    each = -(-capacity.context_tokens // capacity.sequences)
    plan.num_kv_blocks = ROOM * slots * -(-each // BLOCK_TOKENS)
    properties = {"INFERENCE_NUM_THREADS": capacity.threads, "prompt_lookup": True}
    try:
        pipeline = openvino_genai.ContinuousBatchingPipeline(
            str(model.absolute()), plan, "CPU", properties
        )
    except RuntimeError as error:
        raise EngineError(f"it refuses {model.name}: {_last_line(error)}") from error
    return _answers(pipeline, rows, slots=slots)


def _load() -> Any:
    # What it imports reports to a server of its makers, but for where this module is missing.
    sys.modules[TELEMETRY] = None  # type: ignore[assignment]
    try:
        import openvino_genai
    except ImportError as error:
        raise EngineError(f"it cannot be loaded: {error}") from error
    return openvino_genai


def _answers(pipeline: Any, rows: Sequence[Asked], *, slots: int) -> Iterator[tuple[str, str]]:
    """One more row a step until all slots are taken: a row finds only beginnings that are there."""
    running: list[tuple[Asked, Any]] = []
    waiting = list(enumerate(rows))[::-1]
    while waiting or running:
        try:
            if waiting and len(running) < slots:
                number, row = waiting.pop()
                config = _config(pipeline, row)
                running.append((row, pipeline.add_request(number, row.prompt, config)))
            pipeline.step()
        except RuntimeError as error:
            raise EngineError(f"it fails: {_last_line(error)}") from error
        done = [pair for pair in running if not _is_running(pair[1])]
        running = [pair for pair in running if _is_running(pair[1])]
        for row, handle in done:
            yield row.key, _text(pipeline, row, handle)


def _config(pipeline: Any, row: Asked) -> Any:
    """Greedy; a GGUF file brings no configuration, but its tokenizer knows the end of a turn."""
    config = pipeline.get_config()
    config.max_new_tokens = row.max_tokens
    config.do_sample = False
    config.apply_chat_template = False
    config.num_assistant_tokens, config.max_ngram_size = DRAFT_TOKENS, NGRAM_TOKENS
    config.stop_strings = set(row.stop)
    if config.eos_token_id < 0:
        config.set_eos_token_id(pipeline.get_tokenizer().get_eos_token_id())
    return config


def _is_running(handle: Any) -> bool:
    return str(handle.get_status()).endswith("RUNNING")


def _text(pipeline: Any, row: Asked, handle: Any) -> str:
    if not str(handle.get_status()).endswith("FINISHED"):
        raise EngineError("it leaves rows out")  # of those its cache has no room for
    ids = [token for output in handle.read_all() for token in output.generated_ids]
    text = str(pipeline.get_tokenizer().decode(ids))
    places = [place for stop in row.stop if (place := text.find(stop)) >= 0]
    return text[: min(places, default=len(text))]


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2]
