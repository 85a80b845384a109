"""Copies of the golden checkpoint with something changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from vllm_onevision.dimensions import text_dimensions, vision_dimensions
from vllm_onevision.tensors import expected_tensors

Tensors = dict[str, torch.Tensor]


def altered(
    checkpoint: Path,
    folder: Path,
    config: Callable[[dict[str, Any]], None] | None = None,
    tensors: Callable[[Tensors], Tensors] | None = None,
    preprocessor: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """A copy of `checkpoint` in `folder` with its files passed through the given functions."""
    made = folder / "checkpoint"
    shutil.copytree(checkpoint, made)
    for name, change in (("config.json", config), ("preprocessor_config.json", preprocessor)):
        if change is not None:
            values = json.loads((made / name).read_text())
            change(values)
            (made / name).write_text(json.dumps(values))
    if tensors is not None:
        whole = all_tensors(checkpoint)
        for file in made.glob("*.safetensors*"):
            file.unlink()
        save_file({name: tensor.contiguous() for name, tensor in tensors(whole).items()}, made / "model.safetensors")
    return made


def random_checkpoint(checkpoint: Path, made: Path, vision: dict[str, Any], text: dict[str, Any], seed: int) -> Path:
    """A copy with other dimensions and random weights, spread so that every part of the model matters to the result."""
    shutil.copytree(checkpoint, made, ignore=shutil.ignore_patterns("*.safetensors*"))
    config = json.loads((made / "config.json").read_text())
    config["text_config"] |= text
    config["vision_config"] |= {"text_hidden_size": config["text_config"]["hidden_size"], **vision}
    config["text_config"].pop("layer_types", None)
    (made / "config.json").write_text(json.dumps(config))
    dimensions = text_dimensions(config["text_config"])
    shapes = expected_tensors(vision_dimensions(config["vision_config"], dimensions.hidden), dimensions)
    generator = torch.Generator().manual_seed(seed)

    def drawn(name: str, shape: tuple[int, ...]) -> torch.Tensor:
        noise = torch.randn(shape, generator=generator)
        if "norm" in name or "ln_q" in name:
            return noise * 0.1 + (1 if name.endswith("weight") else 0)
        return noise * (1.3 / (shape[-1] ** 0.5) if len(shape) == 2 and "embed" not in name else 0.3)

    save_file({name: drawn(name, shape) for name, shape in sorted(shapes.items())}, made / "model.safetensors")
    return made


def all_tensors(checkpoint: Path) -> Tensors:
    whole: Tensors = {}
    for file in sorted(checkpoint.glob("*.safetensors")):
        whole |= load_file(file)
    # whatever type the file keeps them in
    return {name: tensor.float() for name, tensor in whole.items()}


def without(*fragments: str) -> Callable[[Tensors], Tensors]:
    return lambda whole: {n: t for n, t in whole.items() if not any(f in n for f in fragments)}


def with_tensor(name: str, tensor: torch.Tensor) -> Callable[[Tensors], Tensors]:
    return lambda whole: {**whole, name: tensor}
