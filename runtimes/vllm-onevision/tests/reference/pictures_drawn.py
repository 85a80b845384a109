"""Small pictures for golden folders: what is on them does not matter, only that no two parts of one are alike."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw


def drawn_picture(name: str) -> Image.Image:
    """The picture that `<kind>_<width>x<height>` names; kinds: gradient, noise, card."""
    kind, _, size = name.partition("_")
    width, height = (int(side) for side in size.split("x"))
    return {"gradient": _gradient, "noise": _noise, "card": _card}[kind](width, height)


def _gradient(width: int, height: int) -> Image.Image:
    across, down = np.linspace(0, 255, width)[None, :], np.linspace(0, 255, height)[:, None]
    channels = [across + 0 * down, down + 0 * across, (across + down) / 2]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def _noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width * 10_007 + height).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _card(width: int, height: int) -> Image.Image:
    card = Image.new("RGB", (width, height), (240, 235, 220))
    pen = ImageDraw.Draw(card)
    pen.rectangle((width // 10, height // 8, width // 2, height // 2), fill=(200, 30, 40))
    pen.ellipse((width // 2, height // 3, width - width // 12, height - height // 9), fill=(20, 80, 190), outline=(0, 0, 0), width=3)
    pen.line((0, height, width, 0), fill=(10, 120, 40), width=max(1, height // 30))
    return card
