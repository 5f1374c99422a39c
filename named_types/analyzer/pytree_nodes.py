"""The values that JAX takes apart when it is given them."""

from __future__ import annotations

from collections.abc import Callable

from named_types.analyzer.class_values import Instance, PytreeRecord, Record
from named_types.analyzer.container_types import TREES
from named_types.analyzer.registered_classes import as_pytree
from named_types.analyzer.values import UNKNOWN, Value, tuple_like


def is_node(value: Value) -> bool:
    """Whether JAX sees a container in a value, or may see one: an instance of a class of the program."""
    return isinstance(value, (tuple, Instance, Record)) or type(value) is list or type(value) in TREES


def map_children(function: Callable[[Value], Value], node: Value) -> Value:
    """A container with other children; UNKNOWN for an instance of a class that JAX does not know."""
    if isinstance(node, tuple):
        return tuple_like(node, [function(item) for item in node])
    if isinstance(node, list):
        return [function(item) for item in node]
    if isinstance(node, (Instance, Record)):
        record = as_pytree(node)
        return UNKNOWN if record is None else _with_children(function, record)
    return type(node)((key, function(item)) for key, item in node.items())


def _with_children(function: Callable[[Value], Value], record: PytreeRecord) -> PytreeRecord:
    children = record.cls.children or ()
    return PytreeRecord(
        record.cls, tuple((name, function(item) if name in children else item) for name, item in record.items)
    )
