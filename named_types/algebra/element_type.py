"""Element types: what one entry of an array is.

Names are the ones jaxprs print (``f32``, ``bf16``, ``i8``), with ``bool_`` for booleans and ``key`` for
typed random keys; families (``floating``, ``integer``…) are NumPy's and jaxtyping's words for "any of".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ElementType:
    """An element type, or a family of them.

    ``members`` are the NumPy names of the dtypes it stands for: one for an element type proper, several
    for a family. The family ``shaped`` stands for all of them and is also the unknown element type.
    """

    name: str
    members: frozenset[str]

    @property
    def is_family(self) -> bool:
        return len(self.members) != 1

    @property
    def dtype_name(self) -> str | None:
        """The NumPy name of the dtype (``'float32'``), None for a family."""
        return None if self.is_family else next(iter(self.members))

    def compatible(self, other: ElementType) -> bool:
        """Whether one value may have both types: families are gradual in both directions."""
        return not self.members.isdisjoint(other.members)

    def __str__(self) -> str:
        return self.name


_SIGNED = {"i2": "int2", "i4": "int4", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64"}
_UNSIGNED = {"u2": "uint2", "u4": "uint4", "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64"}
_FLOATING = {
    "f4_e2m1fn": "float4_e2m1fn",
    "f8_e3m4": "float8_e3m4",
    "f8_e4m3": "float8_e4m3",
    "f8_e4m3b11fnuz": "float8_e4m3b11fnuz",
    "f8_e4m3fn": "float8_e4m3fn",
    "f8_e4m3fnuz": "float8_e4m3fnuz",
    "f8_e5m2": "float8_e5m2",
    "f8_e5m2fnuz": "float8_e5m2fnuz",
    "f8_e8m0fnu": "float8_e8m0fnu",
    "f16": "float16",
    "bf16": "bfloat16",
    "f32": "float32",
    "f64": "float64",
}
_COMPLEX = {"c64": "complex64", "c128": "complex128"}
_OTHER = {"bool_": "bool", "key": "key"}

_FAMILIES = {
    "floating": [_FLOATING],
    "integer": [_SIGNED, _UNSIGNED],
    "inexact": [_FLOATING, _COMPLEX],
    "num": [_SIGNED, _UNSIGNED, _FLOATING, _COMPLEX],
    "shaped": [_SIGNED, _UNSIGNED, _FLOATING, _COMPLEX, _OTHER],
}

ELEMENT_TYPES: dict[str, ElementType] = {
    **{
        name: ElementType(name, frozenset({dtype}))
        for table in (_OTHER, _SIGNED, _UNSIGNED, _FLOATING, _COMPLEX)
        for name, dtype in table.items()
    },
    **{
        name: ElementType(name, frozenset(dtype for table in tables for dtype in table.values()))
        for name, tables in _FAMILIES.items()
    },
}
"""Every element type and family, by its name in the notation."""

SHAPED = ELEMENT_TYPES["shaped"]
"""Any element type: also the unknown one."""

_BY_DTYPE = {dtype: element for element in ELEMENT_TYPES.values() if (dtype := element.dtype_name)}


def element_type_of(dtype_name: str) -> ElementType:
    """The element type of a NumPy dtype name (``'float32'``); ``shaped`` for one the notation lacks."""
    return _BY_DTYPE.get("key" if dtype_name.startswith("key<") else dtype_name, SHAPED)
