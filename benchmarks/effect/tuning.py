"""Fine-tuning by LoRA in a plain loop, and asking many questions at once."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SYSTEM = "Solve the problem step by step. End with a line that holds #### and the result alone."
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARM_UP = 0.05
IGNORED = -100
"""What the loss of transformers leaves out."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What training may take, the same for every arm; LoRA's alpha is twice the rank."""

    epochs: int = 2
    batch: int = 16
    rate: float = 2e-4
    rank: int = 16
    most_tokens: int = 512

    def steps(self, rows: int) -> int:
        """Steps of the optimizer; the last batch of an epoch may be a small one."""
        return self.epochs * math.ceil(rows / self.batch)


@dataclass(frozen=True, slots=True)
class Example:
    """Tokens of a request and of its answer, which alone is learned."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]


def examples(tokenizer: Any, rows: Sequence[dict[str, str]], most_tokens: int) -> list[Example]:
    """Alpaca rows as tokens; the answer ends with the token that ends a turn."""
    made = []
    for row in rows:
        request = "\n\n".join(part for part in (row["instruction"], row.get("input", "")) if part)
        prompt = tokenizer(_asked(tokenizer, request), add_special_tokens=False).input_ids
        answer = tokenizer(row["output"], add_special_tokens=False).input_ids
        answer = [*answer, tokenizer.eos_token_id][: max(1, most_tokens - len(prompt))]
        made.append(Example(tuple(prompt), tuple(answer)))
    return made


def _asked(tokenizer: Any, request: str) -> str:
    turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": request}]
    text: str = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    return text


def order(rows: int, budget: Budget, seed: int) -> list[list[int]]:
    """Which rows each step sees: an order for each epoch that hangs on the seed alone."""
    import torch

    dice = torch.Generator().manual_seed(seed)
    batches = []
    for _ in range(budget.epochs):
        places = torch.randperm(rows, generator=dice).tolist()
        batches += [places[i : i + budget.batch] for i in range(0, rows, budget.batch)]
    return batches


LOOK_EVERY = 10
"""Steps after which the loss is read: each time the card is waited for."""


class TrainingFailed(Exception):
    """An arm has no result; the message says where it went wrong."""


def tune(
    model: Any, rows: Sequence[Example], budget: Budget, *, seed: int
) -> tuple[Any, dict[str, Any]]:
    """A tuned copy of the model, and what its training was; the model itself stays as it is."""
    import torch
    from peft import LoraConfig, get_peft_model

    begin = time.monotonic()
    torch.manual_seed(seed)  # the beginning of the LoRA matrices
    config = LoraConfig(
        r=budget.rank, lora_alpha=2 * budget.rank, target_modules=TARGETS, task_type="CAUSAL_LM"
    )
    tuned: Any = get_peft_model(copy.deepcopy(model), config)
    tuned.train()
    weights = [weight for weight in tuned.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=budget.rate, weight_decay=0.0)
    batches = order(len(rows), budget, seed)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rates(len(batches)))
    losses: list[Any] = []
    for number, batch in enumerate(batches):
        loss = tuned(**_padded([rows[i] for i in batch], model.device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()
        losses.append(loss.detach())
        if number % LOOK_EVERY == 0 and not math.isfinite(float(loss)):
            break
    told = [float(loss) for loss in losses]
    bad = next((n for n, loss in enumerate(told) if not math.isfinite(loss)), None)
    if bad is not None:
        raise TrainingFailed(f"at step {bad}, rows {batches[bad]}, the loss is no number any more")
    edge = max(1, len(told) // 10)
    return tuned.merge_and_unload().eval(), {
        "steps": len(batches),
        "learned_tokens": budget.epochs * sum(len(row.answer) for row in rows),
        "read_tokens": budget.epochs * sum(len(row.prompt) + len(row.answer) for row in rows),
        "loss_first": round(sum(told[:edge]) / edge, 4),
        "loss_last": round(sum(told[-edge:]) / edge, 4),
        "train_s": round(time.monotonic() - begin, 1),
    }


def _rates(steps: int) -> Any:
    """Up in a straight line, then down along a cosine."""
    warm = max(1, round(WARM_UP * steps))
    return lambda step: min(
        (step + 1) / warm,
        0.5 * (1 + math.cos(math.pi * max(0, step - warm) / max(1, steps - warm))),
    )


def _padded(rows: Sequence[Example], device: Any) -> dict[str, Any]:
    """A batch (rows, longest), padded behind; what is no answer is left out of the loss."""
    import torch

    longest = max(len(row.prompt) + len(row.answer) for row in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORED)
    for i, row in enumerate(rows):
        end = len(row.prompt) + len(row.answer)
        ids[i, :end] = torch.tensor(row.prompt + row.answer)
        mask[i, :end] = 1
        labels[i, len(row.prompt) : end] = torch.tensor(row.answer)
    found = {"input_ids": ids, "attention_mask": mask, "labels": labels}
    return {name: tensor.to(device) for name, tensor in found.items()}


def ask(
    model: Any, tokenizer: Any, questions: Sequence[dict[str, str]], at_once: int, most_tokens: int
) -> list[tuple[str, int]]:
    """For each question the greedy answer and its length in tokens.

    Questions of like length go together, padded in front; a batch ends when its last answer does.
    """
    import torch

    texts = [_asked(tokenizer, question["question"]) for question in questions]
    encoded = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
    places = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    said: list[tuple[str, int]] = [("", 0)] * len(encoded)
    end = tokenizer.eos_token_id
    for start in range(0, len(places), at_once):
        batch = places[start : start + at_once]
        longest = max(len(encoded[i]) for i in batch)
        ids = torch.full((len(batch), longest), tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, i in enumerate(batch):
            ids[row, longest - len(encoded[i]) :] = torch.tensor(encoded[i])
            mask[row, longest - len(encoded[i]) :] = 1
        with torch.inference_mode():
            found = model.generate(
                input_ids=ids.to(model.device),
                attention_mask=mask.to(model.device),
                max_new_tokens=most_tokens,
                do_sample=False,
                eos_token_id=end,
                pad_token_id=tokenizer.pad_token_id,
            )
        for i, tokens in zip(batch, found[:, longest:].tolist(), strict=True):
            own = tokens[: tokens.index(end)] if end in tokens else tokens
            said[i] = (tokenizer.decode(own, skip_special_tokens=True), len(own))
    return said
