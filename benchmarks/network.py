"""The tutorial's network and its loss: with names, by position, with vmap, and partitioned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.nn import one_hot, relu
from jax.scipy.special import logsumexp

from benchmarks.program import Assignment, Program
from named_types.runtime import lax, nn

INPUTS, CLASSES = 784, 10


def operands(batch: int, inputs: int, hidden: int, classes: int) -> tuple[Array, Array, Array, Array]:
    """Weights, images and labels."""
    keys = jax.random.split(jax.random.key(0), 4)
    w1: Array = jax.random.normal(keys[0], (inputs, hidden)) / 28
    w2: Array = jax.random.normal(keys[1], (hidden, classes)) / 28
    images = jax.random.normal(keys[2], (batch, inputs))
    return w1, w2, images, jax.random.randint(keys[3], (batch,), 0, classes)


def named_loss(w1: Array, w2: Array, image: Array, label: Array) -> Array:
    """The loss over the axes inputs, hidden, classes and batch."""
    hidden = relu(lax.pdot(image, w1, "inputs"))
    logits = lax.pdot(hidden, w2, "hidden")
    predictions = logits - nn.logsumexp(logits, "classes")
    targets = nn.one_hot(label, lax.psum(1, "classes"), axis="classes")
    losses = lax.psum(targets * predictions, "classes")
    loss: Array = -lax.pmean(losses, "batch")
    return loss


def positional_loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
    """The loss by axis positions."""
    return _loss(labels, jnp.dot(relu(jnp.dot(images, w1)), w2))


def vmapped_loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
    """The loss of one example, mapped over the batch."""

    def example_loss(image: Array, label: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(image, w1)), w2)
        predictions = logits - logsumexp(logits)
        return -jnp.sum(one_hot(label, predictions.shape[-1]) * predictions)

    return jnp.mean(jax.vmap(example_loss)(images, labels))


def part_of_loss(resources: Mapping[str, str]) -> Callable[..., Array]:
    """The loss as one device of a mesh computes it, the batch and the hidden units spread over its axes."""
    batch, hidden = resources.get("batch"), resources.get("hidden")

    def loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(images, w1)), w2)
        mean = _loss(labels, logits if hidden is None else jax_lax.psum(logits, hidden))
        return mean if batch is None else jax_lax.pmean(mean, batch)

    return loss


def _loss(labels: Array, logits: Array) -> Array:
    predictions = logits - logsumexp(logits, axis=1, keepdims=True)
    return -jnp.mean(jnp.sum(one_hot(labels, predictions.shape[-1]) * predictions, axis=1))


LOSS = Program(
    named=named_loss,
    in_axes=(["inputs", "hidden", ...], ["hidden", "classes", ...], ["batch", "inputs", ...], ["batch", ...]),
    out_axes=[...],
    by_position={"jit, by position": positional_loss, "jit(vmap)": vmapped_loss},
    part=part_of_loss,
    operands={
        "tiny": partial(operands, 8, 4, 8, 3),
        "128x784x512": partial(operands, 128, INPUTS, 512, CLASSES),
        "2048x784x4096": partial(operands, 2048, INPUTS, 4096, CLASSES),
    },
    assignments=(
        Assignment(),
        Assignment({"batch": "x"}, {"x": 8}),
        Assignment({"hidden": "x"}, {"x": 8}),
        Assignment({"batch": "x", "hidden": "y"}, {"x": 4, "y": 2}),
    ),
    weights=(0, 1),
)
