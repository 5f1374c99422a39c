"""``value[index]``, and ``value[index] = item``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Class, Instance, Record
from named_types.analyzer.dunders import call_special
from named_types.analyzer.joins import join_all
from named_types.analyzer.operations import call_library
from named_types.analyzer.value_classes import is_enumeration
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Devices,
    IndexedUpdate,
    Number,
    Repeated,
    Value,
    forget,
    is_forgotten,
)

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
    if isinstance(value, (Instance, Record)):
        return call_special(interp, value, "__getitem__", [index], node)
    if isinstance(value, Class):
        return value.values[index] if is_enumeration(value) and isinstance(index, str) else value
    if not isinstance(value, (tuple, list, dict, str, range)) or is_forgotten(value):
        return UNKNOWN
    if isinstance(value, (tuple, list)) and isinstance(index, Number):
        return join_all(value)
    return value[index]


def set_item(interp: Interpreter, container: Value, index: Value, value: Value) -> None:
    """Change an item of a list or dict; at an index that is not known, any item may have changed."""
    if isinstance(container, (Instance, Record)):
        interp.escape([container, value])
    if not isinstance(container, (list, dict)) or is_forgotten(container):
        return
    interp.heap.changing(container)
    try:
        if index is UNKNOWN or isinstance(index, (Number, AbstractArray)):
            forget(container)
        else:
            container[index] = value
    except Exception:
        forget(container)


def delete_item(interp: Interpreter, container: Value, index: Value) -> None:
    """``del container[index]``."""
    if not isinstance(container, (list, dict)) or is_forgotten(container):
        return
    interp.heap.changing(container)
    try:
        del container[index]
    except Exception:
        forget(container)
