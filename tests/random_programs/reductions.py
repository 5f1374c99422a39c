"""Reductions over positional and named axes, alone and mixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from hypothesis import strategies as st
from random_programs.drafts import Draft, Unfit
from random_programs.steps import Evaluation, Step, Typing
from random_programs.values import NAMED, Type, dim, lift


@dataclass(frozen=True)
class Face:
    """A function with an axis argument, and what it computes over whole dimensions, which it keeps."""

    spelling: str
    dtypes: Sequence[str]
    by_position: Callable[..., Any]
    smooth: bool = True


def _sum(x: Any, dims: tuple[int, ...]) -> Any:
    """In single precision at least."""
    return jnp.sum(x, dims, keepdims=True)


FACES = [
    Face("numpy.sum", ["float32", "int32", "bool", "complex64", "bfloat16"], _sum),
    Face("numpy.mean", ["float32", "complex64", "bfloat16"], lambda x, dims: jnp.mean(x, dims, keepdims=True)),
    Face("numpy.max", ["float32", "int32", "bfloat16"], lambda x, dims: jnp.max(x, dims, keepdims=True), False),
    Face("numpy.min", ["float32", "int32", "bfloat16"], lambda x, dims: jnp.min(x, dims, keepdims=True), False),
    Face("nn.logsumexp", ["float32"], lambda x, dims: jax.nn.logsumexp(x, dims, keepdims=True)),
]


def reduction(draft: Draft) -> Step:
    face = draft.choose(FACES)
    operand = draft.operand(lambda one: one.dtype in face.dtypes)
    of = draft.types[operand]
    positions, axes, written = _axes(draft, of.rank)
    dims = (*(NAMED + position % of.rank for position in positions), *map(dim, axes))
    count = prod(of.shape[position] for position in positions) * prod(draft.sizes[axis] for axis in axes)
    scale = face.spelling == "numpy.sum" and of.dtype in ("float32", "complex64", "bfloat16")
    shape = [size for position, size in enumerate(of.shape) if position not in {p % of.rank for p in positions}]
    dtype = "int32" if of.dtype == "bool" else of.dtype

    def evaluate(arrays: Evaluation) -> Any:
        reduced = face.by_position(lift(arrays[operand], axes, arrays.sizes), dims)
        reduced = reduced.squeeze(tuple(NAMED + position % of.rank for position in positions))
        return reduced / count if scale else reduced

    return Step(
        f"{face.spelling}(v{operand}, {written})" + (f" / {count}" if scale else ""),
        lambda typing: _reduced(typing, operand, axes).of(shape, dtype),
        evaluate,
        smooth=face.smooth or draft.is_distinct(operand),
        coarse=of.dtype == "bfloat16",
    )


def softmax(draft: Draft) -> Step:
    operand = draft.real()
    axes = draft.axes_among_positions()
    names = "".join(f"{draft.spelling[axis]}, " for axis in axes)

    def evaluate(arrays: Evaluation) -> Any:
        whole = lift(arrays[operand], axes, arrays.sizes)
        return jax.nn.softmax(whole, tuple(map(dim, axes)))[_first(arrays[operand], axes)]

    def infer(typing: Typing) -> Type:
        _reduced(typing, operand, axes)
        return typing[operand]

    return Step(f"nn.softmax(v{operand}, axis=({names}))", infer, evaluate)


def _first(array: Any, axes: Sequence[str]) -> tuple[slice, ...]:
    """Of dimensions that the array did not have itself, the first entry: all are the same."""
    return tuple(
        slice(0, 1) if position in map(dim, axes) and size == 1 else slice(None)
        for position, size in enumerate(array.shape)
    )


def _axes(draft: Draft, rank: int) -> tuple[list[int], list[str], str]:
    """Positions, some of them negative, and names; and how they are written."""
    positions = draft.draw(st.lists(st.integers(0, rank - 1), unique=True)) if rank else []
    axes = draft.axes_among_positions() if not positions or draft.flip() else []
    if not positions and not axes:
        raise Unfit
    positions = [position - rank if draft.flip() else position for position in positions]
    entries = [*map(str, positions), *(draft.spelling[axis] for axis in axes)]
    if len(entries) == 1 and draft.flip():
        return positions, axes, f"axis={entries[0]}"
    entries = draft.draw(st.permutations(entries))
    return positions, axes, f"axis=({''.join(f'{entry}, ' for entry in entries)})"


def _reduced(typing: Typing, operand: int, axes: Sequence[str]) -> Type:
    typing.record.collectives.update(axes)
    return typing[operand].without(axes)


REDUCTIONS = [reduction, softmax]
