"""The sum over mesh axes of which every device goes on with the whole result.

The transpose of a psum is a psum, since in general the devices hold different parts of the cotangent. Where
the sum never again meets a value that differs between these devices, they all hold the same part, and nothing
needs to be communicated: the backward pass saves the second of two all-reduces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir


def shared_sum(value: jax.Array, mesh_axes: tuple[str, ...]) -> jax.Array:
    """``lax.psum(value, mesh_axes)``, the result of which is only combined with what all these devices share."""
    return cast(jax.Array, _shared_sum_p.bind(value, mesh_axes=mesh_axes, devices=lax.axis_size(mesh_axes)))


SHARED_SUM = "shared_sum"
_shared_sum_p = Primitive(SHARED_SUM)


def _abstract(value: ShapedArray, *, mesh_axes: tuple[str, ...], devices: int) -> ShapedArray:
    return value


def _sum(value: jax.Array, *, mesh_axes: tuple[str, ...], devices: int) -> Any:
    return lax.psum(value, mesh_axes)


def _transpose(cotangent: Any, value: Any, *, mesh_axes: tuple[str, ...], devices: int) -> list[Any]:
    return [cotangent * jnp.asarray(devices, cotangent.dtype)]


def _batch(values: Sequence[Any], dims: Sequence[Any], **params: Any) -> tuple[Any, Any]:
    (value,), (dim,) = values, dims
    return _shared_sum_p.bind(value, **params), dim


_shared_sum_p.def_abstract_eval(_abstract)
mlir.register_lowering(_shared_sum_p, mlir.lower_fun(_sum, multiple_results=False))
batching.primitive_batchers[_shared_sum_p] = _batch
ad.deflinear2(_shared_sum_p, _transpose)
