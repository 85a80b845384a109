"""LLaVA-OneVision-1.5: configuration, processor and tensors of given dimensions."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from onevision_bench.dimensions import CLIP_MEAN, CLIP_STD, TORCH_TYPES, Shape, with_bias

def model_config(dims: Mapping[str, Any], tokens: Mapping[str, int], dtype: str) -> dict[str, Any]:
    """config.json of the dimensions of a catalogue entry (`text`, `vision`, `ropeTheta`)."""
    text, vision = dims["text"], dims["vision"]
    return {
        "architectures": ["LLaVAOneVision1_5_ForConditionalGeneration"],
        "model_type": "llavaonevision1_5",
        "dtype": TORCH_TYPES[dtype],
        "tie_word_embeddings": text["tiedEmbeddings"],
        "vocab_size": text["vocabSize"],
        "bos_token_id": tokens["<|endoftext|>"],
        "pad_token_id": tokens["<|endoftext|>"],
        "eos_token_id": tokens["<|im_end|>"],
        "image_token_id": tokens["<|image_pad|>"],
        "video_token_id": tokens["<|video_pad|>"],
        "vision_start_token_id": tokens["<|vision_start|>"],
        "vision_end_token_id": tokens["<|vision_end|>"],
        "text_config": {
            "model_type": "LLaVAOneVision1_5_text",
            "hidden_act": "silu",
            "attention_bias": False,
            "use_sliding_window": False,
            "sliding_window": None,
            "rope_scaling": None,
            "rms_norm_eps": 1e-6,
            "rope_theta": dims["ropeTheta"],
            "vocab_size": text["vocabSize"],
            "hidden_size": text["hiddenSize"],
            "intermediate_size": text["intermediateSize"],
            "num_hidden_layers": text["layers"],
            "num_attention_heads": text["attentionHeads"],
            "num_key_value_heads": text["kvHeads"],
            "head_dim": text["headDim"],
            "max_position_embeddings": text["maxPositions"],
            "tie_word_embeddings": text["tiedEmbeddings"],
        },
        "vision_config": {
            "model_type": "rice_vit",
            "hidden_act": "gelu",
            "in_channels": 3,
            "layer_norm_eps": 1e-5,
            "depth": vision["layers"],
            "embed_dim": vision["hiddenSize"],
            "hidden_size": vision["hiddenSize"],
            "intermediate_size": vision["intermediateSize"],
            "num_heads": vision["attentionHeads"],
            "patch_size": vision["patchPx"],
            "spatial_merge_size": vision["mergeSize"],
            "temporal_patch_size": vision["temporalPatchSize"],
            "text_hidden_size": text["hiddenSize"],
        },
    }


def processor_config(dims: Mapping[str, Any]) -> dict[str, Any]:
    """preprocessor_config.json: Qwen2.5-VL's processor with temporal_patch_size 1 and explicit pixel limits."""
    vision = dims["vision"]
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": True,
        "do_convert_rgb": True,
        "min_pixels": vision["minPixels"],
        "max_pixels": vision["maxPixels"],
        "size": {"shortest_edge": vision["minPixels"], "longest_edge": vision["maxPixels"]},
        "patch_size": vision["patchPx"],
        "temporal_patch_size": vision["temporalPatchSize"],
        "merge_size": vision["mergeSize"],
        "image_mean": CLIP_MEAN,
        "image_std": CLIP_STD,
        "resample": 3,
        "rescale_factor": 1 / 255,
    }


def tensors(dims: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    """Name and shape of every tensor. Source: the authors' modeling file at 008e1088, as in runtimes/vllm-onevision tensors.py."""
    text, vision = dims["text"], dims["vision"]
    hidden, inner, head = text["hiddenSize"], text["intermediateSize"], text["headDim"]
    width, wide = vision["hiddenSize"], vision["intermediateSize"]
    merged = width * vision["mergeSize"] ** 2
    yield "visual.patch_embed.proj.weight", (width, 3, vision["patchPx"], vision["patchPx"])
    yield "visual.class_embedding", (width,)
    yield "visual.class_pos_emb", (1, width // vision["attentionHeads"] // 2)
    yield from with_bias("visual.pre_layernorm", (width,))
    for index in range(vision["layers"]):
        block = f"visual.blocks.{index}"
        yield from with_bias(f"{block}.norm1", (width,))
        yield from with_bias(f"{block}.norm2", (width,))
        yield from with_bias(f"{block}.attn.qkv", (3 * width, width))
        yield from with_bias(f"{block}.attn.proj", (width, width))
        yield from with_bias(f"{block}.mlp.fc1", (wide, width))
        yield from with_bias(f"{block}.mlp.fc2", (width, wide))
    yield from with_bias("visual.merger.ln_q", (width,))
    yield from with_bias("visual.merger.mlp.0", (merged, merged))
    yield from with_bias("visual.merger.mlp.2", (hidden, merged))
    yield "model.embed_tokens.weight", (text["vocabSize"], hidden)
    for index in range(text["layers"]):
        layer = f"model.layers.{index}"
        yield f"{layer}.input_layernorm.weight", (hidden,)
        yield f"{layer}.self_attn.q_proj.weight", (text["attentionHeads"] * head, hidden)
        yield f"{layer}.self_attn.k_proj.weight", (text["kvHeads"] * head, hidden)
        yield f"{layer}.self_attn.v_proj.weight", (text["kvHeads"] * head, hidden)
        yield f"{layer}.self_attn.o_proj.weight", (hidden, text["attentionHeads"] * head)
        yield f"{layer}.self_attn.q_norm.weight", (head,)
        yield f"{layer}.self_attn.k_norm.weight", (head,)
        yield f"{layer}.post_attention_layernorm.weight", (hidden,)
        yield f"{layer}.mlp.gate_proj.weight", (inner, hidden)
        yield f"{layer}.mlp.up_proj.weight", (inner, hidden)
        yield f"{layer}.mlp.down_proj.weight", (hidden, inner)
    yield "model.norm.weight", (hidden,)
    if not text["tiedEmbeddings"]:
        yield "lm_head.weight", (text["vocabSize"], hidden)
