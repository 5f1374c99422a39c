"""Assignment: binding names, unpacking, setting items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.annotations import check_declared
from named_types.analyzer.class_values import Record
from named_types.analyzer.instances import set_attribute
from named_types.analyzer.items import delete_item, set_item
from named_types.analyzer.modules import ProgramModule
from named_types.analyzer.operations import iterated
from named_types.analyzer.resources import read_variable
from named_types.analyzer.shown import shown
from named_types.analyzer.values import UNKNOWN, AbstractArray, Library, Value
from named_types.problems import InvalidOperation

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_ENVIRONMENT = Library("os.environ")


def assign(interp: Interpreter, target: cst.CSTNode, value: Value, source: cst.CSTNode | None = None) -> None:
    """Bind a target: a name, a tuple of targets, an attribute or an item.

    The value of an annotated name must fit the annotation, which is reported at ``source``, or else at the name.
    """
    match target:
        case cst.Name():
            interp.frame.scope.bind(target.value, check_declared(interp, target.value, value, source or target))
        case cst.Tuple() | cst.List():
            _unpack(interp, target, value, source)
        case cst.Attribute():
            _assign_attribute(interp, target, value, source or target)
        case cst.Subscript():
            _assign_item(interp, target, value)


def delete(interp: Interpreter, target: cst.CSTNode) -> None:
    """Unbind a name; of a container without one of its items nothing is known."""
    match target:
        case cst.Name():
            interp.frame.scope.bind(target.value, UNKNOWN)
        case cst.Tuple() | cst.List():
            for element in target.elements:
                delete(interp, element.value)
        case cst.Attribute():
            _assign_attribute(interp, target, UNKNOWN, target)
        case cst.Subscript():
            delete_item(interp, interp.evaluate(target.value), _index(interp, target), target)


def _unpack(interp: Interpreter, target: cst.Tuple | cst.List, value: Value, source: cst.CSTNode | None) -> None:
    targets = list(target.elements)
    parts = iterated(interp, value, source or target)
    starred = [index for index, element in enumerate(targets) if isinstance(element, cst.StarredElement)]
    if parts is None or (len(parts) != len(targets) and not starred) or len(parts) < len(targets) - 1:
        if parts is not None and (isinstance(value, (tuple, AbstractArray)) or isinstance(source, cst.Call)):
            _report_count(interp, value, len(parts), len(targets), bool(starred), source or target)
        parts = None
    elif starred:
        before, after = starred[0], len(targets) - starred[0] - 1
        middle = parts[before : len(parts) - after]
        parts = [*parts[:before], middle, *parts[len(parts) - after :]]
    for index, element in enumerate(targets):
        assign(interp, element.value, UNKNOWN if parts is None else parts[index])


def _report_count(
    interp: Interpreter, value: Value, values: int, names: int, is_starred: bool, node: cst.CSTNode
) -> None:
    """Say that there are too few values for the names, or too many."""
    wanted = f"{names - 1} or more" if is_starred else str(names)
    interp.report(InvalidOperation(f"{wanted} parts of {{}}", (shown(value),), f"it has {values}"), node)


def _assign_attribute(interp: Interpreter, target: cst.Attribute, value: Value, source: cst.CSTNode) -> None:
    """Of a name that other modules change nothing is known: who knows when they do."""
    owner = interp.evaluate(target.value)
    if isinstance(owner, ProgramModule):
        interp.program.forget_member(owner, target.attr.value)
    if isinstance(owner, Record):
        _forget_value(interp, owner)
    set_attribute(interp, owner, target.attr.value, value, source, interp.text_of(target))


def _forget_value(interp: Interpreter, value: Value) -> None:
    """A value that has no identity was changed: nothing is known of what is bound to it."""
    for scope in interp.frame.scope.chain():
        for name in [name for name, bound in scope.bindings.items() if bound is value]:
            scope.bind(name, UNKNOWN)


def _assign_item(interp: Interpreter, target: cst.Subscript, value: Value) -> None:
    container = interp.evaluate(target.value)
    if isinstance(container, AbstractArray) and container.library == "jax":
        problem = InvalidOperation(
            "{}[...] = value",
            (shown(container),),
            "arrays of JAX do not change",
            advice="x.at[index].set(value) gives a changed copy",
        )
        interp.report(problem, target)
    if container == _ENVIRONMENT:
        read_variable(interp, _index(interp, target), value)
    set_item(interp, container, _index(interp, target), value, target)


def _index(interp: Interpreter, target: cst.Subscript) -> Value:
    only = target.slice[0].slice
    return interp.evaluate(only.value) if isinstance(only, cst.Index) and len(target.slice) == 1 else UNKNOWN
