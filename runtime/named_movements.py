"""Functions in which axes are moved, made or looked up, with names among them.

A name that goes to a position is gathered; where a position goes to a name, each instance takes its own entry.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.typing import ArrayLike, DTypeLike

from named_types.algebra import AxisName
from named_types.runtime.named_axis import axis_entries, is_position
from named_types.runtime.named_contraction import contract
from named_types.runtime.named_functions import Does, Way, gathered, given_back, position_among, takes_names
from named_types.runtime.objections import Misfit, explained
from named_types.semantics.contraction import pdot_contraction
from named_types.semantics.jax_names import to_jax


@takes_names(Does.REMOVES, Way.GATHERS, "source", "destination", remark="a name as destination is made")
@explained
def moveaxis(a: ArrayLike, source: Any, destination: Any) -> Array:
    """Move axes to other positions: names become positions, and positions names, each with the entries it had."""
    if type(source) is type(destination) is int:
        return jnp.moveaxis(a, source, destination)
    sources, destinations = axis_entries(source, "moveaxis"), axis_entries(destination, "moveaxis")
    old, new = _names(sources), _names(destinations)
    if not old and not new:
        return jnp.moveaxis(a, source, destination)
    rank = jnp.ndim(a)
    moved = jnp.moveaxis(
        gathered(jnp.asarray(a), old),
        [position_among(entry, old, rank) for entry in sources],
        [position_among(entry, new, rank + len(old) - len(new)) for entry in destinations],
    )
    return given_back(moved, new)


@takes_names(Does.KEEPS, Way.GATHERS, remark="where `indices` have it")
@explained
def take_along_axis(arr: ArrayLike, indices: ArrayLike, axis: Any = -1, *args: Any, **options: Any) -> Array:
    """The entries at ``indices`` along a position; or along a name, of which each instance looks up its own."""
    names = _names(axis_entries(axis, "take_along_axis")) if axis is not None and type(axis) is not int else []
    if not names:
        return jnp.take_along_axis(arr, indices, axis, *args, **options)
    _require_one(axis, "take_along_axis")
    instances, index = gathered(jnp.asarray(arr), names), jnp.asarray(indices)[None]
    return jnp.take_along_axis(instances, index, 0, *args, **options)[0]


@takes_names(Does.MAKES, Way.APART)
@explained
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike | None = None,
    axis: Any = 0,
    **options: Any,
) -> Any:
    """Evenly spaced numbers along a position, or along a name: one for each of its ``num`` instances."""
    names = [] if type(axis) is int else _names(axis_entries(axis, "linspace"))
    if not names:
        return jnp.linspace(start, stop, num, endpoint, retstep, dtype, axis, **options)
    _require_one(axis, "linspace")
    samples, step = jnp.linspace(start, stop, num, endpoint, True, dtype, 0, **options)
    own = given_back(samples, names)
    return (own, step) if retstep else own


@takes_names(Does.MAKES, Way.APART, "dimension")
@explained
def broadcasted_iota(dtype: DTypeLike, shape: Any, dimension: Any, **options: Any) -> Array:
    """An array of this shape whose entries count along a position, or along a name."""
    names = [] if is_position(dimension) else _names(axis_entries(dimension, "broadcasted_iota"))
    if not names:
        return jax_lax.broadcasted_iota(dtype, shape, dimension, **options)
    _require_one(dimension, "broadcasted_iota")
    return jnp.broadcast_to(jax_lax.axis_index(to_jax(names[0])).astype(dtype), shape)


@takes_names(Does.REDUCES, Way.COLLECTIVE, "axes", remark="names of both operands in one pair; others gather")
@explained
def tensordot(a: ArrayLike, b: ArrayLike, axes: Any = 2, **options: Any) -> Array:
    """The product of two arrays, summed over pairs of axes: a position or a name of each.

    A pair of one name is a contraction over the instances: `lax.pdot`.
    """
    if is_position(axes) or not _pair_names(axes):
        return jnp.tensordot(a, b, axes, **options)
    left, right = (axis_entries(side, "tensordot") for side in axes)
    if len(left) != len(right):
        raise Misfit(f"{len(left)} axes of the first operand, and {len(right)} of the second")
    pairs = list(zip(left, right, strict=True))
    shared = [] if options else [one for one, other in pairs if not is_position(one) and one == other]
    rest = [pair for pair in pairs if pair[0] not in shared]
    first, left_positions = _with_positions(a, [one for one, _ in rest])
    second, right_positions = _with_positions(b, [other for _, other in rest])
    if not shared:
        return jnp.tensordot(first, second, (left_positions, right_positions), **options)
    contracted = left_positions, right_positions
    return contract(
        [first, second], pdot_contraction(frozenset(shared), (first.ndim, second.ndim), contracted, ((), ()))
    )


def _pair_names(axes: Any) -> list[AxisName]:
    if not isinstance(axes, (tuple, list)) or len(axes) != 2:
        raise Misfit("the axes are a number of them, or a pair of sequences")
    return [name for side in axes for name in _names(axis_entries(side, "tensordot"))]


def _with_positions(operand: ArrayLike, entries: list[Any]) -> tuple[Array, list[int]]:
    """An operand whose axes of ``entries`` all have positions, and these."""
    names = _names(entries)
    array = gathered(jnp.asarray(operand), names)
    positions = [position_among(entry, names, jnp.ndim(operand)) for entry in entries]
    return array, [position % array.ndim for position in positions]


def _names(entries: Any) -> list[AxisName]:
    return [entry for entry in entries if not is_position(entry)]


def _require_one(axis: Hashable, operation: str) -> None:
    entries = axis_entries(axis, operation)
    if len(entries) != 1:
        raise Misfit(f"it goes along one axis, not along {len(entries)}")
