"""What the oracle is asked and answers as plain lists, for JSON: to keep it, and to share it between processes.

A value is itself, or a list that begins with what it is: ["Shape", ["tuple", 5, ["SymbolicDim", …]], false]. Only the
types that are listed here are written and read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from importlib import import_module
from typing import Any, TypeAlias

from named_types import problems
from named_types.algebra import UNKNOWN_DIM, ArrayType, ElementType, NamedShape, Shape, SymbolicDim
from named_types.algebra.dim import Quotient
from named_types.algebra.element_type import ELEMENT_TYPES
from named_types.problems import Problem
from named_types.semantics.abstract_array import RETURNED_FUNCTION, UNKNOWN, AbstractArray, ScalarType, is_dtype
from named_types.semantics.collectives import Collective
from named_types.semantics.contraction import Contraction, Term
from named_types.semantics.pytrees import LEAF, containers, is_structure, tree_flatten
from named_types.semantics.summary import Summary
from named_types.semantics.transfers import Anything, Axis, Operand

Record: TypeAlias = Any


class NotRecordedError(Exception):
    """A value is of a type that is not recorded, or a record is of no value."""


def to_record(value: Any) -> Record:
    """What `from_record` reads; equal values have equal records. Raises `NotRecordedError`."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in _PARTS:
        return [kind.__name__, *map(to_record, _PARTS[kind](value))]
    if kind in (frozenset, NamedShape):
        parts = value if kind is frozenset else value.items()
        return [kind.__name__, *sorted(map(to_record, parts), key=json.dumps)]
    if kind in _CLASSES:
        return [kind.__name__, *(to_record(getattr(value, one.name)) for one in fields(value) if one.compare)]
    if is_structure(value):
        return ["structure", to_record(containers(value))]
    if is_dtype(value):
        return ["dtype", value.name if value.isnative else value.str]
    if isinstance(value, type) and value.__module__.partition(".")[0] in _MODULES_OF_TYPES:
        return ["type", f"{value.__module__}.{value.__qualname__}"]
    name = next((name for name, one in _SINGLE.items() if one is value), None)
    if name is None:
        raise NotRecordedError(kind)
    return ["the", name]


def from_record(record: Record) -> Any:
    """The value of a record. Raises `NotRecordedError` where it is of none."""
    if not isinstance(record, list):
        return record
    try:
        kind, *parts = record
        return _READERS[kind](*map(from_record, parts))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotRecordedError(record) from error


_MODULES_OF_TYPES = ("builtins", "ml_dtypes", "named_types", "numpy")

_PROBLEMS = [one for one in vars(problems).values() if isinstance(one, type) and issubclass(one, Problem)]
_CLASSES: frozenset[type] = frozenset(
    {
        *(AbstractArray, ArrayType, ScalarType, Shape, SymbolicDim, Quotient),
        *(Summary, Operand, Axis, Collective, Contraction, Term),
        *_PROBLEMS,
    }
)
"""Written by their fields, as far as these count where two values are compared."""

_PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    tuple: lambda value: value,
    list: lambda value: value,
    dict: lambda value: value.items(),
    complex: lambda value: (value.real, value.imag),
    bytes: lambda value: (value.hex(),),
    slice: lambda value: (value.start, value.stop, value.step),
    range: lambda value: (value.start, value.stop, value.step),
    ElementType: lambda value: (value.name,),
}

_SINGLE = {
    "anything": Anything.ANYTHING,
    "ellipsis": ...,
    "leaf": LEAF,
    "returned function": RETURNED_FUNCTION,
    "unknown": UNKNOWN,
    "unknown size": UNKNOWN_DIM,
}

_TYPES = {f"builtins.{kind.__name__}": kind for kind in (bool, int, float, complex)}


def _type_named(name: str) -> type:
    module, _, name_in_module = name.rpartition(".")
    kind = getattr(import_module(module), name_in_module) if module == "numpy" else _TYPES[name]
    if not isinstance(kind, type):
        raise TypeError(name)
    return kind


_READERS: dict[str, Callable[..., Any]] = {
    **{kind.__name__: kind for kind in _CLASSES},
    "tuple": lambda *parts: parts,
    "list": lambda *parts: list(parts),
    "dict": lambda *items: dict(items),
    "complex": complex,
    "bytes": bytes.fromhex,
    "slice": slice,
    "range": range,
    "frozenset": lambda *parts: frozenset(parts),
    "NamedShape": lambda *items: NamedShape(items),
    "ElementType": ELEMENT_TYPES.__getitem__,
    "structure": lambda tree: tree_flatten(tree, lambda node: node is LEAF)[1],
    "dtype": lambda name: import_module("numpy").dtype(name),
    "type": _type_named,
    "the": _SINGLE.__getitem__,
}
