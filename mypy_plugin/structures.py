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


def rebuilt(type: Type, structure: Any, encoder: Encoder, variables: Variables) -> Type:
    """A type with the arrays of a pytree of its structure; what is unknown in that is ``Any``."""
    proper = get_proper_type(type)
    match proper, structure:
        case _, AbstractArray():
            return encoder.array(structure.type, variables, weak_type=structure.weak_type)
        case NoneType(), None:
            return proper
        case TupleType(), tuple():
            items = zip(proper.items, structure, strict=True)
            return encoder.tuple([rebuilt(item, part, encoder, variables) for item, part in items])
        case TypedDictType(), dict():
            fields = [rebuilt(item, structure[name], encoder, variables) for name, item in proper.items.items()]
            return proper.copy_modified(item_types=fields)
        case Instance(), [part]:
            return proper.copy_modified(args=[rebuilt(proper.args[0], part, encoder, variables)])
        case Instance(), {"": part}:
            return proper.copy_modified(args=[proper.args[0], rebuilt(proper.args[1], part, encoder, variables)])
    return unknown()


def is_about_arrays(function: CallableType) -> bool:
    """Whether the annotations of a function say anything about an array."""
    arrays = [array for type in (*function.arg_types, function.ret_type) for array in arrays_in(type)]
    return any(array.type != UNKNOWN_ARRAY for array in arrays)
