"""The tutorial's network and its loss: with names, by position, with vmap, and partitioned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.nn import one_hot, relu
from jax.scipy.special import logsumexp

from named_types.runtime import lax, nn, xmap

Loss = Callable[..., Array]

IN_AXES = (["inputs", "hidden", ...], ["hidden", "classes", ...], ["batch", "inputs", ...], ["batch", ...])


@dataclass(frozen=True)
class Sizes:
    """How large the network is."""

    batch: int
    inputs: int
    hidden: int
    classes: int

    def __str__(self) -> str:
        return f"batch {self.batch}, hidden {self.hidden}"


TINY = Sizes(batch=8, inputs=4, hidden=8, classes=3)
TUTORIAL = Sizes(batch=128, inputs=784, hidden=512, classes=10)
LARGE = Sizes(batch=1024, inputs=784, hidden=2048, classes=10)


def operands(sizes: Sizes) -> tuple[Array, Array, Array, Array]:
    """Weights, images and labels."""
    keys = jax.random.split(jax.random.key(0), 4)
    w1: Array = jax.random.normal(keys[0], (sizes.inputs, sizes.hidden)) / 28
    w2: Array = jax.random.normal(keys[1], (sizes.hidden, sizes.classes)) / 28
    images = jax.random.normal(keys[2], (sizes.batch, sizes.inputs))
    return w1, w2, images, jax.random.randint(keys[3], (sizes.batch,), 0, sizes.classes)


def named_loss(w1: Array, w2: Array, image: Array, label: Array) -> Array:
    """The loss over the axes inputs, hidden, classes and batch."""
    hidden = relu(lax.pdot(image, w1, "inputs"))
    logits = lax.pdot(hidden, w2, "hidden")
    predictions = logits - nn.logsumexp(logits, "classes")
    targets = nn.one_hot(label, lax.psum(1, "classes"), axis="classes")
    losses = lax.psum(targets * predictions, "classes")
    loss: Array = -lax.pmean(losses, "batch")
    return loss


def mapped_loss(axis_resources: Mapping[str, str] | None = None) -> Loss:
    """The named loss as a function of arrays."""
    mapped: Loss = xmap(named_loss, in_axes=IN_AXES, out_axes=[...], axis_resources=axis_resources)
    return mapped


def positional_loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
    """The loss by axis positions."""
    logits = jnp.dot(relu(jnp.dot(images, w1)), w2)
    predictions = logits - logsumexp(logits, axis=1, keepdims=True)
    return -jnp.mean(jnp.sum(one_hot(labels, predictions.shape[-1]) * predictions, axis=1))


def vmapped_loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
    """The loss of one example, mapped over the batch."""

    def example_loss(image: Array, label: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(image, w1)), w2)
        predictions = logits - logsumexp(logits)
        return -jnp.sum(one_hot(label, predictions.shape[-1]) * predictions)

    return jnp.mean(jax.vmap(example_loss)(images, labels))


def part_of_loss(batch: str | None, hidden: str | None) -> Loss:
    """The loss as one device of a mesh computes it, the batch and the hidden units spread over these mesh axes."""

    def loss(w1: Array, w2: Array, images: Array, labels: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(images, w1)), w2)
        if hidden is not None:
            logits = jax_lax.psum(logits, hidden)
        predictions = logits - logsumexp(logits, axis=1, keepdims=True)
        mean = -jnp.mean(jnp.sum(one_hot(labels, predictions.shape[-1]) * predictions, axis=1))
        if batch is not None:
            mean = jax_lax.pmean(mean, batch)
        return mean

    return loss
