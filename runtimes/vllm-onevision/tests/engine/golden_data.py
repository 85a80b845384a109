"""The golden folder: what was put into the authors' code and what came out. Nothing here knows its dimensions or its seed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import load_file

# Smallest deliberate mistake of sensitivity.json: 2.8e-5 in features, 2.2e-3 in logits; a faithful plugin: 1.2e-7 and 1e-5.
VISION_TOLERANCE = 2e-6
LOGITS_TOLERANCE = 1e-4
# Rounding grows with the numbers: on checkpoints whose features or logits are larger than these the tolerances grow in proportion.
# The shipped checkpoint's are 0.22 and 10.5, so that its tolerances are the two above.
USUAL_FEATURE, USUAL_LOGIT = 1.0, 12.0
# At least so many pictures are allowed in a request, and more where a case has more.
LEAST_IMAGES = 4


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
    # how far the reference's second choice was behind at each greedy token; empty when nobody wrote it down
    margins: list[float] = field(default_factory=list)

    @property
    def tolerance(self) -> float:
        """How far a logit may be off."""
        return LOGITS_TOLERANCE * max(1.0, self.logits.abs().max().item() / USUAL_LOGIT)

    def continued_by(self, tokens: list[int]) -> bool:
        """Whether `tokens` are the reference's. Behind a choice closer than rounding they may differ, and count as equal."""
        decided = next((at for at, margin in enumerate(self.margins) if margin <= 2 * self.tolerance), len(self.greedy))
        return tokens[:decided] == self.greedy[:decided] and len(tokens) >= len(self.greedy)


class Golden:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoint = self._checkpoint()
        self.manifest = json.loads((folder / "manifest.json").read_text())

    def _checkpoint(self) -> Path:
        """`tiny-checkpoint`, or whatever the one folder with a config.json is called."""
        usual = self.folder / "tiny-checkpoint"
        if usual.is_dir():
            return usual
        found = [file.parent for file in self.folder.glob("*/config.json")]
        assert len(found) == 1, f"{self.folder} must have one folder with a checkpoint; found {found}"
        return found[0]

    @cached_property
    def config(self) -> dict[str, Any]:
        return json.loads((self.checkpoint / "config.json").read_text())

    @cached_property
    def preprocessor(self) -> dict[str, Any]:
        """Settings of the pictures, the limits under their plain names."""
        settings = json.loads((self.checkpoint / "preprocessor_config.json").read_text())
        size = settings.get("size") or {}
        limits = {"min_pixels": size.get("shortest_edge"), "max_pixels": size.get("longest_edge")}
        limits |= {name: settings[name] for name in limits if settings.get(name) is not None}
        # what the numbers were made with wins over what the checkpoint says
        limits |= {name: value for name, value in self.manifest.get("preprocess_settings", {}).items() if name in limits}
        return {**settings, **limits}

    @property
    def max_images(self) -> int:
        return max(LEAST_IMAGES, *(len(case.images) for case in self.cases))

    @property
    def context_tokens(self) -> int:
        """Context to serve this checkpoint with: enough for every case, and no more than it was made for."""
        longest = max(len(case.input_ids) + len(case.greedy) for case in self.cases)
        positions = self.config["text_config"].get("max_position_embeddings", 32768)
        return min(positions, max(1024, 2 * longest))

    @cached_property
    def pictures(self) -> list[str]:
        """Pictures that have features in vision.safetensors."""
        named = self.manifest.get("vision", {}).get("images")
        return named or sorted(name.removesuffix(".pixel_values") for name in self.vision if name.endswith(".pixel_values"))

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
                margins=list(facts.get("greedy_margins", [])),
            )
            for name, facts in self.manifest["text"].items()
        ]

    def image_path(self, name: str) -> Path:
        file = self.folder / "images" / name
        return file if file.suffix and file.exists() else file.with_name(f"{name}.png")

    def image(self, name: str) -> Image.Image:
        return Image.open(self.image_path(name))

    def together(self) -> tuple[torch.Tensor, list[tuple[int, int, int]], torch.Tensor]:
        """Pixels, grids and features of all pictures of vision.safetensors, one after the other; a single one comes twice."""
        names = self.pictures if len(self.pictures) > 1 else self.pictures * 2
        pixels, features = ([self.vision[f"{name}.{kind}"] for name in names] for kind in ("pixel_values", "features"))
        return torch.cat(pixels), [grid for name in names for grid in self.grids(name)], torch.cat(features)

    def together_as_released(self) -> torch.Tensor | None:
        """What the released code makes of the same pictures in one call, shifting their rows, where somebody wrote it down."""
        found = [tensor for name, tensor in self.vision.items() if name.endswith(".features_reference_as_released")]
        return found[0] if len(found) == 1 and len(self.pictures) > 1 else None

    def vision_tolerance(self, features: torch.Tensor) -> float:
        """How far a feature may be off."""
        return VISION_TOLERANCE * max(1.0, features.abs().max().item() / USUAL_FEATURE)

    def grids(self, name: str) -> list[tuple[int, int, int]]:
        return [tuple(row) for row in self.vision[f"{name}.grid_thw"].tolist()]
