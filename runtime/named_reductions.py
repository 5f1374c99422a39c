"""Reductions over names that consist of collectives: each device reduces what it holds, and nothing is gathered.

For `jax.numpy` and its like; ``axis`` is a position, an axis name, or a tuple of both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from math import prod
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.typing import ArrayLike, DTypeLike

from named_types.runtime.named_axis import axis_entries, has_names, is_position
from named_types.runtime.named_functions import Does, Way, along, position_among, takes_names
from named_types.runtime.objections import Misfit, explained
from named_types.semantics.jax_names import to_jax

_reducing = partial(takes_names, Does.REDUCES, Way.COLLECTIVE)


@_reducing()
def any(
    a: ArrayLike, axis: Hashable = None, out: None = None, keepdims: bool = False, *, where: ArrayLike | None = None
) -> Array:
    """Whether any of the elements along positional and named axes is true."""
    positions, names = _split(axis, "any")
    found = jnp.any(a, positions, out, keepdims, where=where)
    return _times_true(found, names) > 0 if names else found


@_reducing()
def all(
    a: ArrayLike, axis: Hashable = None, out: None = None, keepdims: bool = False, *, where: ArrayLike | None = None
) -> Array:
    """Whether all of the elements along positional and named axes are true."""
    positions, names = _split(axis, "all")
    found = jnp.all(a, positions, out, keepdims, where=where)
    return _times_true(~found, names) == 0 if names else found


def _times_true(found: Array, names: tuple[Any, ...]) -> Array:
    return jnp.sum(found.astype(jnp.int32), axis=names)


def _extreme_of_numbers(
    positional: Callable[..., Array], reduce: Callable[..., Array], neutral: float
) -> Callable[..., Array]:
    """``nanmax`` or ``nanmin``, over names too."""

    def extreme(
        a: ArrayLike,
        axis: Hashable = None,
        out: None = None,
        keepdims: bool = False,
        initial: ArrayLike | None = None,
        where: ArrayLike | None = None,
    ) -> Array:
        if not has_names(axis):
            return positional(a, _plain(axis), out, keepdims, initial, where)
        array, axes = jnp.asarray(a), _as_jax(axis, positional.__name__)
        if not jnp.issubdtype(array.dtype, jnp.inexact):
            return reduce(array, axes, keepdims=keepdims, initial=initial, where=where)
        missing = jnp.isnan(array)
        found = reduce(jnp.where(missing, neutral, array), axes, keepdims=keepdims, initial=initial, where=where)
        if initial is not None:
            return found
        return jnp.where(all(missing, axis, keepdims=keepdims, where=where), jnp.nan, found)

    extreme.__name__, extreme.__doc__ = positional.__name__, f"{positional.__doc__}"
    return _reducing()(extreme)


nanmax = _extreme_of_numbers(jnp.nanmax, jnp.max, -jnp.inf)
nanmin = _extreme_of_numbers(jnp.nanmin, jnp.min, jnp.inf)


def _index_along(reduce: Callable[..., Array], a: ArrayLike, axis: Hashable) -> Array:
    """The index of the first extreme along a name: of those that attain it, the smallest."""
    entries = axis_entries(axis, f"arg{reduce.__name__}")
    if len(entries) != 1:
        raise Misfit(f"it goes along one axis, not along {len(entries)}")
    array, name = jnp.asarray(a), to_jax(entries[0])
    comparable = array.astype(jnp.int32) if array.dtype == bool else array
    attains = (comparable == reduce(comparable, axis=(name,))) | jnp.isnan(comparable)
    here = jax_lax.axis_index(name).astype(jnp.result_type(int))
    return jnp.min(jnp.where(attains, here, jax_lax.axis_size(name)), axis=(name,))


def _index_of_number(reduce: Callable[..., Array], neutral: float, a: ArrayLike, axis: Hashable) -> Array:
    """As `_index_along`, of what is not NaN; -1 where everything is."""
    missing = jnp.isnan(jnp.asarray(a))
    index = _index_along(reduce, jnp.where(missing, neutral, a), axis)
    return jnp.where(all(missing, axis), -1, index)


def _index_in_its_type(reduce: Callable[..., Array], a: ArrayLike, axis: Hashable, dtype: DTypeLike) -> Array:
    return _index_along(reduce, a, axis).astype(dtype)


def _indexing(positional: Callable[..., Array], along_name: Callable[..., Array], options: int = 0) -> Any:
    """A function of an array and one axis, by position and by name; of what follows, that has ``options``."""
    by_name = explained(along_name, positional.__name__)

    def call(a: ArrayLike, axis: Any = None, *rest: Any, **named: Any) -> Array:
        if not has_names(axis):
            return positional(a, axis, *rest, **named)
        given = (*rest, *named.values())[:options]
        return by_name(a, axis, *given)

    call.__name__, call.__doc__ = positional.__name__, f"{positional.__doc__}"
    return _reducing()(call)


argmax = _indexing(jnp.argmax, partial(_index_along, jnp.max))
argmin = _indexing(jnp.argmin, partial(_index_along, jnp.min))
argmax_of_lax = _indexing(jax_lax.argmax, partial(_index_in_its_type, jnp.max), 1)
argmin_of_lax = _indexing(jax_lax.argmin, partial(_index_in_its_type, jnp.min), 1)
nanargmax = _indexing(jnp.nanargmax, partial(_index_of_number, jnp.max, -jnp.inf))
nanargmin = _indexing(jnp.nanargmin, partial(_index_of_number, jnp.min, jnp.inf))


@_reducing()
def average(
    a: ArrayLike,
    axis: Hashable = None,
    weights: ArrayLike | None = None,
    returned: bool = False,
    keepdims: bool = False,
) -> Any:
    """The mean over positional and named axes, weighted by ``weights``, which broadcast with ``a``."""
    if not has_names(axis):
        return jnp.average(a, _plain(axis), weights, returned, keepdims)
    axes = _as_jax(axis, "average")
    given = jnp.asarray(a)
    dtype = jnp.result_type(jnp.mean(given), *([] if weights is None else [weights]))
    factors = jnp.broadcast_to(jnp.asarray(1 if weights is None else weights, dtype), given.shape)
    total = jnp.sum(factors, axes, keepdims=keepdims)
    mean = jnp.sum(given.astype(dtype) * factors, axes, keepdims=keepdims) / total
    return (mean, total) if returned else mean


@_reducing(remark="matrix norms gather, all others do not")
def norm(x: ArrayLike, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors along an axis, or of matrices along two: ``axis`` has positions and names."""
    if not has_names(axis):
        return jnp.linalg.norm(x, ord, _plain(axis), keepdims)
    axes = _as_jax(axis, "norm")
    if len(axes) > 2 or (len(axes) == 2 and ord not in (None, "fro")):
        return _norm_of_matrices(x, ord, axis, keepdims)
    return jnp.linalg.vector_norm(jnp.asarray(x), axis=axes, keepdims=keepdims, ord=2 if ord in (None, "fro") else ord)


