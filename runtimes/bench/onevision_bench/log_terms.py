"""Reads what an engine says about its memory and its start. A term that is not in the log is absent, never 0."""

from __future__ import annotations

import re

GIB = 2**30
MIB = 2**20

# vLLM 0.32: v1/worker/gpu_model_runner.py, v1/worker/gpu_worker.py, v1/core/kv_cache_utils.py, v1/engine/core.py
_VLLM = {
    "weightsBytes": (r"Model loading took ([\d.]+) GiB", GIB),
    "kvCacheBytes": (r"Available KV cache memory: ([\d.]+) GiB", GIB),
    "cudaGraphBytes": (r"Graph capturing finished in [\d.]+ secs, took ([\d.]+) GiB", GIB),
    "kvCacheTokens": (r"KV cache size: ([\d,]+) tokens", 1),
    "encoderCacheTokens": (r"Encoder cache will be initialized with a budget of ([\d,]+) tokens", 1),
    "loadSeconds": (r"Model loading took [\d.]+ GiB memory and ([\d.]+) seconds", 1),
    "initSeconds": (r"init engine \([^)]*\) took ([\d.]+) s", 1),
    "graphCaptureSeconds": (r"Graph capturing finished in ([\d.]+) secs", 1),
}
# llama.cpp v0.5.0: src/llama-model.cpp, src/llama-kv-cache.cpp, src/llama-context.cpp; one line per device, to be added
_LLAMA = {
    "weightsBytes": (r"load_tensors:\s.*?model buffer size\s*=\s*([\d.]+) MiB", MIB),
    "kvCacheBytes": (r"llama_kv_cache:\s.*?KV buffer size\s*=\s*([\d.]+) MiB", MIB),
    "computeBytes": (r"compute buffer size\s*(?:is|=)\s*([\d.]+) MiB", MIB),
}


def log_terms(kind: str, log: str) -> dict[str, float]:
    """Terms by name, in bytes, tokens and seconds as the names say.

    Args:
        kind: "vllm" or "llama.cpp"
        log: the engine's output from its start to health

    """
    terms: dict[str, float] = {}
    for name, (pattern, factor) in (_VLLM if kind == "vllm" else _LLAMA).items():
        found = [float(text.replace(",", "")) for text in re.findall(pattern, log)]
        if found:
            # vLLM says it once per worker of a tensor-parallel group: the largest decides; llama.cpp once per device: their sum
            terms[name] = (max(found) if kind == "vllm" else sum(found)) * factor
    return terms


# Terms of the plan beside what the log says of them.
_PLANNED = {"weights": "weightsBytes", "CUDA graphs": "cudaGraphBytes"}
# The logs give two digits after the point, vLLM's of GiB.
_ROUNDING_BYTES = 0.005 * GIB


def compare_with_plan(planned: list[dict[str, float]], measured: dict[str, float]) -> list[dict[str, object]]:
    """Each planned term that the log names: bytes planned with their range, bytes measured, and whether they lie in the range but for the log's rounding."""
    rows: list[dict[str, object]] = []
    for term in planned:
        found = measured.get(_PLANNED.get(str(term["name"]), ""))
        if found is None:
            continue
        rows.append(
            {
                "name": term["name"],
                "plannedBytes": term["bytes"],
                "lowBytes": term["low"],
                "highBytes": term["high"],
                "measuredBytes": found,
                "withinRange": bool(term["low"] - _ROUNDING_BYTES <= found <= term["high"] + _ROUNDING_BYTES),
            }
        )
    return rows
