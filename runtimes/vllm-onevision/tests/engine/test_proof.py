"""Offline: the plugin in vLLM gives the numbers of the authors' code."""

from __future__ import annotations

import hashlib

from checkpoints import all_tensors
from golden_data import VISION_TOLERANCE, Golden
from offline import ask, error, features, in_model, request
from plain_model import PlainModel

STATES = ("patch_embed", "pre_layernorm_with_cls", "merger_ln_q")


def test_the_golden_pictures_are_the_ones_that_the_reference_saw(golden: Golden):
    for name, facts in golden.manifest.get("preprocess", {}).items():
        if "png_sha256" in facts:
            assert hashlib.sha256(golden.image_path(name).read_bytes()).hexdigest() == facts["png_sha256"], name


def test_features_of_each_picture(engine, golden: Golden, measure):
    found = {}
    for name in golden.pictures:
        expected = golden.vision[f"{name}.features"]
        found[name] = error(features(engine, golden, name), expected)
        assert found[name] <= golden.vision_tolerance(expected), found
    measure(f"vision features, worst of {len(found)} pictures: {max(found.values()):.2e} (tolerance {VISION_TOLERANCE})")
    assert found


def test_features_of_several_pictures_in_one_call_are_those_of_the_training_code(engine, golden: Golden, measure):
    pixels, grids, expected = golden.together()
    assert len(grids) > 1
    found = in_model(engine, lambda model: model.visual(pixels, grids).clone())
    off = error(found, expected)
    measure(f"vision features, {len(grids)} pictures in one call: {off:.2e} (tolerance {VISION_TOLERANCE})")
    assert off <= golden.vision_tolerance(expected)
    # The released code shifts the rows of later pictures; to equal it would be the defect.
    as_released = golden.together_as_released()
    assert as_released is None or error(found, as_released) > 100 * VISION_TOLERANCE


def test_states_inside_the_tower(engine, golden: Golden, measure):
    """Where a difference begins, when there is one: the states that the folder holds, and the last block's of the plain model."""

    def states(model, name: str) -> dict:
        tower, kept = model.visual, {}
        watched = dict(zip(STATES, (tower.patch_embed, tower.pre_layernorm, tower.merger.ln_q), strict=True))
        watched |= {f"block{i}_with_cls": block for i, block in enumerate(tower.blocks)}
        hooks = [m.register_forward_hook(lambda _m, _i, out, key=k: kept.update({key: out.clone()})) for k, m in watched.items()]
        tower(golden.vision[f"{name}.pixel_values"], golden.grids(name))
        for hook in hooks:
            hook.remove()
        return kept

    compared = 0
    plain = PlainModel(golden.checkpoint, all_tensors(golden.checkpoint))
    last = f"block{golden.config['vision_config'].get('depth', 24) - 1}_with_cls"
    for name in golden.pictures:
        pixels, (_, high, wide) = golden.vision[f"{name}.pixel_values"], golden.grids(name)[0]
        known = {state: golden.vision.get(f"{name}.{state}") for state in (*STATES, last)}
        known[last] = plain.rows(pixels, high, wide)
        for state, found in in_model(engine, lambda model, n=name: states(model, n)).items():
            expected = known.get(state, golden.vision.get(f"{name}.{state}"))
            if expected is not None:
                assert error(found, expected) <= 10 * golden.vision_tolerance(expected), (name, state)
                compared += 1
    measure(f"states inside the tower compared: {compared}")
    assert compared >= len(golden.pictures)


def test_prompt_logits_and_greedy_tokens_of_every_case(engine, golden: Golden, measure):
    for case in golden.cases:
        (answer,) = ask(engine, [request(golden, case)], len(case.greedy))
        assert answer.prompt_ids == case.input_ids, case.name
        off = error(answer.logits, case.logits)
        measure(f"logits of {case.name} ({len(case.input_ids)} positions): {off:.2e} (tolerance {case.tolerance:.1e})")
        assert off <= case.tolerance, case.name
        assert case.continued_by(answer.tokens), case.name


def test_all_cases_in_one_batch(engine, golden: Golden):
    answers = ask(engine, [request(golden, case) for case in golden.cases], max(len(case.greedy) for case in golden.cases))
    for case, answer in zip(golden.cases, answers, strict=True):
        assert error(answer.logits, case.logits) <= case.tolerance, case.name
        assert case.continued_by(answer.tokens[: len(case.greedy)]), case.name


def test_the_golden_folder_has_what_the_proof_needs(golden: Golden, project):
    """One picture at the least; the project's own copy has text alone, one, a tall one and several."""
    counts = {len(case.images) for case in golden.cases}
    assert max(counts) > 0
    if golden.folder == project / "golden":
        assert {case.name for case in golden.cases} == {"text_only", "one_image", "one_tall_image", "two_images"}
        assert counts == {0, 1, 2}
