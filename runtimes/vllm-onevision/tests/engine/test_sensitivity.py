"""Deliberate mistakes, made one at a time in the running model: each must be seen by the proof.

One that is not seen would make the proof worthless.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
import torch
from golden_data import Case, Golden
from offline import ask, error, features, in_model, request
from torch import nn

import vllm_onevision.vision as vision_module

# Mistakes are recorded with two or three digits, on one thread of another machine.
RECORDED_RELATIVE = 0.1


class QuickGelu(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


@contextmanager
def attributes(pairs: list[tuple[object, str, object]]) -> Iterator[None]:
    before = [getattr(owner, name) for owner, name, _ in pairs]
    for owner, name, value in pairs:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name, _), value in zip(pairs, before, strict=True):
            setattr(owner, name, value)


@contextmanager
def values(*pairs: tuple[torch.Tensor, torch.Tensor]) -> Iterator[None]:
    before = [tensor.clone() for tensor, _ in pairs]
    for tensor, value in pairs:
        tensor.copy_(value)
    try:
        yield
    finally:
        for (tensor, _), old in zip(pairs, before, strict=True):
            tensor.copy_(old)


def block_activation(make: Callable[[], nn.Module]):
    return lambda model: attributes([(block.mlp, "act", make()) for block in model.visual.blocks])


def unlike(wrong: float, right: float) -> float:
    """The mistaken value, or ten times it where a checkpoint has just that one."""
    return wrong if wrong != right else 10 * wrong


def norm_eps(norms_of: Callable[[nn.Module], list[nn.Module]], eps: float, name: str = "eps"):
    return lambda model: attributes([(norm, name, unlike(eps, getattr(norm, name))) for norm in norms_of(model)])


def merger_activation(model):
    mlp = model.visual.merger.mlp
    return attributes([(mlp, "1", nn.GELU(approximate="tanh"))])


def text_theta(theta: float):
    """Refills vLLM's table of rotary angles, which all layers share."""

    @contextmanager
    def change(model):
        base = unlike(theta, model.config.text_config.rope_parameters["rope_theta"])
        ropes = {id(layer.self_attn.rotary_emb): layer.self_attn.rotary_emb for layer in model.language_model.model.layers}
        pairs = []
        for rope in ropes.values():
            inverse = 1.0 / base ** (torch.arange(0, rope.rotary_dim, 2, dtype=torch.float32) / rope.rotary_dim)
            table = torch.outer(torch.arange(len(rope.cos_sin_cache), dtype=torch.float32), inverse)
            pairs.append((rope.cos_sin_cache, torch.cat([table.cos(), table.sin()], dim=-1).to(rope.cos_sin_cache)))
        with values(*pairs):
            yield

    return change


def block_norms(model):
    return [norm for block in model.visual.blocks for norm in (block.norm1, block.norm2)]


def rms_norms(model):
    return [module for module in model.language_model.modules() if type(module).__name__ == "RMSNorm"]


def no_pre_norm(model):
    return patch.object(model.visual.pre_layernorm, "forward", lambda rows: rows)


VISION_MISTAKES = {
    "block GELU -> tanh GELU": block_activation(lambda: nn.GELU(approximate="tanh")),
    "block GELU -> QuickGELU": block_activation(QuickGelu),
    "merger GELU -> tanh GELU": merger_activation,
    "block LN eps 1e-5 -> 1e-6": norm_eps(block_norms, 1e-6),
    "merger LN eps 1e-5 -> 1e-6": norm_eps(lambda m: [m.visual.merger.ln_q], 1e-6),
    "pre-LN eps 1e-5 -> 1e-4 (Megatron training)": norm_eps(lambda m: [m.visual.pre_layernorm], 1e-4),
    "pre-LN eps 1e-5 -> 1e-6": norm_eps(lambda m: [m.visual.pre_layernorm], 1e-6),
    "no pre-LN": no_pre_norm,
    "CLS angle zero": lambda m: values((m.visual.class_pos_emb, torch.zeros_like(m.visual.class_pos_emb))),
    "CLS embedding zero": lambda m: values((m.visual.class_embedding, torch.zeros_like(m.visual.class_embedding))),
    "vision rope theta 1e4 -> 1e5": lambda _: patch.object(vision_module, "ROPE_THETA", 1e5),
}
TEXT_MISTAKES = {
    "text rope theta 5e6 -> 1e6": text_theta(1e6),
    "text rope theta 5e6 -> 1e4": text_theta(1e4),
    "RMSNorm eps 1e-6 -> 1e-5": norm_eps(rms_norms, 1e-5, "variance_epsilon"),
}


