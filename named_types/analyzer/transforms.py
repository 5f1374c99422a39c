"""Transforms of functions: what `jax.vmap`, `jax.grad` and `jax.value_and_grad` make of them.

Mapping over an axis is xmap over one name that nobody else knows: the axis becomes a named one inside, and
positional again outside. A gradient has the types of what it is taken by. What JAX objects to beyond the body
itself is left to JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import AxisMapping, AxisName, NamedShape
from named_types.analyzer.gradients import ask_for_gradient, watch_gradient
from named_types.analyzer.less_known import lost
from named_types.analyzer.operations import to_plain
from named_types.analyzer.suspicions import ending_here
from named_types.analyzer.values import (
    REPEATED,
    UNKNOWN,
    AbstractArray,
    Args,
    CustomDerivative,
    Differentiated,
    Kwargs,
    Library,
    LibraryFunction,
    Value,
    Vmapped,
    VmappedAxis,
)
from named_types.semantics import ongoing
from named_types.semantics.abstract_array import as_array
from named_types.semantics.mapping import enter, leave
from named_types.semantics.pytrees import tree_map
from named_types.semantics.xmap_axes import XmapAxes

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def make_vmapped(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.vmap(fun, in_axes=0, out_axes=0, axis_name=...)``."""
    given = {**dict(zip(("fun", "in_axes", "out_axes", "axis_name"), args, strict=False)), **kwargs}
    if "fun" not in given or not given.keys() <= {"fun", "in_axes", "out_axes", "axis_name", "axis_size"}:
        return UNKNOWN
    name = given.get("axis_name")
    if name is UNKNOWN:
        return UNKNOWN
    is_named = name is not None
    name = name if is_named else VmappedAxis()
    in_axes = _mappings(to_plain(given.get("in_axes", 0)), name)
    out_axes = _mappings(to_plain(given.get("out_axes", 0)), name)
    size = to_plain(given.get("axis_size"))
    sizes = NamedShape({name: size}) if isinstance(size, int) else NamedShape()
    made_by = LibraryFunction(Library("jax.vmap"), tuple(args), dict(kwargs))
    return Vmapped(given["fun"], XmapAxes(in_axes, out_axes, sizes), is_named, made_by)


