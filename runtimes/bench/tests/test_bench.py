"""Run with: python3 -m unittest discover -s runtimes/bench -t runtimes/bench."""

from __future__ import annotations

import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from onevision_bench.__main__ import run
from onevision_bench.checkpoint import checkpoint_bytes, header_of, scale_of, tensors_of, write_checkpoint
from onevision_bench.engine import Engine, EngineError, free_port
from onevision_bench.load import RequestShape, Sample, noise_png, percentile, run_step, step_figures, words_for
from onevision_bench.log_terms import GIB, MIB, compare_with_plan, log_terms

GOLDEN = Path(__file__).resolve().parents[2] / "vllm-onevision/golden/tiny-checkpoint"
CATALOG = Path(__file__).resolve().parents[3] / "catalog/models"
TINY: dict[str, Any] = {
    "text": {
        "layers": 2,
        "hiddenSize": 64,
        "attentionHeads": 4,
        "kvHeads": 2,
        "headDim": 32,
        "intermediateSize": 96,
        "vocabSize": 512,
        "tiedEmbeddings": False,
        "maxPositions": 4096,
    },
    "vision": {
        "layers": 2,
        "hiddenSize": 32,
        "attentionHeads": 2,
        "intermediateSize": 64,
        "patchPx": 14,
        "mergeSize": 2,
        "temporalPatchSize": 1,
        "minPixels": 3136,
        "maxPixels": 2560000,
    },
    "ropeTheta": 5000000,
    "weightsBytes": 1000000,
}


STOCK_PARAMETERS = {
    "Qwen/Qwen2.5-VL-7B-Instruct": 8_292_166_656,
    "Qwen/Qwen3-VL-4B-Instruct": 4_437_815_808,
    "Qwen/Qwen3-VL-8B-Instruct": 8_767_123_696,
}


def stock(name: str) -> dict[str, Any]:
    """A stock model's config.json as the catalogue has it."""
    models = json.loads((CATALOG.parent / "reference/models.json").read_text())
    return dict(next(model["config"] for model in models if model["id"] == name))


