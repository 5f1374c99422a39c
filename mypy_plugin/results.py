"""What library calls give beside arrays and tuples: lists, dicts and named tuples, in the form that the stub says.

A list has the one type that mypy finds for all of its items. A named tuple is the stub's, or the class that mypy knows
by the name of the value's, with the types of these items. Where the stub leaves the result open, as that of
`jax.tree.map`, it has the form of the value; a list or dict that a variable keeps may hold anything later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mypy.join import join_type_list
from mypy.nodes import TypeInfo
from mypy.subtypes import is_same_type, is_subtype
from mypy.types import AnyType, Instance, LiteralType, NoneType, TupleType, Type, UnionType, get_proper_type

from named_types.mypy_plugin.encoding import Encoder, is_array, unknown

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


@dataclass(frozen=True)
class OpenResult:
    """The result of a call whose stub leaves it open; ``like`` are types of arguments, which tell its classes."""

    type_of: TypeOf
    encoder: Encoder
    like: Sequence[Type]
    is_kept: bool = False

    def type(self, value: Any, wanted: Type | None) -> Type | None:
        """The type of a value, where what stands around the call asks for ``wanted``; None for what is unknown."""
        proper = None if wanted is None else get_proper_type(wanted)
        match value:
            case None:
                return NoneType()
            case list():
                return self._container("builtins.list", [], value, proper)
            case dict() if all(type(key) is str for key in value):
                return self._container("builtins.dict", [self.encoder.instance("builtins.str")], value.values(), proper)
            case tuple():
                return self._tuple(value, proper)
        return self.type_of(value)

    def _container(self, fullname: str, keys: list[Type], items: Any, wanted: Type | None) -> Type:
        asked = wanted.args[-1] if isinstance(wanted, Instance) and wanted.type.fullname == fullname else None
        types = [self.type(item, asked) or unknown() for item in items]
        return self.encoder.instance(fullname, [*keys, self._item(types, asked)])

    def _item(self, types: list[Type], asked: Type | None) -> Type:
        if self.is_kept or not types:
            return unknown()
        if asked is not None and all(is_subtype(one, asked) for one in types):
            return asked
        if all(is_same_type(one, types[0]) for one in types):
            return types[0]
        return join_type_list(types) if all(map(is_array, types)) else unknown()

    def _tuple(self, value: tuple[Any, ...], wanted: Type | None) -> Type | None:
        asked = (
            wanted.items if isinstance(wanted, TupleType) and len(wanted.items) == len(value) else [None] * len(value)
        )
        items = [self.type(item, one) or unknown() for item, one in zip(value, asked, strict=True)]
        if type(value) is tuple:
            return self.encoder.tuple(items)
        named = next((one for one in map(get_proper_type, self.like) if _is_named(one, type(value).__name__)), None)
        named = named or _class_of(value, self.encoder)
        return named.copy_modified(items=items) if isinstance(named, TupleType) else None


def is_open(declared: Type | None) -> bool:
    """Whether a stub leaves a result open."""
    return declared is not None and isinstance(get_proper_type(declared), AnyType)


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


def _is_named(type: Type, name: str) -> bool:
    return isinstance(type, TupleType) and type.partial_fallback.type.name == name


def _class_of(value: Any, encoder: Encoder) -> TupleType | None:
    node = encoder.lookup(f"{type(value).__module__}.{type(value).__qualname__}")
    if not isinstance(node, TypeInfo) or node.tuple_type is None:
        return None
    return node.tuple_type.copy_modified(fallback=Instance(node, []))