_norm_of_matrices = along(jnp.linalg.norm, Does.REDUCES, "x", several=True)


@_reducing()
def vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: Any = -1, **options: Any) -> Array:
    """The products of vectors along a position or a name, the first of them conjugated."""
    if not has_names(axis):
        return jnp.vecdot(x1, x2, axis=axis, **options)
    axes = _as_jax(axis, "vecdot")
    products = jnp.vecdot(jnp.asarray(x1)[..., None], jnp.asarray(x2)[..., None], **options)
    return jnp.sum(products, axes)


@takes_names(Does.REDUCES, Way.APART)
def size(a: Any, axis: Hashable = None) -> int:
    """The number of elements along positional and named axes; without ``axis``, along all positions."""
    if not has_names(axis):
        return jnp.size(a, _plain(axis))
    entries = axis_entries(axis, "size")
    return prod(
        jnp.shape(a)[position_among(entry, (), jnp.ndim(a))] if is_position(entry) else jax_lax.axis_size(to_jax(entry))
        for entry in entries
    )


def _over(positional: Callable[..., Array], collective: Callable[..., Array]) -> Callable[..., Array]:
    """A reduction of `jax.lax` over positions, and then by a collective over names."""

    def reduce(operand: ArrayLike, axes: Any, **options: Any) -> Array:
        if not has_names(axes):
            return positional(operand, axes, **options)
        positions, names = _split(axes, positional.__name__)
        return collective(positional(operand, positions, **options), names)

    reduce.__name__, reduce.__doc__ = positional.__name__, f"{positional.__doc__}"
    return _reducing("axes")(reduce)


reduce_sum = _over(jax_lax.reduce_sum, jax_lax.psum)
reduce_max = _over(jax_lax.reduce_max, jax_lax.pmax)
reduce_min = _over(jax_lax.reduce_min, jax_lax.pmin)


def _plain(axis: Any) -> Any:
    """Positions as JAX takes them."""
    return tuple(axis) if isinstance(axis, list) else axis


def _as_jax(axis: Hashable, operation: str) -> tuple[Any, ...]:
    entries = axis_entries(axis, operation)
    return tuple(entry if is_position(entry) else to_jax(entry) for entry in entries)


def _split(axis: Hashable, operation: str) -> tuple[Any, tuple[Any, ...]]:
    """The positions of an axis argument, or all if there is none, and the names as JAX takes them."""
    if axis is None or type(axis) is int:
        return axis, ()
    entries = axis_entries(axis, operation)
    names = tuple(to_jax(entry) for entry in entries if not is_position(entry))
    return tuple(entry for entry in entries if is_position(entry)), names
