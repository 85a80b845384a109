"""Compares the tensors that come out of a checkpoint with the ones that must. Asks a tensor for `shape` and `dtype` only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from vllm_onevision.errors import CheckpointTensorError
from vllm_onevision.tensors import Shape

# A wrong checkpoint can differ in thousands of names; this many are told, the rest are counted.
NAMES_TOLD = 20

# Scales of a quantised key-value cache stand beside the layers, not in them.
_KV_SCALE = re.compile(r"model\.layers\.\d+\.self_attn\.(?:attn\.)?(?:[qkv]|kv)_scale")
# Types in which a weight that is named "weight" has its ordinary shape even in a quantised checkpoint.
_PLAIN_TYPES = ("float16", "bfloat16", "float32")


class TensorLike(Protocol):
    """What is asked of a tensor."""

    @property
    def shape(self) -> Iterable[int]: ...

    @property
    def dtype(self) -> object: ...


T = TypeVar("T", bound=TensorLike)


class TensorInventory:
    """Passes tensors through once and raises at the end when any was unexpected, mis-shaped, given twice or missing.

    vLLM's own loader is no such check: it drops unexpected biases in silence, and a missing `k_proj` hides behind
    the `q_proj` that it is fused with.
    """

    def __init__(
        self,
        expected: Mapping[str, Shape],
        quantised_layers: Mapping[str, Shape] | None = None,
        optional: Collection[str] = (),
    ) -> None:
        """See the class.

        Args:
            expected: name and shape of each tensor of the unquantised checkpoint
            quantised_layers: layers whose `weight` a quantised checkpoint may hold in other tensors (qweight, scales,
                ...), with the plain shape of that weight; None when the checkpoint is not quantised
            optional: names of expected tensors that may be absent

        """
        self._expected = expected
        self._quantised = quantised_layers or {}
        self._optional = optional
        self._seen: set[str] = set()
        self._layers_seen: set[str] = set()
        self._unexpected: list[str] = []
        self._problems: list[str] = []

    def checked(self, weights: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
        """Yield the tensors that are as expected, and raise CheckpointTensorError after the last when not all were."""
        for name, tensor in weights:
            if self._admit(name, tensor):
                yield name, tensor
        self._raise_if_incomplete()

    def has(self, layer: str) -> bool:
        """Whether any tensor of the layer came, e.g. "lm_head"."""
        return any(name.startswith(f"{layer}.") for name in self._seen)

    def _admit(self, name: str, tensor: TensorLike) -> bool:
        if name in self._seen:
            self._problems.append(f"{name} is in the checkpoint twice")
            return False
        self._seen.add(name)
        layer = name.rpartition(".")[0]
        if layer in self._quantised:
            self._layers_seen.add(layer)
            if not (name.endswith(".weight") and str(tensor.dtype).removeprefix("torch.") in _PLAIN_TYPES):
                return True
            return self._has_shape(name, tensor, self._quantised[layer])
        if self._quantised and (_KV_SCALE.fullmatch(name) or name.startswith("lm_head.")):
            return True
        if name not in self._expected:
            self._unexpected.append(name)
            return False
        return self._has_shape(name, tensor, self._expected[name])

    def _has_shape(self, name: str, tensor: TensorLike, expected: Shape) -> bool:
        found = tuple(tensor.shape)
        if found == expected:
            return True
        self._problems.append(f"{name} has the shape {list(found)}, config.json asks for {list(expected)}")
        return False

    def _raise_if_incomplete(self) -> None:
        missing = [name for name in self._expected if name not in self._optional and not self._present(name)]
        problems = [
            *self._problems,
            *(f"{name} is not a tensor of LLaVA-OneVision-1.5 with this config.json" for name in self._unexpected),
            *(f"{name} is missing" for name in missing),
        ]
        if not problems:
            return
        told = problems[:NAMES_TOLD]
        rest = len(problems) - len(told)
        more = f"\n  and {rest} more" if rest else ""
        raise CheckpointTensorError(
            f"The checkpoint does not fit its config.json ({len(missing)} tensors missing, {len(self._unexpected)} unexpected, "
            f"{len(self._problems)} mis-shaped or repeated):\n  " + "\n  ".join(told) + more
        )

    def _present(self, name: str) -> bool:
        if name in self._seen:
            return True
        layer = name.rpartition(".")[0]
        if self._quantised and layer == "lm_head":
            return self.has("lm_head")
        return layer in self._quantised and layer in self._layers_seen
