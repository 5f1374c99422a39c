"""Arrays of many instances: which of their axes stand for names, and how they are brought into line.

A value of the mapped function is one instance. While the function runs, a device holds an array of all the instances
that are its own, and the layout tells which axes of the array number them. Positional axes keep their order; the
axes of names may stand anywhere between them, so that arrays are used as they come and little is transposed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import lax

from named_types.algebra import AxisName
from named_types.runtime.staging import broadcast_in_dim, expand_dims, transpose

Layout: TypeAlias = tuple[AxisName | None, ...]
"""The axes of an array: the name of each one that numbers instances, None for the positional ones."""


@dataclass(frozen=True, slots=True)
class Laid:
    """An array of instances, and its layout."""

    array: Any
    layout: Layout
    summed: frozenset[AxisName] = frozenset()
    """The names over which the array holds the sum already, of which only the sum is used (`early_sums`)."""

    @property
    def names(self) -> tuple[AxisName, ...]:
        return tuple(name for name in self.layout if name is not None)

    @property
    def has_names(self) -> bool:
        """Whether it is more than one instance."""
        return self.layout.count(None) < len(self.layout)

    @property
    def rank(self) -> int:
        """The rank of one instance."""
        return self.layout.count(None)


def positional(array: Any) -> Laid:
    """The same array for every instance."""
    return Laid(array, (None,) * np.ndim(array))


def positions(layout: Layout) -> list[int]:
    """Where the positional axes stand."""
    return [position for position, name in enumerate(layout) if name is None]


def without(layout: Layout, gone: Collection[int]) -> Layout:
    """What is left of a layout when the axes at some places go."""
    return tuple(name for position, name in enumerate(layout) if position not in gone)


def merged(layouts: Collection[Layout], order: Sequence[AxisName]) -> Layout:
    """A layout with the names of all ``layouts`` and the highest of their ranks; as far as possible one of them."""
    names = {name for layout in layouts for name in layout}
    rank = max(layout.count(None) for layout in layouts)
    for layout in layouts:
        if layout.count(None) == rank and names.issubset({*layout, None}):
            return layout
    return (*(name for name in order if name in names), *(None,) * rank)


def names_first(laid: Laid) -> Laid:
    """With the names, in their order, before the positional axes."""
    return arranged(laid, (*laid.names, *(None,) * laid.rank))


def arranged(laid: Laid, layout: Layout) -> Laid:
    """With the axes in the order in which they stand in ``layout``, which may have more."""
    if laid.layout == layout:
        return laid
    held = set(laid.layout)
    wanted = tuple(name for name in layout if name in held)
    if wanted == laid.layout:
        return laid
    positional_axes = iter(positions(laid.layout))
    order = [next(positional_axes) if name is None else laid.layout.index(name) for name in wanted]
    return Laid(transpose(laid.array, order), wanted)


def expanded(laid: Laid, layout: Layout) -> Any:
    """As an array with the axes of ``layout``: of size 1 where ``laid`` has none."""
    held = arranged(laid, layout)
    missing = [position for position, name in enumerate(layout) if name not in held.layout]
    return expand_dims(held.array, missing) if missing else held.array


def filled(laid: Laid, layout: Layout, shape: Sequence[int]) -> Any:
    """As an array with the axes of ``layout`` and of that shape: the same along the axes that ``laid`` has not."""
    held = arranged(laid, layout)
    if held.layout == layout:
        return held.array
    kept = [position for position, name in enumerate(layout) if name in held.layout]
    return broadcast_in_dim(held.array, shape, kept)


def to_front(laid: Laid, name: AxisName, size: int) -> Laid:
    """With the instances along a name as the leading positional axis; all the same where ``laid`` has it not."""
    if name not in laid.layout:
        return Laid(lax.broadcast(laid.array, (size,)), (None, *laid.layout))
    position = laid.layout.index(name)
    rest = without(laid.layout, [position])
    return Laid(moved_to_front(laid.array, position), (None, *rest))


def laid_out(arrays: Iterable[Any], layouts: Iterable[Layout]) -> list[Laid]:
    """Arrays with their layouts."""
    return [Laid(array, layout) for array, layout in zip(arrays, layouts, strict=True)]


def arrays_of(values: Iterable[Laid]) -> list[Any]:
    """Without their layouts."""
    return [value.array for value in values]


def layouts_of(values: Iterable[Laid]) -> list[Layout]:
    """Of each value."""
    return [value.layout for value in values]


def without_copies(values: Iterable[Laid], names: Sequence[Collection[AxisName | None]]) -> list[Laid]:
    """One of the equal instances along the axes that are not among the names of each value."""

    def one(value: Laid, held: Collection[AxisName | None]) -> Laid:
        for name in value.names:
            if name not in held:
                position = value.layout.index(name)
                rest = without(value.layout, [position])
                value = Laid(lax.index_in_dim(value.array, 0, position, keepdims=False), rest)
        return value

    return [one(value, held) for value, held in zip(values, names, strict=True)]


def moved_to_front(array: Any, position: int) -> Any:
    """``array`` with the axis at ``position`` first."""
    if position == 0:
        return array
    return transpose(array, (position, *(other for other in range(array.ndim) if other != position)))


def accurate_sum(array: Any, positions: Sequence[int]) -> Any:
    """The sum over axes, in at least single precision, as jax.numpy sums."""
    if jnp.issubdtype(array.dtype, jnp.floating) and array.dtype.itemsize < 4:
        return lax.reduce_sum(array.astype(jnp.float32), positions).astype(array.dtype)
    return lax.reduce_sum(array, positions)
