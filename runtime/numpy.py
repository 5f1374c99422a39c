"""`jax.numpy`, whose reductions and einsum also take named axes.

Everything that is not defined here is JAX's own object.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike

from named_types.problems import InvalidEinsum
from named_types.runtime.named_axis import as_axes, require_bound
from named_types.runtime.named_contraction import contract
from named_types.runtime.objections import explained
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.contraction import read_einsum


def sum(
    a: ArrayLike,
    axis: Hashable = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike | None = None,
    promote_integers: bool = True,
) -> Array:
    """The sum of array elements over positional and named axes.

    ``axis`` is a position, an axis name, or a tuple of both: ``sum(z, axis=(0, "x", "y"))``. Without it, all
    positional axes are summed. ``keepdims`` keeps positional axes; named ones always go.
    """
    return jnp.sum(a, as_axes(axis, "sum"), dtype, out, keepdims, initial, where, promote_integers)


def mean(
    a: ArrayLike,
    axis: Hashable = None,
    dtype: DTypeLike | None = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: ArrayLike | None = None,
) -> Array:
    """The mean of array elements over positional and named axes; ``axis`` as in `sum`."""
    return jnp.mean(a, as_axes(axis, "mean"), dtype, out, keepdims, where=where)


def max(
    a: ArrayLike,
    axis: Hashable = None,
    out: None = None,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike | None = None,
) -> Array:
    """The maximum of array elements over positional and named axes; ``axis`` as in `sum`."""
    return jnp.max(a, as_axes(axis, "max"), out, keepdims, initial, where)


def min(
    a: ArrayLike,
    axis: Hashable = None,
    out: None = None,
    keepdims: bool = False,
    initial: ArrayLike | None = None,
    where: ArrayLike | None = None,
) -> Array:
    """The minimum of array elements over positional and named axes; ``axis`` as in `sum`."""
    return jnp.min(a, as_axes(axis, "min"), out, keepdims, initial, where)


def einsum(subscripts: Any, /, *operands: Any, **options: Any) -> Array:
    """Sums of products, over positional axes by letter and over named axes by name, in braces.

    ``einsum("n{b,k},{k,m}->n{b,m}", x, y)`` has the positional axis ``n`` and the named axes ``b``, ``k`` and
    ``m``. Names that operands mention and the result does not are contracted; names that are mentioned
    nowhere are broadcast. Without braces it is `jax.numpy.einsum`, with all its options.
    """
    if not isinstance(subscripts, str) or "{" not in subscripts:
        return jnp.einsum(subscripts, *operands, **options)
    if options:
        raise TypeError(f"einsum with named axes takes no options, got {', '.join(options)}")
    return explained(_named_einsum, "einsum")(subscripts, *operands)


def _named_einsum(subscripts: str, *operands: Any) -> Array:
    contraction = read_einsum(subscripts, [jnp.ndim(operand) for operand in operands])
    if isinstance(contraction, InvalidEinsum):
        reject(contraction, place_of_caller())
    require_bound({name for term in contraction.operands for name in term.names}, "einsum")
    return contract(operands, contraction)


if TYPE_CHECKING:
    from jax.numpy import *  # type: ignore[assignment]  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        return getattr(jnp, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *dir(jnp)})
