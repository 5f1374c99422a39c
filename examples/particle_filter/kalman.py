"""The Kalman filter: what a particle filter for a linear model with normal noise comes close to."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from examples.particle_filter.models import ConstantVelocity

Belief = tuple[Array, Array]


def run(model: ConstantVelocity, observations: Array) -> tuple[Array, Array]:
    """The exact mean of the state after each observation, and the log probability of each observation."""
    a, c = model.matrix, model.observed
    process = model.process_noise**2 * jnp.eye(model.dimension)
    noise = model.observation_noise**2 * jnp.eye(c.shape[0])

    def step(belief: Belief, observation: Array) -> tuple[Belief, tuple[Array, Array]]:
        mean, covariance = belief
        mean, covariance = a @ mean, a @ covariance @ a.T + process
        innovation = observation - c @ mean
        spread = c @ covariance @ c.T + noise
        gain = jnp.linalg.solve(spread, c @ covariance).T
        mean = mean + gain @ innovation
        covariance = (jnp.eye(model.dimension) - gain @ c) @ covariance
        log_density = -0.5 * (
            innovation @ jnp.linalg.solve(spread, innovation) + jnp.linalg.slogdet(2 * jnp.pi * spread).logabsdet
        )
        return (mean, covariance), (mean, log_density)

    start = (jnp.zeros((model.dimension,)), model.initial_spread**2 * jnp.eye(model.dimension))
    _, (means, log_densities) = jax.lax.scan(step, start, observations)
    return means, log_densities
