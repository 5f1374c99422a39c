"""Functions of libraries, written for positional axes: sorts, transforms, factorisations, indexing."""

from __future__ import annotations

from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from hypothesis import strategies as st
from jax import lax
from random_programs.drafts import Draft, simple
from random_programs.steps import Step
from random_programs.values import NAMED


def along_an_axis(draft: Draft) -> Step:
    """Functions that keep the shape; ties and rounding do not change what they give."""
    operand = draft.real(lambda one: one.rank > 0)
    of = draft.types[operand]
    p = draft.position(of.rank) - of.rank
    size = of.shape[p]
    functions: dict[str, tuple[Any, bool]] = {
        f"jnp.cumsum({{0}}, axis={p}) / {size}": (lambda x: jnp.cumsum(x, axis=p) / size, True),
        f"jnp.sort({{0}}, axis={p})": (lambda x: jnp.sort(x, axis=p), False),
        f"jnp.fft.fft({{0}}, axis={p}).real / {size}": (lambda x: jnp.fft.fft(x, axis=p).real / size, True),
        f"jnp.flip({{0}}, axis={p})": (lambda x: jnp.flip(x, axis=p), True),
        f"jnp.roll({{0}}, 1, axis={p})": (lambda x: jnp.roll(x, 1, axis=p), True),
        f"jax.nn.softmax({{0}}, axis={p})": (lambda x: jax.nn.softmax(x, axis=p), True),
        f"{{0}} - {{0}}.max({p}, keepdims=True)": (lambda x: x - x.max(p, keepdims=True), False),
        f"lax.associative_scan(jnp.add, {{0}}, axis={p}) / {size}": (lambda x: jnp.cumsum(x, axis=p) / size, True),
        f"lax.top_k(jnp.moveaxis({{0}}, {p}, -1), {size})[0]": (
            lambda x: jnp.moveaxis(jnp.flip(jnp.sort(x, axis=p), axis=p), p, -1),
            False,
        ),
    }
    text = draft.choose(list(functions))
    function, smooth = functions[text]
    shape = [*of.shape[:p], *of.shape[p:][1:], size] if text.startswith("lax.top_k") else of.shape
    return simple(text, [operand], shape, "float32", function, smooth=smooth)


def linear_algebra(draft: Draft) -> Step:
    operand = draft.real(lambda one: one.rank > 1)
    of = draft.types[operand]
    *batch, rows, columns = of.shape
    square = (*batch, rows, rows)

    def positive(x: Any) -> Any:
        return x @ x.mT / columns + 2 * jnp.eye(rows)

    spelled = f"{{0}} @ {{0}}.mT / {columns} + 2 * jnp.eye({rows})"
    functions: dict[str, tuple[Any, Any]] = {
        f"{{0}} @ {{0}}.mT / {columns}": (lambda x: x @ x.mT / columns, square),
        f"jnp.linalg.cholesky({spelled})": (lambda x: jnp.linalg.cholesky(positive(x)), square),
        f"jnp.linalg.solve({spelled}, {{0}})": (lambda x: jnp.linalg.solve(positive(x), x), of.shape),
        f"jnp.linalg.inv({spelled})": (lambda x: jnp.linalg.inv(positive(x)), square),
        "{0}.mT": (lambda x: x.mT, (*batch, columns, rows)),
    }
    text = draft.choose(list(functions))
    function, shape = functions[text]
    return simple(text, [operand], shape, "float32", function)


def of_integers(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype == "int32" and one.rank > 0)
    of = draft.types[operand]
    functions: dict[str, Any] = {
        "jnp.sort({0}, axis=-1)": lambda x: jnp.sort(x, axis=-1),
        "jnp.argsort({0}, axis=-1)": lambda x: jnp.argsort(x, axis=-1),
        "lax.cummax({0}, axis={0}.ndim - 1)": lambda x: lax.cummax(x, axis=x.ndim - 1),
        "jnp.searchsorted(jnp.arange(4) * 2, {0})": lambda x: jnp.searchsorted(jnp.arange(4) * 2, x),
    }
    text = draft.choose(list(functions))
    return simple(text, [operand], of.shape, "int32", functions[text])


