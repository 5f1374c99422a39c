"""xmap calls: read where they are written, typed and followed into the body where they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.algebra import ArrayType, AxisMapping, AxisResources, eliminate
from named_types.analyzer.conflicts import argument_node, report_conflicts
from named_types.analyzer.context import AxisOrigin, Context
from named_types.analyzer.misfits import report_misfit
from named_types.analyzer.operations import arrays_in, to_literal, to_plain
from named_types.analyzer.resources import resources_in_scope
from named_types.analyzer.suspicions import ending_here
from named_types.analyzer.syntax import positional_parameters
from named_types.analyzer.values import (
    REPEATED,
    UNKNOWN,
    AbstractArray,
    Function,
    Partial,
    Value,
    Xmapped,
    is_forgotten,
)
from named_types.problems import (
    AxisMappingStructure,
    InvalidAxisMapping,
    LeakedNamedAxis,
    Problem,
    RankMismatch,
    RepeatedResource,
    ResourceConflict,
    UnboundAxisName,
)
from named_types.problems.problem import listed
from named_types.semantics import ongoing
from named_types.semantics.donation import read_donated
from named_types.semantics.mapping import (
    Entered,
    check_mesh,
    check_resources,
    enter,
    leave,
    match_arguments,
    unmapped_keywords,
)
from named_types.semantics.pytrees import tree_leaves
from named_types.semantics.xmap_axes import XmapAxes, read_xmap_axes

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_PARAMETERS = ("fun", "in_axes", "out_axes")


def make_xmapped(interp: Interpreter, args: Sequence[Value], kwargs: Mapping[str, Value], node: cst.CSTNode) -> Value:
    """The value of ``xmap(fun, in_axes, out_axes, axis_sizes=..., axis_resources=...)``."""
    given = {**dict(zip(_PARAMETERS, args, strict=False)), **kwargs}
    missing = [repr(name) for name in _PARAMETERS if name not in given]
    if missing:
        report_misfit(interp, "xmap", args, kwargs, f"it lacks {listed(missing)}", node)
        return UNKNOWN
    axes, problems = read_xmap_axes(
        *(to_literal(given.get(name)) for name in ("in_axes", "out_axes")),
        *(_by_axis(given.get(name)) for name in ("axis_sizes", "axis_resources")),
    )
    for problem in problems:
        interp.report(problem, _place(node, problem))
    donated = read_donated(to_plain(given.get("donate_argnums", ())), axes, None)
    if isinstance(donated, InvalidAxisMapping):
        interp.report(donated, _place(node, donated))
    if problems:
        return UNKNOWN
    xmapped = Xmapped(given["fun"], axes, node)
    _check_annotated(interp, xmapped, node)
    return xmapped


def _by_axis(value: Value) -> Value:
    """A dict by axis name: no pytree, its keys need not sort."""
    if type(value) is not dict or is_forgotten(value):
        return to_literal(value)
    return {key: to_literal(item) for key, item in value.items()}


def call_xmapped(
    interp: Interpreter, callee: Xmapped, args: Sequence[Value], kwargs: Mapping[str, Value], node: cst.CSTNode
) -> Value:
    """The value of a call of a mapped function: its body is interpreted with the named axes in place."""
    outer = interp.context
    if kwargs:
        interp.report(unmapped_keywords(kwargs), node)
        return UNKNOWN
    entered = enter(callee.axes, [to_plain(arg) for arg in args], outer.axis_env)
    scope = resources_in_scope(interp)
    problems = [*entered.problems, *check_resources(callee.axes, entered.axis_env, scope, outer.taken)]
    problems += check_mesh(callee.axes, outer.axis_env, (scope or {}).keys() - outer.loops_in_scope - outer.taken)
    for problem in problems:
        interp.report(problem, node)
    if any(isinstance(problem, AxisMappingStructure) for problem in problems):
        return UNKNOWN
    inside = _inside(interp, callee, entered, node)
    with (
        interp.within(inside),
        ongoing.suspended(),
        ending_here(interp, entered.axis_env.keys() - outer.axis_env.keys()),
    ):
        report_conflicts(interp, arrays_in(entered.arguments), node)
        arguments = [
            inner if inner is not UNKNOWN else _kept(arg) for inner, arg in zip(entered.arguments, args, strict=True)
        ]
        result = _call_inside(interp, callee.function, arguments, node, frozenset(outer.axis_env))
        left = leave(callee.axes, to_plain(result), entered.axis_env, outer.axis_env)
        for problem in left.problems:
            if isinstance(problem, ResourceConflict):
                place = _place(callee.node, problem)
                report_conflicts(interp, [problem.value], place, problem.where, arrays_in(result))
            else:
                interp.report(problem, _place(callee.node, problem))
    if ongoing.recording() is None:
        return left.results
    from named_types.analyzer.recorded_maps import recorded_map  # here, for it imports JAX

    return recorded_map(interp, callee.function, callee.axes, entered, args, node, inside, left.results)


def _kept(arg: Value) -> Value:
    """What is no array passes as it is where it cannot be mapped, an array's type is unknown."""
    return arg if not isinstance(arg, (AbstractArray, int, float, *REPEATED)) else UNKNOWN


