"""What library calls give beside arrays and tuples: lists and named tuples, in the form that the stub says.

A list has the one type that mypy finds for all of its items. A named tuple is the stub's, or the class that mypy knows
by the name of the value's, with the types of these items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mypy.join import join_type_list
from mypy.nodes import TypeInfo
from mypy.types import Instance, LiteralType, TupleType, Type, UnionType, get_proper_type

from named_types.mypy_plugin.encoding import Encoder

TypeOf = Callable[[Any], Type | None]
"""Tells the type of an item."""


def is_compound(value: Any) -> bool:
    """Whether a value is a list or a named tuple."""
    return isinstance(value, list) or (isinstance(value, tuple) and type(value) is not tuple)


def compound_type(
    value: Any, declared: Type, type_of: TypeOf, encoder: Encoder, *, is_unpacked: bool = False
) -> Type | None:
    """The type of a list or named tuple, where the stub has ``declared``; of what is unpacked only the items count."""
    items = [type for item in value if (type := type_of(item)) is not None]
    if len(items) != len(value) or not items:
        return None
    if is_unpacked:
        return encoder.tuple(items)
    proper = get_proper_type(declared)
    options = [get_proper_type(one) for one in (proper.items if isinstance(proper, UnionType) else [proper])]
    if isinstance(value, list):
        is_list = any(isinstance(one, Instance) and one.type.fullname == "builtins.list" for one in options)
        return encoder.instance("builtins.list", [join_type_list(items)]) if is_list else None
    named = next((one for one in options if isinstance(one, TupleType)), None) or _class_of(value, encoder)
    return named.copy_modified(items=items) if named is not None and len(named.items) == len(items) else None


def field_of(named: TupleType, name: str) -> Type | None:
    """The item that is a field of a named tuple."""
    symbol = named.partial_fallback.type.names.get("__match_args__")
    names = None if symbol is None else get_proper_type(symbol.type)
    if not isinstance(names, TupleType):
        return None
    return next((item for field, item in zip(_texts(names.items), named.items, strict=True) if field == name), None)


def _texts(types: Sequence[Type]) -> list[object]:
    literals = map(get_proper_type, types)
    return [one.value if isinstance(one, LiteralType) else _last_known(one) for one in literals]


def _last_known(type: Type) -> object:
    proper = get_proper_type(type)
    known = proper.last_known_value if isinstance(proper, Instance) else None
    return None if known is None else known.value


def _class_of(value: Any, encoder: Encoder) -> TupleType | None:
    node = encoder.lookup(f"{type(value).__module__}.{type(value).__qualname__}")
    if not isinstance(node, TypeInfo) or node.tuple_type is None:
        return None
    return node.tuple_type.copy_modified(fallback=Instance(node, []))
