"""Stand-ins: a value inside a JAX trace of which only the type is known.

A function of the checked program is never run. Where JAX calls one (as the body of a scan, or to take its
gradient), its results are told by their types alone; `stand_in` makes a tracer of such a type that JAX can go on
with. It is a primitive without operands, so every transformation takes it for a constant.

`met` is the other way around: it marks what JAX hands to such a function, so that the named axes of it can be found
in the jaxpr. All transformations leave the mark on the value, and none is left on its derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import jax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching

from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.avals import shape_dtype_structs
from named_types.semantics.propagation import MET, STAND_IN
from named_types.semantics.transfers import NAMELESS, Names

_stand_in_p = Primitive(STAND_IN)
_met_p = Primitive(MET)


@_stand_in_p.def_abstract_eval  # type: ignore[untyped-decorator]
def _abstract_stand_in(*, aval: ShapedArray, names: Names) -> ShapedArray:
    return aval


def stand_in(array: AbstractArray, names: Names = NAMELESS) -> jax.Array:
    """A tracer of this type, with these names; to be called while JAX traces."""
    (struct,) = shape_dtype_structs([array])
    aval = ShapedArray(struct.shape, struct.dtype, weak_type=array.weak_type)
    return cast(jax.Array, _stand_in_p.bind(aval=aval, names=names))


def met(value: jax.Array, call: int, leaf: int) -> jax.Array:
    """``value``, marked as the ``leaf``-th that a call is given."""
    return cast(jax.Array, _met_p.bind(value, call=call, leaf=leaf))


@_met_p.def_abstract_eval  # type: ignore[untyped-decorator]
def _abstract_met(value: ShapedArray, *, call: int, leaf: int) -> ShapedArray:
    return value


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], **params: int) -> tuple[Any, Any]:
    return _met_p.bind(*primals, **params), tangents[0]


def _transpose(cotangent: Any, value: Any, **params: int) -> list[Any]:
    return [cotangent]


def _batch(values: Sequence[Any], dims: Sequence[Any], **params: int) -> tuple[Any, Any]:
    return _met_p.bind(*values, **params), dims[0]


ad.primitive_jvps[_met_p] = _jvp
ad.primitive_transposes[_met_p] = _transpose
batching.primitive_batchers[_met_p] = _batch
