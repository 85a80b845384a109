from __future__ import annotations

import json
import struct
from dataclasses import dataclass

import pytest

from vllm_onevision.dimensions import text_dimensions, vision_dimensions
from vllm_onevision.errors import CheckpointTensorError
from vllm_onevision.inventory import TensorInventory
from vllm_onevision.tensors import expected_tensors, text_linear_layers


@dataclass
class FakeTensor:
    shape: tuple[int, ...]
    dtype: str = "torch.bfloat16"


TEXT = text_dimensions({"num_hidden_layers": 2})
VISION = vision_dimensions({"depth": 2}, TEXT.hidden)
EXPECTED = expected_tensors(VISION, TEXT)
LAYERS = text_linear_layers(TEXT)


def whole() -> dict[str, FakeTensor]:
    return {name: FakeTensor(shape) for name, shape in EXPECTED.items()}


def load(tensors, quantised=None):
    items = tensors.items() if isinstance(tensors, dict) else tensors
    return dict(TensorInventory(EXPECTED, quantised).checked(items))


def test_a_whole_checkpoint_passes_tensor_by_tensor():
    assert load(whole()) == whole()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_missing_tensor_is_named(name):
    tensors = whole()
    del tensors[name]
    with pytest.raises(CheckpointTensorError, match=rf"1 tensors missing[\s\S]*{name} is missing"):
        load(tensors)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_misshaped_tensor_is_named_with_both_shapes(name):
    tensors = whole()
    tensors[name] = FakeTensor((*EXPECTED[name], 3))
    with pytest.raises(CheckpointTensorError, match=rf"{name} has the shape \[.*\], config.json asks for"):
        load(tensors)


@pytest.mark.parametrize(
    "name",
    [
        "visual.blocks.0.attn.qkv.extra",
        "model.layers.0.mlp.up_proj.bias",
        "model.layers.2.mlp.up_proj.weight",
    ],
)
def test_an_unexpected_tensor_is_named_even_a_bias(name):
    with pytest.raises(CheckpointTensorError, match=f"{name} is not a tensor of"):
        load({**whole(), name: FakeTensor((1,))})


def test_a_tensor_that_comes_twice_is_named():
    with pytest.raises(CheckpointTensorError, match=r"lm_head\.weight is in the checkpoint twice"):
        load([*whole().items(), ("lm_head.weight", FakeTensor(EXPECTED["lm_head.weight"]))])


def test_a_checkpoint_without_any_vision_tensor_is_told_once_and_counted():
    text_only = {name: tensor for name, tensor in whole().items() if not name.startswith("visual.")}
    with pytest.raises(CheckpointTensorError) as caught:
        load(text_only)
    lost = len(EXPECTED) - len(text_only)
    assert f"{lost} tensors missing" in str(caught.value)
    assert f"and {lost - 20} more" in str(caught.value)


def quantised_checkpoint() -> dict[str, FakeTensor]:
    tensors = whole()
    for layer in LAYERS:
        del tensors[f"{layer}.weight"]
        tensors[f"{layer}.qweight"] = FakeTensor((1, 1), "torch.int32")
        tensors[f"{layer}.scales"] = FakeTensor((1, 1))
    return tensors


def test_a_quantised_language_model_passes_and_its_tower_must_still_be_whole():
    assert load(quantised_checkpoint(), LAYERS)
    tensors = quantised_checkpoint()
    del tensors["visual.blocks.1.mlp.fc1.weight"]
    tensors["visual.blocks.1.mlp.fc1.qweight"] = FakeTensor((1, 1), "torch.int32")
    with pytest.raises(CheckpointTensorError) as caught:
        load(tensors, LAYERS)
    assert "visual.blocks.1.mlp.fc1.weight is missing" in str(caught.value)
    assert "visual.blocks.1.mlp.fc1.qweight is not a tensor" in str(caught.value)


def test_a_missing_layer_of_a_quantised_model_is_named():
    tensors = quantised_checkpoint()
    for suffix in ("qweight", "scales"):
        del tensors[f"model.layers.1.self_attn.k_proj.{suffix}"]
    with pytest.raises(CheckpointTensorError, match=r"model\.layers\.1\.self_attn\.k_proj\.weight is missing"):
        load(tensors, LAYERS)


def test_a_model_quantised_while_loading_must_still_come_in_the_right_shape():
    tensors = whole()
    tensors["model.layers.0.mlp.up_proj.weight"] = FakeTensor((4, 4))
    with pytest.raises(CheckpointTensorError, match=r"up_proj\.weight has the shape \[4, 4\]"):
        load(tensors, LAYERS)


def test_quantised_tensors_in_a_checkpoint_that_is_not_declared_quantised_are_unexpected():
    with pytest.raises(CheckpointTensorError, match=r"q_proj\.qweight is not a tensor of"):
        load(quantised_checkpoint())


def test_the_golden_checkpoint_has_exactly_the_expected_tensors(golden_folder):
    folder = golden_folder / "tiny-checkpoint"
    config = json.loads((folder / "config.json").read_text())
    text = text_dimensions({"tie_word_embeddings": config.get("tie_word_embeddings", False), **config["text_config"]})
    expected = expected_tensors(vision_dimensions(config["vision_config"], text.hidden), text)
    found: dict[str, tuple[int, ...]] = {}
    for file in folder.glob("*.safetensors"):
        with file.open("rb") as handle:
            header = json.loads(handle.read(struct.unpack("<Q", handle.read(8))[0]))
        found |= {name: tuple(facts["shape"]) for name, facts in header.items() if name != "__metadata__"}
    assert found == expected
