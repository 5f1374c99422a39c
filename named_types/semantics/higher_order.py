"""The public functions of JAX that take functions, and may be called with ones of the checked program.

What they are given in place of such a function tells the types of its results and computes nothing. So JAX
itself says what `jax.hessian` or `lax.scan` makes of a body, and objects where it would object.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from named_types.semantics import library

TRANSFORMATIONS = frozenset(
    {
        "jax.grad",
        "jax.hessian",
        "jax.jacfwd",
        "jax.jacobian",
        "jax.jacrev",
        "jax.linear_transpose",
        "jax.numpy.vectorize",
        "jax.value_and_grad",
        "jax.vmap",
    }
)
"""What gives a function, and asks nothing of the one it is given before that is called."""

HIGHER_ORDER = TRANSFORMATIONS | frozenset(
    {
        "jax.flatten_util.ravel_pytree",
        "jax.jvp",
        "jax.lax.associative_scan",
        "jax.lax.cond",
        "jax.lax.custom_linear_solve",
        "jax.lax.custom_root",
        "jax.lax.fori_loop",
        "jax.lax.map",
        "jax.lax.platform_dependent",
        "jax.lax.reduce",
        "jax.lax.reduce_window",
        "jax.lax.scan",
        "jax.lax.switch",
        "jax.lax.while_loop",
        "jax.linearize",
        "jax.numpy.apply_along_axis",
        "jax.numpy.apply_over_axes",
        "jax.numpy.fromfunction",
        "jax.numpy.frompyfunc",
        "jax.numpy.piecewise",
        "jax.scipy.optimize.minimize",
        "jax.scipy.sparse.linalg.bicgstab",
        "jax.scipy.sparse.linalg.cg",
        "jax.scipy.sparse.linalg.gmres",
        "jax.vjp",
        "named_types.runtime.lax.associative_scan",
        "named_types.runtime.lax.reduce",
        "named_types.runtime.numpy.apply_along_axis",
        "named_types.runtime.numpy.apply_over_axes",
    }
)


DERIVATIVES = frozenset(
    {
        "jax.grad",
        "jax.hessian",
        "jax.jacfwd",
        "jax.jacobian",
        "jax.jacrev",
        "jax.jvp",
        "jax.linear_transpose",
        "jax.linearize",
        "jax.scipy.optimize.minimize",
        "jax.value_and_grad",
        "jax.vjp",
    }
)
"""What asks for more of a function than what it gives: how that comes from what it is given."""


@cache
def resolve_higher_order(path: str) -> Callable[..., Any] | None:
    """The callable behind a path, given only that functions of a program may be among its arguments."""
    path = library.canonical(path)
    if path not in HIGHER_ORDER:
        return None
    module, _, name = path.rpartition(".")
    function: Callable[..., Any] | None = getattr(importlib.import_module(module), name, None)
    return function
