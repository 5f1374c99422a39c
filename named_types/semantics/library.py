"""Which callables may be evaluated, by their public dotted path.

Nothing else is ever called while a program is checked: no prefix rule, no generic getattr, no import of a
module that the tables do not list. A path that is not here is unknown.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.library_table import TABLE, UFUNCS

ARRAY = "jax.Array"
"""Prefix of the methods of an array: ``jax.Array.sum(x, axis=0)`` is ``x.sum(axis=0)``."""

OPERATORS = frozenset(
    f"operator.{name}"
    for name in (
        "abs add and_ eq floordiv ge getitem gt inv le lshift lt matmul mod mul ne neg or_ pos pow rshift sub "
        "truediv xor"
    ).split()
)

_VALUES_MATTER = frozenset(f"operator.{name}" for name in "getitem lshift matmul pow rshift".split())

ELEMENTWISE = (OPERATORS - _VALUES_MATTER) | frozenset(
    f"jax.numpy.{name}"
    for name in (
        "add divide equal floor_divide greater greater_equal less less_equal maximum minimum mod multiply not_equal "
        "remainder subtract true_divide where"
    ).split()
)
"""Callables to which a number among the arguments is an array: types do not depend on its value."""

DIVMODS = ("jax.numpy.divmod", "numpy.divmod")
"""Of JAX and of NumPy."""

INDEXED_UPDATES = frozenset("get set add subtract multiply mul divide power min max".split())
"""``jax.Array.at.set(x, index, value)`` is ``x.at[index].set(value)``."""

ATTRIBUTES = frozenset("T mT real imag shape ndim size dtype nbytes itemsize weak_type".split())
"""``jax.Array.T(x)`` is ``x.T``."""

_OF_COMPUTED_ARRAYS = frozenset("block_until_ready clone device_buffer device_buffers format is_ready platform".split())
"""Attributes that no class of JAX declares for its arrays."""

UFUNC_METHODS = frozenset("accumulate at outer reduce reduceat".split())
"""``jax.numpy.add.reduce(x, axis=0)``."""

LOOP_OVER_NUMBERS = frozenset(
    f"jax.numpy.{name}" for name in "array_split diag_indices diff dsplit hsplit split vsplit".split()
)
"""Callables that loop in Python as often as a number among their arguments says."""

LOOP_OVER_SIZES = frozenset({"jax.lax.unstack", "jax.numpy.histogramdd", "jax.numpy.poly", "jax.numpy.unstack"})
"""Callables that loop in Python over an axis of an argument."""

_RUNTIME = "named_types.runtime"
FACES = {
    f"{_RUNTIME}.{module}": f"jax.{module}"
    for module in (
        "lax nn numpy numpy.fft numpy.linalg random scipy scipy.fft scipy.integrate scipy.signal "
        "scipy.special scipy.stats"
    ).split()
}
"""The faces of the runtime: what each stands in front of. The functions of their own are in the table."""

_IN_FRONT = {f"{_RUNTIME}.maps": _RUNTIME, **dict(sorted(FACES.items(), reverse=True))}
"""Those with parts before the whole."""

REMOVED = {
    "jax.experimental.maps.xmap": f"{_RUNTIME}.xmap",
    "jax.experimental.maps.mesh": f"{_RUNTIME}.mesh",
    "jax.experimental.maps.Mesh": f"{_RUNTIME}.Mesh",
    "jax.experimental.maps.SerialLoop": f"{_RUNTIME}.SerialLoop",
    "jax.experimental.maps.serial_loop": f"{_RUNTIME}.serial_loop",
    "jax.lax.pdot": f"{_RUNTIME}.lax.pdot",
    "jax.lax.xeinsum": f"{_RUNTIME}.lax.xeinsum",
    "jax.numpy.in1d": "jax.numpy.isin",
    "jax.numpy.product": "jax.numpy.prod",
    "jax.numpy.row_stack": "jax.numpy.vstack",
    "jax.numpy.trapz": "jax.scipy.integrate.trapezoid",
    "jax.partial": "functools.partial",
    "jax.tree_flatten": "jax.tree.flatten",
    "jax.tree_leaves": "jax.tree.leaves",
    "jax.tree_map": "jax.tree.map",
    "jax.tree_multimap": "jax.tree.map",
    "jax.tree_structure": "jax.tree.structure",
    "jax.tree_unflatten": "jax.tree.unflatten",
}
"""What JAX has removed, and the path that does it now."""

_ALIASES = {
    "jax.numpy.ndarray": ARRAY,
    "jax.scipy.special.logsumexp": "jax.nn.logsumexp",
}


@lru_cache(maxsize=4096)
def canonical(path: str) -> str:
    """The one path of a callable: a face's name that is not its own is the one of the module behind it."""
    module, _, name = path.rpartition(".")
    if path in FACES or (module in FACES and name in _names(module)):
        return _ALIASES.get(path, path)
    for face, behind in _IN_FRONT.items():
        if path.startswith(f"{face}."):
            return canonical(behind + path[len(face) :])
    return _ALIASES.get(path, path)


