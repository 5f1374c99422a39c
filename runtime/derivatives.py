"""Derivatives that JAX lacks: of the maximum and the minimum over named axes.

As for a positional axis, instances that attain the maximum share its derivative equally.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad


def shared_derivative(value: Any, extreme: Any, tangent: Any, total: Callable[[Any], Any]) -> Any:
    """The tangent of ``extreme``, shared by the instances that attain it; ``total`` sums over all instances."""
    attains = jnp.equal(value, extreme).astype(tangent.dtype)
    return total(tangent * attains) / total(attains)


def _define(primitive: Primitive) -> None:
    def jvp(primals: Sequence[Any], tangents: Sequence[Any], **params: Any) -> tuple[Any, Any]:
        (value,), (tangent,) = primals, tangents
        extreme = primitive.bind(value, **params)
        if isinstance(tangent, ad.Zero):
            return extreme, ad.Zero(jax.typeof(extreme).to_tangent_aval())
        total = partial(lax.psum, axis_name=params["axes"], axis_index_groups=params["axis_index_groups"])
        return extreme, shared_derivative(value, extreme, tangent, total)

    ad.primitive_jvps.setdefault(primitive, jvp)


_define(lax.pmax_p)
_define(lax.pmin_p)
