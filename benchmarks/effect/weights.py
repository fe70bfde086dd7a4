"""A model and its tokenizer from a GGUF file or a folder, and the device that it is put on."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
PROBES = (
    "What is the capital of France?",
    "A box holds 12 eggs. How many eggs are in 7 boxes?",
)
PROBE_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Device:
    """Where the model is; `name` as the driver says it."""

    kind: str
    name: str
    versions: dict[str, str]


def device_of(asked: str) -> Device:
    """The device that is asked for; `auto` is CUDA's where torch has it."""
    import peft
    import torch
    import transformers

    kind = asked
    if asked == "auto":
        kind = "cuda" if torch.cuda.is_available() else "cpu"
    name = (
        torch.cuda.get_device_name(kind)
        if kind.startswith("cuda")
        else f"CPU, {os.cpu_count()} threads"
    )
    versions = {m.__name__: str(m.__version__) for m in (torch, transformers, peft)}
    return Device(kind, name, versions)


def load(path: Path, device: Device) -> tuple[Any, Any]:
    """Model (bfloat16 on a card, float32 on a CPU) and tokenizer; nothing is fetched.

    The weights of a GGUF are dequantized: the same numbers that llama.cpp multiplies by.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    quiet: Any = logging  # has no types
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    place, more = str(path), {}
    if path.is_file():
        place, more = str(path.resolve().parent), {"gguf_file": path.name}
    tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True, **more)
    dtype = torch.float32 if device.kind == "cpu" else torch.bfloat16
    model: Any = AutoModelForCausalLM.from_pretrained(
        place, local_files_only=True, dtype=dtype, **more
    )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.to(device.kind).eval(), tokenizer


def compare(path: Path) -> bool:
    """Whether the model answers as llama.cpp does with the same file, greedily; prints both."""
    import llama_cpp
    import torch

    model, tokenizer = load(path, device_of("cpu"))
    plain = llama_cpp.Llama(str(path), n_ctx=512, verbose=False)
    alike = True
    for probe in PROBES:
        turns = [{"role": "user", "content": probe}]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False).input_ids
        with torch.inference_mode():
            found = model.generate(
                torch.tensor([ids]), max_new_tokens=PROBE_TOKENS, do_sample=False
            )
        ours = tokenizer.decode(found[0][len(ids) :], skip_special_tokens=True).strip()
        said: Any = plain(ids, max_tokens=PROBE_TOKENS, temperature=0.0)
        theirs = said["choices"][0]["text"].strip()
        alike &= ours == theirs
        print(f"{probe}\n  here:      {ours!r}\n  llama.cpp: {theirs!r}")
    return alike


if __name__ == "__main__":
    print("the same" if compare(Path(sys.argv[1])) else "not the same")
