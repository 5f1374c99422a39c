"""Track something that moves: `python -m examples.particle_filter.track`."""

from __future__ import annotations

import sys

import jax
import jax.numpy as jnp
from jax import Array

from examples.particle_filter import kalman
from examples.particle_filter.filtering import ParticleFilter, evidence
from examples.particle_filter.models import Bearings, ConstantVelocity
from examples.particle_filter.simulation import simulate

STEPS = 50


def root_mean_square(error: Array) -> float:
    return float(jnp.sqrt(jnp.mean(jnp.sum(error**2, axis=-1))))


def track_positions(key: Array) -> bool:
    """Where positions are seen, the exact answer is known."""
    model = ConstantVelocity()
    simulating, filtering = jax.random.split(key)
    path, observations = simulate(model, simulating, STEPS)
    means, log_densities = kalman.run(model, observations)
    estimates = ParticleFilter(model, particles=2000).run_many(jax.random.split(filtering, 4), observations)
    difference = root_mean_square(jnp.mean(estimates.mean, axis=0) - means)
    apart = float(jnp.max(jnp.abs(evidence(estimates) - jnp.sum(log_densities))))
    error = root_mean_square(means[:, :2] - path[:, :2])
    print(f"positions: {difference:.3f} from the exact mean, evidence off by {apart:.2f}, {error:.2f} from the path")
    return difference < 0.2 and apart < 2


def track_bearings(key: Array) -> bool:
    """Where directions are seen, there is only the path to compare with."""
    model = Bearings()
    simulating, filtering = jax.random.split(key)
    path, observations = simulate(model, simulating, STEPS)
    estimates = ParticleFilter(model, particles=1000).run(filtering, observations)
    error = root_mean_square(estimates.mean[:, :2] - path[:, :2])
    fewest = float(jnp.min(estimates.effective))
    print(f"bearings: {error:.2f} from the path, at least {fewest:.0f} of 1000 particles count")
    return error < 1.0


def main() -> int:
    positions, bearings = jax.random.split(jax.random.key(0))
    return 0 if all([track_positions(positions), track_bearings(bearings)]) else 1


if __name__ == "__main__":
    sys.exit(main())
