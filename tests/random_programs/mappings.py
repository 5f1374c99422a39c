"""Axis mappings in all the ways in which they can be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import jax.numpy as jnp
from hypothesis import strategies as st
from random_programs.drafts import Draft
from random_programs.values import AXES, NAMED, Array, dim

Layout: TypeAlias = tuple[str | None, ...]
"""The dimensions of an array outside the mapped function: an axis, or None for a positional one."""


def draw_layout(draft: Draft, axes: Sequence[str], rank: int) -> Layout:
    """Axes in any order, at any places between ``rank`` positional dimensions."""
    return tuple(draft.draw(st.permutations([*axes, *[None] * rank])))


def draw_mapping(draft: Draft, layout: Layout, spelling: Mapping[str, str]) -> str:
    """How the mapping of a layout is written."""
    kind = draft.choose(["dict", "list", "rank", "tuple", "negative"])
    entries = [repr(None) if axis is None else spelling[axis] for axis in layout]
    if kind == "rank" and not any(entry.startswith("(") for entry in entries):
        return f"[{', '.join(entries)}]"
    if kind in ("rank", "list", "tuple"):
        while entries and entries[-1] == "None":
            entries.pop()
        written = ", ".join([*entries, "..."])
        return f"({written},)" if kind == "tuple" else f"[{written}]"
    shift = len(layout) if kind == "negative" else 0
    pairs = [f"{position - shift}: {spelling[axis]}" for position, axis in enumerate(layout) if axis is not None]
    return f"{{{', '.join(pairs)}}}"


def outside(array: Array, layout: Layout, sizes: Mapping[str, int]) -> Array:
    """An array of the reference as the program's caller sees it."""
    shape = [sizes[axis] if axis in layout else 1 for axis in AXES]
    whole = jnp.broadcast_to(array[tuple(slice(0, size) for size in shape)], (*shape, *array.shape[NAMED:]))
    positions = iter(range(NAMED, whole.ndim))
    order = [next(positions) if axis is None else dim(axis) for axis in layout]
    rest = [position for position in range(NAMED) if position not in order]
    return jnp.transpose(whole, (*rest, *order)).reshape([whole.shape[position] for position in order])


def inside(array: Array, layout: Layout) -> Array:
    """The opposite."""
    axes = [axis for axis in AXES if axis in layout]
    order = [layout.index(axis) for axis in axes]
    order += [position for position, axis in enumerate(layout) if axis is None]
    moved = jnp.transpose(array, order)
    return jnp.expand_dims(moved, [dim(axis) for axis in AXES if axis not in layout])
