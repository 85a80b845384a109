"""From the size of a picture to its grid of patches and its number of tokens. Pure arithmetic: no torch.

The rule is that of Qwen2-VL's image processor (`smart_resize`), which LLaVA-OneVision-1.5 was trained with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Qwen2-VL's image processor refuses pictures that are longer than this many times their width.
MAX_ASPECT_RATIO = 200


class ImageShapeError(ValueError):
    """A picture whose shape the model has no grid for; the message gives the shape and what is allowed."""


@dataclass(frozen=True)
class PixelLimits:
    """Area that a picture has after resizing, in pixels."""

    min_pixels: int
    max_pixels: int


def resized(height: int, width: int, unit: int, limits: PixelLimits) -> tuple[int, int]:
    """Height and width after resizing: multiples of `unit`, of nearly the same proportions, and within the limits.

    Raises:
        ImageShapeError: the picture is empty or longer than MAX_ASPECT_RATIO times its width.

    """
    if height < 1 or width < 1:
        raise ImageShapeError(f"The picture is {width}x{height} pixels; both sides must be at least 1.")
    if max(height, width) / min(height, width) > MAX_ASPECT_RATIO:
        raise ImageShapeError(
            f"The picture is {width}x{height} pixels; the longer side may be at most {MAX_ASPECT_RATIO} times the shorter one."
        )
    # Python's round() goes to the even neighbour at a half, and so does the reference.
    high, wide = round(height / unit) * unit, round(width / unit) * unit
    if high * wide > limits.max_pixels:
        shrink = math.sqrt(height * width / limits.max_pixels)
        high = max(unit, math.floor(height / shrink / unit) * unit)
        wide = max(unit, math.floor(width / shrink / unit) * unit)
    elif high * wide < limits.min_pixels:
        grow = math.sqrt(limits.min_pixels / (height * width))
        high = math.ceil(height * grow / unit) * unit
        wide = math.ceil(width * grow / unit) * unit
    return high, wide


def image_tokens(height: int, width: int, unit: int, limits: PixelLimits) -> int:
    """Tokens of the language model that one picture takes, without the two tokens around it."""
    high, wide = resized(height, width, unit, limits)
    return (high // unit) * (wide // unit)


def most_image_tokens(unit: int, limits: PixelLimits) -> int:
    """An upper bound of `image_tokens` over all pictures.

    Three kinds of picture can be the largest: one that fills max_pixels; a very long one, whose short side is held
    at one unit while it is shrunk; and a very long one that is enlarged to min_pixels with both sides rounded up.
    """
    area = limits.max_pixels // unit**2
    longest_shrunk = math.isqrt(MAX_ASPECT_RATIO * limits.max_pixels) // unit if area < MAX_ASPECT_RATIO else 0
    long_side = math.sqrt(limits.min_pixels * MAX_ASPECT_RATIO) / unit
    short_side = math.sqrt(limits.min_pixels / MAX_ASPECT_RATIO) / unit
    # (long + 1)(short + 1) is the largest that rounding up can give, and no proportion makes it larger than the longest.
    longest_grown = math.ceil(limits.min_pixels / unit**2 + long_side + short_side + 1) if limits.min_pixels > 0 else 0
    return max(1, area, longest_shrunk, longest_grown)


def largest_image(unit: int, limits: PixelLimits) -> tuple[int, int]:
    """Height and width of a picture that fills max_pixels, or the longest one where that costs more.

    For measuring memory before serving. It reaches `most_image_tokens` unless the two limits are close to one another
    or so small that only a few proportions are left.
    """
    candidates = [_fullest(unit, limits), (unit, MAX_ASPECT_RATIO * unit), (1, MAX_ASPECT_RATIO), (1, 1)]
    return max(candidates, key=lambda size: image_tokens(size[0], size[1], unit, limits))


def _fullest(unit: int, limits: PixelLimits) -> tuple[int, int]:
    for units in range(max(1, limits.max_pixels // unit**2), 0, -1):
        for high in range(math.isqrt(units), 0, -1):
            if units % high:
                continue
            if units // high <= MAX_ASPECT_RATIO * high:
                return high * unit, units // high * unit
            break
    return unit, unit
