"""Compiles Triton's C module while the image is built: `python build_triton_helper.py FOLDER`.

Needs a C compiler and Python's headers, no GPU and no driver: the module is linked against an empty library that has the
name of the driver's, and finds the real one when it is loaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from triton.backends.nvidia import driver
from triton.runtime.build import _build

from vllm_onevision.triton_helper import module_path


def main(folder: Path) -> Path:
    """Compile the module into `folder` and return its path."""
    source = Path(driver.dirname) / "driver.c"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        stub = Path(work) / "libcuda.so.1"
        empty = Path(work) / "empty.c"
        empty.write_text("")
        compiler = os.environ.get("CC", "gcc")
        subprocess.check_call([compiler, "-shared", "-fPIC", f"-Wl,-soname,{stub.name}", "-o", str(stub), str(empty)])
        built = _build("cuda_utils", str(source), work, [work, driver.libdevice_dir], driver.include_dirs, driver.libraries, [])
        target = module_path(folder, "cuda_utils", source.read_bytes())
        shutil.copyfile(built, target)
    return target


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
