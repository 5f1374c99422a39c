"""Functions of the program given to JAX, and functions that JAX gives back.

A call such as ``lax.scan(body, init, xs)`` is answered by JAX itself: in place of ``body`` it gets a function
that interprets the body with the types of the tracers it is called with, and answers with stand-ins of the types
that come out. So the body is checked at its own lines, with the types that JAX gives it, and JAX objects to a
carry that changes its type. A body of whose results something is not known makes the whole call unknown.

What JAX returns may be a function again: that is kept as the call which made it, and made anew when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import libcst as cst
import numpy as np

from named_types.algebra import NO_NAMES
from named_types.analyzer.class_values import Instance, Record
from named_types.analyzer.container_types import TREES
from named_types.analyzer.dunders import special_method
from named_types.analyzer.operations import arrays_in, to_plain
from named_types.analyzer.registered_classes import as_pytree, mapped
from named_types.analyzer.values import (
    CALLABLES,
    UNKNOWN,
    AbstractArray,
    Args,
    CustomDerivative,
    Kwargs,
    Library,
    LibraryFunction,
    Method,
    Value,
    tuple_like,
)
from named_types.semantics.abstract_array import RETURNED_FUNCTION
from named_types.semantics.avals import array_of_aval
from named_types.semantics.higher_order import TRANSFORMATIONS, resolve_higher_order
from named_types.semantics.oracle import evaluate_with_functions
from named_types.semantics.stand_in import stand_in

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


class _UnfollowedError(Exception):
    """What a function of the program gives is not known."""


def call_higher_order(
    interp: Interpreter, callee: Library | LibraryFunction, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """The value of a call of a library function that takes functions, or of a function that one has given."""
    answer = ask_jax(interp, LibraryFunction(callee, tuple(args), dict(kwargs)), node)
    return UNKNOWN if answer is None else answer


def ask_jax(interp: Interpreter, call: LibraryFunction, node: cst.CSTNode) -> Value:
    """What a call gives: UNKNOWN where JAX objects to it, which is reported; None where it cannot be asked."""
    if isinstance(call.function, Library) and call.path in TRANSFORMATIONS:
        return call
    calls = [_with_methods(one) for one in _chain(call)]
    if call.path in _FUNCTIONS_COME_LATER and any(special_method(one, "__call__") for one in call.args):
        return None
    given = [_for_jax(interp, (list(one.args), dict(one.kwargs)), node) for one in calls]
    made = resolve_higher_order(call.path)
    if made is None or _has_names(interp, given):
        return None

    def run(*given: Any) -> Any:
        function: Any = made
        for one, (args, kwargs) in zip(calls, given, strict=True):
            function = function(*args, **kwargs)
            if one.index is not None:
                function = jax.tree_util.tree_leaves(function, is_leaf=_is_leaf)[one.index]
        return function

    outcome = evaluate_with_functions(call.path, run, given)
    if outcome.problem is not None:
        interp.report(outcome.problem, node)
        return UNKNOWN
    return None if outcome.value is UNKNOWN else _from_jax(outcome.value, call)


def _chain(function: LibraryFunction) -> list[LibraryFunction]:
    """The calls that make a function, the first one first."""
    calls = [function]
    while isinstance(callee := calls[0].function, LibraryFunction):
        calls.insert(0, callee)
    return calls


_FUNCTIONS_COME_LATER = ("jax.lax.cond", "jax.lax.fori_loop", "jax.lax.switch", "jax.lax.while_loop")


def _with_methods(call: LibraryFunction) -> LibraryFunction:
    """With the method that is called in place of an instance that is given as the function."""
    is_transformation = bool(call.args) and isinstance(call.function, Library)
    method = special_method(call.args[0], "__call__") if is_transformation else None
    return call if method is None else replace(call, args=(method, *call.args[1:]))


def _has_names(interp: Interpreter, given: Any) -> bool:
    """Whether named axes are about: what JAX would make of them is not asked here."""
    return bool(interp.context.axis_env) or any(one.named_shape != NO_NAMES for one in arrays_in(given))


def _for_jax(interp: Interpreter, value: Value, node: cst.CSTNode) -> Any:
    """A pytree of values as JAX is given it, with a Python function for each function."""
    if isinstance(value, CustomDerivative) and value.rules:
        return _with_rules(interp, value, node)
    if isinstance(value, (*CALLABLES, Method)):
        dtype = to_plain(value)
        return callback(interp, value, node) if dtype is UNKNOWN else dtype
    if isinstance(value, tuple):
        return tuple_like(value, [_for_jax(interp, item, node) for item in value])
    if type(value) is list:
        return [_for_jax(interp, item, node) for item in value]
    if isinstance(value, (Instance, Record)):
        pytree = as_pytree(value)
        return UNKNOWN if pytree is None else mapped(lambda child: _for_jax(interp, child, node), pytree)
    if type(value) in TREES:
        return type(value)((key, _for_jax(interp, item, node)) for key, item in value.items())
    return to_plain(value)


def callback(interp: Interpreter, function: Value, node: cst.CSTNode) -> Callable[..., Any]:
    """A Python function that interprets ``function`` with the types of the tracers it is called with."""

    def call(*args: Any, **kwargs: Any) -> Any:
        result = interp.call(function, _abstract(list(args)), _abstract(dict(kwargs)), node)
        return jax.tree_util.tree_map(_concrete, to_plain(result), is_leaf=_is_leaf)

    call.__name__ = getattr(function, "name", "function")
    return call


def _with_rules(interp: Interpreter, custom: CustomDerivative, node: cst.CSTNode) -> Any:
    """JAX's own object for a function with derivatives of its own: JAX calls the rules and checks what they give."""
    made = {"jax.custom_jvp": jax.custom_jvp, "jax.custom_vjp": jax.custom_vjp}[custom.made_by.path]
    args, kwargs = custom.made_by.args[1:], custom.made_by.kwargs
    function: Any = made(callback(interp, custom.function, node), *args, **kwargs)
    for name, rules in custom.rules.items():
        given = [rule if rule is None else callback(interp, rule, node) for rule in rules]
        getattr(function, name)(*given)
    return function


def _abstract(tree: Any) -> Any:
    def of_leaf(leaf: Any) -> Any:
        if isinstance(leaf, (jax.Array, np.ndarray, np.generic)):
            return array_of_aval(jax.typeof(leaf))
        return leaf if isinstance(leaf, (bool, int, float, complex, str)) or leaf is None else UNKNOWN

    return jax.tree_util.tree_map(of_leaf, tree, is_leaf=_is_leaf)


def _is_leaf(node: Any) -> bool:
    return node is None or callable(node)


def _concrete(leaf: Any) -> Any:
    if isinstance(leaf, AbstractArray):
        return stand_in(leaf)
    if leaf is UNKNOWN:
        raise _UnfollowedError
    return leaf


def _from_jax(value: Any, call: LibraryFunction) -> Value:
    """The results, with a function for each one that JAX returned."""
    leaves, structure = jax.tree_util.tree_flatten(value, is_leaf=_is_leaf)
    functions = [
        LibraryFunction(call.function, call.args, call.kwargs, index) if leaf is RETURNED_FUNCTION else leaf
        for index, leaf in enumerate(leaves)
    ]
    return jax.tree_util.tree_unflatten(structure, functions)
