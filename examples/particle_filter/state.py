"""What the filter carries from one observation to the next, and what it says about each."""

from __future__ import annotations

from typing import NamedTuple

from jax import Array


class State(NamedTuple):
    """A cloud of particles: where each is, and how much it counts."""

    particles: Array
    log_weights: Array
    key: Array


class Estimate(NamedTuple):
    """After one observation: the mean and the spread of the cloud, and how many of its particles count."""

    mean: Array
    spread: Array
    effective: Array
    log_likelihood: Array
