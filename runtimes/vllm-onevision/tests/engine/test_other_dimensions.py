"""Nothing in the plugin is fitted to the golden checkpoint: other dimensions, against a plain second implementation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from checkpoints import all_tensors, random_checkpoint
from golden_data import Case, Golden
from offline import ask, error, in_model, offline_engine, request
from plain_model import PlainModel
from plain_pixels import patches

OTHERS = {
    "wider": (
        {"hidden_size": 96, "embed_dim": 96, "num_heads": 3, "depth": 3, "intermediate_size": 200, "layer_norm_eps": 1e-6},
        {"hidden_size": 128, "num_attention_heads": 6, "num_key_value_heads": 1, "head_dim": 64, "intermediate_size": 176},
    ),
    "one layer, heads wider than the model": (
        {"hidden_size": 64, "embed_dim": 64, "num_heads": 1, "depth": 1, "intermediate_size": 48},
        {
            "hidden_size": 48,
            "num_attention_heads": 3,
            "num_key_value_heads": 3,
            "head_dim": 32,
            "num_hidden_layers": 1,
            "rope_theta": 1000000.0,
            "rms_norm_eps": 1e-5,
        },
    ),
}


def plain_answer(model: PlainModel, golden: Golden, case: Case, pixels_of) -> torch.Tensor:
    features = [model.features(*pixels_of(name)) for name in case.images]
    return model.logits(case.input_ids, torch.cat(features) if features else None)


def golden_pixels(golden: Golden):
    """Patches and grid of a picture: the folder's own, or for a picture that has none there those of the plain second way."""
    path = "fast" if str(golden.preprocessor.get("image_processor_type", "")).endswith("Fast") else "slow"

    def of(name: str) -> tuple[torch.Tensor, int, int]:
        if f"{name}.pixel_values" in golden.vision:
            return golden.vision[f"{name}.pixel_values"], *golden.grids(name)[0][1:]
        rows, (high, wide) = patches(golden.image(name), golden.preprocessor, path)
        return rows, high, wide

    return of


def test_the_plain_model_gives_the_authors_numbers(golden: Golden, measure):
    model = PlainModel(golden.checkpoint, all_tensors(golden.checkpoint))
    pixels = golden_pixels(golden)
    vision, text = 0.0, 0.0
    for name in golden.pictures:
        expected = golden.vision[f"{name}.features"]
        off = error(model.features(*pixels(name)), expected)
        assert off <= golden.vision_tolerance(expected), name
        vision = max(vision, off)
    for case in golden.cases:
        off = error(plain_answer(model, golden, case, pixels), case.logits)
        assert off <= case.tolerance, case.name
        text = max(text, off)
    measure(f"plain second implementation against the reference: features {vision:.2e}, logits {text:.2e}")


@pytest.mark.parametrize("other", OTHERS)
def test_a_checkpoint_of_other_dimensions_equals_the_plain_model(golden: Golden, tmp_path, other, measure):
    vision, text = OTHERS[other]
    checkpoint = random_checkpoint(golden.checkpoint, tmp_path / "other", vision, text, seed=20261124)
    model = PlainModel(checkpoint, all_tensors(checkpoint))
    pixels = golden_pixels(golden)
    with offline_engine(checkpoint) as engine:
        for name in golden.pictures:
            rows, high, wide = pixels(name)
            found = in_model(engine, lambda tower, r=rows, g=(1, high, wide): tower.visual(r, [g]).clone())
            expected = model.features(rows, high, wide)
            assert error(found, expected) <= golden.vision_tolerance(expected), name
        worst = 0.0
        for case in golden.cases:
            (answer,) = ask(engine, [request(golden, case)], 1)
            expected = plain_answer(model, golden, case, pixels)
            off = error(answer.logits, expected)
            assert off <= replace(case, logits=expected).tolerance, case.name
            worst = max(worst, off)
        measure(f"checkpoint of other dimensions ({other}): logits off by {worst:.2e}")
