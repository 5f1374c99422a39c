"""Collectives, and functions that use them, as functions of one array whose axes may include ``'a'`` and ``'b'``."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from semantics.special_arguments import array, matrix, vector

_pair, _six = array("float32", 2, 6), array("float32", 6, 6)


def _varying(x: jax.Array, axis: str) -> jax.Array:
    """For ppermute: vmap leaves what lacks the axis as it is, though instances that nothing is sent to get zeros."""
    return x + lax.axis_index(axis)


COLLECTIVES: dict[str, tuple[Callable[[jax.Array], object], jax.ShapeDtypeStruct]] = {
    "psum": (lambda x: lax.psum(x, "a"), vector),
    "psum over two": (lambda x: lax.psum(x, ("a", "b")), vector),
    "psum over none": (lambda x: lax.psum(x, ()), vector),
    "psum of a pair": (lambda x: lax.psum((x, x + lax.axis_index("b")), "a"), vector),
    "psum of a number": (lambda x: lax.psum(1, "a") * x, vector),
    "psum twice": (lambda x: lax.psum(lax.psum(x, "a"), "a"), vector),
    "sum by name and position": (lambda x: jnp.sum(x, axis=(0, "a")), matrix),
    "variance": (lambda x: jnp.var(x, axis=("a", 0)), matrix),
    "logsumexp": (lambda x: jax.nn.logsumexp(x, axis=("b",)), vector),
    "softmax": (lambda x: jax.nn.softmax(x, axis=("a",)), vector),
    "one hot": (lambda x: jax.nn.one_hot(x.astype(int), 2, axis="a"), vector),
    "pmax": (lambda x: lax.pmax(x, "a"), vector),
    "pmin over two": (lambda x: lax.pmin(x, ("b", "a")), vector),
    "pmean": (lambda x: lax.pmean(x, "b"), vector),
    "all_gather": (lambda x: lax.all_gather(x, "a"), vector),
    "all_gather tiled": (lambda x: lax.all_gather(x, "b", tiled=True), vector),
    "psum_scatter": (lambda x: lax.psum_scatter(x, "a"), _pair),
    "psum_scatter tiled": (lambda x: lax.psum_scatter(x, "a", tiled=True), _pair),
    "all_to_all": (lambda x: lax.all_to_all(x, "a", 0, 0), _pair),
    "all_to_all tiled": (lambda x: lax.all_to_all(x, "b", 0, 1, tiled=True), _six),
    "all_to_all over two": (lambda x: lax.all_to_all(x, ("a", "b"), 0, 1, tiled=True), _six),
    "ppermute": (lambda x: lax.ppermute(_varying(x, "a"), "a", [(0, 1), (1, 0)]), vector),
    "pshuffle": (lambda x: lax.pshuffle(_varying(x, "b"), "b", [1, 2, 0]), vector),
    "pswapaxes": (lambda x: lax.pswapaxes(x, "a", 0), _pair),
    "axis_index": (lambda x: x + lax.axis_index("a"), vector),
    "axis_index over two": (lambda x: x + lax.axis_index(("a", "b")), vector),
    "axis_index alone": (lambda x: lax.axis_index("b"), vector),
    "axis_size": (lambda x: x + lax.axis_size("a"), vector),
    "random by index": (
        lambda x: jax.random.normal(jax.random.fold_in(jax.random.key(0), lax.axis_index("a")), x.shape),
        vector,
    ),
    "gradient of psum": (lambda x: jax.grad(lambda x: jnp.sin(lax.psum(x, "a")).sum())(x), vector),
    "gradient of all_gather": (lambda x: jax.grad(lambda x: jnp.sin(lax.all_gather(x, "a")).sum())(x), vector),
    "gradient of ppermute": (
        lambda x: jax.grad(lambda x: jnp.sin(lax.ppermute(_varying(x, "a"), "a", [(0, 1), (1, 0)])).sum())(x),
        vector,
    ),
    "gradient of psum_scatter": (lambda x: jax.grad(lambda x: jnp.sin(lax.psum_scatter(x, "a")).sum())(x), _pair),
}
