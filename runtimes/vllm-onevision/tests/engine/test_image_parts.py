"""Parts of the image that can be tried without a container engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from triton import knobs
from triton.backends.nvidia import driver
from vllm import ModelRegistry
from vllm.plugins import load_general_plugins

from vllm_onevision.registration import ARCHITECTURE, register
from vllm_onevision.triton_helper import FOLDER_VARIABLE

# Stands in for a C compiler where there is none: makes the file that "-o" names.
FAKE_COMPILER = '#!/usr/bin/env python3\nimport sys\nopen(sys.argv[sys.argv.index("-o") + 1], "wb").write(b"\\x7fELF")\n'


def test_vllm_loads_the_plugin_and_knows_the_architecture():
    assert "vllm_onevision:register" in {entry.value for entry in entry_points(group="vllm.general_plugins")}
    load_general_plugins()
    register()
    assert ARCHITECTURE in ModelRegistry.get_supported_archs()


def test_tritons_module_is_compiled_once_and_found_again(project: Path, tmp_path, monkeypatch: pytest.MonkeyPatch):
    if shutil.which("gcc") is None:
        fake = tmp_path / "fake-gcc"
        fake.write_text(FAKE_COMPILER)
        fake.chmod(0o755)
        monkeypatch.setenv("CC", str(fake))
    folder = tmp_path / "helper"
    command = [sys.executable, str(project / "tools" / "build_triton_helper.py"), str(folder)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ)).stdout.strip()
    assert Path(printed).read_bytes().startswith(b"\x7fELF")
    before = knobs.build.impl
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    register()
    try:
        found = knobs.build.impl("cuda_utils", str(Path(driver.dirname) / "driver.c"), "", [], [], [])
    finally:
        knobs.build.impl = before
    assert found == printed
