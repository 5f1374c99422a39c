"""NumPy's own functions, asked with small stand-ins.

NumPy has no abstract evaluation, so the real function runs on arrays of zeros and on arrays of distinct
numbers; where the two results differ in shape, the shape depends on values and is unknown. Arrays too large
to make are answered by the jax.numpy function of the same name, whose shapes agree; its element type is
taken over only where it is that of every argument.

Errors are not reported: a stand-in's values may be what NumPy objects to.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import jax
import numpy as np

from named_types.algebra import SHAPED, ArrayType, Shape, element_type_of
from named_types.semantics import library
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray, ScalarType
from named_types.semantics.avals import array_of_aval, dtype_of, shape_dtype_structs

_LARGEST = 1 << 16
"""The number of entries up to which stand-ins are made."""


def evaluate_numpy(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The value of a NumPy call on abstract arrays and plain values; UNKNOWN where it cannot be told."""
    function, twin = _resolve(path), library.resolve(library.twin(path))
    if function is None or twin is None:
        return UNKNOWN
    leaves, structure = jax.tree_util.tree_flatten((tuple(args), dict(kwargs)), is_leaf=lambda leaf: leaf is None)
    leaves = [np.dtype(leaf.name) if isinstance(leaf, ScalarType) else leaf for leaf in leaves]
    arrays = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
    if any(array.library != "numpy" for array in arrays):
        return UNKNOWN
    estimate = _estimate(twin, leaves, structure)
    if estimate is None or _entries(arrays) > _LARGEST or _entries(jax.tree_util.tree_leaves(estimate)) > _LARGEST:
        return UNKNOWN if estimate is None else jax.tree_util.tree_map(lambda leaf: _certain(leaf, arrays), estimate)
    results = [_run(function, leaves, structure, make) for make in (_zeros, _distinct)]
    return results[0] if results[0] == results[1] else UNKNOWN


def _resolve(path: str) -> Callable[..., Any] | None:
    """The NumPy function of a path that has a twin in jax.numpy, or an operator."""
    module, _, name = path.rpartition(".")
    if module == "operator":
        return library.resolve(path)
    if module == "numpy.ndarray":
        return lambda array, *args, **kwargs: _method(array, name)(*args, **kwargs)
    if library.is_ufunc(library.twin(module)):
        return getattr(_resolve(module), name, None)
    return getattr(np, name, None) if module == "numpy" else None


def _method(array: np.ndarray, name: str) -> Any:
    attribute = getattr(array, name)
    return attribute if callable(attribute) else lambda: attribute


def _estimate(twin: Callable[..., Any], leaves: Sequence[Any], structure: Any) -> Any:
    """What jax.numpy gives for these arguments with 64-bit types on; None where it objects."""

    def run(*tracers: Any) -> Any:
        remaining = iter(tracers)
        filled = [next(remaining) if isinstance(leaf, AbstractArray) else leaf for leaf in leaves]
        args, kwargs = jax.tree_util.tree_unflatten(structure, filled)
        return twin(*args, **kwargs)

    try:
        with jax.enable_x64(True):
            result = jax.eval_shape(run, *shape_dtype_structs([a for a in leaves if isinstance(a, AbstractArray)]))
        return jax.tree_util.tree_map(lambda struct: replace(_of_struct(struct), library="numpy"), result)
    except Exception:
        return None


def _of_struct(struct: Any) -> AbstractArray:
    return array_of_aval(jax.core.ShapedArray(struct.shape, struct.dtype))


def _certain(leaf: AbstractArray, arrays: Sequence[AbstractArray]) -> AbstractArray:
    """An estimate without its element type, unless that is the one every argument has."""
    if all(array.type.element_type == leaf.type.element_type for array in arrays):
        return leaf
    return leaf.with_type(replace(leaf.type, element_type=SHAPED))


def _run(function: Callable[..., Any], leaves: Sequence[Any], structure: Any, make: Callable[[Any], Any]) -> Any:
    filled = [make(leaf) if isinstance(leaf, AbstractArray) else leaf for leaf in leaves]
    args, kwargs = jax.tree_util.tree_unflatten(structure, filled)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = function(*args, **kwargs)
    except Exception:
        return UNKNOWN
    return jax.tree_util.tree_map(_abstract, result)


def _abstract(leaf: Any) -> Any:
    """An array or a NumPy number by its type alone; sizes and names of types as they are.

    A truth value is unknown: it may be that of entries, which the stand-ins all answer alike.
    """
    if isinstance(leaf, (np.ndarray, np.generic)):
        element_type = element_type_of(str(leaf.dtype))
        return AbstractArray(ArrayType(element_type, Shape(leaf.shape)), library="numpy")
    return leaf if isinstance(leaf, (int, np.dtype)) and not isinstance(leaf, bool) else UNKNOWN


def _zeros(array: AbstractArray) -> np.ndarray:
    return np.zeros(_sizes(array), dtype_of(array.type.element_type))


def _distinct(array: AbstractArray) -> np.ndarray:
    return np.arange(1, prod(_sizes(array)) + 1).reshape(_sizes(array)).astype(dtype_of(array.type.element_type))


def _sizes(array: AbstractArray) -> tuple[int, ...]:
    return tuple(dim for dim in array.type.shape.dims if isinstance(dim, int))


def _entries(arrays: Sequence[Any]) -> int:
    return sum(prod(_sizes(array)) for array in arrays if isinstance(array, AbstractArray))
