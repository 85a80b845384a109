"""Copies of the golden checkpoint with something changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

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


def all_tensors(checkpoint: Path) -> Tensors:
    whole: Tensors = {}
    for file in sorted(checkpoint.glob("*.safetensors")):
        whole |= load_file(file)
    return whole


def without(*fragments: str) -> Callable[[Tensors], Tensors]:
    return lambda whole: {n: t for n, t in whole.items() if not any(f in n for f in fragments)}


def with_tensor(name: str, tensor: torch.Tensor) -> Callable[[Tensors], Tensors]:
    return lambda whole: {**whole, name: tensor}
