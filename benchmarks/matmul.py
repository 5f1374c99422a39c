"""The product of two matrices as the tutorial writes it, over two named axes, and over three."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax

from benchmarks.program import Assignment, Program
from named_types.runtime import lax


def operands(size: int) -> tuple[Array, Array]:
    """Two square matrices."""
    left, right = jax.random.split(jax.random.key(0))
    return jax.random.normal(left, (size, size)), jax.random.normal(right, (size, size))


def vmapped_product(x: Array, y: Array) -> Array:
    """The products of all rows with all columns."""
    columns = jax.vmap(jnp.vdot, in_axes=(None, 1))
    return jax.vmap(columns, in_axes=(0, None))(x, y)


def part_of_product(resources: Mapping[str, str]) -> Callable[..., Array]:
    """The product as one device of a mesh computes it."""
    summed = resources.get("inner")

    def product(x: Array, y: Array) -> Array:
        return jnp.dot(x, y) if summed is None else jax_lax.psum(jnp.dot(x, y), summed)

    return product


VDOT = Program(
    named=jnp.vdot,
    in_axes=(["left", None], [None, "right"]),
    out_axes=["left", "right", ...],
    by_position={"jit, by position": jnp.dot, "jit(vmap)": vmapped_product},
    part=part_of_product,
    operands={"tiny": partial(operands, 8), "2048": partial(operands, 2048)},
    assignments=(
        Assignment(),
        Assignment({"left": "x"}, {"x": 8}),
        Assignment({"left": "x", "right": "y"}, {"x": 2, "y": 4}),
    ),
    weights=(0, 1),
)

PDOT = replace(
    VDOT,
    named=partial(lax.pdot, axis_name="inner"),
    in_axes=(["left", "inner"], ["inner", "right"]),
    assignments=(
        *VDOT.assignments,
        Assignment({"inner": "x"}, {"x": 8}),
        Assignment({"left": "x", "inner": "y"}, {"x": 2, "y": 4}),
    ),
)
