"""Stock models to measure beside: Qwen2.5-VL and Qwen3-VL. Dimensions come as their config.json has them (catalog/reference/models.json).

Tensor names: transformers 5.19, Qwen2_5_VLForConditionalGeneration and Qwen3VLForConditionalGeneration, as vLLM 0.32 reads them.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from onevision_bench.dimensions import CLIP_MEAN, CLIP_STD, TORCH_TYPES, Shape, qwen_layer, with_bias

QWEN25_VL, QWEN3_VL = "Qwen2_5_VLForConditionalGeneration", "Qwen3VLForConditionalGeneration"
MODEL_TYPES = {QWEN25_VL: "qwen2_5_vl", QWEN3_VL: "qwen3_vl"}
# Share of the rotary angles for time, height and width, in 64ths of half a head: config.json of both families.
MROPE_64THS = {QWEN25_VL: (16, 24, 24), QWEN3_VL: (24, 20, 20)}
ROPE_THETA = {QWEN25_VL: 1_000_000.0, QWEN3_VL: 5_000_000.0}
# config.json of Qwen2.5-VL: attention in windows of 112 pixels, but for every eighth block
WINDOW_PX, FULL_ATTENTION_EVERY = 112, 8


def model_config(dims: Mapping[str, Any], tokens: Mapping[str, int], dtype: str) -> dict[str, Any]:
    """config.json."""
    architecture, vision = dims["architectures"][0], dict(dims["vision_config"])
    half = dims["head_dim"] // 2
    first, second = (share * half // 64 for share in MROPE_64THS[architecture][:2])
    rope: dict[str, Any] = {"rope_type": "default", "mrope_section": [first, second, half - first - second]}
    if architecture == QWEN25_VL:
        depth = vision["depth"]
        full = list(range(FULL_ATTENTION_EVERY - 1, depth, FULL_ATTENTION_EVERY)) or [depth - 1]
        vision |= {"hidden_act": "silu", "in_channels": 3, "window_size": WINDOW_PX, "tokens_per_second": 2, "fullatt_block_indexes": full}
    else:
        rope["mrope_interleaved"] = True
        vision |= {"hidden_act": "gelu_pytorch_tanh", "in_channels": 3}
    text = {name: value for name, value in dims.items() if name not in ("architectures", "vision_config", "limits")}
    text |= {"hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": ROPE_THETA[architecture], "rope_scaling": rope}
    text |= {"model_type": f"{MODEL_TYPES[architecture]}_text", "dtype": TORCH_TYPES[dtype]}
    return {
        "architectures": [architecture],
        "model_type": MODEL_TYPES[architecture],
        "dtype": TORCH_TYPES[dtype],
        "tie_word_embeddings": dims["tie_word_embeddings"],
        "image_token_id": tokens["<|image_pad|>"],
        "video_token_id": tokens["<|video_pad|>"],
        "vision_start_token_id": tokens["<|vision_start|>"],
        "vision_end_token_id": tokens["<|vision_end|>"],
        "text_config": text,
        "vision_config": vision,
    }


def processor_configs(dims: Mapping[str, Any], limits: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """preprocessor_config.json and video_preprocessor_config.json, with the pixel limits of the release."""
    architecture, vision = dims["architectures"][0], dims["vision_config"]
    half = [0.5, 0.5, 0.5]
    shared = {
        "size": {"shortest_edge": limits["minPixels"], "longest_edge": limits["maxPixels"]},
        "patch_size": vision["patch_size"],
        "temporal_patch_size": vision["temporal_patch_size"],
        "merge_size": vision["spatial_merge_size"],
        "image_mean": half if architecture == QWEN3_VL else CLIP_MEAN,
        "image_std": half if architecture == QWEN3_VL else CLIP_STD,
        "processor_class": "Qwen3VLProcessor" if architecture == QWEN3_VL else "Qwen2_5_VLProcessor",
    }
    image = {**shared, "image_processor_type": "Qwen2VLImageProcessorFast"}
    video = {**shared, "video_processor_type": "Qwen3VLVideoProcessor" if architecture == QWEN3_VL else "Qwen2VLVideoProcessor"}
    return {"preprocessor_config.json": image, "video_preprocessor_config.json": video}


def tensors(dims: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    """Name and shape of every tensor."""
    architecture = dims["architectures"][0]
    yield from _qwen25_tower(dims["vision_config"]) if architecture == QWEN25_VL else _qwen3_tower(dims["vision_config"])
    hidden, head = dims["hidden_size"], dims["head_dim"]
    queries, keys = dims["num_attention_heads"] * head, dims["num_key_value_heads"] * head
    yield "model.language_model.embed_tokens.weight", (dims["vocab_size"], hidden)
    for index in range(dims["num_hidden_layers"]):
        layer = f"model.language_model.layers.{index}"
        yield from qwen_layer(layer, hidden, dims["intermediate_size"], queries, keys)
        if architecture == QWEN25_VL:
            yield f"{layer}.self_attn.q_proj.bias", (queries,)
            yield f"{layer}.self_attn.k_proj.bias", (keys,)
            yield f"{layer}.self_attn.v_proj.bias", (keys,)
        else:
            yield f"{layer}.self_attn.q_norm.weight", (head,)
            yield f"{layer}.self_attn.k_norm.weight", (head,)
    yield "model.language_model.norm.weight", (hidden,)
    if not dims["tie_word_embeddings"]:
        yield "lm_head.weight", (dims["vocab_size"], hidden)


def _qwen25_tower(v: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    width, inner, patch = v["hidden_size"], v["intermediate_size"], v["patch_size"]
    merged = width * v["spatial_merge_size"] ** 2
    yield "model.visual.patch_embed.proj.weight", (width, 3, v["temporal_patch_size"], patch, patch)
    for block in (f"model.visual.blocks.{index}" for index in range(v["depth"])):
        yield f"{block}.norm1.weight", (width,)
        yield f"{block}.norm2.weight", (width,)
        yield from with_bias(f"{block}.attn.qkv", (3 * width, width))
        yield from with_bias(f"{block}.attn.proj", (width, width))
        yield from with_bias(f"{block}.mlp.gate_proj", (inner, width))
        yield from with_bias(f"{block}.mlp.up_proj", (inner, width))
        yield from with_bias(f"{block}.mlp.down_proj", (width, inner))
    yield "model.visual.merger.ln_q.weight", (width,)
    yield from with_bias("model.visual.merger.mlp.0", (merged, merged))
    yield from with_bias("model.visual.merger.mlp.2", (v["out_hidden_size"], merged))


def _qwen3_tower(v: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    width, inner, patch = v["hidden_size"], v["intermediate_size"], v["patch_size"]
    merged = width * v["spatial_merge_size"] ** 2
    yield from with_bias("model.visual.patch_embed.proj", (width, 3, v["temporal_patch_size"], patch, patch))
    yield "model.visual.pos_embed.weight", (v["num_position_embeddings"], width)
    for block in (f"model.visual.blocks.{index}" for index in range(v["depth"])):
        yield from with_bias(f"{block}.norm1", (width,))
        yield from with_bias(f"{block}.norm2", (width,))
        yield from with_bias(f"{block}.attn.qkv", (3 * width, width))
        yield from with_bias(f"{block}.attn.proj", (width, width))
        yield from with_bias(f"{block}.mlp.linear_fc1", (inner, width))
        yield from with_bias(f"{block}.mlp.linear_fc2", (width, inner))
    mergers = {"model.visual.merger": width}
    mergers |= {f"model.visual.deepstack_merger_list.{i}": merged for i in range(len(v["deepstack_visual_indexes"]))}
    for merger, normed in mergers.items():
        yield from with_bias(f"{merger}.norm", (normed,))
        yield from with_bias(f"{merger}.linear_fc1", (merged, merged))
        yield from with_bias(f"{merger}.linear_fc2", (v["out_hidden_size"], merged))
