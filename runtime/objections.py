"""What JAX objects to in the collectives of the faces, as a problem with the user's line."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import jax

from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.avals import array_of_aval
from named_types.semantics.objections import objection

P = ParamSpec("P")
R = TypeVar("R")


def explained(function: Callable[P, R], operation: str | None = None) -> Callable[P, R]:
    """``function``, whose calls are rejected where JAX rejects their arguments; they are told as ``operation``."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError, IndexError) as error:
            leaves = [_abstract(leaf) for leaf in jax.tree_util.tree_leaves((args, kwargs))]
            objected = objection(error, leaves)
            if objected is None:
                raise
            written = tuple(map(_written, args)) + tuple(f"{key}={_written(value)}" for key, value in kwargs.items())
            reject(objected.problem(operation or function.__name__, written), place_of_caller())

    return call


def _abstract(leaf: Any) -> Any:
    return array_of_aval(jax.typeof(leaf)) if isinstance(leaf, jax.Array) else leaf


def _written(argument: Any) -> str:
    return str(_abstract(argument)) if isinstance(argument, jax.Array) else repr(argument)
