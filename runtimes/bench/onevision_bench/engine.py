"""Starts an engine, waits until it is healthy, and ends it with everything it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Optional, Sequence, Type
from types import TracebackType


# Seconds until an engine that was asked to end is killed: in peace, and when the bench itself was told to stop (ovkit kills it after 2 s).
PATIENT_S = 20.0
HURRIED_S = 1.0


class EngineError(RuntimeError):
    """The engine did not start, or ended; the message holds the last lines of its log."""


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Engine:
    """A running engine. Use as a context manager; `start_seconds` is the time to its first healthy answer."""

    def __init__(self, command: Sequence[str], port: int, log: Path, timeout_s: float = 1800.0) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.start_seconds = 0.0
        self._command = list(command)
        self._log = log
        self._timeout_s = timeout_s
        self._process: Optional[subprocess.Popen[bytes]] = None

    def __enter__(self) -> "Engine":
        started = time.monotonic()
        with open(self._log, "wb") as log:
            # a group of its own, so that worker processes end with it
            self._process = subprocess.Popen(self._command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            while not self._healthy():
                if self._process.poll() is not None:
                    raise EngineError(f"the engine ended with {self._process.returncode}:\n{self.tail()}")
                if time.monotonic() - started > self._timeout_s:
                    raise EngineError(f"the engine was not healthy after {self._timeout_s:.0f} s:\n{self.tail()}")
                time.sleep(0.1)
        except BaseException:
            self._end(HURRIED_S)
            raise
        self.start_seconds = time.monotonic() - started
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self._end(patience_s=HURRIED_S if isinstance(error, (SystemExit, KeyboardInterrupt)) else PATIENT_S)

    def log_text(self) -> str:
        """Everything that the engine has said so far."""
        return self._log.read_text(errors="replace")

    def tail(self, lines: int = 30) -> str:
        """Its last lines."""
        return "\n".join(self.log_text().splitlines()[-lines:])

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _end(self, patience_s: float) -> None:
        if self._process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, how)
                self._process.wait(timeout=patience_s)
                return
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                self._process.wait(timeout=20)
                return
