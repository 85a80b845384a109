"""The package as vLLM finds it: entry point, version guard, style and types."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types
from importlib.metadata import entry_points

import pytest

from vllm_onevision import ARCHITECTURE, MODEL_TYPE
from vllm_onevision.registration import check_vllm_version, register


def test_vllm_finds_the_plugin_by_its_entry_point():
    (found,) = [entry for entry in entry_points(group="vllm.general_plugins") if entry.name == "onevision"]
    assert found.load() is register


def test_importing_the_package_brings_in_neither_torch_nor_vllm():
    code = "import sys, vllm_onevision; print([m for m in ('torch', 'vllm', 'transformers') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("version", ["0.32.0", "0.32.4", "0.32.0+cpu"])
def test_the_proven_series_is_accepted(version):
    check_vllm_version(version)


@pytest.mark.parametrize("version", ["0.31.2", "0.33.0", "1.32.0", "0.320.0", "dev", "0.32rc1.x"])
def test_any_other_vllm_is_refused_with_both_versions(version):
    with pytest.raises(RuntimeError, match=rf"0\.32\.x, this is vLLM {version}"):
        check_vllm_version(version)


class FakeRegistry:
    def __init__(self) -> None:
        self.models: dict[str, str] = {}

    def get_supported_archs(self):
        return self.models.keys()

    def register_model(self, name: str, target: str) -> None:
        assert name not in self.models
        self.models[name] = target


@pytest.mark.parametrize(("pixels", "pillows"), [(1000, None), (0, 89478485)])
def test_registering_twice_names_a_class_that_exists_and_its_model_type(monkeypatch, project, pixels, pillows):
    registry, configs, pillow = FakeRegistry(), {}, types.SimpleNamespace(MAX_IMAGE_PIXELS=89478485)

    class AutoConfig:
        @staticmethod
        def register(model_type, config, exist_ok=False):
            assert exist_ok
            configs[model_type] = config

    base = type("PretrainedConfig", (), {})
    fakes = {
        "vllm": types.SimpleNamespace(ModelRegistry=registry, envs=types.SimpleNamespace(VLLM_MAX_IMAGE_PIXELS=pixels)),
        "PIL": types.SimpleNamespace(Image=pillow),
        "PIL.Image": pillow,
        "vllm.version": types.SimpleNamespace(__version__="0.32.0"),
        "transformers": types.SimpleNamespace(AutoConfig=AutoConfig, PretrainedConfig=base, Qwen3Config=base),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, name, fake)
    monkeypatch.delitem(sys.modules, "vllm_onevision.config", raising=False)
    register()
    register()
    monkeypatch.delitem(sys.modules, "vllm_onevision.config", raising=False)
    assert configs[MODEL_TYPE].model_type == MODEL_TYPE
    module, _, name = registry.models[ARCHITECTURE].partition(":")
    source = project / "src" / (module.replace(".", "/") + ".py")
    assert f"class {name}(" in source.read_text()
    assert pillows == pillow.MAX_IMAGE_PIXELS


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", "--cache-dir=/dev/null"]], ids=" ".join
)
def test_style_and_types_are_clean(command, project):
    run = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_pure_modules_can_be_imported_without_torch():
    for name in ("dimensions", "grid", "inventory", "limits", "tensors"):
        importlib.import_module(f"vllm_onevision.{name}")
