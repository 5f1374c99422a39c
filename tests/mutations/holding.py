"""Values held against the annotations of the functions they go into and come out of, at every call.

The rule is that of calls: an argument may have more named axes than its parameter declares, the function is lifted
over them, and then the results have them too.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from named_types.algebra import ArrayType, Shape, element_type_of
from named_types.problems import Problem
from named_types.runtime import named_shape
from named_types.runtime.declared_types import DeclaredTypes
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.avals import array_of_aval


class ConflictError(Exception):
    """A value does not have the type that an annotation declares."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True)
class Call:
    """A call of a function with annotations."""

    function: types.FunctionType
    arguments: tuple[Any, ...]
    """The types that came in."""
    extra: Mapping[Any, Any]
    """The axes that these have beyond what the signature mentions."""

    @classmethod
    def of(cls, function: types.FunctionType, variables: Mapping[str, Any]) -> Call:
        """The call that has just begun. Raises ConflictError for an argument that is not of its declared type."""
        arguments = tuple(_abstract(value) for value in _positional(function, variables))
        call = cls(function, arguments, _extra_axes(function, arguments))
        _raise_first(call._declared.argument_problems())
        return call

    def leave(self, result: Any) -> None:
        _raise_first(self._declared.return_problems(_abstract(result)))

    @property
    def _declared(self) -> DeclaredTypes:
        return DeclaredTypes(self.function, self.arguments, self.extra)


def hold(annotation: str, value: Any, call: Call | None, variables: Mapping[str, Any]) -> None:
    """Raises ConflictError for a variable that is bound to what its annotation excludes.

    What it is bound to is held against it as if the function at hand returned it: its sizes are those of the call.
    """

    def assigned(*_: Any) -> None: ...

    holder = types.FunctionType(assigned.__code__, dict(variables))
    if call is not None:
        holder.__signature__ = inspect.signature(call.function)  # type: ignore[attr-defined]
        holder.__annotations__ = dict(call.function.__annotations__)
    holder.__annotations__["return"] = annotation
    arguments, extra = ((), {}) if call is None else (call.arguments, call.extra)
    _raise_first(DeclaredTypes(holder, arguments, extra).return_problems(_abstract(value)))


def _positional(function: Callable[..., Any], variables: Mapping[str, Any]) -> list[Any]:
    values: list[Any] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            values += variables[name]
        elif parameter.kind is not parameter.VAR_KEYWORD:
            values.append(variables[name])
    return values


def _extra_axes(function: types.FunctionType, arguments: tuple[Any, ...]) -> dict[Any, int]:
    seen = {
        axis: size
        for leaf in jax.tree_util.tree_leaves(arguments, is_leaf=lambda one: hasattr(one, "type"))
        for axis, size in ((getattr(leaf, "type", None) and leaf.type.named_shape) or {}).items()
    }
    mentioned = repr(list(function.__annotations__.values()))
    return {axis: size for axis, size in seen.items() if repr(axis) not in mentioned}


def _abstract(value: Any) -> Any:
    return jax.tree_util.tree_map(_type_of, value)


def _type_of(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):  # to JAX, an array of another type that it keeps instead
        return AbstractArray(ArrayType(element_type_of(str(value.dtype)), Shape(value.shape)), library="numpy")
    try:
        aval = jax.typeof(value)
    except TypeError:
        return UNKNOWN
    try:
        return array_of_aval(aval, named_shape(value))
    except RuntimeError:
        return array_of_aval(aval, None)


def _raise_first(problems: list[Problem]) -> None:
    if problems:
        raise ConflictError(problems[0])
