"""Checkpoints that cannot be served stop the engine at its start, with an error that names what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from checkpoints import altered, random_checkpoint, with_tensor, without
from golden_data import Golden
from offline import offline_engine


def start(checkpoint: Path, **options) -> None:
    with offline_engine(checkpoint, **options):
        pass


def messages(error: BaseException | None) -> str:
    """The whole chain: vLLM wraps some errors of a model in its own."""
    told = []
    while error is not None:
        told.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "\n".join(told)


def drop(*fields: str):
    def change(values: dict) -> None:
        for field in fields:
            values.pop(field, None)

    return change


def put(section: str | None, **fields):
    return lambda values: (values if section is None else values[section]).update(fields)


def first_layer_only(values: dict) -> None:
    values["text_config"]["num_hidden_layers"] = 1
    values["text_config"].pop("layer_types", None)


def one_more(section: str, field: str):
    return lambda values: values[section].update({field: values[section][field] + 1})


BAD = {
    "text-only configuration": ({"config": drop("vision_config")}, "vision_config is missing"),
    "text-only tensors": ({"tensors": without("visual.")}, "visual.class_embedding is missing"),
    "no such architecture": (
        {"config": put(None, architectures=["LLaVAOneVision9_ForConditionalGeneration"])},
        "LLaVAOneVision9",
    ),
    "another tower": ({"config": put("vision_config", hidden_act="quick_gelu")}, "vision_config.hidden_act is 'quick_gelu'"),
    "patches over two frames": (
        {"config": put("vision_config", temporal_patch_size=2)},
        "vision_config.temporal_patch_size is 2",
    ),
    "missing tensor": ({"tensors": without("layers.0.self_attn.k_proj.weight")}, "layers.0.self_attn.k_proj.weight is missing"),
    "unexpected bias": (
        {"tensors": with_tensor("visual.blocks.0.norm3.bias", torch.zeros(3))},
        "visual.blocks.0.norm3.bias is not a tensor of",
    ),
    "no output matrix though the embeddings are said to be two": (
        {"config": put(None, tie_word_embeddings=False), "tensors": without("lm_head.weight")},
        "lm_head.weight is missing",
    ),
    "mis-shaped tensor": ({"tensors": with_tensor("model.norm.weight", torch.ones(7))}, "model.norm.weight has the shape [7]"),
    "more blocks than its tensors": ({"config": one_more("vision_config", "depth")}, "norm1.weight is missing"),
    "fewer layers than its tensors": (
        {"config": first_layer_only, "tensors": with_tensor("model.layers.1.mlp.up_proj.weight", torch.ones(3))},
        "model.layers.1.mlp.up_proj.weight is not a tensor of",
    ),
    "no pixel limits": ({"preprocessor": drop("min_pixels", "max_pixels", "size")}, "gives min_pixels"),
    "processor of another model": ({"preprocessor": put(None, temporal_patch_size=2)}, "temporal_patch_size is 2"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_checkpoint_is_a_start_up_error_that_names_the_fault(golden: Golden, tmp_path, what):
    changes, named = BAD[what]
    checkpoint = altered(golden.checkpoint, tmp_path, **changes)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which of vLLM's errors wraps ours is vLLM's own business
        start(checkpoint)
    assert named in messages(caught.value)


def test_heads_of_a_size_that_the_engine_lacks_are_named(golden: Golden, tmp_path):
    checkpoint = random_checkpoint(golden.checkpoint, tmp_path / "heads-of-16", {}, {"head_dim": 16}, seed=1)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        start(checkpoint)
    assert "text_config.head_dim is 16" in messages(caught.value)


def test_a_cut_weights_file_ends_the_server_with_an_error_that_names_it(golden: Golden, tmp_path):
    checkpoint = altered(golden.checkpoint, tmp_path)
    weights = next(checkpoint.glob("*.safetensors"))
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(checkpoint), "--enforce-eager"]
    run = subprocess.run(
        [*command, "--dtype", "float32", "--max-model-len", "256"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | {"VLLM_LOGGING_LEVEL": "INFO"},
    )
    assert run.returncode != 0
    assert "SafetensorError" in run.stdout + run.stderr


def test_pixel_limits_may_come_from_the_operator(golden: Golden, tmp_path):
    checkpoint = altered(golden.checkpoint, tmp_path, preprocessor=drop("min_pixels", "max_pixels", "size"))
    start(checkpoint, mm_processor_kwargs={"min_pixels": 3136, "max_pixels": 1003520})