def recorded(golden: Golden, mistake: str, number: str) -> float | None:
    """What the reference code lost by this mistake on this checkpoint, where somebody measured it."""
    file = golden.folder / "sensitivity.json"
    return json.loads(file.read_text())["mutations"].get(mistake, {}).get(number) if file.exists() else None


def is_close(found: float, expected: float | None) -> bool:
    return expected is None or found == pytest.approx(expected, rel=RECORDED_RELATIVE)


def vision_errors(engine, golden: Golden) -> list[tuple[float, float]]:
    """How far the features of each picture are off, and how far they may be."""
    expected = {name: golden.vision[f"{name}.features"] for name in golden.pictures}
    return [(error(features(engine, golden, name), wanted), golden.vision_tolerance(wanted)) for name, wanted in expected.items()]


def least_pictures(golden: Golden) -> Case:
    """Text alone where the folder has it."""
    return min(golden.cases, key=lambda case: len(case.images))


def text_error(engine, golden: Golden) -> float:
    engine.reset_prefix_cache()
    case = least_pictures(golden)
    (answer,) = ask(engine, [request(golden, case)], 1)
    return error(answer.logits, case.logits)


@pytest.mark.parametrize("mistake", VISION_MISTAKES)
def test_a_mistake_in_the_tower_is_seen_and_gone_when_undone(engine, golden: Golden, mistake, measure):
    model = engine.apply_model(lambda m: m)[0]
    with torch.no_grad(), VISION_MISTAKES[mistake](model):
        seen = vision_errors(engine, golden)
    off = max(found for found, _ in seen)
    measure(f"mistake {mistake!r}: features off by {off:.2e}")
    assert any(found > allowed for found, allowed in seen)
    assert is_close(off, recorded(golden, mistake, "vision_max_abs"))
    assert all(found <= allowed for found, allowed in vision_errors(engine, golden))


@pytest.mark.parametrize("mistake", TEXT_MISTAKES)
def test_a_mistake_in_the_language_model_is_seen_and_gone_when_undone(engine, golden: Golden, mistake, measure):
    model = engine.apply_model(lambda m: m)[0]
    with torch.no_grad(), TEXT_MISTAKES[mistake](model):
        off = text_error(engine, golden)
    measure(f"mistake {mistake!r}: logits off by {off:.2e}")
    case = least_pictures(golden)
    assert off > case.tolerance
    assert case.images or is_close(off, recorded(golden, mistake, "text_only_logits_max_abs"))
    assert text_error(engine, golden) <= case.tolerance


def test_every_recorded_mistake_is_tried_here(golden: Golden):
    file = golden.folder / "sensitivity.json"
    known = set(json.loads(file.read_text())["mutations"]) if file.exists() else set()
    tried = {*VISION_MISTAKES, *TEXT_MISTAKES}
    assert {mistake for mistake in known if not mistake.startswith("control")} <= tried


def test_rows_shifted_as_in_the_released_code_are_seen(engine, golden: Golden):
    """The upstream defect: counting the rows of earlier pictures without their classification tokens."""
    pixels, grids, expected = golden.together()

    def shifted(model):
        tower = model.visual
        layout = tower.layout(grids)
        frame = torch.searchsorted(layout.class_rows, layout.patch_rows, right=True) - 1
        rows = tower.embed(pixels, layout)
        for block in tower.blocks:
            rows = block(rows, layout)
        return tower.merger(rows[layout.patch_rows - frame]).clone()

    found = in_model(engine, shifted)
    assert error(found, expected) > 100 * golden.vision_tolerance(expected)
    as_released = golden.together_as_released()
    assert as_released is None or error(found, as_released) <= golden.vision_tolerance(expected)
