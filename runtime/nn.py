"""`jax.nn`, with the axis arguments of its functions spelled out for named axes.

Everything that is not defined here is JAX's own object.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from jax import Array
from jax import nn as jax_nn
from jax.typing import ArrayLike, DTypeLike

from named_types.runtime.named_axis import as_axes, as_names, is_position


def one_hot(x: ArrayLike, num_classes: int, *, dtype: DTypeLike | None = None, axis: Hashable = -1) -> Array:
    """One-hot vectors of the integers ``x``, along a new positional axis or along a named one.

    Along a named axis each instance holds one entry; its size must be ``num_classes``.
    """
    along = axis if is_position(axis) else as_names(axis, "one_hot")
    return jax_nn.one_hot(x, num_classes, dtype=dtype, axis=along)


def logsumexp(
    a: ArrayLike,
    axis: Hashable = None,
    b: ArrayLike | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
    where: ArrayLike | None = None,
) -> Any:
    """``log(sum(exp(a)))`` over positional and named axes, computed without overflow.

    ``axis`` is a position, an axis name, or a tuple of both.
    """
    return jax_nn.logsumexp(a, as_axes(axis, "logsumexp"), b, keepdims, return_sign, where)


def softmax(x: ArrayLike, axis: Hashable = -1, where: ArrayLike | None = None) -> Array:
    """``exp(x)``, divided by its sum over positional and named axes; ``axis`` as in `logsumexp`."""
    return jax_nn.softmax(x, as_axes(axis, "softmax"), where)


def log_softmax(x: ArrayLike, axis: Hashable = -1, where: ArrayLike | None = None) -> Array:
    """The logarithm of `softmax`, computed without overflow."""
    return jax_nn.log_softmax(x, as_axes(axis, "log_softmax"), where)


def relu(x: ArrayLike) -> Array:
    """``max(x, 0)``, with derivative 0 at 0."""
    return jax_nn.relu(x)


if TYPE_CHECKING:
    from jax.nn import *  # type: ignore[assignment]  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        return getattr(jax_nn, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *dir(jax_nn)})
