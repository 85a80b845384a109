"""Checkpoints unlike the shipped one, each in other ways, on which the proof must hold as well. Names say what is special."""

from __future__ import annotations

from typing import Any

import torch
from golden_writer import Variant


def ask(text: str, *pictures: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": [*({"type": "image", "image": name} for name in pictures), {"type": "text", "text": text}]}


USUAL = {
    "text_only": [ask("How many apples are there? Answer with a single word.")],
    "one_image": [ask("Describe the image in one sentence.", "gradient_84x56")],
    "two_images": [ask("The first is wider than the second one?", "gradient_84x56", "card_196x140")],
}
PARTS = """{% for part in m['content'] %}{% if part['type'] in ['image', 'image_url'] %}<|vision_start|><|image_pad|><|vision_end|>\
{% else %}{{ part['text'] }}{% endif %}{% endfor %}"""
# As Qwen's own template: a system turn where the conversation has none.
WITH_SYSTEM = f"""{{% if messages[0]['role'] != 'system' %}}<|im_start|>system
You are a helpful assistant.<|im_end|>
{{% endif %}}{{% for m in messages %}}<|im_start|>{{{{ m['role'] }}}}
{{% if m['content'] is string %}}{{{{ m['content'] }}}}{{% else %}}{PARTS}{{% endif %}}<|im_end|>
{{% endfor %}}{{% if add_generation_prompt %}}<|im_start|>assistant
{{% endif %}}"""

VARIANTS: dict[str, Variant] = {
    "wide-tied-sharded": Variant(
        seed=101,
        vision={"hidden_size": 96, "num_heads": 3, "depth": 3, "intermediate_size": 200},
        text={
            "hidden_size": 128,
            "num_attention_heads": 6,
            "num_key_value_heads": 1,
            "head_dim": 64,
            "intermediate_size": 176,
            "num_hidden_layers": 3,
            "vocab_size": 640,
            "rope_theta": 1_000_000.0,
        },
        tied=True,
        shards=3,
        cases=USUAL,
        extra_files=("README.md", "modeling_llavaonevision1_5.py", "training_args.bin", ".gitattributes"),
    ),
    "merge-of-three": Variant(
        seed=202,
        vision={"hidden_size": 48, "num_heads": 2, "patch_size": 10, "spatial_merge_size": 3, "depth": 1, "intermediate_size": 80},
        text={"hidden_size": 96, "num_attention_heads": 3, "num_key_value_heads": 3, "num_hidden_layers": 1, "intermediate_size": 130},
        cases=USUAL,
        pictures=("gradient_84x56", "card_196x140"),
    ),
    "no-merging-special-tokens-first": Variant(
        seed=303,
        vision={"hidden_size": 64, "num_heads": 4, "patch_size": 16, "spatial_merge_size": 1},
        text={"hidden_size": 80, "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": 400},
        merges=100,
        specials_at=3,
        cases=USUAL,
    ),
    "special-tokens-in-the-middle": Variant(
        seed=404, merges=200, specials_at=290, text={"num_hidden_layers": 4, "vocab_size": 1000}, cases=USUAL
    ),
    "odd-sizes": Variant(
        seed=505,
        vision={"hidden_size": 36, "num_heads": 3, "intermediate_size": 77, "depth": 2},
        text={
            "hidden_size": 66,
            "num_attention_heads": 3,
            "num_key_value_heads": 3,
            "intermediate_size": 97,
            "vocab_size": 515,
            "num_hidden_layers": 3,
        },
        cases=USUAL,
    ),
    "stored-in-bf16": Variant(
        seed=606,
        stored=torch.bfloat16,
        text={"num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 128, "hidden_size": 256, "intermediate_size": 320},
        vision={"hidden_size": 128, "num_heads": 2, "intermediate_size": 256, "depth": 4},
        cases=USUAL,
    ),
    "small-limits-short-context": Variant(
        seed=707,
        min_pixels=4 * 784,
        max_pixels=32 * 784,
        text={"max_position_embeddings": 512},
        pictures=("noise_112x224", "card_196x140", "gradient_84x56"),
        only_preprocessed=("gradient_30x20", "noise_100x75", "card_1120x700", "noise_20x400"),
        cases={
            "tall": [ask("What is shown in this picture?", "noise_20x400")],
            "shrunk": [ask("What is shown in this picture?", "card_1120x700")],
            "words": [ask("How many apples are there?")],
        },
    ),
    "four-images-two-turns-system-prompt": Variant(
        seed=808,
        template=WITH_SYSTEM,
        cases={
            "four": [ask("Which of them is a card?", "card_196x140", "gradient_84x56", "noise_112x224", "gradient_56x84")],
            "turns": [
                ask("What is this?", "gradient_84x56"),
                {"role": "assistant", "content": "A gradient."},
                ask("And this one?", "noise_112x224"),
            ],
            "system": [{"role": "system", "content": "Answer in one word."}, ask("Name a fruit.")],
        },
    ),
    "torchvision-path": Variant(
        seed=909,
        image_processor="Qwen2VLImageProcessorFast",
        cases={**USUAL, "resized": [ask("Describe the image.", "noise_100x75")]},
        pictures=("noise_100x75", "gradient_84x56"),
        vision={"layer_norm_eps": 1e-6},
        text={"rms_norm_eps": 1e-5},
    ),
    "as-little-as-there-can-be": Variant(
        seed=1010,
        minimal=True,
        cases={"image": [ask("What?", "gradient_56x84")], "words": [ask("Hi")]},
        pictures=("gradient_56x84",),
        only_preprocessed=(),
        vision={"depth": 1},
        text={"num_hidden_layers": 1},
        without=(
            "vision_config.layer_norm_eps",
            "vision_config.spatial_merge_size",
            "vision_config.temporal_patch_size",
            "vision_config.hidden_act",
            "vision_config.in_channels",
            "vision_config.initializer_range",
            "text_config.rms_norm_eps",
            "text_config.hidden_act",
            "text_config.attention_bias",
            "text_config.max_window_layers",
            "text_config.use_sliding_window",
            "transformers_version",
            "vocab_size",
        ),
    ),
    "long-prompt": Variant(
        seed=1111,
        text={"max_position_embeddings": 32768},
        pictures=("gradient_84x56", "card_560x700"),
        cases={"large": [ask("Describe the image.", "card_1120x700")], "words": [ask("How many apples are there?")]},
        only_preprocessed=("gradient_2400x1600",),
    ),
}
