"""The names that the source of a random program uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import jax
import jax.numpy as jnp
from random_programs.randomness import KEY

from named_types.runtime import SerialLoop, lax, nn, numpy, xmap


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Pair:
    left: Any
    right: Any


class Axis(Enum):
    ROWS = "rows"
    COLUMNS = "columns"


@jax.custom_jvp
def cube(x: Any) -> Any:
    return x**3 / (1 + x**2)


@cube.defjvp
def _cube_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    (x,), (tangent,) = primals, tangents
    return cube(x), tangent * x**2 * (x**2 + 3) / (1 + x**2) ** 2


def tripled_tangents(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``function`` with tangents that are three times what they should be."""
    wrapped = jax.custom_jvp(function)

    @wrapped.defjvp
    def _(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
        value, tangent = jax.jvp(function, primals, tangents)
        return value, 3.0 * tangent

    return wrapped


def tripled_cotangents(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``function`` with cotangents that are three times what they should be."""
    wrapped = jax.custom_vjp(function)

    def backward(x: Any, cotangent: Any) -> tuple[Any]:
        (pulled,) = jax.vjp(function, x)[1](cotangent)
        return (3.0 * pulled,)

    wrapped.defvjp(lambda x: (function(x), x), backward)
    return wrapped


__all__ = [
    "KEY",
    "Axis",
    "Pair",
    "SerialLoop",
    "cube",
    "jax",
    "jnp",
    "lax",
    "nn",
    "numpy",
    "tripled_cotangents",
    "tripled_tangents",
    "xmap",
]
