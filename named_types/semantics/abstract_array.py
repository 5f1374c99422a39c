"""Abstract values: what is known of an array before the program runs."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Literal

from named_types.algebra import UNKNOWN_ARRAY, ArrayType, NamedShape


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


@dataclass(frozen=True, slots=True)
class AbstractArray:
    """An array type, with what JAX's promotion and NumPy's dispatch need beside it.

    ``weak_type`` is JAX's: the dtype came from a Python scalar and yields in promotion. ``library`` tells
    whether the value is a ``jax.Array`` or a ``numpy.ndarray``.
    """

    type: ArrayType = UNKNOWN_ARRAY
    weak_type: bool = False
    library: Literal["jax", "numpy"] = "jax"

    def with_type(self, array_type: ArrayType) -> AbstractArray:
        return replace(self, type=array_type)

    def with_named_shape(self, named_shape: NamedShape | None) -> AbstractArray:
        return replace(self, type=self.type.with_named_shape(named_shape))

    def __str__(self) -> str:
        return str(self.type)
