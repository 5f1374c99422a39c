"""Drawing particles anew in proportion to their weights."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from examples.particle_filter.state import State


def normalized(log_weights: Array) -> Array:
    """The weights, which sum to one."""
    return jax.nn.softmax(log_weights)


def effective_count(log_weights: Array) -> Array:
    """As many equal particles would count as much."""
    return 1 / jnp.sum(normalized(log_weights) ** 2)


def systematic(key: Array, weights: Array) -> Array:
    """Indices drawn with one random number: each particle as often as its weight says, rounded up or down."""
    count = weights.shape[0]
    positions = (jnp.arange(count) + jax.random.uniform(key)) / count
    return jnp.searchsorted(jnp.cumsum(weights), positions).clip(0, count - 1)


def resample(key: Array, state: State) -> State:
    """A cloud of equal particles."""
    indices = systematic(key, normalized(state.log_weights))
    return state._replace(particles=state.particles[indices], log_weights=jnp.zeros_like(state.log_weights))


def resample_if_needed(key: Array, state: State, threshold: float) -> State:
    """The same cloud as long as enough of its particles count."""
    count = state.log_weights.shape[0]
    return jax.lax.cond(
        effective_count(state.log_weights) < threshold * count,
        lambda state: resample(key, state),
        lambda state: state,
        state,
    )
