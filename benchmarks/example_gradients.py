"""The mean of the gradients of all examples, taken inside the mapped function, against the gradient of the mean.

Written as it reads, the mapped function makes a gradient for each example, and then their mean. By hand nobody
would: one contraction over the batch gives the mean at once, without room for the gradients of the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.nn import one_hot, relu
from jax.scipy.special import logsumexp

from benchmarks import network
from benchmarks.measure import Target
from benchmarks.program import Assignment, Program
from named_types.runtime import lax

Gradients = tuple[Array, Array]


def mean_gradient(w1: Array, w2: Array, image: Array, label: Array) -> Gradients:
    """The gradient of one example's loss, and its mean over the named axis batch."""

    def loss(w1: Array, w2: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(image, w1)), w2)
        return -jnp.sum(one_hot(label, logits.shape[-1]) * (logits - logsumexp(logits)))

    gradients: Gradients = lax.pmean(jax.grad(loss, argnums=(0, 1))(w1, w2), "batch")
    return gradients


def gradient_of_mean(w1: Array, w2: Array, images: Array, labels: Array) -> Gradients:
    """By hand."""
    gradients: Gradients = jax.grad(network.positional_loss, argnums=(0, 1))(w1, w2, images, labels)
    return gradients


def part_of_gradient(resources: Mapping[str, str]) -> Callable[..., Gradients]:
    """By hand, as one device of a mesh computes it."""
    batch = resources["batch"]

    def gradient(w1: Array, w2: Array, images: Array, labels: Array) -> Gradients:
        own_w1, own_w2 = jax_lax.pcast((w1, w2), batch, to="varying")
        gradients: Gradients = jax_lax.pmean(gradient_of_mean(own_w1, own_w2, images, labels), batch)
        return gradients

    return gradient


MEAN_GRADIENT = Program(
    named=mean_gradient,
    in_axes=([...], [...], ["batch", ...], ["batch", ...]),
    out_axes=([...], [...]),
    by_position={"jit, by position": gradient_of_mean},
    part=part_of_gradient,
    operands={
        "tiny": partial(network.operands, 8, 4, 8, 3),
        "128x784x512": partial(network.operands, 128, network.INPUTS, 512, network.CLASSES),
    },
    assignments=(Assignment(), Assignment({"batch": "x"}, {"x": 8})),
    step_target=Target(1.1),
    memory_target=Target(1.1),
)
