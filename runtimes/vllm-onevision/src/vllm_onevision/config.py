"""transformers' view of a LLaVA-OneVision-1.5 `config.json`. The language model is a plain Qwen3, and is told to vLLM as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from transformers import PretrainedConfig, Qwen3Config

from vllm_onevision.dimensions import (
    TEXT_DEFAULTS,
    VISION_DEFAULTS,
    TextDimensions,
    VisionDimensions,
    text_dimensions,
    vision_dimensions,
    with_defaults,
)
from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.registration import MODEL_TYPE

# Source of the two ids: configuration_llavaonevision1_5.py at 008e1088 (Qwen3's vocabulary).
IMAGE_TOKEN_ID = 151655
VIDEO_TOKEN_ID = 151656

# Fields of text_config that mean nothing to Qwen3Config, or that it would read otherwise.
_FOREIGN_TEXT_FIELDS = frozenset({"model_type", "image_token_id", "video_token_id", "architectures", "auto_map"})


class RiceVisionConfig(PretrainedConfig):
    """`vision_config`: the RICE-ViT tower."""

    model_type = "rice_vit"
    base_config_key = "vision_config"

    def __init__(self, **kwargs: Any) -> None:
        values = with_defaults(kwargs, VISION_DEFAULTS)
        for field in VISION_DEFAULTS:
            setattr(self, field, values.pop(field))
        super().__init__(**values)


class LlavaOneVision15Config(PretrainedConfig):
    """The whole checkpoint. Both sections are checked here, which is the first thing that vLLM does with a checkpoint."""

    model_type = MODEL_TYPE
    sub_configs: ClassVar[dict[str, Any]] = {"vision_config": RiceVisionConfig, "text_config": Qwen3Config}

    def __init__(
        self,
        text_config: Mapping[str, Any] | PretrainedConfig | None = None,
        vision_config: Mapping[str, Any] | PretrainedConfig | None = None,
        image_token_id: int | None = IMAGE_TOKEN_ID,
        video_token_id: int | None = VIDEO_TOKEN_ID,
        image_backend: str = "auto",
        **kwargs: Any,
    ) -> None:
        """See the class.

        Args:
            text_config: fields of the language model
            vision_config: fields of the tower
            image_token_id: the token that stands for one merged patch
            video_token_id: kept from the file; this plugin has no use for it
            image_backend: "pil" or "torchvision" resizes and normalises images the one way or the other;
                "auto" does what `image_processor_type` of preprocessor_config.json names
            kwargs: everything else in config.json

        """
        if (text_config is None) != (vision_config is None):
            missing = "text_config" if text_config is None else "vision_config"
            raise UnsupportedCheckpointError(
                f"config.json: {missing} is missing, so this is not a LLaVA-OneVision-1.5 checkpoint "
                "(a text-only model has to be served by its own architecture)."
            )
        text = with_defaults(_as_dict(text_config), TEXT_DEFAULTS)
        vision = _as_dict(vision_config)
        said = {**kwargs, **_as_dict(text_config)}.get("tie_word_embeddings")
        text["tie_word_embeddings"] = bool(said)
        # transformers 4 leaves the field out of a saved file where it has its default, which is not the same in both sections.
        self.tied_is_said = kwargs.pop("tied_is_said", said is not None)
        if vision_config is None:
            vision["text_hidden_size"] = text["hidden_size"]
        if not isinstance(image_token_id, int):
            raise UnsupportedCheckpointError(f"config.json: image_token_id is {image_token_id!r}; it must be a token id.")
        self.image_token_id = image_token_id
        self.video_token_id = video_token_id
        if image_backend not in ("auto", "pil", "torchvision"):
            raise UnsupportedCheckpointError(f"config.json: image_backend is {image_backend!r}; allowed: 'auto', 'pil', 'torchvision'.")
        self.image_backend = image_backend
        dimensions = text_dimensions(text)
        vision_dimensions(with_defaults(vision, VISION_DEFAULTS), dimensions.hidden)
        self.vision_config = RiceVisionConfig(**{k: v for k, v in vision.items() if k != "model_type"})
        self.text_config = Qwen3Config(**{k: v for k, v in text.items() if k not in _FOREIGN_TEXT_FIELDS})
        kwargs["tie_word_embeddings"] = dimensions.tied
        super().__init__(**kwargs)

    @property
    def text_dimensions(self) -> TextDimensions:
        """Checked dimensions of the language model."""
        return text_dimensions(self.text_config.to_dict())

    @property
    def vision_dimensions(self) -> VisionDimensions:
        """Checked dimensions of the tower."""
        return vision_dimensions(self.vision_config.to_dict(), self.text_config.hidden_size)


def _as_dict(section: Mapping[str, Any] | PretrainedConfig | None) -> dict[str, Any]:
    if section is None:
        return {}
    return dict(section.to_dict() if isinstance(section, PretrainedConfig) else section)
