"""Pixels: both of transformers' paths give what the reference's processor gave."""

from __future__ import annotations

import pytest
import torch
from golden_data import Golden
from offline import error
from plain_pixels import patches
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from vllm.multimodal.processing import InputProcessingContext

from vllm_onevision.patches import LevelImageProcessor
from vllm_onevision.processing import OneVisionProcessingInfo

# transformers 4.57 and 5.19 normalise in a different order of operations: float32 rounding of values up to 2.7.
PIXEL_TOLERANCE = 1e-6
# Mean and deviation were written down of the PIL path; where a picture is shrunk much the other path's differ a little.
STATISTICS_TOLERANCE = {"pil": 1e-5, "torchvision": 1e-2}


@pytest.fixture(params=["pil", "torchvision"])
def backend(request, engine, golden: Golden):
    model_config = engine.model_config
    before = model_config.hf_config.image_backend
    model_config.hf_config.image_backend = request.param
    info = OneVisionProcessingInfo(InputProcessingContext(model_config, engine.get_tokenizer()))
    yield request.param, info.image_processor
    model_config.hf_config.image_backend = before


def test_patches_and_grids_of_every_picture(backend, golden: Golden, measure):
    kind, processor = backend
    reference = {"pil": "slow", "torchvision": "fast"}[kind]
    settings = golden.preprocessor
    size = {"shortest_edge": settings["min_pixels"], "longest_edge": settings["max_pixels"]}
    worst = 0.0
    for name, facts in golden.manifest.get("preprocess", {}).items():
        made = processor(images=[golden.image(name).convert("RGB")], size=size, return_tensors="pt")
        pixels = made["pixel_values"]
        assert made["image_grid_thw"].tolist() == [facts["grid_thw"]], name
        assert len(pixels) == facts.get("patches", len(pixels))
        for part, found in (("first4", pixels[:4]), ("last4", pixels[-4:])):
            worst = max(worst, error(found, golden.preprocess[f"{name}.{reference}.{part}"]))
        assert pixels.mean().item() == pytest.approx(facts.get("pixel_mean", pixels.mean().item()), abs=STATISTICS_TOLERANCE[kind])
        assert pixels.std().item() == pytest.approx(facts.get("pixel_std", pixels.std().item()), abs=STATISTICS_TOLERANCE[kind])
    measure(f"pixels, {kind} path against the reference's {reference}: {worst:.2e} (tolerance {PIXEL_TOLERANCE})")
    assert worst <= PIXEL_TOLERANCE


def test_every_patch_of_every_picture_equals_a_second_way_to_make_it(backend, golden: Golden, measure):
    """The folder holds the first and the last patches of a picture; a plain implementation gives all of them."""
    kind, processor = backend
    settings = golden.preprocessor
    size = {"shortest_edge": settings["min_pixels"], "longest_edge": settings["max_pixels"]}
    worst = 0.0
    for file in sorted((golden.folder / "images").glob("*.png")):
        picture = golden.image(file.stem)
        made = processor(images=[picture.convert("RGB")], size=size, return_tensors="pt")
        expected, (high, wide) = patches(picture, settings, {"pil": "slow", "torchvision": "fast"}[kind])
        assert made["image_grid_thw"].tolist() == [[1, high, wide]], file.stem
        worst = max(worst, error(made["pixel_values"], expected))
    measure(f"pixels, {kind} path against a plain second way, every patch: {worst:.2e}")
    assert worst <= PIXEL_TOLERANCE


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(
    "changed", [{}, {"do_normalize": False}, {"do_rescale": False}, {"image_mean": [0.5] * 3, "rescale_factor": 1 / 128}]
)
def test_levels_give_to_the_bit_what_transformers_gives_for_every_pixel(golden: Golden, dtype, changed):
    settings = {
        "size": {"shortest_edge": 56 * 56, "longest_edge": 512 * 512},
        "patch_size": 14,
        "merge_size": 2,
        "temporal_patch_size": 1,
        **changed,
    }
    levels, plain = LevelImageProcessor(**settings), Qwen2VLImageProcessorPil(**settings)
    levels.patch_dtype = dtype
    files = sorted((golden.folder / "images").glob("*.png"))
    assert files
    pictures = [golden.image(file.stem).convert("RGB") for file in files]
    found, expected = levels(images=pictures, return_tensors="pt"), plain(images=pictures, return_tensors="pt")
    assert found["pixel_values"].dtype == dtype
    assert torch.equal(found["pixel_values"], expected["pixel_values"].to(dtype))
    assert torch.equal(found["image_grid_thw"], expected["image_grid_thw"])


def test_the_file_decides_which_path_is_taken(engine):
    # transformers 4's names, and what transformers 5 calls the same two
    for named, taken in {
        "Qwen2VLImageProcessor": "LevelImageProcessor",
        "Qwen2VLImageProcessorFast": "Qwen2VLImageProcessor",
    }.items():
        info = OneVisionProcessingInfo(InputProcessingContext(engine.model_config, engine.get_tokenizer()))
        info.__dict__["_preprocessor"] = {**info._preprocessor, "image_processor_type": named}
        assert type(info.image_processor).__name__ == taken


def test_memory_is_measured_with_the_largest_picture(engine):
    info = OneVisionProcessingInfo(InputProcessingContext(engine.model_config, engine.get_tokenizer()))
    asked = info.get_mm_max_tokens_per_item(engine.model_config.max_model_len, {"image": 1})
    unit = info.dimensions.unit
    assert set(asked) == {"image"}
    assert asked["image"] >= info.limits.max_pixels // unit**2
