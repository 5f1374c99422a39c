"""``value[index]``, and ``value[index] = item``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Class, Instance, Record
from named_types.analyzer.container_types import DefaultDict
from named_types.analyzer.dunders import call_special
from named_types.analyzer.joins import join_all
from named_types.analyzer.operations import call_library, is_settled
from named_types.analyzer.shown import shown
from named_types.analyzer.value_classes import is_enumeration
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Devices,
    IndexedUpdate,
    Number,
    Repeated,
    RepeatedMapping,
    Value,
    forget,
    is_forgotten,
)
from named_types.problems import InvalidOperation

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def item(interp: Interpreter, value: Value, index: Value, node: cst.CSTNode) -> Value:
    """The item of a value at an index."""
    if isinstance(value, AbstractArray):
        return call_library(interp, "operator.getitem", [value, index], {}, node)
    if isinstance(value, IndexedUpdate):
        return IndexedUpdate(value.array, index, is_indexed=True)
    if isinstance(value, Devices):
        return value.at(index)
    if isinstance(value, Repeated):
        return value if isinstance(index, slice) else value.item
    if isinstance(value, RepeatedMapping):
        return value.item
    if isinstance(value, (Instance, Record)):
        return call_special(interp, value, "__getitem__", [index], node)
    if isinstance(value, Class):
        return value.values[index] if is_enumeration(value) and isinstance(index, str) else value
    if not isinstance(value, (tuple, list, dict, str, range)) or is_forgotten(value):
        return UNKNOWN
    if isinstance(value, (tuple, list)) and isinstance(index, Number):
        return join_all(value)
    if isinstance(value, DefaultDict):
        return _item_or_default(interp, value, index, node)
    if type(value) is tuple and type(index) is int and not -len(value) <= index < len(value):
        if not interp.may_not_run:
            interp.report(InvalidOperation("item {} of {}", (str(index), shown(value)), f"it has {len(value)}"), node)
        return UNKNOWN
    return value[index]


def _item_or_default(interp: Interpreter, container: DefaultDict, key: Value, node: cst.CSTNode) -> Value:
    """The item at a key, made first where it is missing; at a key that is not known, any item may be made."""
    if not is_settled(key):
        interp.heap.forget(container)
        return UNKNOWN
    if key not in container and container.factory is not None:
        made = interp.call(container.factory, [], {}, node)
        interp.heap.changing(container)
        container[key] = made
    return container[key]


def set_item(interp: Interpreter, container: Value, index: Value, value: Value, node: cst.CSTNode) -> None:
    """Change an item of a list or dict; at an index that is not known, any item may have changed."""
    if isinstance(container, (Instance, Record)):
        call_special(interp, container, "__setitem__", [index, value], node)
    if container is UNKNOWN or is_forgotten(container):
        interp.leak([value])
    if not isinstance(container, (list, dict)) or is_forgotten(container):
        return
    interp.heap.changing(container)
    try:
        if index is UNKNOWN or isinstance(index, (Number, AbstractArray)):
            forget(container)
            interp.leak([value])
        else:
            container[index] = value
    except Exception:
        forget(container)


def delete_item(interp: Interpreter, container: Value, index: Value, node: cst.CSTNode) -> None:
    """``del container[index]``."""
    if isinstance(container, (Instance, Record)):
        call_special(interp, container, "__delitem__", [index], node)
    if not isinstance(container, (list, dict)) or is_forgotten(container):
        return
    interp.heap.changing(container)
    try:
        del container[index]
    except Exception:
        forget(container)
