"""Shared by both tiers: where the golden folder is. Nothing here imports torch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    """The folder that OVK_GOLDEN_DIR names, or the project's own copy."""
    return Path(os.environ.get("OVK_GOLDEN_DIR") or PROJECT / "golden").resolve()