def gather(draft: Draft) -> Step:
    """One row, or rows in another order, at indices with named axes of their own."""
    operand = draft.real(lambda one: one.rank > 0)
    of = draft.types[operand]
    rows = of.shape[0]
    fixed = draft.choose(["{0}[::-1][:2]", "jnp.concatenate([{0}, -{0}])", "jnp.pad({0}, 1)", "lax.dynamic_slice"])
    rest = ((0, 0),) * NAMED
    if fixed == "{0}[::-1][:2]":
        shape: tuple[int, ...] = (min(2, rows), *of.shape[1:])
        first = (*(slice(None),) * NAMED, slice(2))
        return simple(fixed, [operand], shape, "float32", lambda x: jnp.flip(x, NAMED)[first])
    if fixed == "jnp.pad({0}, 1)":
        shape = tuple(size + 2 for size in of.shape)
        return simple(fixed, [operand], shape, "float32", lambda x: jnp.pad(x, (*rest, *((1, 1),) * of.rank)))
    if fixed == "lax.dynamic_slice":
        index = draft.operand(lambda one: one.dtype == "int32" and one.rank == 0)
        text = f"lax.dynamic_index_in_dim({{0}}, {{1}} % {rows}, 0, keepdims=False)"
        return simple(text, [operand, index], of.shape[1:], "float32", lambda x, i: _row(x, i % rows))
    shape = (2 * rows, *of.shape[1:])
    return simple(fixed, [operand], shape, "float32", lambda x: jnp.concatenate([x, -x], axis=NAMED))


def indexed(draft: Draft) -> Step:
    """Gathers and scatters at computed indices."""
    index = draft.operand(lambda one: one.dtype == "int32" and one.rank == 0)
    operand = draft.real(lambda one: one.rank > 0)
    of = draft.types[operand]
    rows = of.shape[0]
    functions: dict[str, tuple[Any, Any]] = {
        f"{{0}}[{{1}} % {rows}]": (_row, of.shape[1:]),
        f"{{0}}.at[{{1}} % {rows}].add(1.0)": (lambda x, i: x + _one_hot(x, i, rows), of.shape),
        f"{{0}}.at[{{1}} % {rows}].set(0.5)": (
            lambda x, i: jnp.where(_one_hot(x, i, rows) > 0, 0.5, x),
            of.shape,
        ),
        f"jnp.take({{0}}, {{1}} % {rows}, axis=0)": (_row, of.shape[1:]),
    }
    text = draft.choose(list(functions))
    function, shape = functions[text]
    return simple(text, [operand, index], shape, "float32", lambda x, i: function(x, i % rows))


def reshaped(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.rank > 0 and one.dtype != "key")
    of = draft.types[operand]
    order = list(draft.draw(st.permutations(range(of.rank))))
    kinds = [
        (
            f"jnp.transpose({{0}}, {tuple(order)})",
            [of.shape[i] for i in order],
            lambda x: jnp.transpose(x, (*range(NAMED), *(NAMED + i for i in order))),
        ),
        ("{0}.ravel()", [prod(of.shape)], lambda x: x.reshape((*x.shape[:NAMED], prod(of.shape)))),
        ("{0}[..., None]", [*of.shape, 1], lambda x: x[..., None]),
    ]
    text, shape, function = draft.choose(kinds)
    return simple(text, [operand], shape, of.dtype, function, coarse=of.dtype == "bfloat16")


def one_hot(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype == "int32" and one.rank < 2)
    of = draft.types[operand]
    return simple(
        "jax.nn.one_hot({0} % 3, 3)", [operand], (*of.shape, 3), "float32", lambda i: jax.nn.one_hot(i % 3, 3)
    )


def _one_hot(x: Any, index: Any, rows: int) -> Any:
    """1 in the row of each instance; as many dimensions as ``x``."""
    hot = jax.nn.one_hot(index, rows)
    return hot.reshape((*hot.shape, *(1,) * (x.ndim - hot.ndim)))


def _row(x: Any, index: Any) -> Any:
    return (x * _one_hot(x, index, x.shape[NAMED])).sum(NAMED)


LIBRARY = [along_an_axis, linear_algebra, of_integers, gather, indexed, reshaped, one_hot]
