"""Expressions and types of mypy as the values that the semantics computes with, and back.

Literals are read from the syntax, everything else from its type. What neither tells is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mypy.nodes import (
    BytesExpr,
    ComplexExpr,
    DictExpr,
    EllipsisExpr,
    Expression,
    FloatExpr,
    ImportFrom,
    IntExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    RefExpr,
    SliceExpr,
    StrExpr,
    TupleExpr,
    UnaryExpr,
)
from mypy.plugin import CheckerPluginInterface
from mypy.types import Instance, LiteralType, NoneType, TupleType, Type, get_proper_type

from named_types.algebra import UNKNOWN_DIM, SymbolicDim
from named_types.mypy_plugin.encoding import Encoder, Variables, decode
from named_types.mypy_plugin.numpy_arrays import decode_ndarray, encode_ndarray, known_int
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray

_CONSTANTS = {"builtins.True": True, "builtins.False": False, "builtins.None": None, "builtins.Ellipsis": ...}
_TYPES = {"builtins.bool": bool, "builtins.int": int, "builtins.float": float, "builtins.complex": complex}


class NumberOf:
    """A Python number of a known type and an unknown value."""

    def __init__(self, type: type) -> None:
        self.type = type


def value_of(expression: Expression, type: Type | None, api: CheckerPluginInterface, encoder: Encoder) -> Any:
    """The value of an argument; ``type`` is what mypy inferred for it, if it did already."""
    match expression:
        case IntExpr() | StrExpr() | FloatExpr() | ComplexExpr():
            return expression.value
        case BytesExpr():
            return UNKNOWN
        case EllipsisExpr():
            return ...
        case UnaryExpr(op="-", expr=IntExpr() | FloatExpr() | ComplexExpr() as operand):
            return -operand.value
        case TupleExpr():
            return tuple(_values(expression.items, api, encoder))
        case ListExpr():
            return _values(expression.items, api, encoder)
        case DictExpr():
            keys = [UNKNOWN if key is None else value_of(key, None, api, encoder) for key, _ in expression.items]
            values = _values([value for _, value in expression.items], api, encoder)
            return UNKNOWN if UNKNOWN in keys else dict(zip(keys, values, strict=True))
        case SliceExpr():
            parts = (expression.begin_index, expression.end_index, expression.stride)
            return slice(*(None if part is None else value_of(part, None, api, encoder) for part in parts))
        case RefExpr() if (constant := _constant(expression, api, encoder)) is not UNKNOWN:
            return constant
    return value_of_type(api.get_expression_type(expression) if type is None else type, encoder)


def value_of_type(type: Type, encoder: Encoder) -> Any:
    """What a type alone tells of a value."""
    proper = get_proper_type(type)
    if isinstance(proper, Instance) and proper.last_known_value is not None:
        proper = proper.last_known_value
    match proper:
        case LiteralType():
            return proper.value
        case NoneType():
            return None
        case TupleType():
            return tuple(value_of_type(item, encoder) for item in proper.items)
        case Instance() if (number := _TYPES.get(proper.type.fullname)) is not None:
            return NumberOf(number)
    return decode(proper) or decode_ndarray(proper, encoder) or UNKNOWN


def is_number(type: Type) -> bool:
    """Whether a type is that of one of Python's numbers."""
    proper = get_proper_type(type)
    return isinstance(proper, Instance) and proper.type.fullname in _TYPES


def type_of_value(value: Any, encoder: Encoder, variables: Variables, *, as_jax: bool = False) -> Type | None:
    """The type of a value; None where it is unknown. NumPy's arrays become JAX's with ``as_jax``."""
    if isinstance(value, AbstractArray):
        if value.library == "numpy" and not as_jax:
            return encode_ndarray(value.type, encoder) if value.type.shape.rank else None  # a number is no array there
        return encoder.array(value.type, variables, weak_type=value.weak_type)
    if isinstance(value, (bool, str)):
        return encoder.instance(f"builtins.{type(value).__name__}").copy_modified(
            last_known_value=encoder.literal(value)
        )
    if isinstance(value, (int, SymbolicDim)):
        return known_int(value, encoder)
    if type(value) is tuple:
        items = [type_of_value(item, encoder, variables, as_jax=as_jax) for item in value]
        return None if None in items else encoder.tuple([item for item in items if item is not None])
    return None


def is_complete(value: Any, variables: Variables) -> bool:
    """Whether nothing about the arrays in a value is unknown, where ``variables`` are the dimension variables."""
    if isinstance(value, tuple):
        return all(is_complete(item, variables) for item in value)
    if not isinstance(value, AbstractArray) or value.type.named_shape is None:
        return False
    dims = (*value.type.shape.dims, *value.type.named_shape.values())
    if value.type.element_type.is_family or value.type.shape.any_leading:
        return False
    return UNKNOWN_DIM not in dims and value.type.variables <= variables.keys()


def public_path(expression: Expression, api: CheckerPluginInterface) -> str | None:
    """The dotted path under which the program names something of a library: ``jax.lax.dot_general``.

    mypy knows it by the module that defines it, ``jax._src.lax.lax.dot_general``.
    """
    if isinstance(expression, MemberExpr):
        if isinstance(expression.expr, RefExpr) and isinstance(expression.expr.node, MypyFile):
            return f"{expression.expr.node.fullname}.{expression.name}"
        return None
    if not isinstance(expression, NameExpr):
        return None
    for statement in _imports_of(api):
        for name, alias in statement.names:
            if (alias or name) == expression.name:
                return f"{statement.id}.{name}"
    return None


def _imports_of(api: CheckerPluginInterface) -> list[ImportFrom]:
    tree = api.tree  # type: ignore[attr-defined]
    return [statement for statement in tree.imports if isinstance(statement, ImportFrom)]


def _values(expressions: Sequence[Expression], api: CheckerPluginInterface, encoder: Encoder) -> list[Any]:
    return [value_of(expression, None, api, encoder) for expression in expressions]


def _constant(expression: RefExpr, api: CheckerPluginInterface, encoder: Encoder) -> Any:
    """``None`` and its like, and dtypes: ``jnp.float32``, ``float``, ``x.dtype``."""
    fullname = expression.fullname
    if fullname in _CONSTANTS:
        return _CONSTANTS[fullname]
    if fullname in _TYPES:
        return _TYPES[fullname]
    path = public_path(expression, api)
    if path is not None and path.startswith(("jax.numpy.", "numpy.")):
        return _dtype(path.rpartition(".")[2].rstrip("_"))
    if isinstance(expression, MemberExpr) and expression.name == "dtype":
        array = value_of(expression.expr, None, api, encoder)
        return _dtype(array.type.element_type.dtype_name) if isinstance(array, AbstractArray) else UNKNOWN
    return UNKNOWN


def _dtype(name: str | None) -> Any:
    if name is None or name not in _DTYPES:
        return UNKNOWN
    import jax.numpy as jnp  # here, for most programs are checked without JAX

    return jnp.dtype(getattr(jnp, name, name))


_DTYPES = frozenset(
    "bool int2 int4 int8 int16 int32 int64 uint2 uint4 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64 "
    "complex64 complex128 float8_e4m3fn float8_e5m2".split()
)
