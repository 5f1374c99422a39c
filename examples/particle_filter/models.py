"""Models of what moves and of what is seen of it, written for one particle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import jax
import jax.numpy as jnp
from jax import Array


class Model(Protocol):
    """What the filter needs to know."""

    @property
    def dimension(self) -> int: ...

    def initial(self, key: Array) -> Array: ...

    def transition(self, key: Array, x: Array) -> Array: ...

    def log_likelihood(self, x: Array, observation: Array) -> Array: ...


def log_normal(x: Array, deviation: float) -> Array:
    """The log density of independent normal numbers with one standard deviation."""
    return -0.5 * jnp.sum((x / deviation) ** 2) - x.shape[0] * math.log(deviation * math.sqrt(2 * math.pi))


@dataclass(frozen=True)
class ConstantVelocity:
    """Positions and velocities in the plane, in this order; the positions are seen."""

    interval: float = 0.1
    process_noise: float = 0.3
    observation_noise: float = 0.5
    initial_spread: float = 1.0

    @property
    def dimension(self) -> int:
        return 4

    @property
    def matrix(self) -> Array:
        """What one step of time does."""
        move = self.interval * jnp.eye(2)
        return jnp.block([[jnp.eye(2), move], [jnp.zeros((2, 2)), jnp.eye(2)]])

    @property
    def observed(self) -> Array:
        """What of a state is seen."""
        return jnp.concatenate([jnp.eye(2), jnp.zeros((2, 2))], axis=1)

    def initial(self, key: Array) -> Array:
        return self.initial_spread * jax.random.normal(key, (self.dimension,))

    def transition(self, key: Array, x: Array) -> Array:
        return self.matrix @ x + self.process_noise * jax.random.normal(key, x.shape)

    def observe(self, key: Array, x: Array) -> Array:
        return self.observed @ x + self.observation_noise * jax.random.normal(key, (2,))

    def log_likelihood(self, x: Array, observation: Array) -> Array:
        return log_normal(observation - self.observed @ x, self.observation_noise)


@dataclass(frozen=True)
class Bearings(ConstantVelocity):
    """The same movement, of which each station sees the direction only."""

    stations: tuple[tuple[float, float], ...] = ((-3.0, 0.0), (3.0, 0.0), (0.0, 4.0))
    angle_noise: float = 0.05

    def angles(self, x: Array) -> Array:
        difference = x[:2] - jnp.array(self.stations)
        return jnp.arctan2(difference[:, 1], difference[:, 0])

    def observe(self, key: Array, x: Array) -> Array:
        return self.angles(x) + self.angle_noise * jax.random.normal(key, (len(self.stations),))

    def log_likelihood(self, x: Array, observation: Array) -> Array:
        difference = observation - self.angles(x)
        wrapped = jnp.arctan2(jnp.sin(difference), jnp.cos(difference))
        return log_normal(wrapped, self.angle_noise)