def tiny_stock(name: str) -> dict[str, Any]:
    """The same in tiny dimensions; as runtime/bench/stock-models.ts makes it."""
    dims = stock(name)
    tower = {**dims["vision_config"], "hidden_size": 32, "intermediate_size": 64, "depth": 2, "num_heads": 2, "out_hidden_size": 128}
    if "deepstack_visual_indexes" in tower:
        tower["deepstack_visual_indexes"] = [0, 1]
    dims |= {"hidden_size": 128, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    return {**dims, "head_dim": 32, "vocab_size": 512, "vision_config": tower, "limits": {"minPixels": 3136, "maxPixels": 2_560_000}}


def read_header(file: Path) -> dict[str, Any]:
    raw = file.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return dict(json.loads(raw[8 : 8 + length]), _data=len(raw) - 8 - length)


class Checkpoint(unittest.TestCase):
    def test_has_the_tensors_of_the_golden_checkpoint(self) -> None:
        golden = {name: tuple(entry["shape"]) for name, entry in read_header(GOLDEN / "model.safetensors").items() if isinstance(entry, dict) and "shape" in entry}
        self.assertEqual(dict(tensors_of(TINY)), golden)

    def test_has_the_parameters_of_the_catalogue_for_4b_and_8b(self) -> None:
        for size in ("4b", "8b"):
            model = json.loads((CATALOG / f"llava-onevision-1.5-{size}-instruct.json").read_text())
            total = sum(math.prod(shape) for _, shape in tensors_of({"text": model["text"], "vision": model["vision"]}))
            self.assertEqual(total, model["parameters"]["total"])

    def test_has_the_parameters_of_public_listings_for_stock_models(self) -> None:
        for name, parameters in STOCK_PARAMETERS.items():
            self.assertEqual(checkpoint_bytes(stock(name), "BF16"), 2 * parameters)

    def test_writes_stock_models_with_their_own_configuration(self) -> None:
        for name, kind in {"Qwen/Qwen2.5-VL-7B-Instruct": "qwen2_5_vl", "Qwen/Qwen3-VL-4B-Instruct": "qwen3_vl"}.items():
            with tempfile.TemporaryDirectory() as folder:
                dims = tiny_stock(name)
                write_checkpoint(Path(folder), dims, GOLDEN, "BF16")
                config = json.loads((Path(folder) / "config.json").read_text())
                self.assertEqual((config["model_type"], config["text_config"]["vocab_size"]), (kind, 512))
                self.assertEqual(sum(config["text_config"]["rope_scaling"]["mrope_section"]), dims["head_dim"] // 2)
                self.assertEqual(config["image_token_id"], 510)
                processor = json.loads((Path(folder) / "preprocessor_config.json").read_text())
                self.assertEqual(processor["size"], {"shortest_edge": 3136, "longest_edge": 2560000})

    def test_writes_whole_shards_with_an_index(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            parameters = write_checkpoint(folder, TINY, GOLDEN, "BF16", shard_bytes=100_000)
            shards = sorted(folder.glob("*.safetensors"))
            self.assertGreater(len(shards), 1)
            index = json.loads((folder / "model.safetensors.index.json").read_text())
            self.assertEqual(index["metadata"]["total_size"], parameters * 2)
            seen = {}
            for shard in shards:
                header = read_header(shard)
                data = header.pop("_data")
                header.pop("__metadata__")
                self.assertEqual(max(entry["data_offsets"][1] for entry in header.values()), data)
                seen |= {tensor: shard.name for tensor in header}
            self.assertEqual(seen, index["weight_map"])
            self.assertEqual(set(seen), {tensor for tensor, _ in tensors_of(TINY)})

    def test_writes_values_of_the_right_scale(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_checkpoint(folder, TINY, GOLDEN, "F32")
            file = next(folder.glob("*.safetensors"))
            raw, header = file.read_bytes(), read_header(file)
            base = len(raw) - header["_data"]

            def values(tensor: str) -> list[float]:
                start, end = header[tensor]["data_offsets"]
                return list(struct.unpack(f"<{(end - start) // 4}f", raw[base + start : base + end]))

            self.assertEqual(set(values("model.norm.weight")), {1.0})
            self.assertEqual(set(values("visual.pre_layernorm.bias")), {0.0})
            weight = values("model.layers.0.mlp.down_proj.weight")
            deviation = math.sqrt(sum(value * value for value in weight) / len(weight))
            self.assertAlmostEqual(deviation, 1 / math.sqrt(96), delta=0.01)
            self.assertTrue(all(math.isfinite(value) for value in weight))

    def test_header_is_padded_to_eight_bytes(self) -> None:
        for names in (1, 2, 7):
            header = header_of([(f"t{index}", (index + 1, 3)) for index in range(names)], "BF16")
            self.assertEqual(len(header) % 8, 0)

    def test_bfloat16_is_the_upper_half(self) -> None:
        self.assertEqual(scale_of("model.norm.weight", (64,)), (1.0, 0.0))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_checkpoint(folder, TINY, GOLDEN, "BF16")
            file = next(folder.glob("*.safetensors"))
            raw, header = file.read_bytes(), read_header(file)
            start, end = header["model.norm.weight"]["data_offsets"]
            data = raw[len(raw) - header["_data"] :][start:end]
            self.assertEqual(data, b"\x80\x3f" * 64)


VLLM_LOG = """
INFO [gpu_model_runner.py:5150] Model loading took 8.9412 GiB memory and 12.345678 seconds
INFO [gpu_model_runner.py:6166] Encoder cache will be initialized with a budget of 3,265 tokens, and profiled with 1 image items of the maximum feature size.
INFO [gpu_worker.py:760] Available KV cache memory: 9.87 GiB
INFO [kv_cache_utils.py:2328] GPU KV cache size: 71,872 tokens, Maximum concurrency for 2,048 tokens per request: 35.09x
INFO [gpu_model_runner.py:6582] Graph capturing finished in 7 secs, took 0.42 GiB
INFO [core.py:396] init engine (profile, create kv cache, warmup model) took 33.21 s (compilation: 20.00 s)
"""
LLAMA_LOG = """
0.00.397.246 I load_tensors:   CPU_Mapped model buffer size =    92.10 MiB
0.00.398.750 I llama_kv_cache:        CPU KV buffer size =    11.25 MiB
0.00.407.876 I sched_reserve:        CPU compute buffer size =    14.01 MiB
"""


class LogTerms(unittest.TestCase):
    def test_reads_vllm(self) -> None:
        terms = log_terms("vllm", VLLM_LOG)
        self.assertAlmostEqual(terms["weightsBytes"], 8.9412 * GIB)
        self.assertAlmostEqual(terms["kvCacheBytes"], 9.87 * GIB)
        self.assertAlmostEqual(terms["cudaGraphBytes"], 0.42 * GIB)
        self.assertEqual((terms["kvCacheTokens"], terms["encoderCacheTokens"]), (71872, 3265))
        self.assertEqual((terms["loadSeconds"], terms["initSeconds"]), (12.345678, 33.21))

    def test_reads_llama_cpp(self) -> None:
        self.assertEqual(log_terms("llama.cpp", LLAMA_LOG), {"weightsBytes": 92.10 * MIB, "kvCacheBytes": 11.25 * MIB, "computeBytes": 14.01 * MIB})

    def test_leaves_out_what_is_not_said(self) -> None:
        self.assertEqual(log_terms("vllm", "INFO nothing"), {})

    def test_compares_with_the_range_of_the_plan(self) -> None:
        planned: list[dict[str, Any]] = [
            {"name": "weights", "bytes": 9.0 * GIB, "low": 8.9 * GIB, "high": 9.1 * GIB},
            {"name": "CUDA graphs", "bytes": 0.3 * GIB, "low": 0.1 * GIB, "high": 0.4 * GIB},
            {"name": "encoder cache", "bytes": 1, "low": 0, "high": 1},
        ]
        rows = compare_with_plan(planned, log_terms("vllm", VLLM_LOG))
        self.assertEqual([(row["name"], row["withinRange"]) for row in rows], [("weights", True), ("CUDA graphs", False)])

    def test_the_last_digit_of_the_log_is_no_difference(self) -> None:
        # 17,064,915,008 bytes are 15.893 GiB, which the log calls 15.89
        planned: list[dict[str, Any]] = [{"name": "weights", "bytes": 17_070_157_888, "low": 17_064_915_008, "high": 17_787_803_302}]
        for said, within in (("15.89", True), ("15.88", False)):
            rows = compare_with_plan(planned, log_terms("vllm", f"Model loading took {said} GiB memory and 5.1 seconds"))
            self.assertEqual([row["withinRange"] for row in rows], [within])


class Arithmetic(unittest.TestCase):
    def test_percentiles(self) -> None:
        self.assertEqual(percentile([4, 1, 3, 2], 50), 2.5)
        self.assertEqual(percentile([1, 2, 3], 100), 3)
        self.assertEqual(percentile([7], 95), 7)
        self.assertIsNone(percentile([], 50))

    def test_figures_of_a_step(self) -> None:
        samples = [Sample(0.2, 1.2, 100, 11), Sample(0.4, 1.4, 100, 11)]
        figures = step_figures(2, samples, [], 2.0)
        self.assertAlmostEqual(figures["outputTokensPerSecond"], 11.0)
        self.assertAlmostEqual(figures["timePerOutputTokenMs"]["p50"], 100.0)
        self.assertAlmostEqual(figures["timeToFirstTokenMs"]["p50"], 300.0)

    def test_a_single_token_has_no_time_per_token_and_nothing_measured_is_none(self) -> None:
        self.assertIsNone(Sample(0.1, 0.1, 5, 1).per_output_token_s)
        figures = step_figures(1, [], ["HTTP 500"], 1.0)
        self.assertEqual((figures["failed"], figures["requestsPerSecond"]), (1, None))
        self.assertIsNone(figures["timeToFirstTokenMs"]["p50"])

    def test_images_differ_from_request_to_request(self) -> None:
        self.assertNotEqual(noise_png(64, 32, 1), noise_png(64, 32, 2))
        self.assertEqual(struct.unpack(">II", noise_png(70, 33, 1)[16:24]), (70, 33))


FIRST_S, EACH_S = 0.05, 0.01
TEMPLATE_TOKENS, TOKENS_PER_WORD = 9, 2


class StandInServer(BaseHTTPRequestHandler):
    """A stand-in for an engine: streams as many tokens as asked for, at known times."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = body["messages"][0]["content"]
        text = content if isinstance(content, str) else next(part["text"] for part in content if part["type"] == "text")
        if body["model"] == "broken":
            self.send_error(500, "engine dead")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        # as vLLM 0.32 does: the role goes out with the first token, not before it; and a token of random weights often has no text
        time.sleep(FIRST_S)
        self._event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
        for index in range(body["max_tokens"]):
            if index:
                time.sleep(EACH_S)
            self._event({"choices": [{"delta": {"content": "x" if index > 2 else ""}}]})
        prompt = TEMPLATE_TOKENS + TOKENS_PER_WORD * len(text.split())
        self._event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": body["max_tokens"]}})
        self.wfile.write(b"data: [DONE]\n\n")

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _event(self, value: object) -> None:
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        return


class Sweep(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), StandInServer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def tearDown(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def test_measures_what_the_server_does(self) -> None:
        shape = RequestShape(109, 11, 1, 56, 56)
        words = words_for(self.url, "bench", shape)
        self.assertEqual(words, 50)
        one = run_step(self.url, "bench", shape, words, 1, 3, 1)
        self.assertEqual((one["requests"], one["failed"], one["inputTokensMean"]), (3, 0, 109))
        self.assertGreaterEqual(one["timeToFirstTokenMs"]["p50"], FIRST_S * 1000)
        self.assertGreaterEqual(one["timePerOutputTokenMs"]["p50"], EACH_S * 1000)
        four = run_step(self.url, "bench", shape, words, 4, 8, 2)
        self.assertGreater(four["outputTokensPerSecond"], one["outputTokensPerSecond"])

    def test_counts_what_fails(self) -> None:
        step = run_step(self.url, "broken", RequestShape(20, 2, 0, 0, 0), 5, 2, 4, 1)
        self.assertEqual((step["requests"], step["failed"]), (0, 4))
        self.assertIn("HTTP 500", step["firstError"])


class WholeRun(unittest.TestCase):
    def test_starts_measures_and_ends_a_server(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            script = f"import sys; sys.path[:0] = {sys.path!r}; from tests.test_bench import serve; '--fail' in sys.argv or serve(int(sys.argv[1]))"
            job = {
                "model": {"id": "tiny"},
                "dimensions": TINY,
                "checkpoint": None,
                "tokenizer": str(GOLDEN),
                "dtype": "F32",
                "engine": {"name": "stand-in", "kind": "vllm", "servedName": "bench", "command": [sys.executable, "-c", script, "{port}", "{model}"], "args": ["--x"]},
                "shape": {"prompt_tokens": 30, "output_tokens": 3, "images": 1, "image_width": 32, "image_height": 24},
                "sweep": [1, 2],
                "requestsPerStep": 2,
            }
            failing = {"model": {"id": "stock"}, "dimensions": tiny_stock("Qwen/Qwen3-VL-4B-Instruct"), "args": ["--fail"]}
            beside = {**failing, "args": ["--y"]}
            points = run({**job, "beside": [failing, beside]}, Path(name))
            self.assertEqual([step["requests"] for step in points["sweep"]], [2, 4])
            self.assertIn("ended with", points["beside"][0]["error"])
            self.assertEqual([step["failed"] for step in points["beside"][1]["sweep"]], [0, 0])
            self.assertEqual(points["beside"][1]["conditions"]["engine"]["args"], ["--y"])
            result = json.loads((Path(name) / "model-serve-2.json").read_text())
            self.assertEqual((result["model_id"], result["max_concurrency"], result["completed"]), ("tiny", 2, 4))
            self.assertEqual(result["total_output_tokens"], 12)
            self.assertEqual((result["images_per_request"], result["image_size"]), (1, "32x24"))
            self.assertFalse((Path(name) / "model-checkpoint").exists())
            self.assertGreater(points["startSeconds"], 0)
            self.assertAlmostEqual(points["engineTerms"]["weightsBytes"], GIB)
            self.assertIn("random", points["conditions"]["weights"])

    def test_takes_the_engine_with_it_when_it_is_ended(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            engine = f"import os, time; open({str(folder / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
            job = {"checkpoint": "none", "engine": {"name": "x", "kind": "vllm", "servedName": "bench", "command": [sys.executable, "-c", engine], "args": []}}
            (folder / "job.json").write_text(json.dumps(job))
            command = [sys.executable, "-m", "onevision_bench", "--job", str(folder / "job.json"), "--work", name, "--out", str(folder / "points.json")]
            bench = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1], stderr=subprocess.DEVNULL)
            while not (folder / "pid").exists() or not (folder / "pid").read_text():
                self.assertIsNone(bench.poll())
                time.sleep(0.05)
            bench.terminate()
            self.assertEqual(bench.wait(timeout=10), 143)
            with self.assertRaises(ProcessLookupError):
                os.kill(int((folder / "pid").read_text()), 0)
            self.assertFalse((folder / "points.json").exists())

    def test_says_why_an_engine_did_not_start(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            command = [sys.executable, "-c", "print('no such card'); raise SystemExit(3)"]
            with self.assertRaisesRegex(EngineError, "no such card"):
                with Engine(command, free_port(), Path(name) / "log"):
                    self.fail("it is not healthy")


def serve(port: int) -> None:
    """The stand-in as a program of its own."""
    print("INFO Model loading took 1.0 GiB memory and 0.1 seconds", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), StandInServer).serve_forever()


if __name__ == "__main__":
    unittest.main()
