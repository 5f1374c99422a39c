"""`jax.lax`, in which every axis may be a named one, with the named contraction that it once had.

What is not defined here is JAX's own object.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.typing import ArrayLike

from named_types.algebra import AxisName
from named_types.problems import InvalidOperation
from named_types.runtime.behind import falling_through
from named_types.runtime.named_axis import as_names
from named_types.runtime.named_contraction import contract
from named_types.runtime.named_functions import Does, Way, along, refusing, takes_names
from named_types.runtime.named_movements import broadcasted_iota as broadcasted_iota
from named_types.runtime.named_reductions import argmax_of_lax, argmin_of_lax
from named_types.runtime.named_reductions import reduce_max as reduce_max
from named_types.runtime.named_reductions import reduce_min as reduce_min
from named_types.runtime.named_reductions import reduce_sum as reduce_sum
from named_types.runtime.numpy import einsum
from named_types.runtime.objections import explained
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.avals import array_of_aval
from named_types.semantics.contraction import pdot_contraction
from named_types.semantics.jax_names import from_jax

T = TypeVar("T")

REDUCES, KEEPS, REMOVES, MAKES = Does.REDUCES, Does.KEEPS, Does.REMOVES, Does.MAKES

argmax, argmin = argmax_of_lax, argmin_of_lax
reduce = along(jax_lax.reduce, REDUCES, "operands", axes="dimensions", several=True)
reduce_and = along(jax_lax.reduce_and, REDUCES, "operand", axes="axes", several=True)
reduce_or = along(jax_lax.reduce_or, REDUCES, "operand", axes="axes", several=True)
reduce_prod = along(jax_lax.reduce_prod, REDUCES, "operand", axes="axes", several=True)
reduce_xor = along(jax_lax.reduce_xor, REDUCES, "operand", axes="axes", several=True)

associative_scan = along(jax_lax.associative_scan, KEEPS, "elems")
cumlogsumexp = along(jax_lax.cumlogsumexp, KEEPS, "operand")
cummax = along(jax_lax.cummax, KEEPS, "operand")
cummin = along(jax_lax.cummin, KEEPS, "operand")
cumprod = along(jax_lax.cumprod, KEEPS, "operand")
cumsum = along(jax_lax.cumsum, KEEPS, "operand")
dynamic_update_index_in_dim = along(jax_lax.dynamic_update_index_in_dim, KEEPS, "operand")
dynamic_update_slice_in_dim = along(jax_lax.dynamic_update_slice_in_dim, KEEPS, "operand")
rev = along(jax_lax.rev, KEEPS, "operand", axes="dimensions", several=True)
sort = along(jax_lax.sort, KEEPS, "operand", axes="dimension")
sort_key_val = along(jax_lax.sort_key_val, KEEPS, "keys", "values", axes="dimension")

approx_max_k = along(jax_lax.approx_max_k, REMOVES, "operand", axes="reduction_dimension")
approx_min_k = along(jax_lax.approx_min_k, REMOVES, "operand", axes="reduction_dimension")
concatenate = along(jax_lax.concatenate, REMOVES, "operands", axes="dimension")
dynamic_index_in_dim = along(jax_lax.dynamic_index_in_dim, REMOVES, "operand")
dynamic_slice_in_dim = along(jax_lax.dynamic_slice_in_dim, REMOVES, "operand")
index_in_dim = along(jax_lax.index_in_dim, REMOVES, "operand")
index_take = along(jax_lax.index_take, REMOVES, "src", axes="axes", several=True)
slice_in_dim = along(jax_lax.slice_in_dim, REMOVES, "operand")
split = along(jax_lax.split, REMOVES, "operand")
squeeze = along(jax_lax.squeeze, REMOVES, "array", axes="dimensions", several=True)
top_k = along(jax_lax.top_k, REMOVES, "operand")
transpose = along(jax_lax.transpose, REMOVES, "operand", axes="permutation", several=True)
unstack = along(jax_lax.unstack, REMOVES, "x")

expand_dims = along(jax_lax.expand_dims, MAKES, axes="dimensions", several=True)
stack = along(jax_lax.stack, MAKES)

_ENTRIES = "it is told about every positional axis, and about no other"
broadcast_in_dim = refusing(jax_lax.broadcast_in_dim, "broadcast_dimensions", _ENTRIES)
collapse = refusing(jax_lax.collapse, "start_dimension stop_dimension", "it merges positions that follow on each other")
dot = refusing(jax_lax.dot, "dimension_numbers", "it contracts positions", "lax.pdot contracts names too")
dot_general = refusing(
    jax_lax.dot_general, "dimension_numbers", "it contracts positions", "lax.pdot contracts names too"
)
reshape = refusing(jax_lax.reshape, "dimensions", _ENTRIES)


@takes_names(REDUCES, Way.COLLECTIVE, "axis_name")
@explained
def psum(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The sum over a named axis, or a tuple of them; each instance of an axis that ``x`` lacks counts.

    ``x`` may be a pytree. ``psum(1, name)`` is the size of the axis, an int.
    """
    return jax_lax.psum(x, as_names(axis_name, "psum"), axis_index_groups=axis_index_groups)


