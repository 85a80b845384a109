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

OPTIONAL: dict[str, dict[str, float]] = {
    "vision_config": {"layer_norm_eps": 1e-5, "spatial_merge_size": 2},
    "text_config": {"rms_norm_eps": 1e-6, "rope_theta": 5_000_000.0, "head_dim": 128},
}


class PlainModel:
    def __init__(self, checkpoint: Path, tensors: Tensors) -> None:
        self.config: dict[str, Any] = json.loads((checkpoint / "config.json").read_text())
        self.w = {name: tensor.float() for name, tensor in tensors.items()}
        # Only what a configuration may leave out and the model needs; the authors' defaults.
        for section, defaults in OPTIONAL.items():
            self.config[section] = {**defaults, **self.config[section]}

    @property
    def output_weights(self) -> torch.Tensor:
        """The matrix that makes logits: the embedding itself where the two are tied."""
        tied = self.config.get("tie_word_embeddings") or self.config["text_config"].get("tie_word_embeddings")
        return self.w["model.embed_tokens.weight" if tied else "lm_head.weight"]

    def features(self, pixels: torch.Tensor, high: int, wide: int) -> torch.Tensor:
        """Tokens of one picture from its patches in merge-block order."""
        return self._merged(self.rows(pixels, high, wide)[1:])

    def features_as_released(self, pictures: list[tuple[torch.Tensor, int, int]]) -> torch.Tensor:
        """The upstream defect: of several pictures in one call, the rows of the later ones are counted without their CLS tokens."""
        rows = torch.cat([self.rows(*picture) for picture in pictures])
        before, kept = 0, []
        for pixels, _, _ in pictures:
            kept.append(rows[before + 1 : before + 1 + len(pixels)])
            before += len(pixels)
        return self._merged(torch.cat(kept))

    def rows(self, pixels: torch.Tensor, high: int, wide: int) -> torch.Tensor:
        """The last block's rows of one picture, its classification token first."""
        c, w = self.config["vision_config"], self.w
        width, heads = c["hidden_size"], c["num_heads"]
        norm, linear = self._vision_norm, self._vision_linear
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
        return x

    def _merged(self, patches: torch.Tensor) -> torch.Tensor:
        c, linear = self.config["vision_config"], self._vision_linear
        merged = self._vision_norm(patches, "merger.ln_q").reshape(-1, c["hidden_size"] * c["spatial_merge_size"] ** 2)
        return linear(f.gelu(linear(merged, "merger.mlp.0")), "merger.mlp.2")

    def _vision_norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        c, w = self.config["vision_config"], self.w
        return f.layer_norm(x, (c["hidden_size"],), w[f"visual.{name}.weight"], w[f"visual.{name}.bias"], c["layer_norm_eps"])

    def _vision_linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ self.w[f"visual.{name}.weight"].T + self.w[f"visual.{name}.bias"]

    def logits(self, input_ids: list[int], features: torch.Tensor | None) -> torch.Tensor:
        """Logits at each position of a prompt, whose image tokens stand for the rows of `features` in order."""
        c, w = self.config["text_config"], self.w
        heads, kv_heads, size = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]

        def norm(x: torch.Tensor, name: str) -> torch.Tensor:
            return x * (x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]).rsqrt() * w[f"model.{name}.weight"]

        ids = torch.tensor(input_ids)
        x = w["model.embed_tokens.weight"][ids].clone()
        if features is not None:
            # an image token that the model made itself, after those of the pictures, is a token like any other
            x[(ids == self.config["image_token_id"]).nonzero()[: len(features), 0]] = features
        theta = c.get("rope_parameters", {}).get("rope_theta", c["rope_theta"])  # where transformers 5 writes it, and 4
        frequencies = 1 / theta ** (torch.arange(0, size, 2) / size)
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
        return norm(x, "norm") @ self.output_weights.T

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


def greedy(model: PlainModel, ids: list[int], features: torch.Tensor | None, tokens: int) -> tuple[list[int], list[float]]:
    """Tokens with the largest logit, the whole prompt computed anew for each, and how far the second was behind."""
    made: list[int] = []
    margins: list[float] = []
    for _ in range(tokens):
        best = model.logits([*ids, *made], features)[-1].topk(2)
        made.append(int(best.indices[0]))
        margins.append(float(best.values[0] - best.values[1]))
    return made, margins


def rotated(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Rotary positions: value i of the first half turns with value i of the second."""
    first, second = x.chunk(2, -1)
    return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)
