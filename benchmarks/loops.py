"""The tutorial's predictions in serial steps of the batch, against a loop over chunks written by hand."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax
from jax.nn import relu
from jax.scipy.special import logsumexp

from benchmarks import network
from benchmarks.program import Assignment, Program
from named_types.runtime import SerialLoop, lax, nn

STEPS = 8


def operands(batch: int, inputs: int, hidden: int, classes: int) -> tuple[Array, Array, Array]:
    """Weights and images."""
    w1, w2, images, _ = network.operands(batch, inputs, hidden, classes)
    return w1, w2, images


def named_predictions(w1: Array, w2: Array, image: Array) -> Array:
    """Log probabilities, over the axes inputs, hidden, classes and batch."""
    logits = lax.pdot(relu(lax.pdot(image, w1, "inputs")), w2, "hidden")
    predictions: Array = logits - nn.logsumexp(logits, "classes")
    return predictions


def chunked_predictions(w1: Array, w2: Array, images: Array) -> Array:
    """By hand: the intermediates of a chunk live only in its step, in the backward pass too."""

    @partial(jax.checkpoint, prevent_cse=False)
    def predictions(chunk: Array) -> Array:
        logits = jnp.dot(relu(jnp.dot(chunk, w1)), w2)
        return logits - logsumexp(logits, axis=1, keepdims=True)

    chunks = images.reshape(STEPS, -1, images.shape[-1])
    predicted: Array = jax_lax.map(predictions, chunks)
    return predicted.reshape(len(images), -1)


PREDICTIONS = Program(
    named=named_predictions,
    in_axes=(["inputs", "hidden"], ["hidden", "classes"], ["batch", "inputs"]),
    out_axes=["batch", "classes"],
    by_position={"jit, lax.map of chunks": chunked_predictions},
    operands={
        "tiny": partial(operands, 16, 4, 8, 3),
        "2048x784x1024": partial(operands, 2048, network.INPUTS, 1024, network.CLASSES),
    },
    assignments=(Assignment({"batch": SerialLoop(STEPS)}),),
    weights=(0, 1),
)
