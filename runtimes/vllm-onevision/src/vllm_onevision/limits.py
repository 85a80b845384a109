"""Which pixel limits hold: the checkpoint's, the operator's, or a narrower pair that one request asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.grid import PixelLimits

_EDGES = (("min_pixels", "shortest_edge"), ("max_pixels", "longest_edge"))
_KNOWN = frozenset({"min_pixels", "max_pixels", "size", "images_kwargs"})


class RequestLimitsError(ValueError):
    """A request's own processor settings are not allowed; the message names the setting."""


def server_limits(preprocessor: Mapping[str, Any], overrides: Mapping[str, Any]) -> PixelLimits:
    """The limits of this server.

    Args:
        preprocessor: preprocessor_config.json of the checkpoint
        overrides: `--mm-processor-kwargs`, which wins

    Raises:
        UnsupportedCheckpointError: a limit is given nowhere, or makes no sense. There is no default: the cap decides
            both cost and accuracy, and the authors used several (1,003,520 to 12,845,056).

    """
    try:
        found = {**_read(preprocessor, strict=False), **_read(overrides, strict=True)}
    except RequestLimitsError as error:
        raise UnsupportedCheckpointError(f"--mm-processor-kwargs: {error}") from error
    for name, edge in _EDGES:
        if name not in found:
            raise UnsupportedCheckpointError(
                f"Neither preprocessor_config.json nor --mm-processor-kwargs gives {name} (or size.{edge}). "
                'Say it explicitly, e.g. --mm-processor-kwargs \'{"min_pixels": 3136, "max_pixels": 2560000}\'.'
            )
    if found["min_pixels"] > found["max_pixels"]:
        raise UnsupportedCheckpointError(
            f"min_pixels {found['min_pixels']} is larger than max_pixels {found['max_pixels']} "
            "(preprocessor_config.json and --mm-processor-kwargs together)."
        )
    return PixelLimits(**found)


def request_limits(server: PixelLimits, asked: Mapping[str, Any]) -> PixelLimits:
    """The limits for one request, which may be narrower than the server's and never wider: memory was measured for those.

    Raises:
        RequestLimitsError: an unknown setting, or a limit outside the server's.

    """
    found = _read(asked, strict=True)
    limits = PixelLimits(
        min_pixels=found.get("min_pixels", min(server.min_pixels, found.get("max_pixels", server.min_pixels))),
        max_pixels=found.get("max_pixels", server.max_pixels),
    )
    if not server.min_pixels <= limits.min_pixels <= limits.max_pixels <= server.max_pixels:
        raise RequestLimitsError(
            f"min_pixels {limits.min_pixels} and max_pixels {limits.max_pixels} of the request must lie between "
            f"the server's {server.min_pixels} and {server.max_pixels}."
        )
    return limits


def _read(settings: Mapping[str, Any], *, strict: bool) -> dict[str, int]:
    """The limits that `settings` name; the plain names win over `size`, the nested ones over both."""
    if strict:
        unknown = sorted(set(settings) - _KNOWN)
        if unknown:
            raise RequestLimitsError(f"unknown setting {', '.join(unknown)}; allowed: min_pixels, max_pixels, size.")
    found: dict[str, int] = {}
    size = settings.get("size") or {}
    if not isinstance(size, Mapping):
        raise RequestLimitsError(f"size is {size!r}; it must hold shortest_edge and longest_edge in pixels of area.")
    for name, edge in _EDGES:
        value = settings.get(name)
        if value is None:
            value = size.get(edge)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise RequestLimitsError(f"{name} is {value!r}; it must be a whole number of pixels, at least 1.")
        found[name] = value
    nested = settings.get("images_kwargs")
    if nested is not None:
        if not isinstance(nested, Mapping):
            raise RequestLimitsError(f"images_kwargs is {nested!r}; it must hold min_pixels and max_pixels.")
        found |= _read(nested, strict=strict)
    return found
