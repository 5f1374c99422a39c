"""A block of a transformer, attention and a multi-layer perceptron, over the axes batch, heads and ff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import sqrt

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.nn import relu, softmax

from benchmarks.program import Assignment, Program
from named_types.runtime import numpy as named_jnp


def operands(batch: int, length: int, model: int, heads: int, key: int, ff: int) -> tuple[Array, ...]:
    """The input, then the weights: queries, keys, values, and back; up, and down."""
    shapes = [(batch, length, model), *[(model, heads, key)] * 3, (heads, key, model), (model, ff), (ff, model)]
    keys = jax.random.split(jax.random.key(0), len(shapes))
    first, *weights = (jax.random.normal(key, shape) for key, shape in zip(keys, shapes, strict=True))
    return first, *(weight / sqrt(model) for weight in weights)


def named_block(x: Array, queries: Array, keys: Array, values: Array, back: Array, up: Array, down: Array) -> Array:
    """The block for positional axes length, model and key."""
    normal = _normalise(x)
    q, k, v = normal @ queries, normal @ keys, normal @ values
    mixed = softmax(q @ k.T / sqrt(q.shape[-1])) @ v
    x = x + named_jnp.einsum("tk{batch,heads},km{heads}->tm{batch}", mixed, back)
    inner = relu(_normalise(x) @ up)
    return x + named_jnp.einsum("t{batch,ff},m{ff}->tm{batch}", inner, down)


def positional_block(
    x: Array,
    queries: Array,
    keys: Array,
    values: Array,
    back: Array,
    up: Array,
    down: Array,
    enter: Callable[[Array], Array] = lambda value: value,
    total: Callable[[Array], Array] = lambda value: value,
) -> Array:
    """The block by axis positions. A part of the heads and of ff begins with `enter` and ends with `total`."""
    normal = enter(_normalise(x))
    q, k, v = (jnp.einsum("btm,mhk->bthk", normal, weight) for weight in (queries, keys, values))
    weights = softmax(jnp.einsum("bthk,bshk->bhts", q, k) / sqrt(q.shape[-1]))
    mixed = jnp.einsum("bhts,bshk->bthk", weights, v)
    x = x + total(jnp.einsum("bthk,hkm->btm", mixed, back))
    inner = relu(enter(_normalise(x)) @ up)
    return x + total(inner @ down)


def vmapped_block(x: Array, queries: Array, keys: Array, values: Array, back: Array, up: Array, down: Array) -> Array:
    """The block of one example, mapped over the batch; attention by one head, mapped over the heads."""

    def head(normal: Array, query: Array, key: Array, value: Array) -> Array:
        q, k, v = normal @ query, normal @ key, normal @ value
        return softmax(q @ k.T / sqrt(q.shape[-1])) @ v

    def block(x: Array) -> Array:
        mixed = jax.vmap(head, in_axes=(None, 1, 1, 1))(_normalise(x), queries, keys, values)
        x = x + jnp.einsum("htk,hkm->tm", mixed, back)
        return x + relu(_normalise(x) @ up) @ down

    return jax.vmap(block)(x)


def part_of_block(resources: Mapping[str, str]) -> Callable[..., Array]:
    """The block as one device of a mesh computes it: two sums forward, and two backward."""
    spread = resources.get("heads")
    if spread is None:
        return positional_block
    return partial(
        positional_block,
        enter=lambda value: jax_lax.pcast(value, spread, to="varying"),
        total=lambda value: jax_lax.psum(value, spread),
    )


def _normalise(x: Array) -> Array:
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return centred * jax_lax.rsqrt(jnp.mean(jnp.square(centred), axis=-1, keepdims=True) + 1e-5)


BLOCK = Program(
    named=named_block,
    in_axes=(
        ["batch", None, None],
        *[[None, "heads", None]] * 3,
        ["heads", None, None],
        [None, "ff"],
        ["ff", None],
    ),
    out_axes=["batch", ...],
    by_position={"jit, by position": positional_block, "jit(vmap)": vmapped_block},
    part=part_of_block,
    operands={
        "tiny": partial(operands, batch=4, length=2, model=4, heads=4, key=2, ff=8),
        "8x128x256": partial(operands, batch=8, length=128, model=256, heads=8, key=32, ff=1024),
    },
    assignments=(
        Assignment(),
        Assignment({"batch": "x"}, {"x": 4}),
        Assignment({"heads": "y", "ff": "y"}, {"y": 4}),
        Assignment({"batch": "x", "heads": "y", "ff": "y"}, {"x": 4, "y": 2}),
    ),
    weights=(1, 2, 3, 4, 5, 6),
)
