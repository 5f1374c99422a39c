"""What a model might do, and what would be seen of it."""

from __future__ import annotations

import jax
from jax import Array

from examples.particle_filter.models import ConstantVelocity


def simulate(model: ConstantVelocity, key: Array, steps: int) -> tuple[Array, Array]:
    """A path, and an observation of each of its points."""
    start, moving = jax.random.split(key)

    def step(x: Array, key: Array) -> tuple[Array, tuple[Array, Array]]:
        move, look = jax.random.split(key)
        x = model.transition(move, x)
        return x, (x, model.observe(look, x))

    _, (path, observations) = jax.lax.scan(step, model.initial(start), jax.random.split(moving, steps))
    return path, observations
