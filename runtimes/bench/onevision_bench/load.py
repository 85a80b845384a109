"""Puts load on an OpenAI-compatible server and measures it from the outside, with threads and the standard library."""

from __future__ import annotations

import base64
import http.client
import json
import math
import random
import struct
import threading
import time
import zlib
from dataclasses import dataclass
from typing import Any, Optional, Sequence
from urllib.parse import urlsplit

WORDS = "puppet dragon king stage curtain string wood mask lamp song crowd prop paint cloth key crown".split()
REQUEST_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class RequestShape:
    """What one request asks: words so many that they make `prompt_tokens`, images of a size, answers of a length."""

    prompt_tokens: int
    output_tokens: int
    images: int
    image_width: int
    image_height: int


@dataclass(frozen=True)
class Sample:
    """One request as seen by its sender. Times in seconds."""

    first_token_s: float
    total_s: float
    input_tokens: int
    output_tokens: int

    @property
    def per_output_token_s(self) -> Optional[float]:
        """Time per output token after the first; None for a single token."""
        return (self.total_s - self.first_token_s) / (self.output_tokens - 1) if self.output_tokens > 1 else None


def noise_png(width: int, height: int, seed: int) -> bytes:
    """A PNG of coarse random tiles: each request gets another one, so that no cache answers for the encoder."""
    draw = random.Random(seed)
    tile = 16
    rows = []
    for top in range(0, height, tile):
        colours = [draw.randbytes(3) for _ in range(math.ceil(width / tile))]
        line = b"\0" + b"".join(colour * tile for colour in colours)[: width * 3]
        rows.append(line * min(tile, height - top))
    data = zlib.compress(b"".join(rows), 1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def request_body(model: str, shape: RequestShape, words: int, seed: int) -> bytes:
    """One chat request, streamed, of exactly `output_tokens` tokens."""
    draw = random.Random(seed)
    content: list[dict[str, Any]] = [{"type": "text", "text": " ".join(draw.choice(WORDS) for _ in range(words))}]
    for index in range(shape.images):
        png = noise_png(shape.image_width, shape.image_height, seed * 100 + index)
        content.insert(0, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(png).decode()}})
    body = {
        "model": model,
        "messages": [{"role": "user", "content": content if shape.images else content[0]["text"]}],
        "max_tokens": shape.output_tokens,
        "temperature": 0,
        "ignore_eos": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return json.dumps(body).encode()


def send(url: str, body: bytes) -> Sample:
    """Send one streamed request and measure it.

    Raises:
        RuntimeError: the server answered an error, or said no usage.

    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=REQUEST_TIMEOUT_S)
    started = time.monotonic()
    first: Optional[float] = None
    last = started
    usage: Optional[dict[str, int]] = None
    try:
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"HTTP {response.status}: {response.read(500).decode(errors='replace')}")
        for line in response:
            if not line.startswith(b"data:") or line.strip() == b"data: [DONE]":
                continue
            event = json.loads(line[5:])
            if event.get("choices"):
                # as `vllm bench serve` counts: the first event is the first token, whether it has a text or not (random weights often say none)
                last = time.monotonic()
                first = first or last
            usage = event.get("usage") or usage
    finally:
        connection.close()
    if usage is None or first is None:
        raise RuntimeError("the server said no usage at the end of the stream" if first else "the server sent no token")
    return Sample(first - started, last - started, usage["prompt_tokens"], usage["completion_tokens"])


def words_for(url: str, model: str, shape: RequestShape) -> int:
    """Words that make the wanted number of prompt tokens with this server's tokenizer, from two small text requests."""
    probe = RequestShape(0, 1, 0, 0, 0)
    few, many = (send(url, request_body(model, probe, words, 1)).input_tokens for words in (8, 40))
    per_word = max((many - few) / 32, 0.1)
    return max(1, round((shape.prompt_tokens - (few - 8 * per_word)) / per_word))


def run_step(url: str, model: str, shape: RequestShape, words: int, concurrency: int, requests: int, seed: int) -> dict[str, Any]:
    """So many requests, so many at a time; returns the step's figures. Bodies are made before the clock starts."""
    bodies = [request_body(model, shape, words, seed + index) for index in range(requests)]
    samples: list[Sample] = []
    errors: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not bodies:
                    return
                body = bodies.pop()
            try:
                sample = send(url, body)
            except (OSError, RuntimeError, ValueError, http.client.HTTPException) as error:
                with lock:
                    errors.append(str(error))
                continue
            with lock:
                samples.append(sample)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(concurrency)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return step_figures(concurrency, samples, errors, time.monotonic() - started)


def step_figures(concurrency: int, samples: Sequence[Sample], errors: Sequence[str], wall_s: float) -> dict[str, Any]:
    """Figures of a step; None where nothing was measured."""
    per_token = [value for value in (sample.per_output_token_s for sample in samples) if value is not None]
    first = [sample.first_token_s for sample in samples]
    output = sum(sample.output_tokens for sample in samples)
    return {
        "concurrency": concurrency,
        "requests": len(samples),
        "failed": len(errors),
        "firstError": errors[0][:300] if errors else None,
        "wallSeconds": wall_s,
        "inputTokensMean": sum(sample.input_tokens for sample in samples) / len(samples) if samples else None,
        "outputTokensMean": output / len(samples) if samples else None,
        "requestsPerSecond": len(samples) / wall_s if samples and wall_s > 0 else None,
        "outputTokensPerSecond": output / wall_s if samples and wall_s > 0 else None,
        "timeToFirstTokenMs": {"p50": _ms(percentile(first, 50)), "p95": _ms(percentile(first, 95))},
        "timePerOutputTokenMs": {"p50": _ms(percentile(per_token, 50)), "p95": _ms(percentile(per_token, 95))},
    }


def percentile(values: Sequence[float], percent: float) -> Optional[float]:
    """Linear interpolation between the closest ranks, as numpy's default; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _ms(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None else seconds * 1000
