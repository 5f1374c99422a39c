"""What each kind of callee does when it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import AxisName
from named_types.analyzer import signatures
from named_types.analyzer.abroad import call_into
from named_types.analyzer.annotations import refine
from named_types.analyzer.class_values import Class, Factory, Instance, Property, PytreeRecord, Record
from named_types.analyzer.containers import call_container_method, may_change
from named_types.analyzer.context import Frame
from named_types.analyzer.data_classes import DataclassDecorator, call_decorator
from named_types.analyzer.declared_callables import call_declared
from named_types.analyzer.dunders import call_instance, special_method
from named_types.analyzer.instances import construct
from named_types.analyzer.joins import join
from named_types.analyzer.misfits import is_misfit, is_no_function, report_misfit, report_no_function
from named_types.analyzer.modules import source_of
from named_types.analyzer.object_builtins import with_accessor
from named_types.analyzer.operations import call_library
from named_types.analyzer.python_builtins import BUILTINS
from named_types.analyzer.pytrees import call_structure_method
from named_types.analyzer.resources import call_method_of_devices
from named_types.analyzer.scopes import Scope
from named_types.analyzer.special_calls import SPECIAL_CALLS
from named_types.analyzer.standard_library import STANDARD_LIBRARY
from named_types.analyzer.summaries import CallKey
from named_types.analyzer.syntax import attributes_set_in, is_coroutine, is_generator
from named_types.analyzer.transforms import call_custom_derivative, call_differentiated, call_vmapped, tell_rules
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Args,
    Awaitable,
    CustomDerivative,
    DeclaredCallable,
    Devices,
    Differentiated,
    Function,
    IndexedUpdate,
    Kwargs,
    Library,
    LibraryFunction,
    Manager,
    ManagerCall,
    Method,
    Native,
    Partial,
    Value,
    Vmapped,
    Xmapped,
    is_forgotten,
)
from named_types.analyzer.xmap import call_xmapped
from named_types.semantics import library
from named_types.semantics.higher_order import HIGHER_ORDER
from named_types.semantics.pytrees import is_structure

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def call_value(interp: Interpreter, callee: Value, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The value of ``callee(*args, **kwargs)``."""
    handler = _CALLS.get(type(callee))
    if handler is None and special_method(callee, "__call__") is not None:
        handler = call_instance
    if handler in (None, call_instance) and is_no_function(callee):
        report_no_function(interp, callee, node)
    if handler is None:
        interp.escape([callee, *args, *kwargs.values()])
    value = UNKNOWN if handler is None else handler(interp, callee, args, kwargs, node)
    if value is UNKNOWN:
        interp.context.suspicions.happened(None)
    return value


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
    given = [*function.bound, *args, *kwargs.values()]
    bindings = signatures.bind(function, args, kwargs)
    if isinstance(bindings, signatures.Misfit):
        if not function.is_virtual:
            report_misfit(interp, function.name, args, kwargs, bindings.reason, node)
        return _not_followed(interp, function, given)
    if given and all(value is UNKNOWN for value in given):
        return _not_followed(interp, function, given)
    for name, value in bindings.items():
        if isinstance(value, Factory):
            bindings[name] = interp.call(value.function, [], {}, node)
    result = run_function(interp, function, bindings, node, liftable)
    return Awaitable(result) if is_coroutine(function.node) else result


def run_function(
    interp: Interpreter,
    function: Function,
    bindings: dict[str, Value],
    node: cst.CSTNode,
    liftable: frozenset[AxisName] | None = None,
    at_yield: Callable[[Value], None] | None = None,
) -> Value:
    """Interpret a function of the program with its parameters bound."""
    if is_coroutine(function.node) and is_generator(function.node):
        return _not_followed(interp, function, bindings.values())
    receiver = next(iter(bindings.values()), None)
    frame = Frame(Scope(function.scope), function.name, at_yield=at_yield, receiver=receiver)
    signature = signatures.read_signature(interp, function)
    if not signature.mentions_arrays and not interp.is_guarded:
        interp.checked(function)
    signatures.check_arguments(interp, function, signature, bindings, frame, node, liftable)
    if function.is_virtual:
        interp.escape(bindings.values())
        return _declared_result(interp, frame)
    frame.scope.declared.update(signature.parameters)
    leaves_out = interp.may_not_run and any(value is None for value in bindings.values())
    call = CallKey(function, bindings, frame, interp.context, lambda: interp.heap.version, leaves_out)

    def interpret() -> Value:
        if at_yield is not None:
            return _interpret(interp, function, bindings, frame)
        return interp.summaries.remember(call, lambda: _interpret(interp, function, bindings, frame))

    return call_into(interp, source_of(function.scope), node, interpret)


def _interpret(interp: Interpreter, function: Function, bindings: Mapping[str, Value], frame: Frame) -> Value:
    for name, value in bindings.items():
        frame.scope.bind(name, value)
    with interp.entering(function.node, frame) as is_followed:
        if not is_followed:
            return _not_followed(interp, function, bindings.values())
        if isinstance(function.node, cst.Lambda):
            return interp.evaluate(function.node.body)
        version = interp.heap.version
        flow = interp.execute([function.node.body])
        if frame.at_yield is not None:
            return UNKNOWN
        if is_generator(function.node):
            if interp.heap.version != version:
                _not_followed(interp, function, bindings.values())
            return UNKNOWN if frame.handed_out is None else frame.handed_out
        declared = refine(interp, frame.declared_return, UNKNOWN)
        returns = frame.returns if flow.ends_call else [*frame.returns, None if declared is UNKNOWN else declared]
    return _joined(returns or [declared])


