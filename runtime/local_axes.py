"""Local axes: the part of a named axis that one device holds, as a vmapped axis.

A rule that must see a whole local axis *unbatches* it, which makes it the leading positional axis, computes
on it, and may *rebatch* the result. Both are primitives without an implementation: the vmap that owns the
axis eliminates them, and every other vmap passes them on. So they never reach differentiation or XLA.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import batching

from named_types.algebra import AxisName


@dataclass(frozen=True)
class LocalAxis:
    """The vmapped axis of a lowering. An axis that is in scope is never shadowed, so no two nested ones are equal."""

    name: AxisName
    size: int


def unbatch(value: jax.Array, axis: LocalAxis) -> jax.Array:
    """All instances of ``value`` along a local axis, as its leading positional axis."""
    return cast(jax.Array, _unbatch_p.bind(value, axis=axis))


def rebatch(value: jax.Array, axis: LocalAxis) -> jax.Array:
    """For each instance along a local axis, its entry of the leading positional axis of ``value``."""
    return cast(jax.Array, _rebatch_p.bind(value, axis=axis))


def local_index(axis: LocalAxis) -> jax.Array:
    """The index of each instance along a local axis."""
    return rebatch(lax.iota(jnp.int32, axis.size), axis)


def to_front(value: jax.Array, position: int) -> jax.Array:
    """``value`` with the positional axis at ``position`` first."""
    if position == 0:
        return value
    return lax.transpose(value, (position, *(other for other in range(value.ndim) if other != position)))


_unbatch_p = Primitive("unbatch")
_rebatch_p = Primitive("rebatch")


def _abstract_unbatch(value: ShapedArray, *, axis: LocalAxis) -> ShapedArray:
    return cast(ShapedArray, value.update(shape=(axis.size, *value.shape)))


def _abstract_rebatch(value: ShapedArray, *, axis: LocalAxis) -> ShapedArray:
    return cast(ShapedArray, value.update(shape=value.shape[1:]))


def _batch_unbatch(axis_data: Any, values: Any, dims: Any, *, axis: LocalAxis) -> tuple[Any, int | None]:
    (value,), (dim,) = values, dims
    if axis_data.name is axis:
        if dim is None:
            return lax.broadcast(value, (axis.size,)), None
        return to_front(value, dim), None
    return unbatch(value, axis), None if dim is None else dim + 1


def _batch_rebatch(axis_data: Any, values: Any, dims: Any, *, axis: LocalAxis) -> tuple[Any, int | None]:
    (value,), (dim,) = values, dims
    if axis_data.name is axis:
        assert dim is None, "the operand of rebatch does not vary over its own axis"
        return value, 0
    if dim == 0:
        return rebatch(to_front(value, 1), axis), 0
    return rebatch(value, axis), None if dim is None else dim - 1


_unbatch_p.def_abstract_eval(_abstract_unbatch)
_rebatch_p.def_abstract_eval(_abstract_rebatch)
batching.fancy_primitive_batchers[_unbatch_p] = _batch_unbatch
batching.fancy_primitive_batchers[_rebatch_p] = _batch_rebatch
