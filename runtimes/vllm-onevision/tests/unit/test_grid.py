from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vllm_onevision.grid import (
    MAX_ASPECT_RATIO,
    ImageShapeError,
    PixelLimits,
    image_tokens,
    largest_image,
    most_image_tokens,
    resized,
)

UNIT = 28
TRAINED = PixelLimits(min_pixels=3136, max_pixels=2560000)

# Tokens by picture and cap, computed with the reference's smart_resize (width, height, {max_pixels: tokens}).
KNOWN = [
    (224, 224, {1003520: 64, 1605632: 64, 2560000: 64, 3240000: 64, 12845056: 64}),
    (640, 480, {1003520: 391, 1605632: 391, 2560000: 391, 3240000: 391, 12845056: 391}),
    (1024, 1024, {1003520: 1225, 1605632: 1369, 2560000: 1369, 3240000: 1369, 12845056: 1369}),
    (1920, 1080, {1003520: 1222, 1605632: 1980, 2560000: 2691, 3240000: 2691, 12845056: 2691}),
    (3840, 2160, {1003520: 1222, 1605632: 1980, 2560000: 3192, 3240000: 4080, 12845056: 10549}),
    (1654, 2339, {1003520: 1260, 1605632: 2014, 2560000: 3216, 3240000: 4104, 12845056: 4956}),
]


@pytest.mark.parametrize(("width", "height", "by_cap"), KNOWN)
def test_a_picture_costs_the_tokens_that_the_reference_gives(width, height, by_cap):
    counted = {cap: image_tokens(height, width, UNIT, PixelLimits(3136, cap)) for cap in by_cap}
    assert counted == by_cap


def test_every_picture_of_the_golden_folder_gets_its_grid(golden_folder):
    manifest = json.loads((golden_folder / "manifest.json").read_text())
    config = json.loads((golden_folder / "tiny-checkpoint" / "config.json").read_text())["vision_config"]
    patch, unit = config["patch_size"], config["patch_size"] * config.get("spatial_merge_size", 2)
    settings_ = manifest["preprocess_settings"]
    assert manifest["preprocess"]
    for name, facts in manifest["preprocess"].items():
        header = (golden_folder / "images" / f"{name}.png").read_bytes()[16:24]
        width, height = struct.unpack(">II", header)
        assert [width, height] == facts.get("size_wh", [width, height])
        caps = {settings_["max_pixels"]: facts["grid_thw"]}
        caps |= {int(cap): grid for cap, grid in facts.get("grid_at_max_pixels", {}).items()}
        for cap, grid in caps.items():
            high, wide = resized(height, width, unit, PixelLimits(settings_["min_pixels"], cap))
            assert [1, high // patch, wide // patch] == grid, (name, cap)


def test_half_a_unit_rounds_to_the_even_side():
    # 42 = 1.5 units goes up to 2, 70 = 2.5 units goes down to 2
    assert resized(42, 70, UNIT, PixelLimits(1, 10**9)) == (56, 56)


@pytest.mark.parametrize(("height", "width"), [(1, 201), (201, 1), (10, 2001)])
def test_a_picture_of_extreme_proportions_is_refused_with_its_size(height, width):
    with pytest.raises(ImageShapeError, match=f"{width}x{height}"):
        resized(height, width, UNIT, TRAINED)


def test_an_empty_picture_is_refused():
    with pytest.raises(ImageShapeError, match="0x5"):
        resized(5, 0, UNIT, TRAINED)


sides = st.integers(1, 6000)
limit_pairs = st.tuples(st.integers(1, 400_000), st.integers(0, 13_000_000)).map(lambda p: PixelLimits(p[0], p[0] + p[1]))


@settings(max_examples=600, deadline=None)
@given(height=sides, width=sides, limits=limit_pairs, unit=st.sampled_from([28, 32, 14]))
def test_no_picture_costs_more_than_the_measured_worst_case(height, width, limits, unit):
    if max(height, width) > MAX_ASPECT_RATIO * min(height, width):
        return
    high, wide = resized(height, width, unit, limits)
    assert high % unit == 0
    assert wide % unit == 0
    assert high >= unit
    assert wide >= unit
    assert image_tokens(height, width, unit, limits) <= most_image_tokens(unit, limits)


@settings(max_examples=300, deadline=None)
@given(units=st.integers(200, 17_000), spread=st.integers(8, 100))
def test_the_picture_for_measuring_memory_costs_the_worst_case_or_one_part_in_a_hundred_less(units, spread):
    limits = PixelLimits(units * UNIT**2 // spread, units * UNIT**2)
    height, width = largest_image(UNIT, limits)
    assert image_tokens(height, width, UNIT, limits) >= 0.99 * most_image_tokens(UNIT, limits)


def test_at_the_trained_limits_the_worst_case_is_the_cap_itself():
    assert most_image_tokens(UNIT, TRAINED) == 3265
    height, width = largest_image(UNIT, TRAINED)
    assert image_tokens(height, width, UNIT, TRAINED) == 3265
