"""What can be seen of a value, and whether two runs show the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from named_types.runtime import named_shape

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, eq=False)
class Observation:
    """A value that was seen: its type in words, and its numbers where it has any."""

    type: str
    value: Any = None

    def same_as(self, other: Observation) -> bool:
        """Numbers may differ by what rounding makes of another order of the same operations."""
        if self.type != other.type or type(self.value) is not type(other.value):
            return False
        if not isinstance(self.value, np.ndarray):
            return bool(self.value == other.value)
        if self.value.dtype.kind in "fc":
            return bool(np.allclose(self.value, other.value, rtol=1e-4, atol=1e-5, equal_nan=True))
        return bool(np.array_equal(self.value, other.value))


def observe(label: str, value: Any) -> Iterator[Observation]:
    """What is seen of a pytree; nothing of functions, classes and other things without a value of their own."""
    try:
        leaves, structure = jax.tree_util.tree_flatten(value)
    except (TypeError, ValueError):  # no pytree: keys that do not sort, say
        return
    if len(leaves) != 1 or leaves[0] is not value:
        yield Observation(f"{label}: {structure}")
    for leaf in leaves:
        if isinstance(leaf, (jax.Array, np.ndarray, np.generic)):
            yield _observed_array(label, leaf)
        elif isinstance(leaf, _PLAIN):
            yield Observation(f"{label}: {type(leaf).__name__}", repr(leaf))


def same(ones: list[Observation], others: list[Observation]) -> bool:
    return len(ones) == len(others) and all(one.same_as(other) for one, other in zip(ones, others, strict=True))


def _observed_array(label: str, array: Any) -> Observation:
    if isinstance(array, jax.core.Tracer):
        try:
            names = dict(named_shape(array))
        except RuntimeError:
            names = {}
        return Observation(f"{label}: {array.dtype}{array.shape}{sorted(names.items(), key=str)}")
    description = f"{label}: {array.dtype}{array.shape}"
    if isinstance(array, jax.Array) and jax.numpy.issubdtype(array.dtype, jax.dtypes.prng_key):
        array = jax.random.key_data(array)
    return Observation(description, np.asarray(array, dtype=_comparable(array.dtype)))


def _comparable(dtype: Any) -> Any:
    """NumPy compares no numbers of the kinds that it does not know itself."""
    return np.float32 if np.dtype(dtype).kind == "V" else dtype
