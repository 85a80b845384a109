"""The entry point `vllm.general_plugins`: tells vLLM about the architecture and transformers about its configuration."""

from __future__ import annotations

from typing import Final

ARCHITECTURE: Final = "LLaVAOneVision1_5_ForConditionalGeneration"
MODEL_TYPE: Final = "llavaonevision1_5"
MODEL_CLASS: Final = "vllm_onevision.model:LlavaOneVision15ForConditionalGeneration"

# The plugin uses classes that vLLM does not promise to keep, so each minor release of vLLM has to be proven anew.
SUPPORTED_VLLM: Final = (0, 32)


def register() -> None:
    """Register the architecture with vLLM and `model_type` with transformers. May be called any number of times.

    Raises:
        RuntimeError: the running vLLM is not of the release series that this plugin was proven on.

    """
    from vllm import ModelRegistry
    from vllm.version import __version__ as vllm_version

    check_vllm_version(vllm_version)

    from transformers import AutoConfig

    from vllm_onevision.config import LlavaOneVision15Config
    from vllm_onevision.triton_helper import use_prebuilt_helper

    use_prebuilt_helper()
    AutoConfig.register(MODEL_TYPE, LlavaOneVision15Config, exist_ok=True)
    leave_size_limit_to_vllm()
    # By name, so that a process which only looks the architecture up does not import torch modules before it forks.
    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        ModelRegistry.register_model(ARCHITECTURE, MODEL_CLASS)


def leave_size_limit_to_vllm() -> None:
    """Turn Pillow's guard against decompression bombs off where vLLM's own is on.

    Both look at a picture's header before anything is decoded, but Pillow's comes first and vLLM 0.32 answers it with a
    500, its own with a 400 that says what is allowed.
    """
    import PIL.Image
    from vllm import envs

    if envs.VLLM_MAX_IMAGE_PIXELS > 0:
        PIL.Image.MAX_IMAGE_PIXELS = None


def check_vllm_version(version: str) -> None:
    """Raise RuntimeError unless `version` ("0.32.1", "0.32.0+cpu") belongs to the proven series."""
    numbers = version.split("+", maxsplit=1)[0].split(".")
    if tuple(int(part) if part.isdigit() else -1 for part in numbers[:2]) == SUPPORTED_VLLM:
        return
    wanted = ".".join(str(part) for part in SUPPORTED_VLLM)
    raise RuntimeError(
        f"vllm-onevision is proven on vLLM {wanted}.x, this is vLLM {version}. Install vllm=={wanted}.0, "
        "or start vLLM without this plugin by naming the plugins to load in VLLM_PLUGINS."
    )
