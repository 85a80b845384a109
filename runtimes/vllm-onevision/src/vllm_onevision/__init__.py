"""LLaVA-OneVision-1.5 for vLLM: RICE-ViT tower, merger and Qwen3 language model, as an out-of-tree plugin.

Importing the package is cheap and needs neither torch nor vLLM; `register` is what vLLM calls in each of its processes.
"""

from vllm_onevision.registration import ARCHITECTURE, MODEL_TYPE, register

__all__ = ["ARCHITECTURE", "MODEL_TYPE", "register"]
