"""The real engine. Without the environment of locks/engine-tests.lock.txt this fails, it does not skip."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

# Before vLLM is imported. One process, so that tests can look into the model and start-up errors arrive here.
os.environ |= {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_LOGGING_LEVEL": os.environ.get("VLLM_LOGGING_LEVEL", "ERROR"),
}

import pytest
from golden_data import Golden
from http_server import Server, start_server
from offline import offline_engine
from vllm import LLM

measured: list[str] = []


@pytest.fixture(scope="session")
def golden(golden_folder: Path) -> Golden:
    return Golden(golden_folder)


@pytest.fixture(scope="session", autouse=True)
def starting_server(request: pytest.FixtureRequest, golden: Golden, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server | None]:
    """Started with the first test and waited for by the first that needs it: the start takes a minute of another core."""
    if not any("server" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    with start_server(golden, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def server(starting_server: Server | None) -> Server:
    assert starting_server is not None
    starting_server.wait_until_ready()
    return starting_server


@pytest.fixture(scope="module")
def engine(golden: Golden) -> Iterator[LLM]:
    with offline_engine(golden.checkpoint) as llm:
        yield llm


@pytest.fixture(scope="session")
def measure():
    """Keeps a number for the summary at the end of the run."""
    return measured.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    terminalreporter.section("measured")
    for line in [*measured, f"peak resident memory of the offline engines: {peak_mib} MiB"]:
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Offline tests first, while the server starts."""
    items.sort(key=lambda item: "server" in getattr(item, "fixturenames", ()))
