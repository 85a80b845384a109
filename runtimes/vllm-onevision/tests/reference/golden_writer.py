"""Writes a golden folder (the layout of runtimes/vllm-onevision/golden) for a checkpoint of any dimensions, in plain torch."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jinja2
import torch
from drawn_weights import drawn_weights
from pictures_drawn import drawn_picture
from PIL import Image
from plain_model import PlainModel, greedy
from plain_pixels import patches
from safetensors.torch import save_file
from tiny_tokenizer import write_tokenizer
from tokenizers import Tokenizer

GREEDY_TOKENS = 16
# A choice between two tokens that is closer than this may go either way by rounding alone; another seed is taken then.
LEAST_MARGIN = 1e-3
SEEDS_TRIED = 200
CLIP_MEAN, CLIP_DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


@dataclass(frozen=True)
class Variant:
    """One golden folder. Fields that are not given are as in the shipped one."""

    seed: int
    text: dict[str, Any] = field(default_factory=dict)
    vision: dict[str, Any] = field(default_factory=dict)
    tied: bool = False
    # name of the case -> messages; a dictionary with "image" stands for a picture
    cases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pictures: tuple[str, ...] = ("gradient_84x56", "noise_112x224", "card_196x140")
    only_preprocessed: tuple[str, ...] = ("gradient_30x20", "noise_100x75")
    min_pixels: int = 3136
    max_pixels: int = 2_560_000
    image_processor: str = "Qwen2VLImageProcessor"
    merges: int | None = None
    specials_at: int | None = None
    template: str | None = None
    stored: torch.dtype = torch.float32
    shards: int = 1
    # fields of config.json to leave out, as "section.field"
    without: tuple[str, ...] = ()
    # files beside the checkpoint that a Hub folder has and an engine does not read
    extra_files: tuple[str, ...] = ()
    minimal: bool = False


def write_golden(variant: Variant, source: Path, folder: Path) -> None:
    """Write the folder; takes the next seed while a greedy choice is too close to call.

    Args:
        variant: what to write
        source: the shipped tiny checkpoint: its tokenizer, template and the fields that the variant does not name
        folder: made here, must not exist

    """
    torch.set_num_threads(1)
    checkpoint = folder / "tiny-checkpoint"
    (folder / "images").mkdir(parents=True)
    checkpoint.mkdir()
    config, processor = _settings(variant, source, checkpoint)
    names = {*variant.pictures, *variant.only_preprocessed, *(n for c in variant.cases.values() for n in _images(c))}
    for name in sorted(names):
        drawn_picture(name).save(folder / "images" / f"{name}.png")
    shown = {name: Image.open(folder / "images" / f"{name}.png") for name in names}
    path = "fast" if variant.image_processor.endswith("Fast") else "slow"
    pixels = {name: patches(picture, processor, path) for name, picture in shown.items()}
    for seed in range(variant.seed, variant.seed + SEEDS_TRIED):
        weights = {n: t.to(variant.stored) for n, t in drawn_weights(tensor_shapes(config), seed).items()}
        model = PlainModel(checkpoint, weights)
        text, texts = _text(variant, model, checkpoint, pixels)
        if min(margin for facts in text.values() for margin in facts["greedy_margins"]) >= LEAST_MARGIN:
            break
    else:
        raise RuntimeError(f"no seed from {variant.seed} on gives choices that are {LEAST_MARGIN} apart")
    _save_weights(weights, checkpoint, variant.shards)
    save_file(_vision(variant, model, pixels), folder / "vision.safetensors")
    save_file(texts, folder / "text.safetensors")
    preprocess, ends = _preprocess(folder, shown, processor)
    save_file(ends, folder / "preprocess.safetensors")
    manifest: dict[str, Any] = {
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "made_by": "tests/reference (plain torch, one thread), not the authors' code",
        "seed": seed,
        "preprocess_settings": {"min_pixels": variant.min_pixels, "max_pixels": variant.max_pixels},
        "preprocess": preprocess,
        "vision": {"images": list(variant.pictures)},
        "text": text,
    }
    if variant.minimal:
        for facts in text.values():
            del facts["greedy_margins"]
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))


def _settings(variant: Variant, source: Path, checkpoint: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    ids = write_tokenizer(source, checkpoint, variant.merges, variant.specials_at)
    config = json.loads((source / "config.json").read_text())
    config["text_config"] |= variant.text
    config["text_config"].pop("layer_types", None)
    config["vision_config"] |= {"text_hidden_size": config["text_config"]["hidden_size"], **variant.vision}
    config["vision_config"]["embed_dim"] = config["vision_config"]["hidden_size"]
    config |= {
        "tie_word_embeddings": variant.tied,
        "vocab_size": config["text_config"]["vocab_size"],
        "dtype": str(variant.stored).removeprefix("torch."),
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "bos_token_id": ids["<|endoftext|>"],
        "pad_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
    }
    for name in variant.without:
        section, _, key = name.rpartition(".")
        (config[section] if section else config).pop(key, None)
    processor = json.loads((source / "preprocessor_config.json").read_text()) | {
        "image_processor_type": variant.image_processor,
        "min_pixels": variant.min_pixels,
        "max_pixels": variant.max_pixels,
        "size": {"shortest_edge": variant.min_pixels, "longest_edge": variant.max_pixels},
        "patch_size": config["vision_config"]["patch_size"],
        "merge_size": config["vision_config"].get("spatial_merge_size", 2),
        "image_mean": CLIP_MEAN,
        "image_std": CLIP_DEVIATION,
    }
    ends = {"bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"]}
    for name, values in {"config": config, "preprocessor_config": processor, "generation_config": ends}.items():
        (checkpoint / f"{name}.json").write_text(json.dumps(values, indent=1))
    (checkpoint / "chat_template.jinja").write_text(variant.template or (source / "chat_template.jinja").read_text())
    for name in variant.extra_files:
        (checkpoint / name).write_text("not for an engine\n")
    return config, processor


def _text(variant: Variant, model: PlainModel, checkpoint: Path, pixels: dict[str, Any]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    template = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string((checkpoint / "chat_template.jinja").read_text())
    pad, merge = model.config["image_token_id"], model.config["vision_config"]["spatial_merge_size"]
    facts: dict[str, Any] = {}
    tensors: dict[str, torch.Tensor] = {}
    for case, messages in variant.cases.items():
        images = _images(messages)
        told = [{**m, "content": _without_names(m["content"])} for m in messages]
        prompt = template.render(messages=told, add_generation_prompt=True)
        counts = [len(pixels[name][0]) // merge**2 for name in images]
        left = iter(counts)
        ids = [i for token in tokenizer.encode(prompt, add_special_tokens=False).ids for i in [token] * (next(left) if token == pad else 1)]
        shown = [(pixels[name][0], *pixels[name][1]) for name in images]
        features = torch.cat([model.features(*picture) for picture in shown]) if shown else None
        answer, margins = greedy(model, ids, features, GREEDY_TOKENS)
        logits = model.logits(ids, features)
        several = "per_image" if len(images) > 1 else "reference"
        tensors |= {
            f"{case}.input_ids": torch.tensor(ids),
            f"{case}.logits_{several}": logits,
            f"{case}.greedy{GREEDY_TOKENS}_{several}": torch.tensor(answer),
        }
        if len(images) > 1 and not variant.minimal:
            tensors[f"{case}.logits_reference_as_released"] = model.logits(ids, model.features_as_released(shown))
        facts[case] = {"messages": told, "images": images, "prompt_text": prompt, "n_tokens": len(ids), "greedy_margins": margins}
    return facts, tensors


def _vision(variant: Variant, model: PlainModel, pixels: dict[str, Any]) -> dict[str, torch.Tensor]:
    made: dict[str, torch.Tensor] = {}
    for name in variant.pictures:
        rows, (high, wide) = pixels[name]
        made |= {
            f"{name}.pixel_values": rows,
            f"{name}.grid_thw": torch.tensor([[1, high, wide]]),
            f"{name}.features": model.features(rows, high, wide),
        }
    if not variant.minimal:
        shown = [(pixels[name][0], *pixels[name][1]) for name in variant.pictures]
        made[f"joint{len(shown)}.features_reference_as_released"] = model.features_as_released(shown)
    return made


def _preprocess(folder: Path, shown: dict[str, Any], processor: dict[str, Any]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    facts: dict[str, Any] = {}
    ends: dict[str, torch.Tensor] = {}
    for name, picture in shown.items():
        for path in ("slow", "fast"):
            rows, (high, wide) = patches(picture, processor, path)
            ends |= {f"{name}.{path}.first4": rows[:4].clone(), f"{name}.{path}.last4": rows[-4:].clone()}
            if path == "slow":
                facts[name] = {
                    "grid_thw": [1, high, wide],
                    "patches": len(rows),
                    "pixel_mean": rows.mean().item(),
                    "pixel_std": rows.std().item(),
                    "png_sha256": hashlib.sha256((folder / "images" / f"{name}.png").read_bytes()).hexdigest(),
                }
    return facts, ends


def _save_weights(weights: dict[str, torch.Tensor], checkpoint: Path, shards: int) -> None:
    if shards == 1:
        save_file(weights, checkpoint / "model.safetensors")
        return
    names = sorted(weights)
    size = math.ceil(len(names) / shards)
    where: dict[str, str] = {}
    for number in range(shards):
        part = names[number * size : (number + 1) * size]
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        save_file({name: weights[name] for name in part}, checkpoint / file)
        where |= dict.fromkeys(part, file)
    total = sum(tensor.numel() * tensor.element_size() for tensor in weights.values())
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (checkpoint / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))


def tensor_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Written out from the golden folder's list of tensors, and not taken from the plugin, which is what is being tried."""
    t, v = config["text_config"], config["vision_config"]
    width, inner, text = v["hidden_size"], v["intermediate_size"], t["hidden_size"]
    merged = width * v.get("spatial_merge_size", 2) ** 2
    shapes: dict[str, tuple[int, ...]] = {
        "visual.patch_embed.proj.weight": (width, 3, v["patch_size"], v["patch_size"]),
        "visual.class_embedding": (width,),
        "visual.class_pos_emb": (1, width // v["num_heads"] // 2),
        "model.embed_tokens.weight": (t["vocab_size"], text),
        "model.norm.weight": (text,),
    }
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (t["vocab_size"], text)
    with_bias = {"pre_layernorm": (width,), "merger.ln_q": (width,), "merger.mlp.0": (merged, merged), "merger.mlp.2": (text, merged)}
    for block in (f"blocks.{index}" for index in range(v["depth"])):
        with_bias |= {f"{block}.norm1": (width,), f"{block}.norm2": (width,)}
        with_bias |= {f"{block}.attn.qkv": (3 * width, width), f"{block}.attn.proj": (width, width)}
        with_bias |= {f"{block}.mlp.fc1": (inner, width), f"{block}.mlp.fc2": (width, inner)}
    for name, shape in with_bias.items():
        shapes |= {f"visual.{name}.weight": shape, f"visual.{name}.bias": shape[:1]}
    queries, keys = t["num_attention_heads"] * t["head_dim"], t["num_key_value_heads"] * t["head_dim"]
    for layer in (f"model.layers.{index}" for index in range(t["num_hidden_layers"])):
        attention, mlp = f"{layer}.self_attn", f"{layer}.mlp"
        shapes |= {f"{layer}.input_layernorm.weight": (text,), f"{layer}.post_attention_layernorm.weight": (text,)}
        shapes |= {f"{attention}.q_norm.weight": (t["head_dim"],), f"{attention}.k_norm.weight": (t["head_dim"],)}
        shapes |= {f"{attention}.q_proj.weight": (queries, text), f"{attention}.o_proj.weight": (text, queries)}
        shapes |= {f"{attention}.k_proj.weight": (keys, text), f"{attention}.v_proj.weight": (keys, text)}
        shapes |= {f"{mlp}.{name}_proj.weight": (t["intermediate_size"], text) for name in ("gate", "up")}
        shapes[f"{mlp}.down_proj.weight"] = (text, t["intermediate_size"])
    return shapes


def _images(messages: list[dict[str, Any]]) -> list[str]:
    return [part["image"] for m in messages if not isinstance(m["content"], str) for part in m["content"] if part["type"] == "image"]


def _without_names(content: Any) -> Any:
    return content if isinstance(content, str) else [{"type": "image"} if p["type"] == "image" else p for p in content]
