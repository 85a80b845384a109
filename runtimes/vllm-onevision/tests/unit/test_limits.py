from __future__ import annotations

import pytest

from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.grid import PixelLimits
from vllm_onevision.limits import RequestLimitsError, request_limits, server_limits

SERVER = PixelLimits(3136, 2560000)


def test_the_file_gives_the_limits_and_the_operator_overrides_them():
    file = {"min_pixels": 3136, "max_pixels": 2560000, "patch_size": 14}
    assert server_limits(file, {}) == SERVER
    assert server_limits(file, {"max_pixels": 1003520}) == PixelLimits(3136, 1003520)
    assert server_limits({}, {"size": {"shortest_edge": 3136, "longest_edge": 2560000}}) == SERVER


def test_plain_names_win_over_size_and_nested_ones_over_both():
    size = {"shortest_edge": 1, "longest_edge": 2}
    assert server_limits({"size": size, "min_pixels": 3136, "max_pixels": 2560000}, {}) == SERVER
    assert server_limits({"size": size, "images_kwargs": {"min_pixels": 3136, "max_pixels": 2560000}}, {}) == SERVER


@pytest.mark.parametrize(("file", "named"), [({}, "min_pixels"), ({"min_pixels": 3136}, "max_pixels")])
def test_a_limit_that_nobody_gives_stops_the_server(file, named):
    with pytest.raises(UnsupportedCheckpointError, match=named):
        server_limits(file, {})


def test_contradicting_limits_stop_the_server():
    with pytest.raises(UnsupportedCheckpointError, match="5000 is larger than max_pixels 4000"):
        server_limits({"min_pixels": 5000}, {"max_pixels": 4000})


def test_an_unknown_setting_of_the_operator_stops_the_server():
    with pytest.raises(UnsupportedCheckpointError, match="max_pixel;"):
        server_limits({"min_pixels": 3136, "max_pixels": 2560000}, {"max_pixel": 1})


def test_a_request_may_narrow_the_limits():
    assert request_limits(SERVER, {}) == SERVER
    assert request_limits(SERVER, {"max_pixels": 100352}) == PixelLimits(3136, 100352)
    assert request_limits(SERVER, {"min_pixels": 200704}) == PixelLimits(200704, 2560000)


@pytest.mark.parametrize(
    "asked",
    [
        {"max_pixels": 2560001},
        {"min_pixels": 1},
        {"size": {"longest_edge": 10**9}},
        {"images_kwargs": {"max_pixels": 10**9}},
        {"max_pixels": 0},
        {"max_pixels": "1000000"},
        {"max_pixels": True},
        {"size": 5},
        {"images_kwargs": 5},
        {"do_resize": False},
        {"min_pixels": 200704, "max_pixels": 100352},
    ],
)
def test_a_request_may_not_widen_them_nor_set_anything_else(asked):
    with pytest.raises(RequestLimitsError):
        request_limits(SERVER, asked)
