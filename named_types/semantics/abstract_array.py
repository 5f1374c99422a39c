"""Abstract values: what is known of an array before the program runs."""

from __future__ import annotations

import enum
import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from named_types.algebra import UNKNOWN_ARRAY, ArrayType, NamedShape, Shape, UnknownDim, element_type_of
from named_types.semantics.precision import x64_is_enabled


class Unknown(enum.Enum):
    """The value of which nothing is known: compatible with everything, never the cause of an error."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


class ReturnedFunction(enum.Enum):
    """A function among the results of a call, as the pullback that ``jax.vjp`` gives: to be called, not to be known."""

    RETURNED_FUNCTION = "function"


RETURNED_FUNCTION = ReturnedFunction.RETURNED_FUNCTION


RECORDING: ContextVar[Any] = ContextVar("RECORDING", default=None)
"""The `named_types.semantics.recording.Recording` that is going on."""


def _of_no_call() -> tuple[Any, None] | None:
    """What a value is recorded as that no library call gave: nobody knows what it comes from."""
    recording = RECORDING.get()
    return None if recording is None else (recording, None)


@dataclass(frozen=True, slots=True)
class AbstractArray:
    """An array type, with what JAX's promotion and NumPy's dispatch need beside it.

    ``weak_type`` is JAX's: the dtype came from a Python scalar and yields in promotion. ``library`` tells
    whether the value is a ``jax.Array`` or a ``numpy.ndarray``. ``recorded`` tells the recording during which the value
    arose, and what stands for it there, None if that is not known: it is no part of what is known of the value.
    """

    type: ArrayType = UNKNOWN_ARRAY
    weak_type: bool = False
    library: Literal["jax", "numpy"] = "jax"
    recorded: Any = field(default_factory=_of_no_call, compare=False, repr=False)

    def with_type(self, array_type: ArrayType) -> AbstractArray:
        is_same = (array_type.element_type, array_type.shape) == (self.type.element_type, self.type.shape)
        recorded = self.recorded if is_same else _of_no_call()
        return AbstractArray(array_type, self.weak_type, self.library, recorded)

    def with_named_shape(self, named_shape: NamedShape | None) -> AbstractArray:
        return AbstractArray(self.type.with_named_shape(named_shape), self.weak_type, self.library, self.recorded)

    def __str__(self) -> str:
        return str(self.type)


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A type of `jax.numpy`, such as ``jnp.float32``, which is more than NumPy's of that name."""

    name: str

    @property
    def __name__(self) -> str:
        return self.name


def is_dtype(value: object) -> bool:
    """Whether a value is a dtype of NumPy: there is none before NumPy is imported, which takes a while."""
    if "numpy" not in sys.modules:
        return False
    import numpy as np

    return isinstance(value, np.dtype)


def as_array(leaf: object) -> AbstractArray | None:
    """A leaf of a pytree as an array: Python numbers are weakly typed arrays of rank 0; None for all else."""
    if isinstance(leaf, AbstractArray):
        return leaf
    kind = next((kind for kind in _DTYPES_OF_NUMBERS if isinstance(leaf, kind)), None)
    return None if kind is None else _array_of_number(kind, x64_is_enabled())


_DTYPES_OF_NUMBERS: dict[type, tuple[str, str]] = {
    bool: ("bool", "bool"),
    int: ("int32", "int64"),
    float: ("float32", "float64"),
    complex: ("complex64", "complex128"),
}
"""By type, without 64-bit types and with them."""


@cache
def _array_of_number(kind: type, x64: bool) -> AbstractArray:
    element_type = element_type_of(_DTYPES_OF_NUMBERS[kind][x64])
    return AbstractArray(ArrayType(element_type, Shape(())), weak_type=kind is not bool, recorded=None)


def is_concrete(array_type: ArrayType) -> bool:
    """Whether the positional part is known enough to be a JAX abstract value (symbolic dims are)."""
    shape = array_type.shape
    known = not shape.any_leading and not any(isinstance(dim, UnknownDim) for dim in shape.dims)
    return known and not array_type.element_type.is_family
