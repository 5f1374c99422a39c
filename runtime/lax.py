"""`jax.lax`, with the named contraction that it once had.

Everything that is not defined here is JAX's own object.
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
from named_types.runtime.named_axis import as_names
from named_types.runtime.named_contraction import contract
from named_types.runtime.numpy import einsum
from named_types.runtime.objections import explained
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.avals import array_of_aval
from named_types.semantics.contraction import pdot_contraction
from named_types.semantics.jax_names import from_jax

T = TypeVar("T")


@explained
def psum(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The sum over a named axis, or a tuple of them; each instance of an axis that ``x`` lacks counts.

    ``x`` may be a pytree. ``psum(1, name)`` is the size of the axis, an int.
    """
    return jax_lax.psum(x, as_names(axis_name, "psum"), axis_index_groups=axis_index_groups)


@explained
def pmean(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The mean over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmean(x, as_names(axis_name, "pmean"), axis_index_groups=axis_index_groups)


@explained
def pmax(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The maximum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmax(x, as_names(axis_name, "pmax"), axis_index_groups=axis_index_groups)


@explained
def pmin(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The minimum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmin(x, as_names(axis_name, "pmin"), axis_index_groups=axis_index_groups)


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


def pswapaxes(
    x: Any, axis_name: Hashable, axis: int, *, axis_index_groups: Sequence[Sequence[int]] | None = None
) -> Any:
    """Exchange a named axis with the positional ``axis`` of its size. ``x`` may be a pytree."""
    return all_to_all(x, axis_name, axis, axis, axis_index_groups=axis_index_groups)


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


@explained
def axis_index(axis_name: Hashable) -> Array:
    """The index of each instance along a named axis, or along a tuple of them, of which the last varies fastest."""
    return jax_lax.axis_index(as_names(axis_name, "axis_index"))


@explained
def axis_size(axis_name: Hashable) -> int:
    """The size of a named axis, or of a tuple of them together."""
    return jax_lax.axis_size(as_names(axis_name, "axis_size"))


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


@explained
def ppermute(x: Any, axis_name: Hashable, perm: Sequence[tuple[int, int]]) -> Any:
    """Send values between instances of a named axis, by pairs ``(source, destination)``; zeros where none arrives.

    ``x`` may be a pytree.
    """
    return jax_lax.ppermute(x, as_names(axis_name, "ppermute"), perm)


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
    from jax.lax import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        return getattr(jax_lax, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *dir(jax_lax)})
