"""What the families of models have in common."""

from __future__ import annotations

from typing import Iterator, Tuple

Shape = Tuple[int, ...]

TORCH_TYPES = {"BF16": "bfloat16", "F32": "float32"}
# OpenAI CLIP's, which the processors of LLaVA-OneVision-1.5 and Qwen2.5-VL use
CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
CLIP_STD = [0.26862954, 0.26130258, 0.27577711]


def with_bias(name: str, shape: Shape) -> Iterator[tuple[str, Shape]]:
    """Weight and bias of a layer."""
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def qwen_layer(layer: str, hidden: int, inner: int, queries: int, keys: int) -> Iterator[tuple[str, Shape]]:
    """The matrices that every layer of a Qwen language model has."""
    yield f"{layer}.input_layernorm.weight", (hidden,)
    yield f"{layer}.self_attn.q_proj.weight", (queries, hidden)
    yield f"{layer}.self_attn.k_proj.weight", (keys, hidden)
    yield f"{layer}.self_attn.v_proj.weight", (keys, hidden)
    yield f"{layer}.self_attn.o_proj.weight", (hidden, queries)
    yield f"{layer}.post_attention_layernorm.weight", (hidden,)
    yield f"{layer}.mlp.gate_proj.weight", (inner, hidden)
    yield f"{layer}.mlp.up_proj.weight", (inner, hidden)
    yield f"{layer}.mlp.down_proj.weight", (hidden, inner)