def _call_inside(
    interp: Interpreter, function: Value, args: Sequence[Value], node: cst.CSTNode, liftable: frozenset[object]
) -> Value:
    """Call the mapped function: its annotations must match exactly, but for the axes of xmaps around."""
    if isinstance(function, Function):
        return interp.call_function(function, args, {}, node, liftable)
    if isinstance(function, Partial) and isinstance(function.function, Function):
        return interp.call_function(function.function, [*function.args, *args], function.kwargs, node, liftable)
    return interp.call(function, args, {}, node)


def _inside(interp: Interpreter, callee: Xmapped, entered: Entered, node: cst.CSTNode) -> Context:
    """The context of the body."""
    outer = interp.context
    parameters = _parameter_names(callee.function, len(entered.arguments))
    introduced: dict[object, tuple[str, ...]] = {}
    for name, argument in zip(parameters, entered.arguments, strict=True):
        for array_type in arrays_in(argument):
            for axis in array_type.named_shape or ():
                introduced[axis] = (*introduced.get(axis, ()), name)
    origins = {axis: AxisOrigin(callee.node, names) for axis, names in introduced.items() if axis not in outer.axis_env}
    return replace(
        outer,
        axis_env=entered.axis_env,
        axis_resources=AxisResources({**outer.axis_resources, **callee.axes.axis_resources}),
        taken=outer.taken.union(callee.axes.axis_resources.resources_of(callee.axes.axis_resources)),
        origins={**outer.origins, **origins},
        call_site=outer.call_site if interp.is_abroad else node,
    )


def _parameter_names(function: Value, count: int) -> list[str]:
    """What to call the arguments in a message."""
    if isinstance(function, Function):
        names = [parameter.name.value for parameter in positional_parameters(function.node)]
        if len(names) >= count:
            return names[:count]
    return [f"argument {index}" for index in range(count)]


def _place(call: cst.CSTNode, problem: Problem) -> cst.CSTNode:
    """The argument of the xmap call a problem is about."""
    match problem:
        case InvalidAxisMapping() | AxisMappingStructure() | RankMismatch():
            keyword = problem.argument.split("[")[0].split(" ")[0]
        case UnboundAxisName():
            keyword = problem.operation or ""
        case RepeatedResource():
            keyword = "axis_resources"
        case LeakedNamedAxis() | ResourceConflict():
            keyword = "out_axes"
        case _:
            return call
    return argument_node(call, keyword, _PARAMETERS.index(keyword) if keyword in _PARAMETERS else None)


def _check_annotated(interp: Interpreter, xmapped: Xmapped, node: cst.CSTNode) -> None:
    """Verify the body of a function whose annotations tell its arguments, called or not."""
    if not isinstance(xmapped.function, Function):
        return
    declared = interp.signature_of(xmapped.function).parameters
    parameters = positional_parameters(xmapped.function.node)
    forms = [form for one in parameters if isinstance(form := declared.get(one.name.value), ArrayType)]
    is_told = len(forms) == len(parameters) and all(one.default is None for one in parameters)
    if not forms or not is_told or _is_unknown(xmapped.axes):
        return
    inner = tuple(AbstractArray(form) for form in forms)
    mappings = match_arguments(xmapped.axes, inner)
    if isinstance(mappings, AxisMappingStructure):
        interp.report(mappings, _place(node, mappings))
        return
    positional = [
        AbstractArray(eliminate(mapping, form)) if isinstance(mapping, AxisMapping) else UNKNOWN
        for mapping, form in zip(mappings, forms, strict=True)
    ]
    with interp.within(replace(interp.context, resources_in_scope=None)):
        call_xmapped(interp, xmapped, positional, {}, node)


def _is_unknown(axes: XmapAxes) -> bool:
    return UNKNOWN in tree_leaves((axes.in_axes, axes.out_axes))
