"""Programs to measure with: dense named-axis model code, and Python without any array.

Both are made of numbered blocks, so that a program can be as long as wanted. The blocks of models differ in
their sizes, of which there are as many as in a large code base: a few widths, heads and lengths in all their
combinations.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

WIDTHS = (256, 512, 768, 1024)
HEADS = (4, 8, 12)
LENGTHS = (64, 128, 256)

SIZES = list(product(WIDTHS, HEADS, LENGTHS))

BLOCKS_OF_MODULE = 5

MODEL_HEADER = '''\
"""Transformer blocks over named axes."""

from functools import partial

import jax
import numpy as np

from named_types import f32, i32
from named_types.runtime import lax, mesh, nn, xmap
from named_types.runtime import numpy as jnp

devices = np.array(jax.devices()).reshape((-1, 4))
'''

MODEL_BLOCK = """

def normalise_{i}(
    x: f32[({length},), {{"batch": 8, "model": {width}}}],
) -> f32[({length},), {{"batch": 8, "model": {width}}}]:
    mean: f32[({length},), {{"batch": 8}}] = lax.pmean(x, "model")
    variance = lax.pmean((x - mean) ** 2, "model")
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5)


def attention_{i}(
    x: f32[({length},), {{"batch": 8, "model": {width}}}],
    queries: f32[(), {{"model": {width}, "heads": {heads}, "key": 64}}],
    keys: f32[(), {{"model": {width}, "heads": {heads}, "key": 64}}],
    values: f32[(), {{"model": {width}, "heads": {heads}, "key": 64}}],
) -> f32[({length},), {{"batch": 8, "model": {width}}}]:
    normal = normalise_{i}(x)
    q: f32[({length},), {{"batch": 8, "heads": {heads}, "key": 64}}] = lax.pdot(normal, queries, "model")
    k = lax.pdot(normal, keys, "model")
    v = lax.pdot(normal, values, "model")
    scores = jnp.einsum("t{{batch,heads,key}},s{{batch,heads,key}}->ts{{batch,heads}}", q, k) / 8.0
    visible = jnp.tril(jnp.ones(({length}, {length}), dtype=bool))
    weights = jax.nn.softmax(jnp.where(visible, scores, -jnp.inf), axis=-1)
    assert weights.shape == ({length}, {length})
    mixed = jnp.einsum("ts{{batch,heads}},s{{batch,heads,key}}->t{{batch,heads,key}}", weights, v)
    return x + jnp.einsum("t{{batch,heads,key}},{{model,heads,key}}->t{{batch,model}}", mixed, values)


def feed_forward_{i}(
    x: f32[({length},), {{"batch": 8, "model": {width}}}],
    up: f32[(), {{"model": {width}, "inner": {inner}}}],
    down: f32[(), {{"inner": {inner}, "model": {width}}}],
) -> f32[({length},), {{"batch": 8, "model": {width}}}]:
    inner = nn.relu(lax.pdot(normalise_{i}(x), up, "model"))
    for _ in range(2):
        inner = inner * jax.nn.sigmoid(inner)
    return x + lax.pdot(inner, down, "inner")


def loss_{i}(x, weights, labels):
    projections, (up, down) = weights["attention"], weights["feed_forward"]
    hidden = feed_forward_{i}(attention_{i}(x, *projections), up, down)
    logits = jnp.sum(hidden.T * 0.5, axis="model")
    losses = nn.logsumexp(logits) - jnp.take(logits, labels)
    return jnp.mean(losses, axis="batch")


mapped_loss_{i} = xmap(
    partial(loss_{i}),
    in_axes=(
        ["batch", None, "model"],
        {{"attention": ["model", "heads", "key", ...], "feed_forward": (["model", "inner"], ["inner", "model"])}},
        ["batch"],
    ),
    out_axes=[...],
    axis_resources={{"batch": "x", "heads": "y"}},
)

projection_{i} = jnp.ones(({width}, {heads}, 64))
weights_{i} = {{
    "attention": (projection_{i}, projection_{i} + 1.0, projection_{i}),
    "feed_forward": (jnp.ones(({width}, {inner})), jnp.ones(({inner}, {width}))),
}}
labels_{i}: i32[(8,)] = jnp.zeros(8, dtype="int32")
with mesh(devices, ("x", "y")):
    value_{i}: f32[()] = mapped_loss_{i}(jnp.ones((8, {length}, {width})), weights_{i}, labels_{i})
"""

PLAIN_HEADER = '''\
"""Orders and their prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
'''

PLAIN_BLOCK = '''

@dataclass(frozen=True)
class Order{i}:
    """An order."""

    customer: str
    prices: tuple[float, ...]
    tags: dict[str, list[int]] = field(default_factory=dict)

    def total(self, discount: float = 0.0) -> float:
        return sum(price * (1 - discount) for price in self.prices)

    def most_tagged(self) -> str | None:
        ranked = sorted(self.tags.items(), key=lambda item: len(item[1]), reverse=True)
        return ranked[0][0] if ranked else None


def summarise_{i}(orders: Iterable[Order{i}], limit: int = {limit}) -> dict[str, float]:
    totals: dict[str, float] = {{}}
    for order in orders:
        if len(order.prices) > limit:
            continue
        tag = order.most_tagged() or "none"
        totals[tag] = totals.get(tag, 0.0) + order.total(discount=0.1)
    return {{name: round(total, 2) for name, total in totals.items() if total > limit}}
'''


def model_code(lines: int) -> str:
    """Named-axis model code of about ``lines`` lines: at least one block, and no more than fit."""
    return _program(MODEL_HEADER, _model_block, lines)


def model_package(lines: int) -> dict[str, str]:
    """A program of about ``lines`` lines as a package: modules of a few blocks each, and their names."""
    in_all = max(1, lines // MODEL_BLOCK.count("\n"))
    modules = range(0, in_all, BLOCKS_OF_MODULE)
    return {
        f"module_{number}.py": MODEL_HEADER
        + "".join(_model_block(i) for i in range(first, min(first + BLOCKS_OF_MODULE, in_all)))
        for number, first in enumerate(modules)
    }


def plain_code(lines: int) -> str:
    """Typed Python code without arrays of about ``lines`` lines."""
    return _program(PLAIN_HEADER, lambda i: PLAIN_BLOCK.format(i=i, limit=i % 7), lines)


def _model_block(i: int) -> str:
    width, heads, length = SIZES[i % len(SIZES)]
    return MODEL_BLOCK.format(i=i, width=width, heads=heads, length=length, inner=4 * width)


def _program(header: str, block: Callable[[int], str], lines: int) -> str:
    blocks = max(1, (lines - header.count("\n")) // block(0).count("\n"))
    return header + "".join(map(block, range(blocks)))
