"""Types as pytrees: the arrays in a type at their places, and the type with other arrays at these places."""

from __future__ import annotations

from typing import Any, Final

from mypy.types import (
    CallableType,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    get_proper_type,
)

from named_types.algebra import UNKNOWN_ARRAY
from named_types.mypy_plugin.encoding import Encoder, Variables, arrays_in, decode, unknown
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray

_SEQUENCES: Final = frozenset({"builtins.list", "builtins.tuple", "typing.Sequence"})
_MAPPINGS: Final = frozenset({"builtins.dict", "typing.Mapping"})

_ANY_KEY: Final = ""


def structure_of(type: Type) -> Any:
    """A pytree of the arrays in a type, with one item for those of a list or dict; UNKNOWN for what is none."""
    if isinstance(type, TypeAliasType) and type.is_recursive:
        return UNKNOWN
    proper = get_proper_type(type)
    match proper:
        case NoneType():
            return None
        case TupleType():
            return tuple(structure_of(item) for item in proper.items)
        case TypedDictType():
            return {name: structure_of(item) for name, item in proper.items.items()}
        case Instance() if proper.type.fullname in _SEQUENCES:
            return [structure_of(proper.args[0])]
        case Instance() if proper.type.fullname in _MAPPINGS:
            return {_ANY_KEY: structure_of(proper.args[1])}
    return decode(proper) or UNKNOWN


def rebuilt(type: Type, structure: Any, encoder: Encoder, variables: Variables, *, by_items: bool = False) -> Type:
    """A type with the arrays of a pytree of its structure; what is unknown in that is ``Any``.

    With ``by_items``, a named tuple becomes a plain one: of another class, or none, one is that has these items.
    """
    proper = get_proper_type(type)

    def part_of(type: Type, structure: Any) -> Type:
        return rebuilt(type, structure, encoder, variables, by_items=by_items)

    match proper, structure:
        case _, AbstractArray():
            return encoder.array(structure.type, variables, weak_type=structure.weak_type)
        case NoneType(), None:
            return proper
        case TupleType(), tuple():
            items = [part_of(item, part) for item, part in zip(proper.items, structure, strict=True)]
            return encoder.tuple(items) if by_items else proper.copy_modified(items=items)
        case TypedDictType(), dict():
            return proper.copy_modified(
                item_types=[part_of(item, structure[name]) for name, item in proper.items.items()]
            )
        case Instance(), [part]:
            return proper.copy_modified(args=[part_of(proper.args[0], part)])
        case Instance(), {"": part}:
            return proper.copy_modified(args=[proper.args[0], part_of(proper.args[1], part)])
    return unknown()


def is_about_arrays(function: CallableType) -> bool:
    """Whether the annotations of a function say anything about an array."""
    arrays = [array for type in (*function.arg_types, function.ret_type) for array in arrays_in(type)]
    return any(array.type != UNKNOWN_ARRAY for array in arrays)
