"""What vLLM's front end asks about pictures: how many may come, how large, what they cost, and how they become patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import torch
from transformers import BatchFeature
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor
from vllm.config.multimodal import MultiModalDummyOptions
from vllm.exceptions import VLLMValidationError
from vllm.inputs import MultiModalDataDict
from vllm.multimodal.inputs import MultiModalFieldConfig, MultiModalKwargsItems
from vllm.multimodal.parse import ImageProcessorItems, MultiModalDataItems
from vllm.multimodal.processing import (
    BaseDummyInputsBuilder,
    BaseMultiModalProcessor,
    BaseProcessingInfo,
    PromptReplacement,
    PromptUpdate,
)

from vllm_onevision.config import LlavaOneVision15Config
from vllm_onevision.dimensions import VisionDimensions
from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.grid import ImageShapeError, PixelLimits, largest_image, most_image_tokens, resized
from vllm_onevision.limits import RequestLimitsError, request_limits, server_limits
from vllm_onevision.patches import LevelImageProcessor
from vllm_onevision.pictures import PictureParser

ImageProcessor: TypeAlias = Qwen2VLImageProcessor | LevelImageProcessor

# Settings of preprocessor_config.json that go to the image processor as they are.
_KEPT_SETTINGS = (
    "do_resize",
    "do_rescale",
    "do_normalize",
    "do_convert_rgb",
    "image_mean",
    "image_std",
    "resample",
    "rescale_factor",
)


class OneVisionProcessingInfo(BaseProcessingInfo):
    """Facts about the checkpoint that decide how pictures are processed."""

    def get_hf_config(self) -> LlavaOneVision15Config:
        return self.ctx.get_hf_config(LlavaOneVision15Config)

    def get_data_parser(self) -> PictureParser:
        return PictureParser(
            expected_hidden_size=self._get_expected_hidden_size(),
            allow_missing_mm_embeddings=self.allow_missing_mm_embeddings,
        )

    def get_supported_mm_limits(self) -> Mapping[str, int | None]:
        # Pictures only. A video is refused by vLLM with "At most 0 video(s) may be provided in one prompt".
        return {"image": None}

    def get_supported_mm_processor_kwargs(self) -> dict[str, set[str]]:
        return {"images_kwargs": {"min_pixels", "max_pixels", "size"}}

    def get_mm_max_tokens_per_item(self, seq_len: int, mm_counts: Mapping[str, int]) -> Mapping[str, int]:
        # Asked once at start: settings that contradict the tower shall stop the server, not its first request.
        _ = self.image_processor
        return {"image": most_image_tokens(self.dimensions.unit, self.limits)}

    @cached_property
    def dimensions(self) -> VisionDimensions:
        """Checked dimensions of the tower."""
        return self.get_hf_config().vision_dimensions

    @cached_property
    def limits(self) -> PixelLimits:
        """Pixel limits of this server."""
        return server_limits(self._preprocessor, self.ctx.get_mm_config().mm_processor_kwargs or {})

    def limits_for(self, asked: Mapping[str, object]) -> PixelLimits:
        """Pixel limits of one request; VLLMValidationError (a 400) when it asks for wider ones than the server's."""
        server_settings = self.ctx.get_mm_config().mm_processor_kwargs or {}
        # vLLM may hand the server's own settings in again with those of the request.
        own = {name: value for name, value in asked.items() if name not in server_settings or server_settings[name] != value}
        try:
            return request_limits(self.limits, own)
        except RequestLimitsError as error:
            raise VLLMValidationError(str(error), parameter="mm_processor_kwargs") from error

    @cached_property
    def image_processor(self) -> ImageProcessor:
        """The checkpoint's image processor, built from its settings and the dimensions of the tower."""
        d, settings = self.dimensions, self._preprocessor
        for name, expected in (("patch_size", d.patch), ("merge_size", d.merge), ("temporal_patch_size", 1)):
            if settings.get(name, expected) != expected:
                raise UnsupportedCheckpointError(
                    f"preprocessor_config.json: {name} is {settings[name]!r}, the tower of config.json needs {expected}."
                )
        kind = LevelImageProcessor if self._backend == "pil" else Qwen2VLImageProcessor
        processor = kind(
            **{name: settings[name] for name in _KEPT_SETTINGS if name in settings},
            size={"shortest_edge": self.limits.min_pixels, "longest_edge": self.limits.max_pixels},
            patch_size=d.patch,
            merge_size=d.merge,
            temporal_patch_size=1,
        )
        if isinstance(processor, LevelImageProcessor):
            processor.patch_dtype = self.ctx.model_config.dtype
        return processor

    @property
    def _backend(self) -> str:
        wanted = self.get_hf_config().image_backend
        if wanted != "auto":
            return wanted
        # transformers 4 (which the authors' numbers come from) meant PIL by the plain name and torchvision by "...Fast".
        return "torchvision" if str(self._preprocessor.get("image_processor_type", "")).endswith("Fast") else "pil"

    @cached_property
    def _preprocessor(self) -> Mapping[str, Any]:
        return self.ctx.get_hf_image_processor_config()


