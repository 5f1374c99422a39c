"""Signatures: read from the syntax; binding arguments to parameters, and holding them against the annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from named_types.algebra import UNKNOWN_DIM, AxisName
from named_types.analyzer.annotations import hold, is_type, read_annotation
from named_types.analyzer.class_sizes import sizes_of_receiver
from named_types.analyzer.class_values import Class
from named_types.analyzer.classes import CELL
from named_types.analyzer.conflicts import argument_node
from named_types.analyzer.context import Frame
from named_types.analyzer.scopes import Scope
from named_types.analyzer.syntax import positional_parameters, single_parameters
from named_types.analyzer.values import Function, Value, VmappedAxis, sampled
from named_types.problems import IncompatibleArgument
from named_types.problems.problem import listed
from named_types.semantics.forms import Form, MappingForm, SequenceForm, declared_arrays, with_sizes
from named_types.semantics.lifting import Lifting, Signature, bound_sizes, extra_axes

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def define(interp: Interpreter, name: str, node: cst.FunctionDef | cst.Lambda) -> Function:
    """The function that a definition makes; its defaults are evaluated here and now."""
    parameters = single_parameters(node)
    defaults = {one.name.value: interp.evaluate(one.default) for one in parameters if one.default is not None}
    return Function(name, node, interp.frame.closure, defaults)


def read_signature(interp: Interpreter, function: Function) -> Signature:
    """Read the annotations of a function in the scope that it closes over."""
    node = function.node
    frame, interp.frame = interp.frame, Frame(_scope_of_annotations(function))
    try:
        parameters: dict[str, Form] = {
            parameter.name.value: read_annotation(interp, parameter.annotation.annotation)
            for parameter in single_parameters(node)
            if parameter.annotation is not None
        }
        returns = node.returns if isinstance(node, cst.FunctionDef) else None
        result = None if returns is None else read_annotation(interp, returns.annotation)
        for one, form_of in ((node.params.star_arg, SequenceForm), (node.params.star_kwarg, MappingForm)):
            if isinstance(one, cst.Param) and one.annotation is not None:
                parameters[one.name.value] = form_of(read_annotation(interp, one.annotation.annotation))
    finally:
        interp.frame = frame
    sizes = function.scope.sizes_around
    return Signature({name: with_sizes(form, sizes) for name, form in parameters.items()}, with_sizes(result, sizes))


def _scope_of_annotations(function: Function) -> Scope:
    """What a function closes over; for a method, with the types that its class defines inside."""
    cls = function.scope.bindings.get(CELL)
    types = {name: value for name, value in cls.attributes.items() if is_type(value)} if isinstance(cls, Class) else {}
    if not types:
        return function.scope
    scope = Scope(function.scope)
    scope.bindings.update(types)
    return scope


@dataclass(frozen=True)
class Misfit:
    """Arguments that Python does not bind to the parameters of a function."""

    reason: str


def bind(function: Function, args: Sequence[Value], kwargs: Mapping[str, Value]) -> dict[str, Value] | Misfit:
    """Parameters to arguments as Python binds them."""
    params = function.node.params
    names = [parameter.name.value for parameter in positional_parameters(function.node)]
    args = [*function.bound, *args]
    bound = dict(zip(names, args, strict=False))
    if isinstance(params.star_arg, cst.Param):
        bound[params.star_arg.name.value] = tuple(args[len(names) :])
    elif len(args) > len(names):
        hidden = len(function.bound)
        return Misfit(f"it has room for {len(names) - hidden} by position, and these are {len(args) - hidden}")
    by_keyword = {parameter.name.value for parameter in [*params.params, *params.kwonly_params]}
    extra = {name: value for name, value in kwargs.items() if name not in by_keyword}
    if params.star_kwarg is not None:
        bound[params.star_kwarg.name.value] = extra
    elif extra:
        return Misfit(f"there is no argument {next(iter(extra))!r}")
    missing = []
    for name in [parameter.name.value for parameter in single_parameters(function.node)]:
        if name in kwargs and name in by_keyword:
            if name in bound:
                return Misfit(f"{name!r} is given twice")
            bound[name] = kwargs[name]
        elif name not in bound:
            if name in function.defaults:
                bound[name] = function.defaults[name]
            else:
                missing.append(repr(name))
    return Misfit(f"it lacks {listed(missing)}") if missing else bound


def check_arguments(
    interp: Interpreter,
    function: Function,
    signature: Signature,
    bindings: dict[str, Value],
    frame: Frame,
    node: cst.CSTNode,
    liftable: frozenset[AxisName] | None,
) -> None:
    """Hold arguments against the signature; fills in what the frame knows of the call.

    An argument that does not fit is reported and taken to be as declared, so that one mistake is told once.
    """
    lifted: set[AxisName] = set()
    arguments = [
        pair
        for name, form in signature.parameters.items()
        for pair in declared_arrays(form, sampled(bindings.get(name)))
    ]
    sizes = bound_sizes([*sizes_of_receiver(interp, function, frame.receiver), *arguments])
    for declared, actual in arguments:
        extra = frozenset(extra_axes(declared, actual, signature.axes))
        lifted |= extra if liftable is None else extra & liftable
    if node is not function.node:
        sizes = {**dict.fromkeys(signature.variables, UNKNOWN_DIM), **sizes}
    frame.scope.sizes = sizes = {**sizes, **function.scope.sizes_around}
    lifted |= {axis for axis in interp.context.axis_env if isinstance(axis, VmappedAxis)}
    frame.lifting, frame.declared_return = Lifting(sizes, frozenset(lifted)), signature.result
    caller, interp.frame = interp.frame, frame
    try:
        for name, form in signature.parameters.items():
            bindings[name] = _hold_parameter(interp, function, name, form, bindings.get(name), node)
    finally:
        interp.frame = caller


def _hold_parameter(
    interp: Interpreter, function: Function, name: str, form: Form, value: Value, call: cst.CSTNode
) -> Value:
    """Hold what a parameter is bound to against its annotation; of ``*args`` and ``**kwargs``, each argument."""
    params = function.node.params
    positional = [parameter.name.value for parameter in positional_parameters(function.node)]

    def held(form: Form, value: Value, keyword: str, index: int | None = None) -> Value:
        place = argument_node(call, keyword, None if index is None else index - len(function.bound))
        return hold(interp, form, value, lambda wrong: IncompatibleArgument(*wrong, name, function.name), place)

    if isinstance(form, SequenceForm) and _is_named(params.star_arg, name) and isinstance(value, tuple):
        return tuple(held(form.item, item, name, len(positional) + index) for index, item in enumerate(value))
    if isinstance(form, MappingForm) and _is_named(params.star_kwarg, name) and isinstance(value, dict):
        return {keyword: held(form.item, item, keyword) for keyword, item in value.items()}
    return held(form, value, name, positional.index(name) if name in positional else None)


def _is_named(parameter: cst.Param | cst.ParamStar | cst.MaybeSentinel | None, name: str) -> bool:
    return isinstance(parameter, cst.Param) and parameter.name.value == name


def parameter_names(function: Function) -> list[str]:
    """Every name the parameters bind, ``*args`` and ``**kwargs`` too."""
    params = function.node.params
    starred = [one for one in (params.star_arg, params.star_kwarg) if isinstance(one, cst.Param)]
    return [parameter.name.value for parameter in [*single_parameters(function.node), *starred]]
