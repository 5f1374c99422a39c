"""The filter: a scan over observations of a step that is mapped over particles."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import logsumexp

from examples.particle_filter.models import Model
from examples.particle_filter.resampling import effective_count, normalized, resample_if_needed
from examples.particle_filter.state import Estimate, State


class ParticleFilter:
    """A filter for a model, with a number of particles."""

    def __init__(self, model: Model, particles: int = 1000, threshold: float = 0.5) -> None:
        self.model = model
        self.particles = particles
        self.threshold = threshold

    def init(self, key: Array) -> State:
        key, draw = jax.random.split(key)
        particles = jax.vmap(self.model.initial)(jax.random.split(draw, self.particles))
        return State(particles, jnp.zeros((self.particles,)), key)

    def step(self, state: State, observation: Array) -> tuple[State, Estimate]:
        """Move every particle, weigh it by what was seen, and draw anew if few of them count."""
        key, moving, drawing = jax.random.split(state.key, 3)
        keys = jax.random.split(moving, self.particles)
        particles = jax.vmap(self.model.transition)(keys, state.particles)
        log_likelihoods = jax.vmap(self.model.log_likelihood, in_axes=(0, None))(particles, observation)
        log_weights = state.log_weights + log_likelihoods
        estimate = self.summarize(particles, state.log_weights, log_weights)
        moved = State(particles, log_weights, key)
        return resample_if_needed(drawing, moved, self.threshold), estimate

    def summarize(self, particles: Array, before: Array, after: Array) -> Estimate:
        weights = normalized(after)
        mean = weights @ particles
        centred = particles - mean
        covariance = jnp.einsum("n,ni,nj->ij", weights, centred, centred)
        return Estimate(
            mean,
            jnp.sqrt(jnp.diagonal(covariance)),
            effective_count(after),
            logsumexp(after) - logsumexp(before),
        )

    @partial(jax.jit, static_argnums=0)
    def run(self, key: Array, observations: Array) -> Estimate:
        """An estimate for each observation."""
        _, estimates = jax.lax.scan(self.step, self.init(key), observations)
        return estimates

    @partial(jax.jit, static_argnums=0)
    def run_many(self, keys: Array, observations: Array) -> Estimate:
        """The estimates of one filter for each key."""
        return jax.vmap(self.run, in_axes=(0, None))(keys, observations)


def evidence(estimates: Estimate) -> Array:
    """The log probability of all observations."""
    return jnp.sum(estimates.log_likelihood, axis=-1)
