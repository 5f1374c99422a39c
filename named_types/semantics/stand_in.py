"""Stand-ins: a value inside a JAX trace of which only the type is known.

A function of the checked program is never run. Where JAX calls one (as the body of a scan, or to take its
gradient), its results are told by their types alone; `stand_in` makes a tracer of such a type that JAX can go on
with. It is a primitive without operands, so every transformation takes it for a constant.
"""

from __future__ import annotations

from typing import cast

import jax
from jax.core import ShapedArray
from jax.extend.core import Primitive

from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.avals import shape_dtype_structs

_stand_in_p = Primitive("stand_in")


@_stand_in_p.def_abstract_eval  # type: ignore[untyped-decorator]
def _abstract_stand_in(*, aval: ShapedArray) -> ShapedArray:
    return aval


def stand_in(array: AbstractArray) -> jax.Array:
    """A tracer of this type; to be called while JAX traces."""
    (struct,) = shape_dtype_structs([array])
    return cast(jax.Array, _stand_in_p.bind(aval=ShapedArray(struct.shape, struct.dtype, weak_type=array.weak_type)))
