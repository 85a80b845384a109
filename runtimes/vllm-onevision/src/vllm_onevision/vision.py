"""The RICE-ViT tower with its merger, and where the classification token of each picture goes.

The tower is never sharded nor quantised: every rank holds it whole, in the type of the model. Its parameters carry
the names of the authors' files, so that loading is a plain copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from vllm.model_executor.layers.attention import MMEncoderAttention
from vllm.model_executor.layers.rotary_embedding.common import ApplyRotaryEmb
from vllm.model_executor.models.vision import get_vit_attn_backend

from vllm_onevision.dimensions import VisionDimensions

# Base of the rotary angles of the tower; a constant of the authors' code, not a field of the configuration.
ROPE_THETA = 10000.0


@dataclass(frozen=True)
class Layout:
    """Where the rows of a batch of pictures stand once each has its classification token in front."""

    patch_rows: torch.Tensor
    class_rows: torch.Tensor
    cos: torch.Tensor
    sin: torch.Tensor
    cu_seqlens: torch.Tensor
    max_seqlen: torch.Tensor
    sequence_lengths: torch.Tensor | None


class PatchEmbed(nn.Module):
    """One linear projection per patch, kept as the convolution that the checkpoint holds."""

    def __init__(self, d: VisionDimensions) -> None:
        super().__init__()
        self.patch_shape = (d.channels, d.patch, d.patch)
        self.proj = nn.Conv2d(d.channels, d.hidden, kernel_size=d.patch, stride=d.patch, bias=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.proj(pixels.view(-1, *self.patch_shape)).flatten(1)


class Attention(nn.Module):
    """Full attention within each picture, rotary positions in float32 as in the reference."""

    def __init__(self, d: VisionDimensions, prefix: str) -> None:
        super().__init__()
        self.heads, self.head_dim = d.heads, d.head_dim
        self.qkv = nn.Linear(d.hidden, 3 * d.hidden)
        self.proj = nn.Linear(d.hidden, d.hidden)
        self.attn = MMEncoderAttention(num_heads=d.heads, head_size=d.head_dim, scale=d.head_dim**-0.5, prefix=f"{prefix}.attn")
        self.rotate = ApplyRotaryEmb(enforce_enable=True, enable_fp32_compute=True)

    def forward(self, rows: torch.Tensor, layout: Layout) -> torch.Tensor:
        query, key, value = self.qkv(rows).view(1, -1, 3, self.heads, self.head_dim).unbind(2)
        query, key = self.rotate(torch.cat([query, key]), layout.cos, layout.sin).chunk(2)
        mixed = self.attn(
            query=query,
            key=key,
            value=value,
            cu_seqlens=layout.cu_seqlens,
            max_seqlen=layout.max_seqlen,
            sequence_lengths=layout.sequence_lengths,
        )
        return self.proj(mixed.reshape(rows.shape))


class Mlp(nn.Module):
    """Two linear layers with the exact (erf) GELU between."""

    def __init__(self, d: VisionDimensions) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d.hidden, d.intermediate)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(d.intermediate, d.hidden)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.act(self.fc1(rows)))


class Block(nn.Module):
    """One pre-norm transformer block."""

    def __init__(self, d: VisionDimensions, prefix: str) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(d.hidden, eps=d.layer_norm_eps)
        self.norm2 = nn.LayerNorm(d.hidden, eps=d.layer_norm_eps)
        self.attn = Attention(d, prefix=f"{prefix}.attn")
        self.mlp = Mlp(d)

    def forward(self, rows: torch.Tensor, layout: Layout) -> torch.Tensor:
        rows = rows + self.attn(self.norm1(rows), layout)
        return rows + self.mlp(self.norm2(rows))


class Merger(nn.Module):
    """Makes one token of the language model out of merge x merge neighbouring patches."""

    def __init__(self, d: VisionDimensions) -> None:
        super().__init__()
        self.merged = d.merged
        self.ln_q = nn.LayerNorm(d.hidden, eps=d.layer_norm_eps)
        self.mlp = nn.Sequential(nn.Linear(d.merged, d.merged), nn.GELU(), nn.Linear(d.merged, d.out_hidden))

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        return self.mlp(self.ln_q(patches).view(-1, self.merged))


class RiceVisionTower(nn.Module):
    """Pictures, cut into patches in merge-block order, to tokens of the language model."""

    def __init__(self, d: VisionDimensions, prefix: str = "visual") -> None:
        super().__init__()
        self.dimensions = d
        self.patch_embed = PatchEmbed(d)
        self.class_embedding = nn.Parameter(torch.empty(d.hidden))
        # Not a position but the rotary angles of the classification token, learned as such.
        self.class_pos_emb = nn.Parameter(torch.empty(1, d.head_dim // 2))
        self.pre_layernorm = nn.LayerNorm(d.hidden, eps=d.layer_norm_eps)
        self.blocks = nn.ModuleList(Block(d, prefix=f"{prefix}.blocks.{index}") for index in range(d.depth))
        self.merger = Merger(d)
        self.attn_backend = get_vit_attn_backend(head_size=d.head_dim, dtype=torch.get_default_dtype())

    @property
    def dtype(self) -> torch.dtype:
        """Type of the weights."""
        return self.patch_embed.proj.weight.dtype

    @property
    def device(self) -> torch.device:
        """Place of the weights."""
        return self.patch_embed.proj.weight.device

    def forward(self, pixels: torch.Tensor, grids: list[tuple[int, int, int]]) -> torch.Tensor:
        """Tokens of all pictures, one after the other.

        Args:
            pixels: (patches, channels * patch * patch), all pictures one after the other
            grids: frames, rows and columns of patches of each picture

        """
        layout = self.layout(grids)
        rows = self.embed(pixels, layout)
        for block in self.blocks:
            rows = block(rows, layout)
        return self.merger(rows[layout.patch_rows])

    def embed(self, pixels: torch.Tensor, layout: Layout) -> torch.Tensor:
        """Patches and classification tokens in their places, normalised."""
        patches = self.patch_embed(pixels.to(device=self.device, dtype=self.dtype))
        rows = patches.new_empty(len(layout.patch_rows) + len(layout.class_rows), patches.shape[1])
        rows[layout.patch_rows] = patches
        rows[layout.class_rows] = self.class_embedding
        return self.pre_layernorm(rows)

    def layout(self, grids: list[tuple[int, int, int]]) -> Layout:
        """Every frame of every picture is a sequence of its own, its classification token first.

        The training code (Megatron) does so too. The released Hugging Face code forgets the token when it counts the
        rows of the pictures before, which shifts the second picture of a request by one row, the third by two.
        """
        frames = np.repeat([high * wide for _, high, wide in grids], [frames for frames, _, _ in grids])
        starts = np.concatenate([[0], np.cumsum(frames + 1)]).astype(np.int32)
        frame_of_patch = np.repeat(np.arange(len(frames)), frames)
        patch_rows = np.arange(int(frames.sum())) + frame_of_patch + 1
        angles = self._angles(grids)
        backend = self.attn_backend
        return Layout(
            patch_rows=torch.from_numpy(patch_rows).to(self.device),
            class_rows=torch.from_numpy(starts[:-1].astype(np.int64)).to(self.device),
            cos=angles.cos(),
            sin=angles.sin(),
            cu_seqlens=MMEncoderAttention.maybe_recompute_cu_seqlens(backend, starts, self.dimensions.hidden, 1, self.device),
            max_seqlen=torch.tensor(MMEncoderAttention.compute_max_seqlen(backend, starts), dtype=torch.int32),
            sequence_lengths=MMEncoderAttention.maybe_compute_seq_lens(backend, starts, self.device),
        )

    def _angles(self, grids: list[tuple[int, int, int]]) -> torch.Tensor:
        class_angles = self.class_pos_emb.float()
        pieces: list[torch.Tensor] = []
        for frames, high, wide in grids:
            one_frame = torch.cat([class_angles, patch_angles(high, wide, self.dimensions, self.device)])
            pieces.extend([one_frame] * frames)
        return torch.cat(pieces)


def patch_angles(high: int, wide: int, d: VisionDimensions, device: torch.device) -> torch.Tensor:
    """Rotary angles of high x wide patches in merge-block order: first half from the row, second half from the column."""
    quarter = d.head_dim // 4
    frequencies = 1.0 / ROPE_THETA ** (torch.arange(quarter, dtype=torch.float32, device=device) / quarter)
    rows = torch.arange(high, device=device).view(high, 1).expand(high, wide)
    columns = torch.arange(wide, device=device).view(1, wide).expand(high, wide)
    positions = torch.stack([_in_blocks(rows, d.merge), _in_blocks(columns, d.merge)], dim=1)
    return (positions.unsqueeze(2) * frequencies).flatten(1)


def _in_blocks(grid: torch.Tensor, merge: int) -> torch.Tensor:
    high, wide = grid.shape
    return grid.reshape(high // merge, merge, wide // merge, merge).transpose(1, 2).flatten()
