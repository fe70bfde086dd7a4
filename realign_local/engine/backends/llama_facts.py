"""What llama.cpp says of itself and of the cards; each function for a process that does no more."""

from __future__ import annotations

import os
import re
from typing import Any

from realign_local.base.errors import EngineError
from realign_local.engine.backends.ggml import cuda_runtime
from realign_local.engine.backends.llama import LlamaVocabulary, load_bindings, load_ggml

OFFLOADED = re.compile(r"offloaded (\d+)/(\d+) layers")
TROUBLE = re.compile(r"fail|error|insufficient|no \S+-capable|not found|no devices", re.IGNORECASE)
LISTENING: list[Any] = []


def system_facts() -> dict[str, Any]:
    """What this build of llama.cpp is: version, CPU features, backends for cards compiled in.

    Whether there is a card for them is another matter, which the driver decides anew each time.
    """
    llama_cpp = load_bindings()
    shown = llama_cpp.llama_print_system_info().decode("utf-8", "replace")
    pairs = [part.rpartition(":")[2].split("=") for part in shown.split("|") if "=" in part]
    backends = load_ggml().backends()
    return {
        "version": llama_cpp.__version__,
        "features": [name.strip() for name, value in pairs if value.strip() not in ("", "0")],
        "gpu_offload": bool(backends),
        "gpu_backends": backends,
    }


def device_facts() -> dict[str, Any]:
    """The cards that this build can use now; where it finds none, what it said about that."""
    heard = _listen(load_bindings().llama_cpp)
    devices = load_ggml().devices()
    said = [line.strip() for line in "".join(heard).splitlines() if TROUBLE.search(line)]
    return {"devices": devices, "runtime": cuda_runtime(), "said": said}


def offload_facts(model: str, layers: int) -> dict[str, Any]:
    """How many layers go to a card when the model is loaded so, by llama.cpp's own report."""
    lib = load_bindings().llama_cpp
    heard = _listen(lib)
    lib.llama_backend_init()
    free_bytes = sum(device["free_bytes"] for device in load_ggml().devices())
    params = lib.llama_model_default_params()
    params.n_gpu_layers = layers
    loaded = lib.llama_model_load_from_file(os.fsencode(model), params)
    if not loaded:
        raise EngineError(f"llama.cpp cannot load {model}")
    taken_bytes = free_bytes - sum(device["free_bytes"] for device in load_ggml().devices())
    lib.llama_model_free(loaded)
    report = OFFLOADED.findall("".join(heard)) or [("0", "0")]
    return {"layers": int(report[-1][0]), "of": int(report[-1][1]), "taken_bytes": taken_bytes}


def chat_facts(model: str) -> dict[str, Any]:
    """The chat template, the texts of its two control tokens, and whether prompts open with BOS."""
    lib = load_bindings().llama_cpp
    params = lib.llama_model_default_params()
    params.vocab_only = True
    loaded = lib.llama_model_load_from_file(os.fsencode(model), params)
    if not loaded:
        raise EngineError(f"llama.cpp cannot load {model}")
    words = LlamaVocabulary(lib, loaded)
    return {
        "template": words.chat_template,
        "bos": words.bos,
        "eos": words.eos,
        "opens": bool(words.opening()),
    }


def _listen(lib: Any) -> list[str]:
    """What llama.cpp logs from now on; only for a process that does this alone."""
    heard: list[str] = []

    @lib.llama_log_callback  # type: ignore[untyped-decorator]
    def hear(_level: int, text: bytes, _data: Any) -> None:
        heard.append(text.decode("utf-8", "replace"))

    lib.llama_log_set(hear, None)
    LISTENING.append(hear)  # llama.cpp goes on calling it
    return heard
