"""The model class that vLLM instantiates: the tower, its merger and vLLM's own Qwen3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

import torch
from torch import nn
from vllm.config import VllmConfig
from vllm.model_executor.layers.attention import Attention
from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead
from vllm.model_executor.models.interfaces import MultiModalEmbeddings, SupportsLoRA, SupportsMultiModal, SupportsPP
from vllm.model_executor.models.module_mapping import MultiModelKeys
from vllm.model_executor.models.utils import AutoWeightsLoader, WeightsMapper, init_vllm_registered_model, maybe_prefix
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.sequence import IntermediateTensors
from vllm.utils.tensor_schema import TensorSchema, TensorShape

from vllm_onevision.config import LlavaOneVision15Config
from vllm_onevision.errors import UnsupportedCheckpointError
from vllm_onevision.inventory import TensorInventory
from vllm_onevision.processing import OneVisionDummyInputs, OneVisionMultiModalProcessor, OneVisionProcessingInfo
from vllm_onevision.tensors import CHECKPOINT_TO_MODULE, expected_tensors, text_linear_layers
from vllm_onevision.vision import RiceVisionTower


class ImageInputs(TensorSchema):
    """Pictures of a batch: `np` patches of `cps` values in all, `ni` grids of frames, rows and columns."""

    type: Literal["pixel_values"] = "pixel_values"
    pixel_values: Annotated[torch.Tensor, TensorShape("np", "cps")]
    image_grid_thw: Annotated[torch.Tensor, TensorShape("ni", 3)]


def check_head_size(language_model: nn.Module, head_dim: int) -> None:
    """Raise UnsupportedCheckpointError when the engine's attention has no kernel for heads of this size.

    On a CPU vLLM 0.32 asks for that at the first request only, which then kills the engine.
    """
    for layer in language_model.modules():
        if isinstance(layer, Attention) and not layer.attn_backend.supports_head_size(head_dim):
            sizes = ", ".join(str(size) for size in layer.attn_backend.get_supported_head_sizes())
            raise UnsupportedCheckpointError(
                f"config.json: text_config.head_dim is {head_dim}; {layer.attn_backend.get_name()}, "
                f"the attention of this engine here, has kernels for {sizes}."
            )


@MULTIMODAL_REGISTRY.register_processor(OneVisionMultiModalProcessor, info=OneVisionProcessingInfo, dummy_inputs=OneVisionDummyInputs)
class LlavaOneVision15ForConditionalGeneration(nn.Module, SupportsMultiModal, SupportsLoRA, SupportsPP):
    """LLaVA-OneVision-1.5: RICE-ViT, merger, Qwen3 with ordinary one-dimensional positions."""

    hf_to_vllm_mapper = WeightsMapper(orig_to_new_prefix=CHECKPOINT_TO_MODULE)
    packed_modules_mapping: ClassVar[dict[str, list[str]]] = {
        "qkv_proj": ["q_proj", "k_proj", "v_proj"],
        "gate_up_proj": ["gate_proj", "up_proj"],
    }
    embedding_modules: ClassVar[dict[str, str]] = {"embed_tokens": "input_embeddings", "lm_head": "output_embeddings"}

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config = vllm_config.model_config.hf_config
        assert isinstance(config, LlavaOneVision15Config)
        self.config = config
        self.quantised = vllm_config.quant_config is not None
        with self._mark_tower_model(vllm_config, "image"):
            # No quantisation here, whatever the language model has: the tower is 0.3 of 4.7 or 8.5 billion parameters.
            self.visual = RiceVisionTower(config.vision_dimensions, prefix=maybe_prefix(prefix, "visual"))
        with self._mark_language_model(vllm_config):
            self.language_model = init_vllm_registered_model(
                vllm_config=vllm_config,
                hf_config=config.text_config,
                prefix=maybe_prefix(prefix, "language_model"),
                architectures=["Qwen3ForCausalLM"],
            )
        check_head_size(self.language_model, config.text_config.head_dim)
        self.make_empty_intermediate_tensors = self.language_model.make_empty_intermediate_tensors

    @classmethod
    def get_placeholder_str(cls, modality: str, i: int) -> str | None:
        """The text that stands for a picture where a chat template has no place for one."""
        if modality.startswith("image"):
            return "<|vision_start|><|image_pad|><|vision_end|>"
        raise ValueError(f"LLaVA-OneVision-1.5 takes pictures here, no {modality}.")

    def embed_multimodal(self, **kwargs: object) -> MultiModalEmbeddings:
        """Tokens of each picture."""
        if kwargs.get("pixel_values") is None:
            return []
        inputs = ImageInputs(pixel_values=kwargs["pixel_values"], image_grid_thw=kwargs["image_grid_thw"])
        grids = [(frames, high, wide) for frames, high, wide in inputs["image_grid_thw"].tolist()]
        tokens = self.visual(inputs["pixel_values"], grids)
        per_token = self.config.vision_dimensions.merge**2
        return tokens.split([frames * high * wide // per_token for frames, high, wide in grids])

    def forward(
        self,
        input_ids: torch.Tensor | None,
        positions: torch.Tensor,
        intermediate_tensors: IntermediateTensors | None = None,
        inputs_embeds: torch.Tensor | None = None,
        **kwargs: object,
    ) -> torch.Tensor | IntermediateTensors:
        """Hidden states of the language model; `inputs_embeds` has the tokens of the pictures in already."""
        if intermediate_tensors is not None:
            inputs_embeds = None
        return self.language_model.model(input_ids, positions, intermediate_tensors, inputs_embeds)

    def compute_logits(self, hidden_states: torch.Tensor) -> torch.Tensor | None:
        """Logits over the vocabulary."""
        return self.language_model.compute_logits(hidden_states)

    def load_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> set[str]:
        """Load a checkpoint; CheckpointTensorError names every tensor that is unexpected, missing or mis-shaped.

        Where config.json does not say whether the two embeddings are one, a checkpoint without `lm_head.weight` says that they are.
        """
        text = self.config.text_dimensions
        lm_head = self.language_model.lm_head
        may_be_tied = not self.config.tied_is_said and isinstance(lm_head, ParallelLMHead)
        inventory = TensorInventory(
            expected_tensors(self.config.vision_dimensions, text),
            quantised_layers=text_linear_layers(text) if self.quantised else None,
            optional={"lm_head.weight"} if may_be_tied else (),
        )
        loaded: set[str] = AutoWeightsLoader(self).load_weights(inventory.checked(weights), mapper=self.hf_to_vllm_mapper)
        if may_be_tied and not inventory.has("lm_head"):
            self.language_model.lm_head = lm_head.tie_weights(self.language_model.model.embed_tokens)
            loaded.add("language_model.lm_head.weight")
        return loaded

    def get_mm_mapping(self) -> MultiModelKeys:
        """Which modules are the language model, for LoRA: adapters on the tower or the merger are refused."""
        return MultiModelKeys.from_string_field(language_model="language_model", connector="visual.merger.", tower_model="visual.")
