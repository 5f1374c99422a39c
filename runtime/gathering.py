"""Between instances and positional axes: values of all instances are gathered, and each picks what is its own."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import jax.numpy as jnp
from jax import lax

from named_types.algebra import AxisName
from named_types.runtime.layouts import Laid, moved_to_front, names_first, positional, to_front, without
from named_types.semantics.jax_names import to_jax

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def gather(interpreter: Interpreter, value: Laid, mentioned: Sequence[AxisName], names: frozenset[AxisName]) -> Laid:
    """The values of all instances of several axes, the last name varying fastest, as the leading positional axis."""
    gathered = value
    for name in reversed(mentioned):
        axis = interpreter.axes.get(name)
        if axis is None:
            gathered = Laid(lax.all_gather(gathered.array, to_jax(name)), (None, *gathered.layout))
        elif name in names:
            gathered = axis.gather(gathered)
        else:
            gathered = to_front(gathered, name, axis.size)
    count = len(mentioned)
    shape = gathered.array.shape
    return Laid(gathered.array.reshape((prod(shape[:count]), *shape[count:])), gathered.layout[count - 1 :])


def index_of(interpreter: Interpreter, mentioned: Sequence[AxisName]) -> Laid:
    """The index of each instance of several axes, the last name varying fastest."""

    def one(name: AxisName) -> tuple[int, Laid]:
        axis = interpreter.axes.get(name)
        if axis is None:
            return lax.axis_size(to_jax(name)), positional(lax.axis_index(to_jax(name)))
        return axis.size, axis.index(interpreter.steps)

    def combine(outer: Laid, inner: tuple[int, Laid]) -> Laid:
        size, index = inner
        (before, after), layout = interpreter.instances.broadcast([outer, index])
        return Laid(before * size + after, layout)

    first, *others = map(one, mentioned)
    return functools.reduce(combine, others, first[1])


def pick(entries: Laid, index: Laid) -> Laid:
    """For each instance, its entry of the leading positional axis."""
    position = entries.layout.index(None)
    rest = without(entries.layout, [position])
    if not index.layout:
        return Laid(lax.dynamic_index_in_dim(entries.array, index.array, position, keepdims=False), rest)
    front = moved_to_front(entries.array, position)
    return Laid(jnp.take(front, index.array, axis=0, mode="clip"), (*index.layout, *rest))


def unfold(value: Laid, position: int, size: int | None = None) -> Laid:
    """Cut a positional axis into ``size`` chunks, numbered by a new leading axis; by default into its entries."""
    held = names_first(value)
    first, shape = len(held.names), held.array.shape
    at = first + position
    if size is None:
        return Laid(jnp.moveaxis(held.array, at, first), held.layout)
    cut = held.array.reshape((*shape[:at], size, shape[at] // size, *shape[at + 1 :]))
    return Laid(jnp.moveaxis(cut, at, first), (*held.layout, None))


def moved(value: Laid, position: int) -> Laid:
    """With the leading positional axis at another position."""
    held = names_first(value)
    first = len(held.names)
    return Laid(jnp.moveaxis(held.array, first, first + position), held.layout)


def fold(value: Laid, position: int) -> Laid:
    """Merge a positional axis with the one after it."""
    held = names_first(value)
    shape, at = held.array.shape, len(held.names) + position
    return Laid(held.array.reshape((*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :])), held.layout[:-1])
