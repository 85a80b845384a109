"""Writes a random LLaVA-OneVision-1.5 checkpoint of given dimensions, tensor by tensor, so that 8B needs megabytes of memory and no download."""

from __future__ import annotations

import array
import json
import math
import random
import shutil
import struct
from pathlib import Path
from typing import Any, BinaryIO, Iterator, Mapping

# Files of a tokenizer that has the special tokens of the model; any text tokenises, so its size does not matter to a measurement.
TOKENIZER_FILES = (
    "added_tokens.json",
    "chat_template.jinja",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
)
# Values of one random block; a tensor repeats it. Weights only have to have the right size and scale.
BLOCK_VALUES = 65_536
BYTES_PER_VALUE = {"BF16": 2, "F32": 4}
SHARD_BYTES = 4 * 10**9
SEED = 20261123


def model_config(dims: Mapping[str, Any], tokens: Mapping[str, int], dtype: str) -> dict[str, Any]:
    """config.json of the dimensions of a catalogue entry (`text`, `vision`, `ropeTheta`)."""
    text, vision = dims["text"], dims["vision"]
    return {
        "architectures": ["LLaVAOneVision1_5_ForConditionalGeneration"],
        "model_type": "llavaonevision1_5",
        "dtype": {"BF16": "bfloat16", "F32": "float32"}[dtype],
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
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "rescale_factor": 1 / 255,
    }


def tensors(dims: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor. Source: the authors' modeling file at 008e1088, as in runtimes/vllm-onevision tensors.py."""
    text, vision = dims["text"], dims["vision"]
    hidden, inner, head = text["hiddenSize"], text["intermediateSize"], text["headDim"]
    width, wide = vision["hiddenSize"], vision["intermediateSize"]
    merged = width * vision["mergeSize"] ** 2
    yield "visual.patch_embed.proj.weight", (width, 3, vision["patchPx"], vision["patchPx"])
    yield "visual.class_embedding", (width,)
    yield "visual.class_pos_emb", (1, width // vision["attentionHeads"] // 2)
    yield from _with_bias("visual.pre_layernorm", (width,))
    for index in range(vision["layers"]):
        block = f"visual.blocks.{index}"
        yield from _with_bias(f"{block}.norm1", (width,))
        yield from _with_bias(f"{block}.norm2", (width,))
        yield from _with_bias(f"{block}.attn.qkv", (3 * width, width))
        yield from _with_bias(f"{block}.attn.proj", (width, width))
        yield from _with_bias(f"{block}.mlp.fc1", (wide, width))
        yield from _with_bias(f"{block}.mlp.fc2", (width, wide))
    yield from _with_bias("visual.merger.ln_q", (width,))
    yield from _with_bias("visual.merger.mlp.0", (merged, merged))
    yield from _with_bias("visual.merger.mlp.2", (hidden, merged))
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


def write_checkpoint(folder: Path, dims: Mapping[str, Any], tokenizer: Path, dtype: str = "BF16", shard_bytes: int = SHARD_BYTES) -> int:
    """Write a whole model folder and return the number of parameters. Memory: one block; disk: 2 or 4 bytes per parameter."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        if (tokenizer / name).exists():
            shutil.copyfile(tokenizer / name, folder / name)
    added = json.loads((tokenizer / "added_tokens.json").read_text())
    _write_json(folder / "config.json", model_config(dims, added, dtype))
    _write_json(folder / "preprocessor_config.json", processor_config(dims))
    ends = {"bos_token_id": added["<|endoftext|>"], "eos_token_id": added["<|im_end|>"], "pad_token_id": added["<|endoftext|>"]}
    _write_json(folder / "generation_config.json", ends)
    shards = _shards(list(tensors(dims)), dtype, shard_bytes)
    weight_map: dict[str, str] = {}
    parameters = 0
    blocks: dict[float, bytes] = {}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        with open(folder / name, "wb") as file:
            _write_shard(file, shard, dtype, blocks)
        weight_map |= {tensor: name for tensor, _ in shard}
        parameters += sum(math.prod(shape) for _, shape in shard)
    total = parameters * BYTES_PER_VALUE[dtype]
    _write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})
    return parameters


def header_of(shard: list[tuple[str, tuple[int, ...]]], dtype: str) -> bytes:
    """Length and JSON header of a safetensors file, padded to 8 bytes as the format asks."""
    offset = 0
    entries: dict[str, Any] = {"__metadata__": {"format": "pt", "made": "random weights of onevision-bench"}}
    for name, shape in shard:
        size = math.prod(shape) * BYTES_PER_VALUE[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def scale_of(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Mean and standard deviation that keep activations finite through 36 layers."""
    if "norm" in name or "ln_q" in name:
        return (0.0, 0.0) if name.endswith("bias") else (1.0, 0.0)
    if len(shape) == 1:
        return 0.0, 0.02
    return 0.0, 1 / math.sqrt(math.prod(shape[1:]))


def _write_shard(file: BinaryIO, shard: list[tuple[str, tuple[int, ...]]], dtype: str, blocks: dict[float, bytes]) -> None:
    file.write(header_of(shard, dtype))
    for name, shape in shard:
        mean, deviation = scale_of(name, shape)
        key = mean * 1e6 + deviation
        if key not in blocks:
            blocks[key] = _block(mean, deviation, dtype)
        block = blocks[key]
        left = math.prod(shape) * BYTES_PER_VALUE[dtype]
        while left > 0:
            left -= file.write(block[: min(left, len(block))])


def _block(mean: float, deviation: float, dtype: str) -> bytes:
    draw = random.Random(SEED)
    values = array.array("f", (draw.gauss(mean, deviation) if deviation else mean for _ in range(BLOCK_VALUES)))
    if dtype == "F32":
        return struct.pack(f"<{BLOCK_VALUES}f", *values)
    # bfloat16 is the upper half of a float32
    words = array.array("H", struct.pack(f"<{BLOCK_VALUES}f", *values))
    return struct.pack(f"<{BLOCK_VALUES}H", *words[1::2])


def _shards(all_tensors: list[tuple[str, tuple[int, ...]]], dtype: str, limit: int) -> list[list[tuple[str, tuple[int, ...]]]]:
    shards: list[list[tuple[str, tuple[int, ...]]]] = [[]]
    filled = 0
    for name, shape in all_tensors:
        size = math.prod(shape) * BYTES_PER_VALUE[dtype]
        if shards[-1] and filled + size > limit:
            shards.append([])
            filled = 0
        shards[-1].append((name, shape))
        filled += size
    return shards


def _with_bias(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n")
