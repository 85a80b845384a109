"""Nothing in the plugin is fitted to the golden checkpoint: other dimensions, against a plain second implementation."""

from __future__ import annotations

import pytest
import torch
from checkpoints import all_tensors, random_checkpoint
from golden_data import LOGITS_TOLERANCE, VISION_TOLERANCE, Case, Golden
from offline import ask, error, in_model, offline_engine, request
from plain_model import PlainModel

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
    return lambda name: (golden.vision[f"{name}.pixel_values"], *golden.grids(name)[0][1:])


def test_the_plain_model_gives_the_authors_numbers(golden: Golden, measure):
    model = PlainModel(golden.checkpoint, all_tensors(golden.checkpoint))
    pixels = golden_pixels(golden)
    names = golden.manifest["vision"]["images"]
    vision = max(error(model.features(*pixels(name)), golden.vision[f"{name}.features"]) for name in names)
    text = max(error(plain_answer(model, golden, case, pixels), case.logits) for case in golden.cases)
    measure(f"plain second implementation against the reference: features {vision:.2e}, logits {text:.2e}")
    assert vision <= VISION_TOLERANCE
    assert text <= LOGITS_TOLERANCE


@pytest.mark.parametrize("other", OTHERS)
def test_a_checkpoint_of_other_dimensions_equals_the_plain_model(golden: Golden, tmp_path, other, measure):
    vision, text = OTHERS[other]
    checkpoint = random_checkpoint(golden.checkpoint, tmp_path / "other", vision, text, seed=20261124)
    model = PlainModel(checkpoint, all_tensors(checkpoint))
    pixels = golden_pixels(golden)
    with offline_engine(checkpoint) as engine:
        for name in golden.manifest["vision"]["images"]:
            rows, high, wide = pixels(name)
            found = in_model(engine, lambda tower, r=rows, g=(1, high, wide): tower.visual(r, [g]).clone())
            expected = model.features(rows, high, wide)
            # features of these weights are larger than the golden ones, and float32 rounding grows with them
            assert error(found, expected) <= VISION_TOLERANCE * max(1.0, expected.abs().max().item()), name
        worst = 0.0
        for case in golden.cases:
            (answer,) = ask(engine, [request(golden, case)], 1)
            worst = max(worst, error(answer.logits, plain_answer(model, golden, case, pixels)))
        measure(f"checkpoint of other dimensions ({other}): logits off by {worst:.2e}")
        assert worst <= LOGITS_TOLERANCE
