"""NumPy's arrays as mypy's types: ``numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]``.

Sizes stand behind the ints as the values that mypy last knew of them, so that these types are, to mypy, what
numpy's own stubs give.
"""

from __future__ import annotations

from typing import Final

from mypy.nodes import TypeAlias
from mypy.types import AnyType, Instance, TupleType, Type, TypeOfAny, get_proper_type

from named_types.algebra import (
    ANY_SHAPE,
    NO_NAMES,
    SHAPED,
    UNKNOWN_DIM,
    ArrayType,
    Dim,
    ElementType,
    Shape,
    element_type_of,
)
from named_types.mypy_plugin.encoding import Encoder
from named_types.semantics.abstract_array import AbstractArray

NDARRAY: Final = "numpy.ndarray"

DTYPES: Final = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
"""The dtypes that numpy has a name for and the notation has too."""


def encode_ndarray(array: ArrayType, encoder: Encoder) -> Type:
    """The type of a NumPy array."""
    any_type = AnyType(TypeOfAny.special_form)
    dtype = array.element_type.dtype_name
    scalar = None if dtype is None else _scalar_type(dtype, encoder)
    shape: Type = any_type
    if not array.shape.any_leading:
        shape = TupleType([known_int(dim, encoder) for dim in array.shape.dims], _tuple_of_ints(encoder))
    return encoder.instance(NDARRAY, [shape, encoder.instance("numpy.dtype", [scalar or any_type])])


def decode_ndarray(type: Type, encoder: Encoder) -> AbstractArray | None:
    """The abstract value of a NumPy array's type; None for any other type."""
    proper = get_proper_type(type)
    if not (isinstance(proper, Instance) and proper.type.fullname == NDARRAY and len(proper.args) == 2):
        return None
    shape, dtype = map(get_proper_type, proper.args)
    dims = ANY_SHAPE
    if isinstance(shape, TupleType):
        dims = Shape(tuple(_known_size(item) for item in shape.items))
    return AbstractArray(ArrayType(_element_type(dtype, encoder), dims, NO_NAMES), library="numpy")


def known_int(dim: Dim, encoder: Encoder) -> Instance:
    """``int``, and which one it is if that is known."""
    plain = encoder.instance("builtins.int")
    return plain.copy_modified(last_known_value=encoder.literal(dim)) if isinstance(dim, int) else plain


def _known_size(type: Type) -> Dim:
    proper = get_proper_type(type)
    known = proper.last_known_value if isinstance(proper, Instance) else None
    return known.value if known is not None and isinstance(known.value, int) else UNKNOWN_DIM


def _tuple_of_ints(encoder: Encoder) -> Instance:
    return encoder.instance("builtins.tuple", [encoder.instance("builtins.int")])


def _element_type(dtype: Type, encoder: Encoder) -> ElementType:
    proper = get_proper_type(dtype)
    if not isinstance(proper, Instance) or not proper.args:
        return SHAPED
    scalar = get_proper_type(proper.args[0])
    name = next((name for name in DTYPES if _scalar_type(name, encoder) == scalar), None)
    return SHAPED if name is None else element_type_of(name)


def _scalar_type(dtype: str, encoder: Encoder) -> Type | None:
    """``numpy.float32``, which is a class or an alias."""
    node = encoder.lookup(f"numpy.{dtype}")
    if isinstance(node, TypeAlias):
        return get_proper_type(node.target)
    return None if node is None else encoder.instance(f"numpy.{dtype}")
