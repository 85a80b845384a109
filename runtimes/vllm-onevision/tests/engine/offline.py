"""Runs vLLM in this process, so that a test can look into the model."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from golden_data import Case, Golden
from vllm import LLM, SamplingParams
from vllm.distributed import cleanup_dist_env_and_memory
from vllm.lora.request import LoRARequest

# More than any case has; it costs nothing, since memory is measured with one picture of the largest size.
MAX_IMAGES = 16
CONTEXT_TOKENS = 4096


@contextmanager
def offline_engine(model: Any, **options: Any) -> Iterator[LLM]:
    """An engine on the checkpoint in the folder `model`; everything of it is gone afterwards, also when it could not start."""
    defaults = {
        "max_model_len": context_tokens(model),
        "dtype": "float32",
        "enforce_eager": True,
        "logprobs_mode": "raw_logits",
        "max_logprobs": -1,
        "limit_mm_per_prompt": {"image": MAX_IMAGES},
        "seed": 0,
    }
    engine = None
    try:
        engine = LLM(model=str(model), **{**defaults, **options})
        yield engine
    finally:
        if engine is not None:
            engine.llm_engine.engine_core.shutdown()
        del engine
        cleanup_dist_env_and_memory()
        gc.collect()


def context_tokens(checkpoint: Any) -> int:
    """Context to serve a tiny checkpoint with: enough for the proof, and no more than it was made for."""
    config = json.loads((Path(checkpoint) / "config.json").read_text())
    return min(CONTEXT_TOKENS, config.get("text_config", config).get("max_position_embeddings", CONTEXT_TOKENS))


def request(golden: Golden, case: Case) -> dict[str, Any]:
    asked: dict[str, Any] = {"prompt": case.prompt}
    if case.images:
        asked["multi_modal_data"] = {"image": [golden.image(name) for name in case.images]}
    return asked


class Answer:
    """What one request gave: tokens of the prompt, logits at each of its positions, and the greedy continuation."""

    def __init__(self, output: Any) -> None:
        self.prompt_ids: list[int] = list(output.prompt_token_ids)
        self.tokens: list[int] = list(output.outputs[0].token_ids)
        # The logits after the last token of the prompt are those of the first generated one.
        self.logits = torch.stack([_row(at) for at in [*output.prompt_logprobs[1:], output.outputs[0].logprobs[0]]])


def ask(engine: LLM, requests: list[dict[str, Any]], tokens: int, lora: LoRARequest | None = None) -> list[Answer]:
    parameters = SamplingParams(temperature=0, max_tokens=tokens, prompt_logprobs=-1, logprobs=-1, ignore_eos=True)
    return [Answer(output) for output in engine.generate(requests, parameters, use_tqdm=False, lora_request=lora)]


def in_model(engine: LLM, look: Callable[[torch.nn.Module], Any]) -> Any:
    """What `look` makes of the model in the engine."""
    with torch.inference_mode():
        return engine.apply_model(look)[0]


def features(engine: LLM, golden: Golden, name: str) -> torch.Tensor:
    """Features that the tower in the engine makes of golden pixel values."""
    return in_model(engine, lambda model: model.visual(golden.vision[f"{name}.pixel_values"], golden.grids(name)).clone())


def error(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest absolute difference; a different shape is an error of its own."""
    assert found.shape == expected.shape
    return (found.float() - expected.float()).abs().max().item()


def _row(logits_by_token: dict[int, Any]) -> torch.Tensor:
    row = torch.full((len(logits_by_token),), float("nan"))
    for token, entry in logits_by_token.items():
        row[token] = entry.logprob
    assert not row.isnan().any()
    return row
