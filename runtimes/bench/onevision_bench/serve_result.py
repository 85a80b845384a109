"""A step as `vllm bench serve --save-result` would have written it, so that `ovkit calibrate` reads it."""

from __future__ import annotations

from typing import Any, Mapping, Optional


def serve_result(model: str, step: Mapping[str, Any], shape: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    """The fields that are known; None when no request was answered.

    Args:
        model: id under which the catalogue knows the model
        step: figures of one step of the sweep
        shape: what each request asked, for its images, which vLLM's own file does not name

    """
    if not step["requests"]:
        return None
    result = {
        "backend": "onevision_bench",
        "model_id": model,
        "max_concurrency": step["concurrency"],
        "num_prompts": step["requests"] + step["failed"],
        "completed": step["requests"],
        "failed": step["failed"],
        "duration": step["wallSeconds"],
        "total_input_tokens": round(step["inputTokensMean"] * step["requests"]),
        "total_output_tokens": round(step["outputTokensMean"] * step["requests"]),
        "request_throughput": step["requestsPerSecond"],
        "output_throughput": step["outputTokensPerSecond"],
        "median_ttft_ms": step["timeToFirstTokenMs"]["p50"],
        "p95_ttft_ms": step["timeToFirstTokenMs"]["p95"],
        "median_tpot_ms": step["timePerOutputTokenMs"]["p50"],
        "p95_tpot_ms": step["timePerOutputTokenMs"]["p95"],
    }
    if shape["images"]:
        result |= {"images_per_request": shape["images"], "image_size": f"{shape['image_width']}x{shape['image_height']}"}
    return {name: value for name, value in result.items() if value is not None}