def call_vmapped(interp: Interpreter, callee: Vmapped, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """As JAX says; where it cannot be asked, the body is interpreted for one instance."""
    from named_types.analyzer.functions import ask_jax  # here, for it imports JAX

    call = LibraryFunction(callee.made_by, tuple(args), dict(kwargs))
    answer = None if callee.is_named else ask_jax(interp, call, node)
    return _map_over_axis(interp, callee, args, kwargs, node) if answer is None else answer


def _map_over_axis(interp: Interpreter, callee: Vmapped, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    outer = interp.context
    entered = enter(callee.axes, [to_plain(arg) for arg in args], outer.axis_env)
    if kwargs or entered.problems:
        return UNKNOWN
    arguments = [
        arg if inner is UNKNOWN and not isinstance(arg, (AbstractArray, *REPEATED)) else inner
        for inner, arg in zip(entered.arguments, args, strict=True)
    ]
    inside = replace(outer, axis_env=entered.axis_env)
    introduced = entered.axis_env.keys() - outer.axis_env.keys() if callee.is_named else ()
    with interp.within(inside), ongoing.suspended(), ending_here(interp, introduced):
        result = interp.call(callee.function, arguments, {}, node)
    left = leave(callee.axes, to_plain(result), entered.axis_env, outer.axis_env)
    if left.problems:
        return UNKNOWN
    if ongoing.recording() is None:
        return left.results
    from named_types.analyzer.recorded_maps import recorded_map  # here, for it imports JAX

    return recorded_map(interp, callee.function, callee.axes, entered, args, node, inside, left.results)


def _mappings(spec: Any, name: AxisName) -> Any:
    """vmap's axes as axis mappings: an int maps one position, None maps nothing."""

    def mapping(axis: Any) -> Any:
        if axis is None:
            return AxisMapping()
        return AxisMapping(((axis, name),)) if type(axis) is int else UNKNOWN

    return tree_map(mapping, spec, is_leaf=lambda leaf: leaf is None)


def make_differentiated(has_value: bool) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    """``jax.grad(fun, argnums=0, has_aux=False)``, or ``jax.value_and_grad``."""

    def make(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        given = {**dict(zip(("fun", "argnums", "has_aux"), args, strict=False)), **kwargs}
        argnums, has_aux = given.get("argnums", 0), given.get("has_aux", False)
        numbers = argnums if isinstance(argnums, tuple) else (argnums,)
        if "fun" not in given or not isinstance(has_aux, bool) or not all(isinstance(one, int) for one in numbers):
            return UNKNOWN
        path = "jax.value_and_grad" if has_value else "jax.grad"
        made_by = LibraryFunction(Library(path), tuple(args), dict(kwargs))
        return Differentiated(given["fun"], argnums, has_aux, has_value, made_by)

    return make


def call_differentiated(
    interp: Interpreter, callee: Differentiated, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """As JAX says; where it cannot be asked, gradients have the types of the arguments."""
    answer = ask_for_gradient(interp, callee, args, kwargs, node)
    if answer is None:
        return lost(_differentiate(interp, callee, args, kwargs, node))
    watch_gradient(interp, callee, args, kwargs, answer, node)
    return answer


def _differentiate(interp: Interpreter, callee: Differentiated, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    numbers = callee.argnums if isinstance(callee.argnums, tuple) else (callee.argnums,)
    if not all(-len(args) <= number < len(args) for number in numbers):
        return UNKNOWN
    traced = [_traced(arg) if index in {one % len(args) for one in numbers} else arg for index, arg in enumerate(args)]
    result = interp.call(callee.function, traced, kwargs, node)
    value, aux = result if callee.has_aux and isinstance(result, tuple) and len(result) == 2 else (result, UNKNOWN)
    gradients = tuple(_gradient(traced[number], bool(interp.context.axis_env)) for number in numbers)
    gradient = gradients if isinstance(callee.argnums, tuple) else gradients[0]
    if callee.has_value:
        return (result if callee.has_aux else value), gradient
    return (gradient, aux) if callee.has_aux else gradient


def make_custom_derivative(path: str) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    """``jax.custom_jvp(fun)``, ``jax.custom_vjp(fun)``."""

    def make(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        made_by = LibraryFunction(Library(path), tuple(args), dict(kwargs))
        return CustomDerivative(args[0], made_by) if args else UNKNOWN

    return make


def call_custom_derivative(
    interp: Interpreter, callee: CustomDerivative, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """As the function itself; its rules tell what differentiating it does, where that is asked for."""
    if callee.rules and ongoing.recording() is not None:
        from named_types.analyzer.functions import call_with_rules  # here, for it imports JAX

        answer = call_with_rules(interp, callee, args, kwargs, node)
        return lost(interp.call(callee.function, args, kwargs, node)) if answer is None else answer
    return interp.call(callee.function, args, kwargs, node)


def tell_rules(custom: CustomDerivative, method: str, args: Args, kwargs: Kwargs) -> Value:
    """``f.defvjp(forward, backward)``, ``f.defjvp(rule)``, ``f.defjvps(*rules)``; a rule may be defined under it."""
    if method not in ("defvjp", "defjvp", "defjvps") or kwargs:
        return UNKNOWN
    custom.rules[method] = tuple(args)
    return args[0] if method == "defjvp" and args else None


def _traced(argument: Value) -> Value:
    """An argument as the function sees it while it is differentiated: numbers are arrays."""
    if isinstance(argument, (int, float, complex)):
        return as_array(argument)
    return argument


def _gradient(argument: Value, has_axes: bool) -> Value:
    """The gradient by one argument; inside a mapped function it may have the axes of all that the loss has."""

    def of_leaf(leaf: Any) -> Any:
        if not isinstance(leaf, AbstractArray):
            return UNKNOWN
        by = replace(leaf, weak_type=False, library="jax")
        return by.with_named_shape(None) if has_axes else by

    return tree_map(of_leaf, to_plain(argument))
