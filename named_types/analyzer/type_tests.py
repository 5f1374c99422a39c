"""Questions about the type of a value: `isinstance`, `hasattr`, and the class patterns of `match`."""

from __future__ import annotations

from typing import Any

from named_types.analyzer.class_values import Class, Instance, class_of
from named_types.analyzer.numbers import UNCERTAIN, kind_of
from named_types.analyzer.values import CALLABLES, UNKNOWN, AbstractArray, Library, Value
from named_types.semantics import library

_PYTHON_TYPES: dict[str, Any] = {
    f"builtins.{kind.__name__}": kind for kind in (bool, bytes, complex, dict, float, int, list, set, str, tuple)
}
_JAX_ARRAYS = {library.ARRAY, "jax.numpy.ndarray"}
_NUMPY_ARRAYS = {"numpy.ndarray"}


def is_instance(value: Value, kind: Value) -> bool | None:
    """Whether a value is an instance of a class, or of one of a tuple of classes; None where that is not known.

    A float may be an array where it is traced, so nothing is said of one.
    """
    if isinstance(kind, tuple):
        answers = [is_instance(value, one) for one in kind]
        return True if True in answers else None if None in answers else False
    if value is UNKNOWN or not isinstance(kind, Library):
        return None
    if isinstance(value, AbstractArray):
        return _is_array_of(value, kind.path)
    if kind.path in _JAX_ARRAYS | _NUMPY_ARRAYS:
        return False if isinstance(value, (str, tuple, list, dict, set, int, *CALLABLES)) or value is None else None
    python_type = _PYTHON_TYPES.get(kind.path)
    if python_type is None or isinstance(value, float):
        return None
    if isinstance(value, UNCERTAIN):
        return kind_of(value) is int and python_type is int if kind_of(value) is int else None
    return isinstance(value, python_type) if value is None or type(value) in _PYTHON_TYPES.values() else None


def is_of_class(value: Value, cls: Class) -> bool | None:
    """Whether a value is an instance of a class of the program; None where that is not known."""
    if not cls.is_nominal:
        return None
    own = class_of(value)
    if own is not None:
        known = own.is_subclass(cls)
        is_exact = not isinstance(value, Instance) or value.is_exact
        return None if known is False and not is_exact else known
    return False if value is None or isinstance(value, (AbstractArray, bool, int, float, str)) else None


def _is_array_of(array: AbstractArray, path: str) -> bool | None:
    if path in _PYTHON_TYPES:
        return False if array.library == "jax" or array.type.shape.rank else None
    if path in _JAX_ARRAYS:
        return array.library == "jax"
    if path in _NUMPY_ARRAYS:
        return array.library == "numpy" if array.library == "jax" or array.type.shape.rank else None
    return None


def has_attribute(value: Value, name: Value) -> Value:
    """Whether a value has an attribute, as far as an array is asked for what an array has."""
    if isinstance(value, AbstractArray) and isinstance(name, str):
        return True if name in library.ATTRIBUTES or name in library.public_names(library.ARRAY) else UNKNOWN
    return UNKNOWN
