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

from onevision_bench.checkpoint import write_checkpoint
from onevision_bench.engine import Engine, EngineError, free_port
from onevision_bench.load import RequestShape, run_step, words_for
from onevision_bench.log_terms import compare_with_plan, log_terms


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
        points = run(json.loads(options.job.read_text()), options.work)
    except (EngineError, RuntimeError, OSError) as error:
        print(str(error), file=sys.stderr)
        return 1
    partial = options.out.with_name(options.out.name + ".partial")
    partial.write_text(json.dumps(points, indent=2) + "\n")
    os.replace(partial, options.out)
    return 0 if all(step["failed"] == 0 for step in points["sweep"]) else 1


def run(job: dict[str, Any], work: Path) -> dict[str, Any]:
    """Make the checkpoint where one is asked for, start the engine with the plan's arguments, measure, end it."""
    work.mkdir(parents=True, exist_ok=True)
    model, made = _model(job, work)
    port = free_port()
    command = [part.format(model=model, port=port) for part in job["engine"]["command"]] + [str(arg) for arg in job["engine"]["args"]]
    say(f"starting {' '.join(command)}")
    with Engine(command, port, work / "engine.log") as engine:
        start = engine.start_seconds
        terms = log_terms(job["engine"]["kind"], engine.log_text())
        say(f"healthy after {start:.1f} s")
        shape = RequestShape(**job["shape"])
        words = words_for(engine.url, job["engine"]["servedName"], shape)
        # the first requests compile kernels and fill pools: they are sent and not counted
        run_step(engine.url, job["engine"]["servedName"], shape, words, 1, 2, 10**6)
        sweep = []
        for index, concurrency in enumerate(job["sweep"]):
            requests = max(job["requestsPerStep"], 2 * concurrency)
            step = run_step(engine.url, job["engine"]["servedName"], shape, words, concurrency, requests, (index + 1) * 10**7)
            sweep.append(step)
            say(f"concurrency {concurrency}: {step['outputTokensPerSecond'] or 0:.1f} output tokens/s, {step['failed']} failed")
    return {
        "kind": "bench",
        "measured": datetime.now(timezone.utc).isoformat(timespec="seconds"),
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


def _model(job: dict[str, Any], work: Path) -> tuple[str, int]:
    if job.get("checkpoint"):
        return str(job["checkpoint"]), 0
    folder = work / "checkpoint"
    need = job["dimensions"]["weightsBytes"]
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
