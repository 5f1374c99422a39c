"""What the faces, and JAX, object to in the arguments of a call, as a problem with the user's line."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import jax

from named_types.problems import InvalidOperation
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics.avals import array_of_aval
from named_types.semantics.objections import objection

P = ParamSpec("P")
R = TypeVar("R")


class Misfit(Exception):
    """Arguments of a call of a face that do not fit, before it is told of which call."""

    def __init__(self, reason: str, advice: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


def explained(function: Callable[P, R], operation: str | None = None) -> Callable[P, R]:
    """``function``, whose calls are rejected where JAX rejects their arguments; they are told as ``operation``."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        called = operation or function.__name__
        try:
            return function(*args, **kwargs)
        except Misfit as misfit:
            reason, advice = misfit.reason, misfit.advice
            reject(InvalidOperation(called, _all_written(args, kwargs), reason, advice=advice), place_of_caller())
        except (TypeError, ValueError, IndexError) as error:
            leaves = [_abstract(leaf) for leaf in jax.tree_util.tree_leaves((args, kwargs))]
            objected = objection(error, leaves)
            if objected is None:
                raise
            reject(objected.problem(called, _all_written(args, kwargs)), place_of_caller())

    return call


def _all_written(args: Any, kwargs: Any) -> tuple[str, ...]:
    return (*map(_written, args), *(f"{key}={_written(value)}" for key, value in kwargs.items()))


def _abstract(leaf: Any) -> Any:
    return array_of_aval(jax.typeof(leaf)) if isinstance(leaf, jax.Array) else leaf


def _written(argument: Any) -> str:
    if isinstance(argument, (list, tuple)) and any(isinstance(one, jax.Array) for one in argument):
        inner = ", ".join(map(_written, argument))
        return f"[{inner}]" if isinstance(argument, list) else f"({inner})"
    if isinstance(argument, jax.Array):
        return str(_abstract(argument))
    return repr(argument) if not callable(argument) else getattr(argument, "__name__", repr(argument))
