"""Samples of steps: calls of compiled functions, with the wait for their results."""

from __future__ import annotations

from collections.abc import Sequence

import jax
from jax import Array

from benchmarks.measure import Sample, calls
from benchmarks.named_network import Loss


def step(loss: Loss, arguments: Sequence[Array], times: int) -> Sample:
    """How long ``loss`` takes, once it is compiled, averaged over ``times`` calls in a row."""

    def run() -> None:
        for leaf in jax.tree_util.tree_leaves(loss(*arguments)):
            leaf.block_until_ready()

    run()
    return calls(run, times)


def gradient(loss: Loss) -> Loss:
    """The compiled gradient of ``loss`` by the weights."""
    return jax.jit(jax.grad(loss, argnums=(0, 1)))
