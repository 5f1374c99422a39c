"""Resource conflicts at the place where the value arises, with the path that led to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from named_types.algebra import ArrayType, AxisName
from named_types.analyzer.syntax import descendants
from named_types.diagnostics.diagnostic import Related
from named_types.diagnostics.place import Place
from named_types.problems import ResourceConflict
from named_types.semantics.mapping import resource_conflicts

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter
    from named_types.semantics.recording import Recording


def report_conflicts(
    interp: Interpreter,
    types: Iterable[ArrayType],
    node: cst.CSTNode,
    where: str | None = None,
    operands: Iterable[ArrayType] = (),
) -> None:
    """Report the first conflict among values that arise at ``node``, but for those that ``operands`` have already."""
    resources = interp.context.axis_resources
    if not resources:
        return
    known = {conflict.axes for operand in operands for conflict in resource_conflicts(operand, resources)}
    for array_type in types:
        for conflict in resource_conflicts(array_type, resources, where):
            if conflict.axes not in known:
                interp.report(conflict, node, conflict_path(interp, conflict), str(array_type))
                return


def report_recorded(interp: Interpreter, found: Recording, given: Iterable[ArrayType], node: cst.CSTNode) -> None:
    """Report the conflicts in what JAX makes of functions of the program, in backward passes and in carries too.

    A carry has the axes that the body adds to it from its first round on, so a conflict may have no value before it.
    """
    resources = interp.context.axis_resources
    if not resources:
        return
    met = {conflict.axes for one in (*given, *found.older()) for conflict in resource_conflicts(one, resources)}
    for made in found.made():
        arising = {conflict.axes for conflict in resource_conflicts(made.value, resources)}
        is_new = not arising <= met
        if is_new or not made.is_passed_on:
            operands = () if is_new else made.operands
            report_conflicts(interp, [made.value], made.place or node, made.where, operands)
        met |= arising


def conflict_path(interp: Interpreter, conflict: ResourceConflict) -> list[Related]:
    """Where each axis entered, and where each was mapped."""
    related = []
    for axis in conflict.axes:
        origin = interp.context.origins.get(axis)
        if origin is None:
            continue
        size = interp.context.axis_env.get(axis)
        entered = f"{axis!r}: {size} enters here with {', '.join(origin.arguments)}"
        related.append(Related(_mention(interp, origin.xmap, "in_axes", 1, axis), entered))
        mapped = f"{axis!r} is mapped to {conflict.resource!r} here"
        related.append(Related(_mention(interp, origin.xmap, "axis_resources", None, axis), mapped))
    return related


def _mention(interp: Interpreter, xmap: cst.CSTNode, keyword: str, index: int | None, axis: AxisName) -> Place:
    """The place of the axis name inside an argument of the xmap call, or of the argument, or of the call."""
    argument = argument_node(xmap, keyword, index)
    for literal in descendants(argument):
        if isinstance(literal, cst.SimpleString) and literal.evaluated_value == axis:
            return interp.positions.place(literal)
    return interp.positions.place(argument)


def argument_node(call: cst.CSTNode, keyword: str, index: int | None) -> cst.CSTNode:
    """The expression of an argument of a call, given by keyword or by position; the call itself without it."""
    if not isinstance(call, cst.Call):
        return call
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == keyword:
            return argument.value
    positional = [argument for argument in call.args if argument.keyword is None]
    if index is None or index >= len(positional) or any(argument.star for argument in positional):
        return call
    return positional[index].value
