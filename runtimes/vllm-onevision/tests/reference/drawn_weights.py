"""Random weights by the recipe that manifest.json of the golden folder states, so that every part of the model matters to the result."""

from __future__ import annotations

import torch

Shapes = dict[str, tuple[int, ...]]

# The `S` of the recipe.
SMALL = 0.05
# Matrices that write into the residual stream, or make queries and keys.
_DAMPED = ("attn.proj.", "mlp.fc2.", "merger.mlp.2.", "o_proj.", "down_proj.", "q_proj.", "k_proj.")


def drawn_weights(shapes: Shapes, seed: int) -> dict[str, torch.Tensor]:
    """Every tensor, drawn in the order of the names from one generator."""
    generator = torch.Generator().manual_seed(seed)
    return {name: _drawn(name, torch.randn(shapes[name], generator=generator)) for name in sorted(shapes)}


def _drawn(name: str, noise: torch.Tensor) -> torch.Tensor:
    bias = name.endswith(".bias")
    fan_in = noise[0].numel() if noise.ndim > 1 else 1
    if "pre_layernorm" in name:
        return 0.1 * SMALL * noise if bias else SMALL * (1 + 0.2 * noise)
    if "norm" in name or "ln_q" in name:
        return 0.1 * noise if bias else 1 + 0.2 * noise
    if any(part in name for part in _DAMPED):
        return 0.1 * SMALL * noise if bias else SMALL * 1.3 * noise / fan_in**0.5
    if bias:
        return 0.1 * noise
    if "embed_tokens" in name:
        return 0.7 * SMALL * noise
    if name.endswith("class_pos_emb"):
        return noise
    if name.endswith("class_embedding"):
        return 0.5 * SMALL * noise
    if "patch_embed" in name:
        return SMALL * noise / fan_in**0.5
    if "lm_head" in name:
        return 0.3 * noise
    return 1.3 * noise / fan_in**0.5
