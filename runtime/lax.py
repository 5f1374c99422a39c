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
from named_types.runtime.named_axis import require_bound
from named_types.runtime.named_contraction import contract
from named_types.runtime.numpy import einsum
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.avals import array_of_aval
from named_types.semantics.contraction import pdot_contraction

T = TypeVar("T")


def psum(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The sum over a named axis, or a tuple of them; each instance of an axis that ``x`` lacks counts.

    ``x`` may be a pytree. ``psum(1, name)`` is the size of the axis, an int.
    """
    return jax_lax.psum(x, axis_name, axis_index_groups=axis_index_groups)


def pmean(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The mean over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmean(x, axis_name, axis_index_groups=axis_index_groups)


def pmax(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The maximum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmax(x, axis_name, axis_index_groups=axis_index_groups)


def pmin(x: Any, axis_name: Hashable, *, axis_index_groups: Sequence[Sequence[int]] | None = None) -> Any:
    """The minimum over a named axis, or a tuple of them. ``x`` may be a pytree."""
    return jax_lax.pmin(x, axis_name, axis_index_groups=axis_index_groups)


def pshuffle(x: T, axis_name: Hashable, perm: Sequence[int]) -> T:
    """Reorder the instances of a named axis: instance ``i`` of the result is instance ``perm[i]`` of ``x``."""
    size = jax_lax.axis_size(axis_name)
    if len(perm) != size:
        reason = f"the permutation has {len(perm)} entries for {size} instances"
        reject(InvalidOperation("pshuffle", (repr(axis_name),), reason), place_of_caller())
    result: T = jax_lax.pshuffle(x, axis_name, perm)
    return result


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

    def exchange(value: Any) -> Any:
        entries = jnp.moveaxis(value, split_axis, 0)
        require_size("all_to_all", axis_name, value, entries.shape[0])
        received = jax_lax.all_to_all(entries, axis_name, 0, 0, tiled=True)
        return jnp.moveaxis(received, 0, concat_axis)

    if tiled or axis_index_groups is not None:
        options: dict[str, Any] = {"axis_index_groups": axis_index_groups, "tiled": tiled}
        return jax_lax.all_to_all(x, axis_name, split_axis, concat_axis, **options)
    return jax.tree_util.tree_map(exchange, x)


def pswapaxes(
    x: Any, axis_name: Hashable, axis: int, *, axis_index_groups: Sequence[Sequence[int]] | None = None
) -> Any:
    """Exchange a named axis with the positional ``axis`` of its size. ``x`` may be a pytree."""
    return all_to_all(x, axis_name, axis, axis, axis_index_groups=axis_index_groups)


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

    def scatter(value: Any) -> Any:
        require_size("psum_scatter", axis_name, value, jnp.shape(value)[scatter_dimension])
        entry = jax_lax.psum_scatter(value, axis_name, scatter_dimension=scatter_dimension, tiled=True)
        return jax_lax.squeeze(entry, [scatter_dimension])

    if tiled or axis_index_groups is not None:
        options: dict[str, Any] = {"axis_index_groups": axis_index_groups, "tiled": tiled}
        return jax_lax.psum_scatter(x, axis_name, scatter_dimension=scatter_dimension, **options)
    return jax.tree_util.tree_map(scatter, x)


def axis_index(axis_name: Hashable) -> Array:
    """The index of each instance along a named axis."""
    return jax_lax.axis_index(axis_name)


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
    names = frozenset(axis_name if isinstance(axis_name, tuple) else (axis_name,))
    require_bound(names, "pdot")
    return contract([x, y], pdot_contraction(names, (jnp.ndim(x), jnp.ndim(y)), pos_contract, pos_batch))


def xeinsum(spec: str, *operands: ArrayLike) -> Array:
    """Sums of products over positional and named axes: ``xeinsum("n{b,k},{k,m}->n{b,m}", x, y)``.

    It is ``numpy.einsum`` with a specification in one string.
    """
    return einsum(spec, *operands)


def require_size(operation: str, axis_name: Hashable, value: Any, length: int) -> None:
    """Reject an operation that needs an entry for each instance of an axis, where there are others."""
    size = jax_lax.axis_size(axis_name)
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