def behind(path: str) -> str:
    """The path of the function of JAX in front of which a face's own stands; any other path itself."""
    module, _, name = path.rpartition(".")
    return f"{FACES[module]}.{name}" if module in FACES else path


@cache
def may_be_evaluated(path: str) -> bool:
    """Whether the callable behind a path may be evaluated: one of NumPy, where jax.numpy has one of that name."""
    path = canonical(twin(path))
    module, _, name = path.rpartition(".")
    if path in OPERATORS or name in _names(module) or (name in UFUNC_METHODS and is_ufunc(module)):
        return True
    return name in {f"{ARRAY}.at": INDEXED_UPDATES, ARRAY: ATTRIBUTES}.get(module, ())


def is_ufunc(path: str) -> bool:
    """Whether a function of jax.numpy has methods."""
    module, _, name = path.rpartition(".")
    return module == "jax.numpy" and name in UFUNCS


def twin(path: str) -> str:
    """The path of the function of JAX that stands for one of NumPy; any other path itself."""
    if path.startswith("numpy.ndarray."):
        return ARRAY + path.removeprefix("numpy.ndarray")
    return f"jax.{path}" if path.startswith("numpy.") else path


@cache
def resolve(path: str) -> Callable[..., Any] | None:
    """The callable behind a path that may be evaluated; None for any other path, and for one of NumPy."""
    path = canonical(path)
    if path.startswith("numpy.") or not may_be_evaluated(path):
        return None
    module, _, name = path.rpartition(".")
    if path in OPERATORS:
        function: Callable[..., Any] = getattr(operator, name)
        return function
    if module == f"{ARRAY}.at":
        return lambda array, index, *args, **kwargs: getattr(array.at[index], name)(*args, **kwargs)
    if module == ARRAY and name in ATTRIBUTES:
        return operator.attrgetter(name)
    if module == ARRAY:
        return lambda array, *args, **kwargs: getattr(array, name)(*args, **kwargs)
    if is_ufunc(module):
        method: Callable[..., Any] = getattr(resolve(module), name)
        return method
    return getattr(importlib.import_module(module), name, None)


def path_of_divmod(operands: Iterable[object]) -> str:
    """The function that stands for ``divmod(x, y)`` of arrays, which Python has no operator for."""
    libraries = {one.library for one in operands if isinstance(one, AbstractArray)}
    return DIVMODS[1] if libraries == {"numpy"} else DIVMODS[0]


@cache
def is_attribute_of_arrays(name: str) -> bool:
    """Whether arrays of JAX, traced ones or others, may have an attribute; private ones are JAX's own business."""
    if name.startswith("_") or name in ATTRIBUTES or name in _names(ARRAY) or name in _OF_COMPUTED_ARRAYS:
        return True
    jax = importlib.import_module("jax")
    return any(hasattr(kind, name) for kind in (jax.Array, jax.core.Tracer, jax.core.ShapedArray))


def public_names(module: str) -> frozenset[str]:
    """The callables of a module that may be evaluated."""
    return _names(FACES.get(module, "")) | _names(module)


@cache
def _names(module: str) -> frozenset[str]:
    return frozenset(TABLE.get(module, "").split())
