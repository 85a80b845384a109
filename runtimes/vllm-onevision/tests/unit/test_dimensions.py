from __future__ import annotations

import pytest

from vllm_onevision.dimensions import TEXT_DEFAULTS, text_dimensions, vision_dimensions
from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.tensors import expected_tensors

EIGHT_B = {"hidden_size": 4096, "intermediate_size": 12288, "max_position_embeddings": 32768, "rope_theta": 1000000.0}


def parameters(text: dict, vision: dict) -> int:
    t = text_dimensions(text)
    total = 0
    for shape in expected_tensors(vision_dimensions(vision, t.hidden), t).values():
        count = 1
        for side in shape:
            count *= side
        total += count
    return total


def test_the_two_published_sizes_have_their_published_number_of_parameters_and_tensors():
    assert parameters({}, {}) == 4_741_610_528
    assert parameters(EIGHT_B, {"text_hidden_size": 4096}) == 8_527_214_624
    t = text_dimensions({})
    # 698 is also what a converter's log counts for the 4B model (modelscope/mcore-bridge#54)
    assert len(expected_tensors(vision_dimensions({}, t.hidden), t)) == 698


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("vision", "hidden_act", "quick_gelu"),
        ("vision", "temporal_patch_size", 2),
        ("vision", "embed_dim", 512),
        ("vision", "text_hidden_size", 4096),
        ("vision", "depth", 0),
        ("vision", "depth", "24"),
        ("vision", "num_heads", 7),
        ("vision", "num_heads", 512),
        ("text", "hidden_act", "gelu"),
        ("text", "attention_bias", True),
        ("text", "use_sliding_window", True),
        ("text", "num_key_value_heads", 7),
        ("text", "head_dim", 127),
        ("text", "head_dim", None),
        ("text", "num_hidden_layers", True),
    ],
)
def test_a_field_that_the_plugin_does_not_implement_is_named(section, field, value):
    def read():
        if section == "vision":
            return vision_dimensions({field: value}, TEXT_DEFAULTS["hidden_size"])
        return text_dimensions({field: value})

    with pytest.raises(UnsupportedCheckpointError, match=f"{section}_config"):
        read()