@takes_names(REDUCES, Way.COLLECTIVE, "axis_name")
@explained
def pmean(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The mean over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmean(x, as_names(axis_name, "pmean"), axis_index_groups=axis_index_groups)


@takes_names(REDUCES, Way.COLLECTIVE, "axis_name")
@explained
def pmax(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The maximum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmax(x, as_names(axis_name, "pmax"), axis_index_groups=axis_index_groups)


@takes_names(REDUCES, Way.COLLECTIVE, "axis_name")
@explained
def pmin(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The minimum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmin(x, as_names(axis_name, "pmin"), axis_index_groups=axis_index_groups)


@takes_names(KEEPS, Way.COLLECTIVE, "axis_name")
@explained
def pshuffle(x: T, axis_name: Hashable, perm: Sequence[int]) -> T:
    """Reorder the instances of a named axis: instance ``i`` of the result is instance ``perm[i]`` of ``x``."""
    names = as_names(axis_name, "pshuffle")
    size = jax_lax.axis_size(names)
    if len(perm) != size:
        reason = f"the permutation has {len(perm)} entries for {size} instances"
        reject(InvalidOperation("pshuffle", (repr(axis_name),), reason), place_of_caller())
    result: T = jax_lax.pshuffle(x, names, perm)
    return result


@takes_names(KEEPS, Way.COLLECTIVE, "axis_name")
@explained
def all_to_all(
    x: Any,
    axis_name: Hashable,
    split_axis: int,
    concat_axis: int,
    *,
    axis_index_groups: Sequence[Sequence[int]] | None = None,
    tiled: bool = False,
) -> Any:
    """Exchange a named axis with a positional one: instance ``i`` gets entry ``i`` of every instance.

    The entries are those of the positional axis ``split_axis``, and stand in the result at ``concat_axis``; if
    ``tiled``, they are chunks, and stay there joined. ``x`` may be a pytree.
    """

    names = as_names(axis_name, "all_to_all")

    def exchange(value: Any) -> Any:
        entries = jnp.moveaxis(value, split_axis, 0)
        require_size("all_to_all", axis_name, value, entries.shape[0])
        received = jax_lax.all_to_all(entries, names, 0, 0, tiled=True)
        return jnp.moveaxis(received, 0, concat_axis)

    if tiled or axis_index_groups is not None:
        options: dict[str, Any] = {"axis_index_groups": axis_index_groups, "tiled": tiled}
        return jax_lax.all_to_all(x, names, split_axis, concat_axis, **options)
    return jax.tree_util.tree_map(exchange, x)


@takes_names(KEEPS, Way.COLLECTIVE, "axis_name")
def pswapaxes(
    x: Any, axis_name: Hashable, axis: int, *, axis_index_groups: Sequence[Sequence[int]] | None = None
) -> Any:
    """Exchange a named axis with the positional ``axis`` of its size. ``x`` may be a pytree."""
    return all_to_all(x, axis_name, axis, axis, axis_index_groups=axis_index_groups)


@takes_names(KEEPS, Way.COLLECTIVE, "axis_name")
@explained
def psum_scatter(
    x: Any,
    axis_name: Hashable,
    *,
    scatter_dimension: int = 0,
    axis_index_groups: Sequence[Sequence[int]] | None = None,
    tiled: bool = False,
) -> Any:
    """Of the sum over a named axis, entry ``i`` for instance ``i``: the entries are those of a positional axis.

    If ``tiled``, they are chunks of ``scatter_dimension``, which stays. ``x`` may be a pytree.
    """

    names = as_names(axis_name, "psum_scatter")

    def scatter(value: Any) -> Any:
        require_size("psum_scatter", axis_name, value, jnp.shape(value)[scatter_dimension])
        entry = jax_lax.psum_scatter(value, names, scatter_dimension=scatter_dimension, tiled=True)
        return jax_lax.squeeze(entry, [scatter_dimension])

    if tiled or axis_index_groups is not None:
        options: dict[str, Any] = {"axis_index_groups": axis_index_groups, "tiled": tiled}
        return jax_lax.psum_scatter(x, names, scatter_dimension=scatter_dimension, **options)
    return jax.tree_util.tree_map(scatter, x)


@takes_names(MAKES, Way.APART, "axis_name")
@explained
def axis_index(axis_name: Hashable) -> Array:
    """The index of each instance along a named axis, or along a tuple of them, of which the last varies fastest."""
    return jax_lax.axis_index(as_names(axis_name, "axis_index"))


@takes_names(REDUCES, Way.APART, "axis_name")
@explained
def axis_size(axis_name: Hashable) -> int:
    """The size of a named axis, or of a tuple of them together."""
    return jax_lax.axis_size(as_names(axis_name, "axis_size"))


@takes_names(REMOVES, Way.GATHERS, "axis_name")
@explained
def all_gather(
    x: Any,
    axis_name: Hashable,
    *,
    axis_index_groups: Sequence[Sequence[int]] | None = None,
    axis: int = 0,
    tiled: bool = False,
) -> Any:
    """The values of all instances along a named axis, stacked along the new positional ``axis``.

    If ``tiled``, they are joined along a positional axis that ``x`` has. ``x`` may be a pytree.
    """
    names = as_names(axis_name, "all_gather")
    return jax_lax.all_gather(x, names, axis_index_groups=axis_index_groups, axis=axis, tiled=tiled)


@takes_names(KEEPS, Way.COLLECTIVE, "axis_name")
@explained
def ppermute(x: Any, axis_name: Hashable, perm: Sequence[tuple[int, int]]) -> Any:
    """Send values between instances of a named axis, by pairs ``(source, destination)``; zeros where none arrives.

    ``x`` may be a pytree.
    """
    return jax_lax.ppermute(x, as_names(axis_name, "ppermute"), perm)


@takes_names(REDUCES, Way.COLLECTIVE, "axis_name")
@explained
def pdot(
    x: ArrayLike,
    y: ArrayLike,
    axis_name: AxisName | tuple[AxisName, ...],
    pos_contract: tuple[Sequence[int], Sequence[int]] = ((), ()),
    pos_batch: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> Array:
    """The product of two arrays, summed over one or more named axes.

    ``pos_contract`` and ``pos_batch`` pair positional axes of ``x`` with those of ``y``, as in
    `jax.lax.dot_general`: the first are summed over too, the second are kept once. The positional axes of the
    result are the batch axes, the others of ``x``, and the others of ``y``.
    """
    names = as_names(axis_name, "pdot")
    contracted = frozenset(map(from_jax, names if isinstance(names, tuple) else (names,)))
    return contract([x, y], pdot_contraction(contracted, (jnp.ndim(x), jnp.ndim(y)), pos_contract, pos_batch))


@takes_names(REDUCES, Way.COLLECTIVE, "spec")
def xeinsum(spec: str, *operands: ArrayLike) -> Array:
    """Sums of products over positional and named axes: ``xeinsum("n{b,k},{k,m}->n{b,m}", x, y)``.

    It is ``numpy.einsum`` with a specification in one string.
    """
    return einsum(spec, *operands)


def require_size(operation: str, axis_name: Hashable, value: Any, length: int) -> None:
    """Reject an operation that needs an entry for each instance of an axis, where there are others."""
    size = axis_size(axis_name)
    if length != size:
        reason = f"the positional axis has {length} entries for {size} instances"
        operands = (str(array_of_aval(jax.typeof(value))), repr(axis_name))
        reject(InvalidOperation(operation, operands, reason), place_of_caller())


if TYPE_CHECKING:
    from jax.lax import *  # type: ignore[assignment]  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), jax_lax)
