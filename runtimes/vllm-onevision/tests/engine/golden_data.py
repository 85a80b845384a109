"""The golden folder: what was put into the authors' code and what came out. Nothing here knows its dimensions or its seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import load_file

# Smallest deliberate mistake of sensitivity.json: 2.8e-5 in features, 2.2e-3 in logits; a faithful plugin: 1.2e-7 and 1e-5.
VISION_TOLERANCE = 2e-6
LOGITS_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Case:
    """One conversation with the reference's answer."""

    name: str
    prompt: str
    messages: list[dict[str, Any]]
    images: list[str]
    input_ids: list[int]
    logits: torch.Tensor
    greedy: list[int]


class Golden:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoint = folder / "tiny-checkpoint"
        self.manifest = json.loads((folder / "manifest.json").read_text())

    @cached_property
    def vision(self) -> dict[str, torch.Tensor]:
        return load_file(self.folder / "vision.safetensors")

    @cached_property
    def preprocess(self) -> dict[str, torch.Tensor]:
        return load_file(self.folder / "preprocess.safetensors")

    @cached_property
    def cases(self) -> list[Case]:
        tensors = load_file(self.folder / "text.safetensors")

        def of(case: str, kind: str) -> torch.Tensor:
            """With several pictures the reference is the run picture by picture, as in the training code."""
            names = [name for name in tensors if name.startswith(f"{case}.{kind}") and not name.endswith("_as_released")]
            return tensors[min(names, key=lambda name: not name.endswith("_per_image"))]

        return [
            Case(
                name=name,
                prompt=facts["prompt_text"],
                messages=facts["messages"],
                images=facts["images"],
                input_ids=tensors[f"{name}.input_ids"].tolist(),
                logits=of(name, "logits"),
                greedy=of(name, "greedy").tolist(),
            )
            for name, facts in self.manifest["text"].items()
        ]

    def image_path(self, name: str) -> Path:
        return self.folder / "images" / f"{name}.png"

    def image(self, name: str) -> Image.Image:
        return Image.open(self.image_path(name))

    def together(self) -> tuple[torch.Tensor, list[tuple[int, int, int]], torch.Tensor]:
        """Pixels, grids and features of all pictures of vision.safetensors, one after the other."""
        names = self.manifest["vision"]["images"]
        pixels, features = ([self.vision[f"{name}.{kind}"] for name in names] for kind in ("pixel_values", "features"))
        return torch.cat(pixels), [grid for name in names for grid in self.grids(name)], torch.cat(features)

    def grids(self, name: str) -> list[tuple[int, int, int]]:
        return [tuple(row) for row in self.vision[f"{name}.grid_thw"].tolist()]
