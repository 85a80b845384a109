"""`python3 -m onevision_bench --job job.json --work FOLDER --out points.json`. The job is written by `ovkit bench engine --job-only`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from onevision_bench.checkpoint import checkpoint_bytes, write_checkpoint
from onevision_bench.engine import Engine, EngineError, free_port
from onevision_bench.load import RequestShape, run_step, words_for
from onevision_bench.log_terms import compare_with_plan, log_terms
from onevision_bench.serve_result import serve_result


def main() -> int:
    """Run one job. Exit code 0 when every step was measured, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="onevision_bench", description=__doc__)
    parser.add_argument("--job", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # whoever ends the bench ends the engine with it, which runs in a group of its own
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        job = json.loads(options.job.read_text())
        points = run({**job, "tokenizer": str(options.job.parent / job["tokenizer"])} if "tokenizer" in job else job, options.work)
    except (EngineError, RuntimeError, OSError) as error:
        print(str(error), file=sys.stderr)
        return 1
    partial = options.out.with_name(options.out.name + ".partial")
    partial.write_text(json.dumps(points, indent=2) + "\n")
    os.replace(partial, options.out)
    measured = [points, *points["beside"]]
    return 0 if all("error" not in each and all(step["failed"] == 0 for step in each["sweep"]) for each in measured) else 1


def run(job: dict[str, Any], work: Path) -> dict[str, Any]:
    """Measure the model of the job, then each stock model beside it, one after the other on the same machine."""
    work.mkdir(parents=True, exist_ok=True)
    found = {"kind": "bench", "measured": datetime.now(timezone.utc).isoformat(timespec="seconds"), **measure(job, work, "model")}
    beside: list[dict[str, Any]] = []
    for index, other in enumerate(job.get("beside", []), 1):
        same = {**job, **other, "engine": {**job["engine"], "args": other["args"]}, "plannedTerms": [], "planned": None, "checkpoint": None}
        try:
            beside.append(measure(same, work, f"beside-{index}"))
        except (EngineError, RuntimeError, OSError) as error:
            say(f"{other['model']['id']}: {error}")
            beside.append({"conditions": {"model": other["model"]}, "error": str(error)[-2000:]})
    return {**found, "beside": beside}


def measure(job: dict[str, Any], work: Path, name: str) -> dict[str, Any]:
    """Make the checkpoint where one is asked for, start the engine with the job's arguments, measure, end it.

    Leaves `<name>.log`, the engine's own output, and `<name>-serve-<requests in flight>.json`, each step as `vllm bench serve` writes it.
    """
    model, made = _model(job, work, name)
    port = free_port()
    command = [part.format(model=model, port=port, python=sys.executable) for part in job["engine"]["command"]] + [str(arg) for arg in job["engine"]["args"]]
    say(f"starting {' '.join(command)}")
    served = job["engine"]["servedName"]
    with Engine(command, port, work / f"{name}.log") as engine:
        start = engine.start_seconds
        terms = log_terms(job["engine"]["kind"], engine.log_text())
        say(f"healthy after {start:.1f} s")
        shape = RequestShape(**job["shape"])
        words = words_for(engine.url, served, shape)
        # the first requests compile kernels and fill pools: they are sent and not counted
        run_step(engine.url, served, shape, words, 1, 2, 10**6)
        sweep = []
        for index, concurrency in enumerate(job["sweep"]):
            requests = max(job["requestsPerStep"], 2 * concurrency)
            step = run_step(engine.url, served, shape, words, concurrency, requests, (index + 1) * 10**7)
            sweep.append(step)
            result = serve_result(job["model"]["id"], step, job["shape"])
            if result is not None:
                (work / f"{name}-serve-{concurrency}.json").write_text(json.dumps(result, indent=2) + "\n")
            say(f"concurrency {concurrency}: {step['outputTokensPerSecond'] or 0:.1f} output tokens/s, {step['failed']} failed")
    if made and not job.get("keepCheckpoints"):
        shutil.rmtree(model)
    return {
        "conditions": {
            "weights": f"random, {made} parameters, seed fixed" if made else "as given",
            "model": job["model"],
            "engine": job["engine"],
            "shape": job["shape"],
            "client": "same machine, one process, Python threads",
            "device": device(),
            "python": platform.python_version(),
        },
        "startSeconds": start,
        "engineTerms": terms,
        "againstPlan": compare_with_plan(job.get("plannedTerms", []), terms),
        "planned": job.get("planned"),
        "sweep": sweep,
    }


def _model(job: dict[str, Any], work: Path, name: str) -> tuple[str, int]:
    if job.get("checkpoint"):
        return str(job["checkpoint"]), 0
    folder = work / f"{name}-checkpoint"
    need = checkpoint_bytes(job["dimensions"], job["dtype"])
    free = shutil.disk_usage(work).free
    if free < need * 1.05:
        raise RuntimeError(f"the checkpoint needs {need / 1e9:.1f} GB and {work} has {free / 1e9:.1f} GB; name another folder with --work.")
    say(f"writing random weights, {need / 1e9:.2f} GB, into {folder}")
    return str(folder), write_checkpoint(folder, job["dimensions"], Path(job["tokenizer"]), job["dtype"])


def device() -> dict[str, Any]:
    """The card as nvidia-smi names it, or the processor."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout.strip().splitlines()
        return {"gpus": found, "cpus": os.cpu_count()}
    except (OSError, subprocess.SubprocessError):
        return {"gpus": [], "cpus": os.cpu_count(), "cpu": _cpu_name()}


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def say(text: str) -> None:
    """Progress goes to stderr, so that stdout stays for data."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
