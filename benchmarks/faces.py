"""What the faces cost a program that uses no name: JAX's own functions, called through them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.measure import Comparison, Target, calls, compare
from named_types.runtime import lax, nn
from named_types.runtime import numpy as named_jnp

LAYERS = 6


def run(quick: bool) -> list[Comparison]:
    """Tracing and a step of layers with many calls that take an axis; what is compiled is the same."""
    size = 8 if quick else 128
    x = jax.random.normal(jax.random.key(0), (size, size))
    ours, reference = (layers(*modules) for modules in ((named_jnp, lax, nn), (jnp, jax.lax, jax.nn)))
    assert str(jax.make_jaxpr(ours)(x)) == str(jax.make_jaxpr(reference)(x))
    rounds = 3 if quick else 21
    return [
        *compare("faces: trace", calls(lambda: _trace(ours, x)), {"jax": calls(lambda: _trace(reference, x))}, rounds,
                 Target(1.1)),
        *compare("faces: step", _step(ours, x), {"jax": _step(reference, x)}, rounds, Target(1.02)),
    ]  # fmt: skip


def layers(numpy: ModuleType, lax: ModuleType, nn: ModuleType) -> Callable[[Any], Any]:
    """A function that normalises, scans, sorts and reduces, with the functions of these modules."""

    def layer(x: Any) -> Any:
        x = x - numpy.mean(x, axis=-1, keepdims=True)
        x = x / (numpy.std(x, axis=(0, 1)) + 1)
        x = numpy.concatenate([x[:1], numpy.cumsum(x, axis=0)[1:]], axis=0)
        x = numpy.where(numpy.any(x > 0, axis=1, keepdims=True), x, numpy.flip(x, axis=1))
        best = numpy.take(x, numpy.argmax(x, axis=0), axis=0)
        top, _ = lax.top_k(numpy.sort(x, axis=1), 4)
        return nn.softmax(x + numpy.swapaxes(best, 0, 1), axis=-1) + numpy.max(top, axis=1, keepdims=True)

    def network(x: Any) -> Any:
        for _ in range(LAYERS):
            x = layer(x)
        return numpy.sum(x, axis=(0, 1))

    return network


def _trace(function: Callable[[Any], Any], x: Any) -> object:
    return jax.make_jaxpr(lambda x: function(x))(x)


def _step(function: Callable[[Any], Any], x: Any) -> Any:
    compiled = jax.jit(function)
    compiled(x).block_until_ready()
    return calls(lambda: compiled(x).block_until_ready(), 5)
