"""Arguments for the callables of the library table: the first of a ranked list of guesses that JAX accepts.

What no guess fits stands in `special_arguments`.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import jax
from semantics.special_arguments import SPECIAL, array, count, key, matrix, number, vector

from named_types.algebra import AxisName, NamedShape
from named_types.semantics import library
from named_types.semantics.library_table import TABLE

Arguments: TypeAlias = tuple[tuple[Any, ...], Mapping[str, Any]]
"""Positional and keyword arguments; `jax.ShapeDtypeStruct` leaves are arrays, all others are plain values."""

AXIS_SIZES: dict[AxisName, int] = {"a": 2, "b": 3}
AXIS_ENV = NamedShape(AXIS_SIZES)
"""The axis names that are bound wherever arguments are tried."""

_KINDS = tuple(array(dtype, *shape) for shape in ((3, 3), (3,), ()) for dtype in ("float32", "int32", "complex64"))
_SETTINGS = (1, (0,), (3,), (3, 3), [0, 1], "float32", vector, count)


def paths(module: str) -> list[str]:
    """The callables of one module of the library table."""
    return [f"{module}.{name}" for name in TABLE[module].split()]


@cache
def arguments_of(path: str) -> Arguments | None:
    """Arguments with an array among them, for which the callable ``path`` gives arrays; None if none are known."""
    if path in SPECIAL:
        return SPECIAL[path]
    function = library.resolve(path)
    assert function is not None
    return next((guess for guess in _guesses(path, function) if arrays_in(guess) and _accepts(function, guess)), None)


def arrays_in(arguments: Arguments) -> list[jax.ShapeDtypeStruct]:
    return [leaf for leaf in jax.tree_util.tree_leaves(arguments) if isinstance(leaf, jax.ShapeDtypeStruct)]


def with_arrays(arguments: Arguments, arrays: Sequence[Any]) -> Arguments:
    """The arguments with other leaves where the arrays are."""
    leaves, structure = jax.tree_util.tree_flatten(arguments, is_leaf=lambda leaf: leaf is None)
    remaining = iter(arrays)
    filled = [next(remaining) if isinstance(leaf, jax.ShapeDtypeStruct) else leaf for leaf in leaves]
    args, kwargs = jax.tree_util.tree_unflatten(structure, filled)
    return args, kwargs


def _accepts(function: Callable[..., Any], arguments: Arguments) -> bool:
    """Whether the function takes these arguments and makes of them at least one array."""
    made = []

    def run(*arrays: Any) -> None:
        args, kwargs = with_arrays(arguments, arrays)
        made.extend(jax.tree_util.tree_leaves(function(*args, **kwargs)))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            jax.make_jaxpr(run, axis_env=list(AXIS_SIZES.items()))(*arrays_in(arguments))
    except Exception:
        return False
    return any(isinstance(leaf, jax.Array) for leaf in made)


def _guesses(path: str, function: Callable[..., Any]) -> Iterator[Arguments]:
    guesses = itertools.chain(_keyed() if path.startswith("jax.random.") else (), _uniform(function), _with_setting())
    return ((args, {}) for args in guesses)


def _keyed() -> Iterator[tuple[Any, ...]]:
    """A random key, a shape where one is asked for, and parameters."""
    for parameters in range(4):
        yield (key, *[vector] * parameters)
        yield (key, (3,), *[vector] * parameters)


def _uniform(function: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Arrays of one kind for the parameters without a default; failing that, for one to four."""
    for kind in _KINDS:
        yield (kind,) * _required_parameters(function)
    for parameters, kind in itertools.product((1, 2, 3, 4), _KINDS[:2]):
        yield (kind,) * parameters


def _with_setting() -> Iterator[tuple[Any, ...]]:
    """An array and an axis, a shape or the like; or a length and an array."""
    yield from itertools.product((*_KINDS[:2], vector), _SETTINGS)
    yield from itertools.product((3,), (number, vector, matrix))


def _required_parameters(function: Callable[..., Any]) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(parameter.default is parameter.empty and parameter.kind in positional for parameter in parameters)