def _not_followed(interp: Interpreter, function: Function, given: Iterable[Value]) -> Value:
    """The function does what it does, and a generator when it does: to its arguments, and the attributes it sets."""
    interp.escape(given)
    for name in attributes_set_in(function.node):
        interp.heap.forget_attribute(name)
    return UNKNOWN


def _declared_result(interp: Interpreter, frame: Frame) -> Value:
    """What a function returns that is known by its signature alone."""
    caller, interp.frame = interp.frame, frame
    try:
        return refine(interp, frame.declared_return, UNKNOWN)
    finally:
        interp.frame = caller


def _joined(returns: Sequence[Value]) -> Value:
    result = returns[0]
    for value in returns[1:]:
        result = join(result, value)
    return result


def _call_manager(interp: Interpreter, callee: Manager, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if isinstance(callee.function, Function):
        return ManagerCall(callee.function, tuple(args), dict(kwargs), node)
    interp.escape([*args, *kwargs.values()])
    return UNKNOWN


def _call_native(interp: Interpreter, callee: Native, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return callee.function(interp, args, kwargs, node)


def _call_partial(interp: Interpreter, callee: Partial, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return interp.call(callee.function, [*callee.args, *args], {**callee.kwargs, **kwargs}, node)


def _call_library(interp: Interpreter, callee: Library, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if is_misfit(interp, callee.path, args, kwargs, node):
        interp.escape([*args, *kwargs.values()])
        return UNKNOWN
    special = SPECIAL_CALLS.get(callee.path)
    if special is not None:
        return special(interp, args, kwargs, node)
    module, _, name = callee.path.rpartition(".")
    if module == "builtins":
        return BUILTINS[name](interp, args, kwargs, node)
    if callee.path in STANDARD_LIBRARY:
        return STANDARD_LIBRARY[callee.path](interp, args, kwargs, node)
    if library.canonical(callee.path) in HIGHER_ORDER:
        return _call_higher_order(interp, callee, args, kwargs, node)
    if callee.path.partition(".")[0] not in _READING:
        interp.escape([*args, *kwargs.values()])
    return call_library(interp, callee.path, args, kwargs, node)


def _call_higher_order(
    interp: Interpreter, callee: Library | LibraryFunction, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    from named_types.analyzer.functions import call_higher_order  # here, for it imports JAX

    return call_higher_order(interp, callee, args, kwargs, node)


_READING = frozenset(
    "abc collections contextlib copy dataclasses einops enum functools itertools jax json logging math named_types "
    "numpy operator optax os pathlib pickle pprint sys time typing warnings".split()
)
"""Libraries that set no attributes of what they are given."""


def _call_method(interp: Interpreter, callee: Method, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    receiver = callee.receiver
    if isinstance(receiver, Property):
        return with_accessor(receiver, callee.name, args)
    if isinstance(receiver, AbstractArray):
        prefix = library.ARRAY if receiver.library == "jax" else "numpy.ndarray"
        return call_library(interp, f"{prefix}.{callee.name}", [receiver, *args], kwargs, node)
    if isinstance(receiver, IndexedUpdate) and receiver.is_indexed:
        path = f"{library.ARRAY}.at.{callee.name}"
        return call_library(interp, path, [receiver.array, receiver.index, *args], kwargs, node)
    if isinstance(receiver, IndexedUpdate) and callee.name in library.INDEXED_UPDATES:
        report_misfit(interp, f"x.at.{callee.name}", args, kwargs, "it lacks an index, x.at[index]", node)
        return UNKNOWN
    if isinstance(receiver, Devices):
        return call_method_of_devices(receiver, callee.name, args)
    if is_structure(receiver):
        return call_structure_method(interp, callee, args, kwargs, node)
    if isinstance(receiver, CustomDerivative):
        return tell_rules(receiver, callee.name, args, kwargs)
    if is_forgotten(receiver):
        interp.leak([*args, *kwargs.values()])
    if may_change(receiver, callee.name):
        interp.heap.changing(receiver)
    return call_container_method(receiver, callee.name, args, kwargs)


_CALLS: dict[type, Callable[[Any, Any, Args, Kwargs, cst.CSTNode], Value]] = {
    Class: construct,
    CustomDerivative: call_custom_derivative,
    DeclaredCallable: call_declared,
    DataclassDecorator: call_decorator,
    Function: call_function,
    Instance: call_instance,
    LibraryFunction: _call_higher_order,
    Library: _call_library,
    Manager: _call_manager,
    Method: _call_method,
    Native: _call_native,
    Differentiated: call_differentiated,
    Partial: _call_partial,
    PytreeRecord: call_instance,
    Record: call_instance,
    Vmapped: call_vmapped,
    Xmapped: call_xmapped,
}
