"""What each kind of callee does when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import AxisName, Shape
from named_types.analyzer import signatures
from named_types.analyzer.abroad import call_into
from named_types.analyzer.annotations import refine
from named_types.analyzer.context import Frame
from named_types.analyzer.functions import call_higher_order
from named_types.analyzer.joins import join
from named_types.analyzer.modules import source_of
from named_types.analyzer.operations import call_library
from named_types.analyzer.python_builtins import BUILTINS, call_container_method, may_change
from named_types.analyzer.scopes import Scope
from named_types.analyzer.special_calls import SPECIAL_CALLS
from named_types.analyzer.summaries import CallKey
from named_types.analyzer.syntax import is_not_interpreted
from named_types.analyzer.transforms import call_custom_derivative, call_differentiated, call_vmapped, tell_rules
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Args,
    CustomDerivative,
    Devices,
    Differentiated,
    Function,
    IndexedUpdate,
    Kwargs,
    Library,
    LibraryFunction,
    Method,
    Partial,
    Value,
    Vmapped,
    Xmapped,
)
from named_types.analyzer.xmap import call_xmapped
from named_types.semantics import library
from named_types.semantics.higher_order import HIGHER_ORDER

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def call_value(interp: Interpreter, callee: Value, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The value of ``callee(*args, **kwargs)``."""
    handler = _CALLS.get(type(callee))
    return UNKNOWN if handler is None else handler(interp, callee, args, kwargs, node)


def call_function(
    interp: Interpreter,
    function: Function,
    args: Args,
    kwargs: Kwargs,
    node: cst.CSTNode,
    liftable: frozenset[AxisName] | None = None,
) -> Value:
    """Interpret a function of the program with these arguments.

    A call of which nothing is known is not followed: it tells no more than the function checked by itself.
    ``liftable`` are the axes that arguments may have beyond their annotation; None for any.
    """
    given = [*args, *kwargs.values()]
    if given and all(value is UNKNOWN for value in given):
        return UNKNOWN
    bindings = signatures.bind(function, args, kwargs)
    return UNKNOWN if bindings is None else run_function(interp, function, bindings, node, liftable)


def run_function(
    interp: Interpreter,
    function: Function,
    bindings: dict[str, Value],
    node: cst.CSTNode,
    liftable: frozenset[AxisName] | None = None,
) -> Value:
    """Interpret a function of the program with its parameters bound."""
    if is_not_interpreted(function.node):
        return UNKNOWN
    frame = Frame(Scope(function.scope), function.name)
    signature = signatures.read_signature(interp, function)
    if not signature.mentions_arrays:
        interp.checked(function)
    signatures.check_arguments(interp, function, signature, bindings, frame, node, liftable)
    frame.scope.declared.update(signature.parameters)
    call = CallKey(function, bindings, frame, interp.context, lambda: interp.container_changes)

    def interpret() -> Value:
        return interp.summaries.remember(call, lambda: _interpret(interp, function, bindings, frame))

    return call_into(interp, source_of(function.scope), node, interpret)


def _interpret(interp: Interpreter, function: Function, bindings: Mapping[str, Value], frame: Frame) -> Value:
    for name, value in bindings.items():
        frame.scope.bind(name, value)
    with interp.entering(function.node, frame) as is_followed:
        if not is_followed:
            return UNKNOWN
        if isinstance(function.node, cst.Lambda):
            return interp.evaluate(function.node.body)
        flow = interp.execute([function.node.body])
        declared = refine(interp, frame.declared_return, UNKNOWN)
        returns = frame.returns if flow.ends_call else [*frame.returns, None if declared is UNKNOWN else declared]
    return _joined(returns or [declared])


def _joined(returns: Sequence[Value]) -> Value:
    result = returns[0]
    for value in returns[1:]:
        result = join(result, value)
    return result


def _call_partial(interp: Interpreter, callee: Partial, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return interp.call(callee.function, [*callee.args, *args], {**callee.kwargs, **kwargs}, node)


def _call_library(interp: Interpreter, callee: Library, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    special = SPECIAL_CALLS.get(callee.path)
    if special is not None:
        return special(interp, args, kwargs, node)
    module, _, name = callee.path.rpartition(".")
    if module == "builtins":
        return BUILTINS[name](interp, args, kwargs, node)
    if library.canonical(callee.path) in HIGHER_ORDER:
        return call_higher_order(interp, callee, args, kwargs, node)
    return call_library(interp, callee.path, args, kwargs, node)


def _call_method(interp: Interpreter, callee: Method, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    receiver = callee.receiver
    if isinstance(receiver, AbstractArray):
        prefix = library.ARRAY if receiver.library == "jax" else "numpy.ndarray"
        return call_library(interp, f"{prefix}.{callee.name}", [receiver, *args], kwargs, node)
    if isinstance(receiver, IndexedUpdate) and receiver.is_indexed:
        path = f"{library.ARRAY}.at.{callee.name}"
        return call_library(interp, path, [receiver.array, receiver.index, *args], kwargs, node)
    if isinstance(receiver, Devices) and callee.name == "reshape":
        return _reshaped(args)
    if isinstance(receiver, CustomDerivative):
        return tell_rules(receiver, callee.name, args, kwargs)
    if may_change(receiver, callee.name):
        interp.container_changes += 1
    return call_container_method(receiver, callee.name, args, kwargs)


def _reshaped(args: Args) -> Value:
    sizes = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    if all(isinstance(size, int) and size >= 0 for size in sizes):
        return Devices(Shape(tuple(sizes)))
    return UNKNOWN


_CALLS: dict[type, Callable[[Any, Any, Args, Kwargs, cst.CSTNode], Value]] = {
    CustomDerivative: call_custom_derivative,
    Function: call_function,
    LibraryFunction: call_higher_order,
    Library: _call_library,
    Method: _call_method,
    Differentiated: call_differentiated,
    Partial: _call_partial,
    Vmapped: call_vmapped,
    Xmapped: call_xmapped,
}
