"""What the generator knows of a value, and how the positional reference holds it.

The reference never uses an axis name. It holds each value as one whole array: first one dimension for each axis
of `AXES`, of size 1 where the value lacks it, then the positional dimensions. So operations broadcast by name
because NumPy broadcasts by position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import jax.numpy as jnp

AXES = ("a", "b", "c", "k", "l")
"""Those of the program, then those of maps inside it."""

OUTER, INNER = AXES[:3], AXES[3:]
NAMED = len(AXES)

Sizes: TypeAlias = Mapping[str, int]
"""The axes in scope."""

Array: TypeAlias = Any
"""An array as the reference holds it."""


@dataclass(frozen=True)
class Type:
    """A value of the program: its positional shape, element type and named axes.

    It has the axes ``names`` for sure, and no others than ``perhaps``. The two differ in derivatives: those of
    constant factors lack the axes of what they came from.
    """

    shape: tuple[int, ...]
    dtype: str
    names: frozenset[str] = frozenset()
    perhaps: frozenset[str] = frozenset()

    @property
    def rank(self) -> int:
        return len(self.shape)

    def of(self, shape: Sequence[int] | None = None, dtype: str | None = None) -> Type:
        """With another shape or element type."""
        return replace(self, shape=self.shape if shape is None else tuple(shape), dtype=dtype or self.dtype)

    def without(self, axes: Sequence[str]) -> Type:
        return replace(self, names=self.names - {*axes}, perhaps=self.perhaps - {*axes})

    def along(self, axes: Sequence[str]) -> Type:
        return replace(self, names=self.names | {*axes}, perhaps=self.perhaps | {*axes})

    def joined(self, *others: Type) -> Type:
        """With the named axes of the others too."""
        return replace(
            self,
            names=self.names.union(*(other.names for other in others)),
            perhaps=self.perhaps.union(*(other.perhaps for other in others)),
        )

    def unsure(self) -> Type:
        return replace(self, names=frozenset())


def dim(axis: str) -> int:
    """The dimension of an axis."""
    return AXES.index(axis)


def lift(array: Array, axes: Sequence[str], sizes: Sizes) -> Array:
    """``array`` with all instances of ``axes``."""
    shape = list(array.shape)
    for axis in axes:
        shape[dim(axis)] = sizes[axis]
    return jnp.broadcast_to(array, shape)


def instances(array: Array, axes: Sequence[str], sizes: Sizes) -> Array:
    """All instances of ``axes`` along a new leading dimension, the last axis varying fastest."""
    lifted = jnp.expand_dims(lift(array, axes, sizes), tuple(range(len(axes))))
    swapped = lifted
    for position, axis in enumerate(axes):
        swapped = jnp.swapaxes(swapped, position, len(axes) + dim(axis))
    return swapped.reshape((prod(sizes[axis] for axis in axes), *swapped.shape[len(axes) :]))


def spread(stacked: Array, axes: Sequence[str], sizes: Sizes) -> Array:
    """The opposite: a leading dimension becomes that of ``axes``."""
    swapped = stacked.reshape((*(sizes[axis] for axis in axes), *stacked.shape[1:]))
    for position, axis in enumerate(axes):
        swapped = jnp.swapaxes(swapped, position, len(axes) + dim(axis))
    return swapped.reshape(swapped.shape[len(axes) :])


def enter(array: Array, position: int, axis: str) -> Array:
    """A positional dimension becomes that of an axis."""
    return spread(jnp.moveaxis(array, NAMED + position, 0), [axis], {axis: array.shape[NAMED + position]})


def leave(array: Array, position: int, axis: str, sizes: Sizes) -> Array:
    """The dimension of an axis becomes a positional one."""
    return jnp.moveaxis(instances(array, [axis], sizes), 0, NAMED + position)


def align(*arrays: Array) -> list[Array]:
    """Arrays of one rank, such that positional dimensions broadcast as NumPy's do."""
    rank = max(array.ndim for array in arrays)
    return [jnp.expand_dims(array, tuple(range(NAMED, NAMED + rank - array.ndim))) for array in arrays]
