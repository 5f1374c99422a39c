"""`jax.nn`, in which every axis may be a named one.

What is not defined here is JAX's own object.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from jax import Array
from jax import nn as jax_nn
from jax.typing import ArrayLike, DTypeLike

from named_types.runtime.behind import falling_through
from named_types.runtime.named_axis import as_names, is_position
from named_types.runtime.named_functions import Does, Way, along, by_collectives, takes_names
from named_types.runtime.nn import initializers as initializers

glu = along(jax_nn.glu, Does.REMOVES, "x")
log_softmax = by_collectives(jax_nn.log_softmax, Does.KEEPS)
logmeanexp = by_collectives(jax_nn.logmeanexp, Does.REDUCES)
logsumexp = by_collectives(jax_nn.logsumexp, Does.REDUCES)
softmax = by_collectives(jax_nn.softmax, Does.KEEPS)
standardize = by_collectives(jax_nn.standardize, Does.KEEPS)


@takes_names(Does.MAKES, Way.APART)
def one_hot(x: ArrayLike, num_classes: int, *, dtype: DTypeLike | None = None, axis: Hashable = -1) -> Array:
    """One-hot vectors of the integers ``x``, along a new positional axis or along a named one.

    Along a named axis each instance holds one entry; its size must be ``num_classes``.
    """
    along = axis if is_position(axis) else as_names(axis, "one_hot")
    return jax_nn.one_hot(x, num_classes, dtype=dtype, axis=along)


def relu(x: ArrayLike) -> Array:
    """``max(x, 0)``, with derivative 0 at 0."""
    return jax_nn.relu(x)


if TYPE_CHECKING:
    from jax.nn import *  # type: ignore[no-redef]  # noqa: F403
else:
    __getattr__, __dir__ = falling_through(globals(), jax_nn)
