"""Types that a program declares to JAX, or asks it for: `ShapeDtypeStruct`, `eval_shape`, and callbacks' results.

A `ShapeDtypeStruct` is taken for an array of its type: it has the attributes of one, and whoever is handed it asks
no more of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.operations import to_plain
from named_types.analyzer.values import UNKNOWN, AbstractArray, Args, Kwargs, Value
from named_types.semantics.abstract_array import as_array
from named_types.semantics.oracle import evaluate
from named_types.semantics.pytrees import tree_map

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def _struct(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.ShapeDtypeStruct(shape, dtype)``."""
    given = {**dict(zip(("shape", "dtype"), args, strict=False)), **kwargs}
    if not {"shape", "dtype"} <= given.keys():
        return UNKNOWN
    return evaluate("jax.numpy.zeros", [to_plain(given["shape"]), to_plain(given["dtype"])], {}).value


def _eval_shape(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.eval_shape(function, *args, **kwargs)``: numbers are traced, and come out as arrays."""
    function, *given = args
    by_keyword = {name: _traced(arg) for name, arg in kwargs.items()}
    return _traced(to_plain(interp.call(function, [_traced(arg) for arg in given], by_keyword, node)))


def _traced(value: Value) -> Value:
    """A pytree as a traced function sees it: with arrays for numbers."""
    if isinstance(value, (tuple, list, dict)) or as_array(value) is not None:
        return tree_map(lambda leaf: leaf if (array := as_array(leaf)) is None else array, value)
    return value


def _callback(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.pure_callback(callback, result_shape_dtypes, *args)`` gives what is declared, whatever the callback is."""
    given = {**dict(zip(("callback", "result_shape_dtypes"), args, strict=False)), **kwargs}
    if "result_shape_dtypes" not in given:
        return UNKNOWN

    def result(leaf: Any) -> Any:
        if not isinstance(leaf, AbstractArray):
            return UNKNOWN
        made = replace(leaf, weak_type=False, library="jax")
        return made.with_named_shape(None) if interp.context.axis_env else made

    return tree_map(result, to_plain(given["result_shape_dtypes"]))


DECLARED_SHAPES: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "jax.ShapeDtypeStruct": _struct,
    "jax.eval_shape": _eval_shape,
    "jax.experimental.io_callback": _callback,
    "jax.pure_callback": _callback,
}
"""By path."""
