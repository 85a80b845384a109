"""From a picture to its patches, written anew with Pillow and with torchvision: no code of transformers, vLLM or the plugin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as tv


def target_size(height: int, width: int, settings: dict[str, Any]) -> tuple[int, int]:
    """Height and width that the picture is resized to (Qwen2-VL's smart_resize)."""
    unit = settings["patch_size"] * settings["merge_size"]
    least, most = settings["min_pixels"], settings["max_pixels"]
    high, wide = (round(side / unit) * unit for side in (height, width))
    if high * wide > most:
        ratio = math.sqrt(height * width / most)
        return tuple(max(unit, math.floor(side / ratio / unit) * unit) for side in (height, width))  # type: ignore[return-value]
    if high * wide < least:
        ratio = math.sqrt(least / (height * width))
        return tuple(math.ceil(side * ratio / unit) * unit for side in (height, width))  # type: ignore[return-value]
    return high, wide


def patches(picture: Image.Image, settings: dict[str, Any], path: str) -> tuple[torch.Tensor, tuple[int, int]]:
    """Patches in merge-block order, and rows and columns of the grid.

    Args:
        picture: any mode; transparency is dropped as `convert("RGB")` does
        settings: preprocessor_config.json with min_pixels and max_pixels
        path: "slow" resizes with Pillow, "fast" with torchvision

    """
    rgb = picture.convert("RGB")
    high, wide = target_size(rgb.height, rgb.width, settings)
    mean, deviation = (torch.tensor(settings[name], dtype=torch.float32)[:, None, None] for name in ("image_mean", "image_std"))
    if path == "slow":
        bytes_ = np.asarray(rgb.resize((wide, high), Image.Resampling.BICUBIC), dtype=np.float64)
        values = torch.from_numpy((bytes_ * settings["rescale_factor"]).astype(np.float32)).permute(2, 0, 1)
        normal = (values - mean) / deviation
    else:
        tensor = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)
        resized = tv.resize(tensor, [high, wide], interpolation=tv.InterpolationMode.BICUBIC, antialias=True)
        factor = settings["rescale_factor"]
        normal = (resized.float() - mean / factor) / (deviation / factor)
    patch, merge = settings["patch_size"], settings["merge_size"]
    rows, columns = high // patch, wide // patch
    cut = normal.reshape(3, rows // merge, merge, patch, columns // merge, merge, patch)
    # block row, block column, row and column inside the block, then the pixels of the patch
    return cut.permute(1, 4, 2, 5, 0, 3, 6).reshape(rows * columns, -1).contiguous(), (rows, columns)
