"""Adam with clipped gradients and a warm-up, as plain functions on trees of parameters."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
from jax import Array

from named_types.runtime import numpy as jnp

Tree = Any


class AdamState(NamedTuple):
    step: Array
    mean: Tree
    variance: Tree


def init(params: Tree) -> AdamState:
    zeros = jax.tree.map(jnp.zeros_like, params)
    return AdamState(jnp.zeros((), dtype=jnp.int32), zeros, zeros)


def global_norm(tree: Tree) -> Array:
    return jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(tree)))


def clip(tree: Tree, limit: float) -> Tree:
    """A tree with a global norm of at most ``limit``."""
    factor = jnp.minimum(1.0, limit / (global_norm(tree) + 1e-6))
    return jax.tree.map(lambda leaf: factor * leaf, tree)


def warm_up(step: Array, learning_rate: float, steps: int) -> Array:
    return learning_rate * jnp.minimum(1.0, (step + 1) / steps)


def update(
    params: Tree,
    gradient: Tree,
    state: AdamState,
    learning_rate: Array,
    decay: tuple[float, float] = (0.9, 0.99),
    epsilon: float = 1e-8,
) -> tuple[Tree, AdamState]:
    """The parameters and the state after one step."""
    first, second = decay
    step = state.step + 1
    mean = jax.tree.map(lambda m, g: first * m + (1 - first) * g, state.mean, gradient)
    variance = jax.tree.map(lambda v, g: second * v + (1 - second) * g**2, state.variance, gradient)
    scale = jnp.sqrt(1 - second**step) / (1 - first**step)
    params = jax.tree.map(
        lambda p, m, v: p - learning_rate * scale * m / (jnp.sqrt(v) + epsilon), params, mean, variance
    )
    return params, AdamState(step, mean, variance)
