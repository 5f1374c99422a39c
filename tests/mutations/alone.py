"""Functions run by themselves, with arrays of the types that their parameters declare."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from named_types.algebra import NO_NAMES, ArrayType
from named_types.notation import parse
from named_types.runtime import xmap
from named_types.semantics.avals import dtype_of

_CHOICES = ((5, 7, 11, 13), (12, 24, 6, 8))
"""Sizes for the dimension variables of a signature, in the order of their names."""


@dataclass(frozen=True)
class Alone:
    """A function of a module, and which choice of sizes it is run with."""

    function: str
    choice: int

    def run(self, namespace: Mapping[str, Any]) -> tuple[str, Any]:
        """The call in words, and what the function answers, its named axes first.

        Raises ValueError where its types are no such ones.
        """
        function = namespace[self.function]
        parameters, result = _declared(function)
        sizes = self._sizes(parameters)
        parameters = {name: one.substitute(sizes) for name, one in parameters.items()}
        arguments = [_example(one) for one in parameters.values()]
        call = f"{self.function}({', '.join(map(str, parameters.values()))})"
        axes = [list(one.named_shape or {}) for one in parameters.values()]
        if not any(axes) and not (result is not None and result.named_shape):
            return call, function(*arguments)
        if result is None:
            raise ValueError("nothing tells which axes the result has")
        known = {axis for names in axes for axis in names}
        out_axes = [*(axis for axis in result.named_shape or {} if axis in known), ...]
        return call, xmap(function, tuple([*names, ...] for names in axes), out_axes)(*arguments)

    def _sizes(self, parameters: Mapping[str, ArrayType]) -> dict[str, int]:
        variables = sorted(frozenset().union(*(one.variables for one in parameters.values())))
        return dict(zip(variables, _CHOICES[self.choice], strict=False))


def calls_alone(namespace: Mapping[str, Any], path: str) -> list[Alone]:
    """The functions of a module that may be run by themselves, with each choice of sizes."""
    found = []
    for name, value in namespace.items():
        if isinstance(value, types.FunctionType) and value.__code__.co_filename == path:
            try:
                parameters, _ = _declared(value)
            except ValueError:
                continue
            choices = range(len(_CHOICES)) if any(one.variables for one in parameters.values()) else range(1)
            found += [Alone(name, choice) for choice in choices if parameters]
    return found


def _declared(function: Any) -> tuple[dict[str, ArrayType], ArrayType | None]:
    """The types of the parameters and of the result. Raises ValueError where one is not that of one array."""
    annotations = {name: _array_type(one) for name, one in function.__annotations__.items()}
    parameters = inspect.signature(function).parameters
    needed = [one for one in parameters.values() if one.default is one.empty]
    if any(one.kind is not one.POSITIONAL_OR_KEYWORD for one in needed):
        raise ValueError("parameters without a position")
    declared = {one.name: annotations.get(one.name) for one in needed}
    complete = {name: one for name, one in declared.items() if one is not None and _is_complete(one)}
    if complete.keys() != declared.keys():
        raise ValueError("parameters without the type of an array")
    result = annotations.get("return")
    return complete, result if result is not None and result.named_shape is not None else None


def _array_type(annotation: Any) -> ArrayType | None:
    if isinstance(annotation, str):
        try:
            annotation = parse(annotation)
        except Exception:  # whatever is not in the notation is not of interest
            return None
    return annotation if isinstance(annotation, ArrayType) else None


def _is_complete(array_type: ArrayType) -> bool:
    named = array_type.named_shape
    return named is not None and array_type.shape.rank is not None


def _example(array_type: ArrayType) -> Any:
    """An array of a type: numbers that all differ, and do not sum up to nothing."""
    named = array_type.named_shape or NO_NAMES
    sizes = (*named.values(), *array_type.shape.dims)
    shape = tuple(size for size in sizes if isinstance(size, int))
    if len(shape) < len(sizes):
        raise ValueError(f"sizes are missing: {array_type}")
    numbers = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
    dtype = dtype_of(array_type.element_type)
    kind = jnp.dtype(dtype).kind
    return jnp.asarray(numbers % 2 == 0 if kind == "b" else numbers % 3 if kind in "iu" else np.cos(numbers), dtype)
