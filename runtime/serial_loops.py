"""Axes spread over time: a serial loop runs a mapped function in steps, each on a chunk of its axes.

Each step is a checkpoint: its intermediates live only while it runs, and the backward pass computes them again.
So the memory of intermediates is that of one chunk, for gradients too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from named_types.algebra.axis_resources import Resource
from named_types.runtime.internals import differing_as

Positions = Sequence[int | None]
"""For each array, the position of its axis that a loop cuts; None for an array that is whole in every step."""


@dataclass(frozen=True)
class Loop:
    """A serial loop: the resource, and how many steps it has."""

    resource: Resource
    length: int


def run_in_steps(
    function: Callable[..., list[Any]], loop: Loop, in_positions: Positions, out_positions: Positions
) -> Callable[..., list[Any]]:
    """``function(step, *operands)`` as a function of whole operands.

    A result that no axis of the loop cuts is the same in every step; the last one is kept.
    """

    def run(*operands: Any) -> list[Any]:
        whole = [operand for operand, position in zip(operands, in_positions, strict=True) if position is None]
        chunks = [
            _cut(operand, position, loop.length)
            for operand, position in zip(operands, in_positions, strict=True)
            if position is not None
        ]

        def step(whole: list[Any], index: Any, chunks: list[Any]) -> tuple[list[Any], list[Any]]:
            results = function(index, *_merge(in_positions, whole, chunks))
            same = [result for result, position in zip(results, out_positions, strict=True) if position is None]
            own = [result for result, position in zip(results, out_positions, strict=True) if position is not None]
            return same, own

        step = jax.checkpoint(step, prevent_cse=False)
        indices = lax.iota(jnp.int32, loop.length)
        shapes, _ = jax.eval_shape(step, whole, indices[0], [chunk[0] for chunk in chunks])
        same, own = lax.scan(
            lambda _, entry: step(whole, *entry),
            [differing_as(jnp.zeros_like(shape), shape) for shape in shapes],
            (indices, chunks),
        )
        joined = [
            _join(chunks, position)
            for chunks, position in zip(own, [one for one in out_positions if one is not None], strict=True)
        ]
        return _merge(out_positions, same, joined)

    return run


def _cut(value: Any, position: int, length: int) -> Any:
    """The chunks along a positional axis, numbered by a new leading axis."""
    shape = value.shape
    chunks = value.reshape((*shape[:position], length, shape[position] // length, *shape[position + 1 :]))
    return jnp.moveaxis(chunks, position, 0)


def _join(chunks: Any, position: int) -> Any:
    """The opposite of `_cut`."""
    value = jnp.moveaxis(chunks, 0, position)
    shape = value.shape
    return value.reshape((*shape[:position], shape[position] * shape[position + 1], *shape[position + 2 :]))


def _merge(positions: Positions, whole: Sequence[Any], cut: Sequence[Any]) -> list[Any]:
    remaining = iter(whole), iter(cut)
    return [next(remaining[position is not None]) for position in positions]
