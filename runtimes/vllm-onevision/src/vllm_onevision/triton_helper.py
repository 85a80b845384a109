"""Triton without a C compiler in the image.

Triton 3.7 compiles one small C module at run time, `cuda_utils`, whose source is fixed for a Triton release. The image
has it compiled while it is built (tools/build_triton_helper.py) and hands it to Triton by Triton's own hook.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

# Folder with the compiled modules; set by the image, unset elsewhere.
FOLDER_VARIABLE = "VLLM_ONEVISION_TRITON_HELPER"


def use_prebuilt_helper() -> None:
    """Give Triton the modules of the folder in VLLM_ONEVISION_TRITON_HELPER; without it nothing changes."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    from triton import knobs

    knobs.build.impl = compiler_that_looks_up(Path(folder))


def compiler_that_looks_up(folder: Path) -> Callable[..., str]:
    """Return a stand-in for Triton's compiler that returns what was compiled before."""
    return partial(_look_up, folder)


def module_path(folder: Path, name: str, source: bytes) -> Path:
    """Where the module that was compiled from `source` lies."""
    return folder / f"{name}-{hashlib.sha256(source).hexdigest()[:16]}.so"


def _look_up(folder: Path, name: str, source_path: str, *_: object) -> str:
    path = module_path(folder, name, Path(source_path).read_bytes())
    if path.exists():
        return str(path)
    raise RuntimeError(
        f"Triton asks for the C module {name}, which this image has not compiled beforehand ({path} is not there), "
        "and the image has no compiler. Was Triton replaced in it? Build the image again from its lock."
    )
