"""Over HTTP: many requests at once, cut prefills and shared prefixes give the same numbers as the reference."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

from golden_data import LOGITS_TOLERANCE, Case, Golden
from http_server import BLOCK_TOKENS, Server, chat_body

TOP = 20
PARALLEL = 8
ROUNDS = 4


def check(server: Server, golden: Golden, case: Case) -> float:
    """Ask once and compare prompt, tokens and the logits after the prompt; returns how far those are off."""
    exact = {"logprobs": True, "top_logprobs": TOP, "return_tokens_as_token_ids": True}
    reply = server.post("/v1/chat/completions", chat_body(golden, case, **exact))
    assert reply.status == 200, reply.message
    choice = reply.body["choices"][0]
    assert reply.body["prompt_token_ids"] == case.input_ids, case.name
    assert choice["token_ids"] == case.greedy, case.name
    top = choice["logprobs"]["content"][0]["top_logprobs"]
    assert len(top) == TOP
    return max(abs(entry["logprob"] - case.logits[-1][int(entry["token"].partition(":")[2])].item()) for entry in top)


def test_each_case_over_http(server: Server, golden: Golden, measure):
    worst = max(check(server, golden, case) for case in golden.cases)
    measure(f"server ready after {server.ready_after_s:.0f} s, resident {server.resident_mib()} MiB with its children")
    measure(f"logits over HTTP: {worst:.2e} (tolerance {LOGITS_TOLERANCE})")
    assert worst <= LOGITS_TOLERANCE


def test_many_requests_at_once_do_not_mix(server: Server, golden: Golden, measure):
    asked = golden.cases * ROUNDS
    with ThreadPoolExecutor(PARALLEL) as pool:
        worst = max(pool.map(lambda case: check(server, golden, case), asked))
    measure(f"logits over HTTP, {len(asked)} requests, {PARALLEL} at once: {worst:.2e}")
    assert worst <= LOGITS_TOLERANCE


def test_a_prefill_longer_than_a_batch_was_cut_into_chunks(server: Server, golden: Golden):
    longest = max(golden.cases, key=lambda case: len(case.input_ids))
    chunks = math.ceil(len(longest.input_ids) / server.batched_tokens)
    assert chunks > 1
    assert f"max_num_batched_tokens={server.batched_tokens}" in server.log.read_text()
    assert check(server, golden, longest) <= LOGITS_TOLERANCE


def test_a_repeated_prompt_shares_its_prefix_and_stays_right(server: Server, golden: Golden):
    longest = max(golden.cases, key=lambda case: len(case.input_ids))
    first, again = (server.post("/v1/chat/completions", chat_body(golden, longest)) for _ in range(2))
    shared = again.body["usage"]["prompt_tokens_details"]["cached_tokens"]
    assert shared >= (len(longest.input_ids) - 1) // BLOCK_TOKENS * BLOCK_TOKENS > 0
    assert first.body["choices"][0]["token_ids"] == again.body["choices"][0]["token_ids"] == longest.greedy


def test_a_shared_prefix_does_not_hide_another_picture(server: Server, golden: Golden):
    """The same words around another picture of the same size must not be answered from the first one's cache."""
    case = next(case for case in golden.cases if len(case.images) == 1)
    check(server, golden, case)
    other = chat_body(golden, case, logprobs=True, top_logprobs=1)
    part = next(part for part in other["messages"][0]["content"] if part["type"] == "image_url")
    part["image_url"]["url"] = mirrored(golden, case.images[0])
    reply = server.post("/v1/chat/completions", other)
    assert reply.body["prompt_token_ids"] == case.input_ids
    found = reply.body["choices"][0]["logprobs"]["content"][0]["top_logprobs"][0]["logprob"]
    assert abs(found - case.logits[-1].max().item()) > 10 * LOGITS_TOLERANCE
    check(server, golden, case)


def test_streaming_gives_the_same_text(server: Server, golden: Golden):
    case = golden.cases[0]
    whole = server.post("/v1/chat/completions", chat_body(golden, case)).body["choices"][0]["message"]["content"]
    stream = server.post("/v1/chat/completions", chat_body(golden, case, stream=True)).body
    pieces = [json_of(line) for line in stream.splitlines() if line.startswith("data: {")]
    assert "".join(p["choices"][0]["delta"].get("content") or "" for p in pieces if p["choices"]) == whole


def test_the_model_and_its_metrics_are_there(server: Server):
    assert server.get("/v1/models").body["data"][0]["id"] == "m"
    assert "vllm:prompt_tokens_total" in server.get("/metrics").body


def mirrored(golden: Golden, name: str) -> str:
    from io import BytesIO

    from http_server import data_url
    from PIL import ImageOps

    buffer = BytesIO()
    ImageOps.mirror(golden.image(name).convert("RGB")).save(buffer, "PNG")
    return data_url(buffer.getvalue())


def json_of(line: str):
    import json

    return json.loads(line.removeprefix("data: "))
