"""The plain reference that writes golden folders of other dimensions gives back the shipped one, which the authors' code made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from checkpoints import all_tensors
from drawn_weights import drawn_weights
from golden_data import Golden
from golden_variants import VARIANTS
from golden_writer import tensor_shapes, write_golden
from offline import error
from plain_model import PlainModel, greedy
from plain_pixels import patches

from vllm_onevision.dimensions import text_dimensions, vision_dimensions
from vllm_onevision.tensors import expected_tensors


@pytest.fixture(scope="module")
def shipped(project: Path) -> Golden:
    return Golden(project / "golden")


def test_the_recipe_draws_the_weights_of_the_shipped_checkpoint(shipped: Golden):
    drawn = drawn_weights(tensor_shapes(shipped.config), shipped.manifest["seed"])
    stored = all_tensors(shipped.checkpoint)
    assert set(drawn) == set(stored)
    # equal but for the order in which scale and noise were multiplied
    assert all(torch.allclose(drawn[name], stored[name], rtol=1e-6, atol=1e-8) for name in stored)


def test_plain_pixels_features_logits_and_tokens_are_the_authors(shipped: Golden):
    model = PlainModel(shipped.checkpoint, all_tensors(shipped.checkpoint))
    pixels = {name: patches(shipped.image(name), shipped.preprocessor, "slow") for name in shipped.manifest["preprocess"]}
    for name in shipped.pictures:
        rows, (high, wide) = pixels[name]
        assert error(rows, shipped.vision[f"{name}.pixel_values"]) <= 1e-6
        expected = shipped.vision[f"{name}.features"]
        assert error(model.features(rows, high, wide), expected) <= shipped.vision_tolerance(expected)
    for case in shipped.cases:
        shown = [(pixels[name][0], *pixels[name][1]) for name in case.images]
        features = torch.cat([model.features(*picture) for picture in shown]) if shown else None
        assert error(model.logits(case.input_ids, features), case.logits) <= case.tolerance
        tokens, margins = greedy(model, case.input_ids, features, len(case.greedy))
        assert tokens == case.greedy
        assert margins == pytest.approx(case.margins, abs=1e-3)
    released = model.features_as_released([(pixels[name][0], *pixels[name][1]) for name in shipped.pictures])
    assert error(released, shipped.together_as_released()) <= shipped.vision_tolerance(released)


@pytest.mark.parametrize("name", ["wide-tied-sharded", "special-tokens-in-the-middle", "as-little-as-there-can-be"])
def test_a_folder_that_it_writes_is_read_like_the_shipped_one(shipped: Golden, tmp_path, name):
    write_golden(VARIANTS[name], shipped.checkpoint, tmp_path / name)
    made = Golden(tmp_path / name)
    assert set(made.manifest["text"]) == {case.name for case in made.cases} == set(VARIANTS[name].cases)
    assert all(len(case.logits) == len(case.input_ids) for case in made.cases)
    text = text_dimensions({"tie_word_embeddings": made.config["tie_word_embeddings"], **made.config["text_config"]})
    expected = expected_tensors(vision_dimensions(made.config["vision_config"], text.hidden), text)
    assert {tensor: tuple(value.shape) for tensor, value in all_tensors(made.checkpoint).items()} == expected
    assert json.loads((made.checkpoint / "tokenizer.json").read_text())["model"]["vocab"]
