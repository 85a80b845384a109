"""Writes a random checkpoint of given dimensions, tensor by tensor, so that 8B needs megabytes of memory and no download."""

from __future__ import annotations

import array
import json
import math
import random
import shutil
import struct
from pathlib import Path
from typing import Any, BinaryIO, Iterator, Mapping

from onevision_bench import family_onevision, family_stock
from onevision_bench.dimensions import Shape

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


def tensors_of(dims: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    """Name and shape of every tensor of a model: a catalogue entry (`text`, `vision`), or a stock model's config.json."""
    return family_stock.tensors(dims) if "architectures" in dims else family_onevision.tensors(dims)


def checkpoint_bytes(dims: Mapping[str, Any], dtype: str) -> int:
    """Bytes of all tensors."""
    return sum(math.prod(shape) for _, shape in tensors_of(dims)) * BYTES_PER_VALUE[dtype]


def write_checkpoint(folder: Path, dims: Mapping[str, Any], tokenizer: Path, dtype: str = "BF16", shard_bytes: int = SHARD_BYTES) -> int:
    """Write a whole model folder and return the number of parameters. Memory: one block; disk: 2 or 4 bytes per parameter."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        if (tokenizer / name).exists():
            shutil.copyfile(tokenizer / name, folder / name)
    added = json.loads((tokenizer / "added_tokens.json").read_text())
    ends = {"bos_token_id": added["<|endoftext|>"], "eos_token_id": added["<|im_end|>"], "pad_token_id": added["<|endoftext|>"]}
    settings: dict[str, Any] = {"generation_config.json": ends}
    if "architectures" in dims:
        settings["config.json"] = family_stock.model_config(dims, added, dtype)
        settings |= family_stock.processor_configs(dims, dims["limits"])
    else:
        settings["config.json"] = family_onevision.model_config(dims, added, dtype)
        settings["preprocessor_config.json"] = family_onevision.processor_config(dims)
    for name, values in settings.items():
        _write_json(folder / name, values)
    shards = _shards(list(tensors_of(dims)), dtype, shard_bytes)
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


def header_of(shard: list[tuple[str, Shape]], dtype: str) -> bytes:
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


def scale_of(name: str, shape: Shape) -> tuple[float, float]:
    """Mean and standard deviation that keep activations finite through 36 layers."""
    if "norm" in name or "ln_q" in name:
        return (0.0, 0.0) if name.endswith("bias") else (1.0, 0.0)
    if len(shape) == 1:
        return 0.0, 0.02
    return 0.0, 1 / math.sqrt(math.prod(shape[1:]))


def _write_shard(file: BinaryIO, shard: list[tuple[str, Shape]], dtype: str, blocks: dict[float, bytes]) -> None:
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


def _shards(all_tensors: list[tuple[str, Shape]], dtype: str, limit: int) -> list[list[tuple[str, Shape]]]:
    shards: list[list[tuple[str, Shape]]] = [[]]
    filled = 0
    for name, shape in all_tensors:
        size = math.prod(shape) * BYTES_PER_VALUE[dtype]
        if shards[-1] and filled + size > limit:
            shards.append([])
            filled = 0
        shards[-1].append((name, shape))
        filled += size
    return shards


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n")
