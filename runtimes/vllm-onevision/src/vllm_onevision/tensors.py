"""The names and shapes of the tensors that a checkpoint must hold, from its dimensions. Pure: no torch."""

from __future__ import annotations

from vllm_onevision.dimensions import TextDimensions, VisionDimensions

Shape = tuple[int, ...]

# Where the modules of this plugin stand, against the names in the authors' files (the tower keeps its name).
CHECKPOINT_TO_MODULE = {"model.": "language_model.model.", "lm_head.": "language_model.lm_head."}


def expected_tensors(vision: VisionDimensions, text: TextDimensions) -> dict[str, Shape]:
    """Name and shape of every tensor of an unquantised checkpoint, as the authors' code saves it."""
    return {**vision_tensors(vision), **text_tensors(text)}


def vision_tensors(d: VisionDimensions) -> dict[str, Shape]:
    """The tower and the merger (`visual.*`)."""
    tensors: dict[str, Shape] = {
        "patch_embed.proj.weight": (d.hidden, d.channels, d.patch, d.patch),
        "class_embedding": (d.hidden,),
        "class_pos_emb": (1, d.head_dim // 2),
        **_norm("pre_layernorm", d.hidden),
        **_norm("merger.ln_q", d.hidden),
        **_linear("merger.mlp.0", d.merged, d.merged),
        **_linear("merger.mlp.2", d.merged, d.out_hidden),
    }
    for index in range(d.depth):
        block = f"blocks.{index}"
        tensors |= _norm(f"{block}.norm1", d.hidden)
        tensors |= _norm(f"{block}.norm2", d.hidden)
        tensors |= _linear(f"{block}.attn.qkv", d.hidden, 3 * d.hidden)
        tensors |= _linear(f"{block}.attn.proj", d.hidden, d.hidden)
        tensors |= _linear(f"{block}.mlp.fc1", d.hidden, d.intermediate)
        tensors |= _linear(f"{block}.mlp.fc2", d.intermediate, d.hidden)
    return {f"visual.{name}": shape for name, shape in tensors.items()}


def text_tensors(d: TextDimensions) -> dict[str, Shape]:
    """The language model (`model.*` and, unless it is the embedding itself, `lm_head.weight`)."""
    tensors: dict[str, Shape] = {
        "model.embed_tokens.weight": (d.vocab, d.hidden),
        "model.norm.weight": (d.hidden,),
    }
    if not d.tied:
        tensors["lm_head.weight"] = (d.vocab, d.hidden)
    for index in range(d.layers):
        layer = f"model.layers.{index}"
        tensors[f"{layer}.input_layernorm.weight"] = (d.hidden,)
        tensors[f"{layer}.post_attention_layernorm.weight"] = (d.hidden,)
        tensors[f"{layer}.self_attn.q_norm.weight"] = (d.head_dim,)
        tensors[f"{layer}.self_attn.k_norm.weight"] = (d.head_dim,)
    for layer, shape in text_linear_layers(d).items():
        tensors[f"{layer}.weight"] = shape
    return tensors


def text_linear_layers(d: TextDimensions) -> dict[str, Shape]:
    """The layers of the language model that quantisation replaces, with the shape of their unquantised weight."""
    layers: dict[str, Shape] = {}
    for index in range(d.layers):
        layer = f"model.layers.{index}"
        layers[f"{layer}.self_attn.q_proj"] = (d.heads * d.head_dim, d.hidden)
        layers[f"{layer}.self_attn.k_proj"] = (d.kv_heads * d.head_dim, d.hidden)
        layers[f"{layer}.self_attn.v_proj"] = (d.kv_heads * d.head_dim, d.hidden)
        layers[f"{layer}.self_attn.o_proj"] = (d.hidden, d.heads * d.head_dim)
        layers[f"{layer}.mlp.gate_proj"] = (d.intermediate, d.hidden)
        layers[f"{layer}.mlp.up_proj"] = (d.intermediate, d.hidden)
        layers[f"{layer}.mlp.down_proj"] = (d.hidden, d.intermediate)
    return layers


def _linear(name: str, inputs: int, outputs: int) -> dict[str, Shape]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str, width: int) -> dict[str, Shape]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
