"""vLLM's OpenAI server as a user starts it, in processes of its own, small batches so that prefills are cut into chunks."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from golden_data import Case, Golden

MAX_DECODED_PIXELS = 20_000_000
# A minute on two free cores; a busy machine has been seen to take ten times as long.
START_LIMIT_S = 1200
# One block of the key-value cache, in tokens: the smallest that vLLM has on a CPU,
BLOCK_TOKENS = 32


@dataclass
class Reply:
    status: int
    body: Any

    @property
    def message(self) -> str:
        return json.dumps(self.body)


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    batched_tokens: int
    context_tokens: int
    max_images: int
    started: float = field(default_factory=time.monotonic)
    ready_after_s: float | None = None

    def __post_init__(self) -> None:
        self.watcher = Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def watch(self) -> None:
        """Note when the server answers for the first time; ends then, or when it is dead or too late."""
        while self.process.poll() is None and time.monotonic() - self.started < START_LIMIT_S:
            if self.alive():
                self.ready_after_s = time.monotonic() - self.started
                return
            time.sleep(0.5)

    def wait_until_ready(self) -> None:
        self.watcher.join()
        if self.ready_after_s is None:
            state = "not ready in time" if self.process.poll() is None else f"ended with {self.process.returncode}"
            raise RuntimeError(f"the server is {state}:\n{self.log.read_text()[-4000:]}")

    def alive(self) -> bool:
        try:
            return self.get("/health").status == 200
        except OSError:
            return False

    def get(self, path: str) -> Reply:
        return self._open(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, body: dict[str, Any]) -> Reply:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self._open(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers))

    def chat(self, content: list[dict[str, Any]], **options: Any) -> Reply:
        body = {"model": "m", "messages": [{"role": "user", "content": content}], "temperature": 0, "max_tokens": 4, **options}
        return self.post("/v1/chat/completions", body)

    def resident_mib(self) -> int:
        """Resident memory of the server and its children."""
        return sum(_resident_mib(pid) for pid in _family(self.process.pid))

    def _open(self, request: urllib.request.Request) -> Reply:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Reply(answer.status, _parsed(answer.read()))
        except urllib.error.HTTPError as refusal:
            return Reply(refusal.code, _parsed(refusal.read()))


@contextmanager
def start_server(golden: Golden, folder: Path) -> Iterator[Server]:
    longest = max(len(case.input_ids) for case in golden.cases)
    batched_tokens = max(BLOCK_TOKENS, longest // 2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = {
        "--model": str(golden.checkpoint),
        "--served-model-name": "m",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--dtype": "float32",
        "--max-model-len": str(golden.context_tokens),
        "--max-num-seqs": "8",
        "--max-num-batched-tokens": str(batched_tokens),
        "--block-size": str(BLOCK_TOKENS),
        "--limit-mm-per-prompt": json.dumps({"image": golden.max_images}),
        "--logprobs-mode": "raw_logits",
        "--max-logprobs": "64",
    }
    switches = ["--enforce-eager", "--enable-prefix-caching", "--enable-chunked-prefill", "--enable-prompt-tokens-details"]
    # vLLM refuses the processor settings of requests unless told to trust them; with that trust the plugin's own limits have to hold.
    switches += ["--trust-request-mm-kwargs"]
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *switches]
    command += [word for pair in flags.items() for word in pair]
    log = folder / "server.log"
    environment = os.environ | {
        "VLLM_ENABLE_V1_MULTIPROCESSING": "1",
        "VLLM_MAX_IMAGE_PIXELS": str(MAX_DECODED_PIXELS),
        "VLLM_LOGGING_LEVEL": "INFO",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    try:
        yield Server(process, port, log, batched_tokens, golden.context_tokens, golden.max_images)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def data_url(encoded: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(encoded).decode()}"


def image_part(encoded: bytes, kind: str = "image/png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(encoded, kind)}}


def chat_body(golden: Golden, case: Case, **options: Any) -> dict[str, Any]:
    """The conversation of a golden case as an OpenAI request."""
    pictures = iter(case.images)

    def part(given: dict[str, Any]) -> dict[str, Any]:
        return image_part(golden.image_path(next(pictures)).read_bytes()) if given["type"].startswith("image") else given

    def content(given: str | list[dict[str, Any]]) -> str | list[dict[str, Any]]:
        return given if isinstance(given, str) else [part(p) for p in given]

    messages = [{**m, "content": content(m["content"])} for m in case.messages]
    exact = {"temperature": 0, "max_tokens": len(case.greedy), "ignore_eos": True, "return_token_ids": True}
    return {"model": "m", "messages": messages, **exact, **options}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS")), 0)