class OneVisionDummyInputs(BaseDummyInputsBuilder[OneVisionProcessingInfo]):
    """The most expensive request, by which vLLM measures memory before it serves."""

    def get_dummy_text(self, mm_counts: Mapping[str, int]) -> str:
        token = self.info.get_tokenizer().convert_ids_to_tokens([self.info.get_hf_config().image_token_id])[0]
        return token * mm_counts.get("image", 0)

    def get_dummy_mm_data(self, seq_len: int, mm_counts: Mapping[str, int], mm_options: MultiModalDummyOptions) -> MultiModalDataDict:
        height, width = largest_image(self.info.dimensions.unit, self.info.limits)
        images = self._get_dummy_images(width=width, height=height, num_images=mm_counts.get("image", 0), overrides=mm_options.get("image"))
        return {"image": images}


class OneVisionMultiModalProcessor(BaseMultiModalProcessor[OneVisionProcessingInfo]):
    """Turns pictures into patches and makes room for their tokens in the prompt."""

    def _call_hf_processor(self, hf_data: Mapping[str, object], hf_kwargs: Mapping[str, object]) -> BatchFeature:
        limits = self.info.limits_for(hf_kwargs)
        images = hf_data["images"]
        assert isinstance(images, Sequence)
        self._check_shapes(images, limits)
        made = self.info.image_processor(
            images=images,
            size={"shortest_edge": limits.min_pixels, "longest_edge": limits.max_pixels},
            return_tensors="pt",
        )
        # In the model's type from here on, which halves what travels to the worker for 16-bit models.
        made["pixel_values"] = made["pixel_values"].to(self.info.ctx.model_config.dtype)
        return made

    def _check_shapes(self, images: Sequence[Any], limits: PixelLimits) -> None:
        items = ImageProcessorItems(images)
        for index in range(len(items)):
            width, height = items.get_image_size(index)
            try:
                resized(height, width, self.info.dimensions.unit, limits)
            except ImageShapeError as error:
                raise VLLMValidationError(str(error), parameter="image") from error

    def _get_mm_fields_config(
        self, hf_inputs: BatchFeature, hf_processor_mm_kwargs: Mapping[str, object]
    ) -> Mapping[str, MultiModalFieldConfig]:
        grids = hf_inputs.get("image_grid_thw", torch.empty((0, 3), dtype=torch.int64))
        return {
            "pixel_values": MultiModalFieldConfig.flat_from_sizes("image", grids.prod(-1)),
            "image_grid_thw": MultiModalFieldConfig.batched("image", keep_on_cpu=True),
        }

    def _get_prompt_updates(
        self,
        mm_items: MultiModalDataItems,
        hf_processor_mm_kwargs: Mapping[str, Any],
        out_mm_kwargs: MultiModalKwargsItems,
    ) -> Sequence[PromptUpdate]:
        token = self.info.get_hf_config().image_token_id
        patches_per_token = self.info.dimensions.merge**2

        def tokens(index: int) -> list[int]:
            grid = out_mm_kwargs["image"][index]["image_grid_thw"].data
            assert isinstance(grid, torch.Tensor)
            return [token] * (int(grid.prod()) // patches_per_token)

        return [PromptReplacement(modality="image", target=[token], replacement=tokens)]
