"""The same model once more, written for reading: one picture and one prompt at a time, no cache, no fused layer.

It shares no code with the plugin or with vLLM. On the golden checkpoint it is held to the authors' numbers as the plugin
is; on checkpoints of other dimensions, for which nobody has their numbers, the plugin is held to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as f

Tensors = dict[str, torch.Tensor]


class PlainModel:
    def __init__(self, checkpoint: Path, tensors: Tensors) -> None:
        self.config: dict[str, Any] = json.loads((checkpoint / "config.json").read_text())
        self.w = tensors

    def features(self, pixels: torch.Tensor, high: int, wide: int) -> torch.Tensor:
        """Tokens of one picture from its patches in merge-block order."""
        c, w = self.config["vision_config"], self.w
        width, heads, eps = c["hidden_size"], c["num_heads"], c["layer_norm_eps"]

        def norm(x: torch.Tensor, name: str) -> torch.Tensor:
            return f.layer_norm(x, (width,), w[f"visual.{name}.weight"], w[f"visual.{name}.bias"], eps)

        def linear(x: torch.Tensor, name: str) -> torch.Tensor:
            return x @ w[f"visual.{name}.weight"].T + w[f"visual.{name}.bias"]

        patches = pixels @ w["visual.patch_embed.proj.weight"].flatten(1).T
        x = norm(torch.cat([w["visual.class_embedding"][None], patches]), "pre_layernorm")
        angles = torch.cat([w["visual.class_pos_emb"], self._angles(high, wide, width // heads)])
        for block in range(c["depth"]):
            at = f"blocks.{block}"
            q, k, v = (
                part.unflatten(1, (heads, -1)).transpose(0, 1) for part in linear(norm(x, f"{at}.norm1"), f"{at}.attn.qkv").chunk(3, 1)
            )
            scores = rotated(q, angles) @ rotated(k, angles).transpose(1, 2) / (width // heads) ** 0.5
            x = x + linear((scores.softmax(-1) @ v).transpose(0, 1).flatten(1), f"{at}.attn.proj")
            x = x + linear(f.gelu(linear(norm(x, f"{at}.norm2"), f"{at}.mlp.fc1")), f"{at}.mlp.fc2")
        merged = norm(x[1:], "merger.ln_q").reshape(-1, width * c["spatial_merge_size"] ** 2)
        return linear(f.gelu(linear(merged, "merger.mlp.0")), "merger.mlp.2")

    def logits(self, input_ids: list[int], features: torch.Tensor | None) -> torch.Tensor:
        """Logits at each position of a prompt, whose image tokens stand for the rows of `features` in order."""
        c, w = self.config["text_config"], self.w
        heads, kv_heads, size = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]

        def norm(x: torch.Tensor, name: str) -> torch.Tensor:
            return x * (x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]).rsqrt() * w[f"model.{name}.weight"]

        ids = torch.tensor(input_ids)
        x = w["model.embed_tokens.weight"][ids].clone()
        if features is not None:
            x[ids == self.config["image_token_id"]] = features
        frequencies = 1 / c["rope_theta"] ** (torch.arange(0, size, 2) / size)
        angles = torch.arange(len(ids))[:, None] * frequencies
        hidden_future = torch.full((len(ids), len(ids)), float("-inf")).triu(1)
        for layer in range(c["num_hidden_layers"]):
            at = f"layers.{layer}"
            y = norm(x, f"{at}.input_layernorm")
            q, k, v = (
                (y @ w[f"model.{at}.self_attn.{part}_proj.weight"].T).unflatten(1, (n, size)).transpose(0, 1)
                for part, n in (("q", heads), ("k", kv_heads), ("v", kv_heads))
            )
            q = rotated(norm(q, f"{at}.self_attn.q_norm"), angles)
            k = rotated(norm(k, f"{at}.self_attn.k_norm"), angles).repeat_interleave(heads // kv_heads, 0)
            mixed = (q @ k.transpose(1, 2) / size**0.5 + hidden_future).softmax(-1) @ v.repeat_interleave(heads // kv_heads, 0)
            x = x + mixed.transpose(0, 1).flatten(1) @ w[f"model.{at}.self_attn.o_proj.weight"].T
            y = norm(x, f"{at}.post_attention_layernorm")
            gate, up, down = (w[f"model.{at}.mlp.{part}_proj.weight"] for part in ("gate", "up", "down"))
            x = x + (f.silu(y @ gate.T) * (y @ up.T)) @ down.T
        return norm(x, "norm") @ w["lm_head.weight"].T

    def _angles(self, high: int, wide: int, head: int) -> torch.Tensor:
        merge, quarter = self.config["vision_config"]["spatial_merge_size"], head // 4
        frequencies = 1 / 10000.0 ** (torch.arange(quarter) / quarter)
        order = [
            (block_row + row, block_column + column)
            for block_row in range(0, high, merge)
            for block_column in range(0, wide, merge)
            for row in range(merge)
            for column in range(merge)
        ]
        return torch.stack([torch.cat([row * frequencies, column * frequencies]) for row, column in order])


def rotated(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Rotary positions: value i of the first half turns with value i of the second."""
    first, second = x.chunk(2, -1)
    return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)
