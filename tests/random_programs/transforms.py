"""Transformations under which a program is compared with the reference.

Each makes, of a function of the program's inputs with a list of results, another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp

Function: TypeAlias = Callable[..., list[Any]]


def plain(function: Function, inputs: Sequence[Any]) -> Function:
    return function


def batched(function: Function, inputs: Sequence[Any]) -> Function:
    """vmap over the inputs and a variation of them."""

    def transformed(*values: Any) -> list[Any]:
        pairs = [jnp.stack([value, jnp.roll(value, 1)]) for value in values]
        return jax.vmap(function)(*pairs)

    return transformed


def gradient(function: Function, inputs: Sequence[Any]) -> Function:
    """The results, and the gradient of a sum in which they have different weights."""
    at, loss = _real(inputs), _weighted(function)

    def transformed(*values: Any) -> list[Any]:
        (_, results), gradients = jax.value_and_grad(loss, argnums=at, has_aux=True)(*values)
        return [*results, *gradients]

    return transformed


def tangents(function: Function, inputs: Sequence[Any]) -> Function:
    """The results and their tangents."""

    def transformed(*values: Any) -> list[Any]:
        real = [values[index] for index in _real(inputs)]
        results, moved = jax.jvp(lambda *xs: _inexact(function(*_put(values, inputs, xs))), real, _directions(real))
        return [*results, *moved]

    return transformed


def hessian_vector(function: Function, inputs: Sequence[Any]) -> Function:
    """The derivative of the gradient in one direction."""
    at, loss = _real(inputs), _weighted(function)

    def transformed(*values: Any) -> list[Any]:
        real = [values[index] for index in at]

        def slope(*xs: Any) -> Any:
            gradients, _ = jax.grad(loss, argnums=at, has_aux=True)(*_put(values, inputs, xs))
            return gradients

        gradients, moved = jax.jvp(slope, real, _directions(real))
        return [*gradients, *moved]

    return transformed


def rematerialised(function: Function, inputs: Sequence[Any]) -> Function:
    """The gradient through a checkpoint."""
    return gradient(jax.checkpoint(function), inputs)


def scanned(function: Function, inputs: Sequence[Any]) -> Function:
    """In the body of a scan."""

    def transformed(*values: Any) -> list[Any]:
        _, results = jax.lax.scan(lambda carry, _: (carry, function(*values)), 0, None, length=2)
        return list(results)

    return transformed


@dataclass(frozen=True)
class Transform:
    """``apply(function, inputs)``, and how accurate single precision is after it."""

    apply: Callable[[Function, Sequence[Any]], Function]
    accuracy: float = 5e-4


VALUES = {"plain": Transform(plain), "batched": Transform(batched), "scanned": Transform(scanned)}
FORWARD = {"tangents": Transform(tangents, 1e-3)}
REVERSE = {
    "gradient": Transform(gradient, 1e-3),
    "rematerialised": Transform(rematerialised, 1e-3),
    "hessian-vector": Transform(hessian_vector, 1e-2),
}


def _real(inputs: Sequence[Any]) -> tuple[int, ...]:
    return tuple(index for index, value in enumerate(inputs) if value.dtype == jnp.float32)


def _put(values: Sequence[Any], inputs: Sequence[Any], real: Sequence[Any]) -> list[Any]:
    replaced = dict(zip(_real(inputs), real, strict=True))
    return [replaced.get(index, value) for index, value in enumerate(values)]


def _inexact(results: Sequence[Any]) -> list[Any]:
    return [result for result in results if jnp.issubdtype(result.dtype, jnp.inexact)]


def _directions(values: Sequence[Any]) -> list[Any]:
    return [jnp.cos(3 * value) for value in values]


def _weighted(function: Function) -> Callable[..., tuple[Any, list[Any]]]:
    def loss(*values: Any) -> tuple[Any, list[Any]]:
        results = function(*values)
        total = jnp.float32(0)
        for result in _inexact(results):
            weights = jnp.cos(jnp.arange(float(result.size))).reshape(result.shape)
            total += (jnp.real(result).astype(jnp.float32) * weights).sum()
        return total, results

    return loss
