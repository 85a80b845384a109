"""The dimensions of a checkpoint, read from its configuration and checked. Pure: no torch, no transformers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vllm_onevision.errors import UnsupportedCheckpointError

# Values of fields that a saved configuration may leave out. Source: ds/llavaonevision1_5/configuration_llavaonevision1_5.py
# of EvolvingLMMs-Lab/LLaVA-OneVision-2 at 008e10889c805b310e1efa204d07b938193cd81b (the 4B model's).
VISION_DEFAULTS: Final[Mapping[str, Any]] = {
    "depth": 24,
    "embed_dim": 1024,
    "hidden_size": 1024,
    "hidden_act": "gelu",
    "intermediate_size": 4096,
    "num_heads": 16,
    "in_channels": 3,
    "patch_size": 14,
    "spatial_merge_size": 2,
    "temporal_patch_size": 1,
    "layer_norm_eps": 1e-5,
    "text_hidden_size": 2560,
}
TEXT_DEFAULTS: Final[Mapping[str, Any]] = {
    "vocab_size": 151936,
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_act": "silu",
    "max_position_embeddings": 262144,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": False,
    "rope_theta": 5000000.0,
    "attention_bias": False,
    "use_sliding_window": False,
    "sliding_window": None,
    "rope_scaling": None,
}


@dataclass(frozen=True)
class VisionDimensions:
    """The RICE-ViT tower and its merger."""

    depth: int
    hidden: int
    intermediate: int
    heads: int
    channels: int
    patch: int
    merge: int
    layer_norm_eps: float
    out_hidden: int

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.hidden // self.heads

    @property
    def merged(self) -> int:
        """Width of the `merge` x `merge` patches that become one token."""
        return self.hidden * self.merge**2

    @property
    def unit(self) -> int:
        """Pixels along one side of the square that becomes one token."""
        return self.patch * self.merge


@dataclass(frozen=True)
class TextDimensions:
    """The Qwen3 language model."""

    vocab: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    tied: bool


def with_defaults(section: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`section` with the fields it leaves out filled in. A field that says null keeps saying it."""
    return {**defaults, **section}


def vision_dimensions(section: Mapping[str, Any], text_hidden: int) -> VisionDimensions:
    """Read `vision_config`.

    Raises:
        UnsupportedCheckpointError: a field asks for something that the tower does not implement.

    """
    where = "vision_config"
    values = with_defaults(section, VISION_DEFAULTS)
    _must_be(where, values, "hidden_act", "gelu")
    _must_be(where, values, "temporal_patch_size", 1)
    _must_be(where, values, "embed_dim", values["hidden_size"])
    _must_be(where, values, "text_hidden_size", text_hidden)
    dimensions = VisionDimensions(
        depth=_count(where, values, "depth"),
        hidden=_count(where, values, "hidden_size"),
        intermediate=_count(where, values, "intermediate_size"),
        heads=_count(where, values, "num_heads"),
        channels=_count(where, values, "in_channels"),
        patch=_count(where, values, "patch_size"),
        merge=_count(where, values, "spatial_merge_size"),
        layer_norm_eps=float(values["layer_norm_eps"]),
        out_hidden=text_hidden,
    )
    if dimensions.hidden % dimensions.heads:
        raise UnsupportedCheckpointError(
            f"config.json: {where}.hidden_size {dimensions.hidden} is not a multiple of num_heads {dimensions.heads}."
        )
    if dimensions.head_dim % 4:
        raise UnsupportedCheckpointError(
            f"config.json: {where} gives heads of {dimensions.head_dim} values; two-dimensional rotary positions need a multiple of 4."
        )
    return dimensions


def text_dimensions(section: Mapping[str, Any]) -> TextDimensions:
    """Read `text_config`.

    Raises:
        UnsupportedCheckpointError: a field asks for something that vLLM's Qwen3 does not implement.

    """
    where = "text_config"
    values = with_defaults(section, TEXT_DEFAULTS)
    _must_be(where, values, "hidden_act", "silu")
    _must_be(where, values, "attention_bias", False)
    _must_be(where, values, "use_sliding_window", False)
    dimensions = TextDimensions(
        vocab=_count(where, values, "vocab_size"),
        hidden=_count(where, values, "hidden_size"),
        intermediate=_count(where, values, "intermediate_size"),
        layers=_count(where, values, "num_hidden_layers"),
        heads=_count(where, values, "num_attention_heads"),
        kv_heads=_count(where, values, "num_key_value_heads"),
        head_dim=_count(where, values, "head_dim"),
        tied=bool(values["tie_word_embeddings"]),
    )
    if dimensions.heads % dimensions.kv_heads:
        raise UnsupportedCheckpointError(
            f"config.json: {where}.num_attention_heads {dimensions.heads} is not a multiple of num_key_value_heads {dimensions.kv_heads}."
        )
    if dimensions.head_dim % 2:
        raise UnsupportedCheckpointError(f"config.json: {where}.head_dim {dimensions.head_dim} is odd; rotary positions need pairs.")
    return dimensions


def _count(where: str, values: Mapping[str, Any], field: str) -> int:
    value = values[field]
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UnsupportedCheckpointError(f"config.json: {where}.{field} is {value!r}; it must be a whole number of at least 1.")
    return value


def _must_be(where: str, values: Mapping[str, Any], field: str, supported: object) -> None:
    if values[field] != supported:
        raise UnsupportedCheckpointError(f"config.json: {where}.{field} is {values[field]!r}; this plugin implements {supported!r} only.")
