"""Assignment: binding names, unpacking, setting items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.annotations import check_declared
from named_types.analyzer.operations import elements
from named_types.analyzer.values import UNKNOWN, Value, forget, is_forgotten

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def assign(interp: Interpreter, target: cst.CSTNode, value: Value, source: cst.CSTNode | None = None) -> None:
    """Bind a target: a name, a tuple of targets, an attribute or an item.

    The value of an annotated name must fit the annotation, which is reported at ``source``, or else at the name.
    """
    match target:
        case cst.Name():
            interp.frame.scope.bind(target.value, check_declared(interp, target.value, value, source or target))
        case cst.Tuple() | cst.List():
            _unpack(interp, list(target.elements), value)
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
        case cst.Subscript():
            container = interp.evaluate(target.value)
            interp.container_changes += 1
            if isinstance(container, (list, dict)):
                forget(container)


def _unpack(interp: Interpreter, targets: Sequence[cst.BaseElement], value: Value) -> None:
    parts = elements(interp, value)
    starred = [index for index, target in enumerate(targets) if isinstance(target, cst.StarredElement)]
    if parts is None or (len(parts) != len(targets) and not starred) or len(parts) < len(targets) - 1:
        parts = None
    elif starred:
        before, after = starred[0], len(targets) - starred[0] - 1
        middle = parts[before : len(parts) - after]
        parts = [*parts[:before], middle, *parts[len(parts) - after :]]
    for index, target in enumerate(targets):
        assign(interp, target.value, UNKNOWN if parts is None else parts[index])


def _assign_item(interp: Interpreter, target: cst.Subscript, value: Value) -> None:
    container = interp.evaluate(target.value)
    interp.container_changes += 1
    if not isinstance(container, (list, dict)) or is_forgotten(container):
        return
    only = target.slice[0].slice
    index = interp.evaluate(only.value) if isinstance(only, cst.Index) and len(target.slice) == 1 else UNKNOWN
    try:
        if index is UNKNOWN:
            forget(container)
        else:
            container[index] = value
    except Exception:
        forget(container)
