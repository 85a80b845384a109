"""Over HTTP: many requests at once, cut prefills and shared prefixes give the same numbers as the reference."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from checkpoints import all_tensors
from golden_data import Case, Golden
from http_server import BLOCK_TOKENS, Server, chat_body
from plain_model import PlainModel, greedy

TOP = 20
PARALLEL = 8
ROUNDS = 4
# Words of the long prompt: some blocks of the cache, some chunks of a prefill, whatever the cases of the folder are like.
LONG_WORDS = 60


@pytest.fixture(scope="module")
def long_case(server: Server, golden: Golden) -> Case:
    """A long prompt of words. The server says its tokens, the plain model (which is held to the reference itself) what follows them."""
    words = " ".join(["apple", "stage", "king"][number % 3] for number in range(LONG_WORDS))
    messages = [{"role": "user", "content": [{"type": "text", "text": words}]}]
    asked = {"model": "m", "messages": messages, "max_tokens": 1, "return_token_ids": True}
    ids = server.post("/v1/chat/completions", asked).body["prompt_token_ids"]
    assert len(ids) > 2 * server.batched_tokens or len(ids) > 2 * BLOCK_TOKENS
    model = PlainModel(golden.checkpoint, all_tensors(golden.checkpoint))
    tokens, margins = greedy(model, ids, None, 8)
    return Case("long", "", messages, [], ids, model.logits(ids, None), tokens, margins)


def check(server: Server, golden: Golden, case: Case) -> float:
    """Ask once and compare prompt, tokens and the logits after the prompt; returns how far those are off."""
    exact = {"logprobs": True, "top_logprobs": TOP, "return_tokens_as_token_ids": True}
    reply = server.post("/v1/chat/completions", chat_body(golden, case, **exact))
    assert reply.status == 200, reply.message
    choice = reply.body["choices"][0]
    assert reply.body["prompt_token_ids"] == case.input_ids, case.name
    assert case.continued_by(choice["token_ids"]), case.name
    top = choice["logprobs"]["content"][0]["top_logprobs"]
    assert len(top) == TOP
    off = max(abs(entry["logprob"] - case.logits[-1][int(entry["token"].partition(":")[2])].item()) for entry in top)
    assert off <= case.tolerance, case.name
    return off


def test_each_case_over_http(server: Server, golden: Golden, measure):
    worst = max(check(server, golden, case) for case in golden.cases)
    measure(f"server ready after {server.ready_after_s:.0f} s, resident {server.resident_mib()} MiB with its children")
    measure(f"logits over HTTP: {worst:.2e}")


def test_many_requests_at_once_do_not_mix(server: Server, golden: Golden, measure):
    asked = golden.cases * ROUNDS
    with ThreadPoolExecutor(PARALLEL) as pool:
        worst = max(pool.map(lambda case: check(server, golden, case), asked))
    measure(f"logits over HTTP, {len(asked)} requests, {PARALLEL} at once: {worst:.2e}")


def test_a_prefill_longer_than_a_batch_was_cut_into_chunks(server: Server, golden: Golden, long_case: Case):
    longest = max([*golden.cases, long_case], key=lambda case: len(case.input_ids))
    chunks = math.ceil(len(longest.input_ids) / server.batched_tokens)
    assert chunks > 1
    assert f"max_num_batched_tokens={server.batched_tokens}" in server.log.read_text()
    for case in (longest, long_case):
        check(server, golden, case)


def test_a_repeated_prompt_shares_its_prefix_and_stays_right(server: Server, golden: Golden, long_case: Case):
    for case in (max(golden.cases, key=lambda case: len(case.input_ids)), long_case):
        first, again = (server.post("/v1/chat/completions", chat_body(golden, case)) for _ in range(2))
        shared = again.body["usage"]["prompt_tokens_details"]["cached_tokens"]
        assert shared >= (len(case.input_ids) - 1) // BLOCK_TOKENS * BLOCK_TOKENS
        assert shared > 0 or case is not long_case
        assert all(case.continued_by(reply.body["choices"][0]["token_ids"]) for reply in (first, again))


def test_a_shared_prefix_does_not_hide_another_picture(server: Server, golden: Golden):
    """The same words around another picture of the same size must not be answered from the first one's cache."""
    case = min((case for case in golden.cases if case.images), key=lambda case: len(case.images))
    check(server, golden, case)
    other = chat_body(golden, case, logprobs=True, top_logprobs=1)
    parts = [part for m in other["messages"] if not isinstance(m["content"], str) for part in m["content"]]
    part = next(part for part in parts if part["type"] == "image_url")
    part["image_url"]["url"] = mirrored(golden, case.images[0])
    reply = server.post("/v1/chat/completions", other)
    assert reply.body["prompt_token_ids"] == case.input_ids
    found = reply.body["choices"][0]["logprobs"]["content"][0]["top_logprobs"][0]["logprob"]
    assert abs(found - case.logits[-1].max().item()) > 10 * case.tolerance
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
