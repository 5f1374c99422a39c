"""The collectives of ``lax``, over one axis and over several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import jax.numpy as jnp
from hypothesis import strategies as st
from random_programs.drafts import Draft
from random_programs.steps import Evaluation, Step, Typing
from random_programs.values import NAMED, Type, dim, instances, lift, spread

NUMBERS = ("float32", "int32", "complex64", "bfloat16")
LARGEST = 48
"""The size of a value that a collective may make from a smaller one."""

ALL_REDUCE: dict[str, Callable[..., Any]] = {
    "psum": lambda x, dims: x.sum(dims, keepdims=True),
    "pmean": lambda x, dims: x.mean(dims, keepdims=True),
    "pmax": lambda x, dims: x.max(dims, keepdims=True),
    "pmin": lambda x, dims: x.min(dims, keepdims=True),
}


def all_reduce(draft: Draft) -> Step:
    name = draft.choose(list(ALL_REDUCE))
    dtypes = {"psum": NUMBERS, "pmean": ("float32", "complex64")}.get(name, ("float32", "int32", "bfloat16"))
    operand = draft.operand(lambda one: one.dtype in dtypes)
    of, axes = draft.types[operand], draft.axes()
    scale = f" / {prod(draft.sizes[axis] for axis in axes)}" if name == "psum" and of.dtype != "int32" else ""

    def evaluate(arrays: Evaluation) -> Any:
        total = ALL_REDUCE[name](lift(arrays[operand], axes, arrays.sizes), tuple(map(dim, axes)))
        return total / prod(arrays.sizes[axis] for axis in axes) if scale else total

    return Step(
        f"lax.{name}(v{operand}, {draft.spelled(axes)}){scale}",
        lambda typing: _met(typing, axes, typing[operand].without(axes)),
        evaluate,
        smooth=name in ("psum", "pmean") or draft.is_distinct(operand),
        coarse=of.dtype == "bfloat16",
    )


def axis_index(draft: Draft) -> Step:
    axes = draft.axes()
    return Step(
        f"lax.axis_index({draft.spelled(axes)})",
        lambda typing: Type((), "int32").along(axes),
        lambda arrays: spread(_like_index(_count(arrays, axes)), axes, arrays.sizes),
    )


def axis_size(draft: Draft) -> Step:
    operand, axes = draft.operand(lambda one: one.dtype in ("float32", "int32")), draft.axes()
    of = draft.types[operand]

    def evaluate(arrays: Evaluation) -> Any:
        return arrays[operand] + _count(arrays, axes)

    text = f"v{operand} + lax.psum(1, {draft.spelled(axes)})"
    return Step(text, lambda typing: typing[operand].of(of.shape, of.dtype), evaluate)


def all_gather(draft: Draft) -> Step:
    axes = draft.exchanged()
    count = prod(draft.sizes[axis] for axis in axes)
    operand = draft.operand(lambda one: one.dtype != "key" and prod(one.shape) * count <= LARGEST)
    of = draft.types[operand]
    tiled = of.rank > 0 and draft.flip()
    position = draft.position(of.rank + (not tiled))

    def evaluate(arrays: Evaluation) -> Any:
        gathered = jnp.moveaxis(instances(arrays[operand], axes, arrays.sizes), 0, NAMED + position)
        return _merge(gathered, NAMED + position) if tiled else gathered

    shape = [*of.shape[:position], count, *of.shape[position:]]
    if tiled:
        shape[position : position + 2] = [count * of.shape[position]]
    return Step(
        f"lax.all_gather(v{operand}, {draft.spelled(axes)}, axis={position}, tiled={tiled})",
        lambda typing: _met(typing, axes, typing[operand].without(axes).of(shape)),
        evaluate,
        coarse=of.dtype == "bfloat16",
    )


def psum_scatter(draft: Draft) -> Step:
    axes, tiled = draft.exchanged(), draft.flip()
    wide = _Wide(draft, axes, tiled)
    position, count = wide.position, wide.count

    def evaluate(arrays: Evaluation) -> Any:
        total = instances(wide.evaluate(arrays), axes, arrays.sizes).sum(0)
        return spread(_chunks(total, NAMED + position, count, tiled), axes, arrays.sizes) / count

    shape = list(wide.shape)
    shape[position : position + 1] = [shape[position] // count] if tiled else []
    return Step(
        f"lax.psum_scatter({wide.text}, {draft.spelled(axes)}, scatter_dimension={position}, tiled={tiled}) / {count}",
        lambda typing: _met(typing, axes, typing[wide.operand].along(axes).of(shape)),
        evaluate,
    )


def all_to_all(draft: Draft) -> Step:
    axes, tiled = draft.exchanged(), draft.flip()
    wide = _Wide(draft, axes, tiled)
    split, count = wide.position, wide.count
    shape = list(wide.shape)
    shape[split : split + 1] = [shape[split] // count] if tiled else []
    concat = draft.position(len(shape) + (not tiled))
    swap = not tiled and split == concat and len(axes) == 1 and draft.flip()
    result = [*shape[:concat], count, *shape[concat:]]
    if tiled:
        result[concat : concat + 2] = [count * shape[concat]]

    def evaluate(arrays: Evaluation) -> Any:
        sent = _chunks(instances(wide.evaluate(arrays), axes, arrays.sizes), 1 + NAMED + split, count, tiled)
        received = jnp.moveaxis(sent, 1, 1 + NAMED + concat)
        return spread(_merge(received, 1 + NAMED + concat) if tiled else received, axes, arrays.sizes)

    name = draft.spelled(axes)
    call = f"lax.all_to_all({wide.text}, {name}, split_axis={split}, concat_axis={concat}, tiled={tiled})"
    return Step(
        f"lax.pswapaxes({wide.text}, {name}, {split})" if swap else call,
        lambda typing: _met(typing, axes, typing[wide.operand].along(axes).of(result)),
        evaluate,
    )


def permutation(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype in NUMBERS)
    of, axes = draft.types[operand], draft.exchanged()
    count = prod(draft.sizes[axis] for axis in axes)
    order = list(draft.draw(st.permutations(range(count))))
    if draft.flip():
        sources: list[int | None] = list(order)
        call = f"lax.pshuffle(v{operand}, {draft.spelled(axes)}, {order})"
    else:
        kept = draft.draw(st.integers(1, count))
        sources = [source if destination < kept else None for destination, source in enumerate(order)]
        pairs = [(source, destination) for destination, source in enumerate(order) if destination < kept]
        call = f"lax.ppermute(v{operand}, {draft.spelled(axes)}, {pairs})"

    def evaluate(arrays: Evaluation) -> Any:
        stacked = instances(arrays[operand], axes, arrays.sizes)
        chosen = [jnp.zeros_like(stacked[0]) if source is None else stacked[source] for source in sources]
        return spread(jnp.stack(chosen), axes, arrays.sizes)

    return Step(
        call, lambda typing: _met(typing, axes, typing[operand].along(axes)), evaluate, coarse=of.dtype == "bfloat16"
    )


class _Wide:
    """A value times 1, 2, ... along a new dimension that can be split between the instances of axes."""

    def __init__(self, draft: Draft, axes: Sequence[str], tiled: bool) -> None:
        self.count = prod(draft.sizes[axis] for axis in axes)
        self.length = self.count * (2 if tiled else 1)
        self.operand = draft.real(lambda one: prod(one.shape) * self.length <= LARGEST)
        of = draft.types[self.operand]
        self.position = draft.position(of.rank + 1)
        self.shape = [*of.shape[: self.position], self.length, *of.shape[self.position :]]
        self.text = f"jnp.stack([v{self.operand} * t for t in range({self.length})], axis={self.position})"

    def evaluate(self, arrays: Evaluation) -> Any:
        return jnp.stack([arrays[self.operand] * t for t in range(self.length)], axis=NAMED + self.position)


def _met(typing: Typing, axes: Sequence[str], result: Type) -> Type:
    typing.record.collectives.update(axes)
    return result


def _count(arrays: Evaluation, axes: Sequence[str]) -> int:
    return prod(arrays.sizes[axis] for axis in axes)


def _like_index(count: int) -> Any:
    return jnp.arange(count, dtype=jnp.int32).reshape((count, *(1,) * NAMED))


def _chunks(array: Any, position: int, count: int, tiled: bool) -> Any:
    """Cut a dimension into ``count`` parts, numbered by a new leading dimension."""
    shape = array.shape
    part = [shape[position] // count] if tiled else []
    return jnp.moveaxis(array.reshape((*shape[:position], count, *part, *shape[position + 1 :])), position, 0)


def _merge(array: Any, position: int) -> Any:
    shape = array.shape
    return array.reshape((*shape[:position], shape[position] * shape[position + 1], *shape[position + 2 :]))


COLLECTIVES = [all_reduce, axis_index, axis_size, all_gather, psum_scatter, all_to_all, permutation]
