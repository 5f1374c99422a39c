"""The notation: ``f32[(5, 7), {'batch': 20}]``.

The first part is the shape, the second the named shape:

- a dim is an int, a string of integer arithmetic over dimension variables (``'n'``, ``'2*n+1'``), or ``'_'``
  for unknown; ``...`` stands for any rank, ``(..., 5)`` for any leading axes;
- the named shape is a mapping of axis names to dims, ``{}`` for none, ``...`` for unknown; left out it is ``{}``.

``f32[2, 3]`` and ``f32[5]`` are read as ``f32[(2, 3)]`` and ``f32[(5,)]``. Evaluated, the notation gives an
`ArrayType`, which prints as the notation again.
"""

from __future__ import annotations

import ast
import operator
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import EllipsisType
from typing import SupportsIndex, cast

from named_types.algebra import (
    ELEMENT_TYPES,
    NO_NAMES,
    ArrayType,
    Dim,
    ElementType,
    NamedShape,
    Shape,
    parse_dim,
)
from named_types.algebra.dim import LARGEST_SIZE


class NotationError(TypeError):
    """An annotation that is not in the notation; the text says what is wrong with which part."""


@dataclass(frozen=True, slots=True)
class ArrayNotation:
    """What the names ``f32``, ``i32``, ``floating``… stand for; subscripted, it gives an `ArrayType`."""

    element_type: ElementType

    def __getitem__(self, item: object) -> ArrayType:
        """Raises `NotationError` where ``item`` is not ``shape`` or ``shape, named shape``."""
        return read_array_type(self.element_type, item)

    def __repr__(self) -> str:
        return self.element_type.name


bool_ = ArrayNotation(ELEMENT_TYPES["bool_"])
key = ArrayNotation(ELEMENT_TYPES["key"])
i2 = ArrayNotation(ELEMENT_TYPES["i2"])
i4 = ArrayNotation(ELEMENT_TYPES["i4"])
i8 = ArrayNotation(ELEMENT_TYPES["i8"])
i16 = ArrayNotation(ELEMENT_TYPES["i16"])
i32 = ArrayNotation(ELEMENT_TYPES["i32"])
i64 = ArrayNotation(ELEMENT_TYPES["i64"])
u2 = ArrayNotation(ELEMENT_TYPES["u2"])
u4 = ArrayNotation(ELEMENT_TYPES["u4"])
u8 = ArrayNotation(ELEMENT_TYPES["u8"])
u16 = ArrayNotation(ELEMENT_TYPES["u16"])
u32 = ArrayNotation(ELEMENT_TYPES["u32"])
u64 = ArrayNotation(ELEMENT_TYPES["u64"])
f4_e2m1fn = ArrayNotation(ELEMENT_TYPES["f4_e2m1fn"])
f8_e3m4 = ArrayNotation(ELEMENT_TYPES["f8_e3m4"])
f8_e4m3 = ArrayNotation(ELEMENT_TYPES["f8_e4m3"])
f8_e4m3b11fnuz = ArrayNotation(ELEMENT_TYPES["f8_e4m3b11fnuz"])
f8_e4m3fn = ArrayNotation(ELEMENT_TYPES["f8_e4m3fn"])
f8_e4m3fnuz = ArrayNotation(ELEMENT_TYPES["f8_e4m3fnuz"])
f8_e5m2 = ArrayNotation(ELEMENT_TYPES["f8_e5m2"])
f8_e5m2fnuz = ArrayNotation(ELEMENT_TYPES["f8_e5m2fnuz"])
f8_e8m0fnu = ArrayNotation(ELEMENT_TYPES["f8_e8m0fnu"])
f16 = ArrayNotation(ELEMENT_TYPES["f16"])
bf16 = ArrayNotation(ELEMENT_TYPES["bf16"])
f32 = ArrayNotation(ELEMENT_TYPES["f32"])
f64 = ArrayNotation(ELEMENT_TYPES["f64"])
c64 = ArrayNotation(ELEMENT_TYPES["c64"])
c128 = ArrayNotation(ELEMENT_TYPES["c128"])
floating = ArrayNotation(ELEMENT_TYPES["floating"])
integer = ArrayNotation(ELEMENT_TYPES["integer"])
inexact = ArrayNotation(ELEMENT_TYPES["inexact"])
num = ArrayNotation(ELEMENT_TYPES["num"])
shaped = ArrayNotation(ELEMENT_TYPES["shaped"])

NOTATION: dict[str, ArrayNotation] = {
    name: value for name, value in list(globals().items()) if isinstance(value, ArrayNotation)
}
"""Every name of the notation."""


def read_array_type(element_type: ElementType, item: object) -> ArrayType:
    """Read what stands between the brackets, as Python hands it to ``__getitem__``.

    Raises `NotationError`.
    """
    shape, named_shape = _split(item)
    return ArrayType(element_type, _read_shape(shape), _read_named_shape(named_shape))


def parse(text: str) -> ArrayType:
    """Read ``"f32[(5, 7), {'batch': 20}]"``; undone by ``str``. Raises `NotationError`."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in NOTATION):
            raise ValueError(text)
        item = ast.literal_eval(node.slice)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise NotationError(f"{_show(text)} is not an array type") from None
    for mapping in ast.walk(node):
        if isinstance(mapping, ast.Dict):
            _check_distinct([ast.literal_eval(name) for name in mapping.keys if name])
    return NOTATION[node.value.id][item]


def _check_distinct(names: list[object]) -> None:
    for position, name in enumerate(names):
        if name in names[:position]:
            raise NotationError(f"axis {_show(name)} appears twice in the named shape")


def _split(item: object) -> tuple[object, object]:
    """The shape part and the named part; the named part of ``f32[(2, 3)]`` is ``{}``."""
    parts = item if isinstance(item, tuple) else (item,)
    if parts and isinstance(parts[-1], Mapping):
        *shape, named_shape = parts
        if not shape:
            raise NotationError("the shape is missing: without positional axes it is `()`")
        return (shape[0] if len(shape) == 1 else tuple(shape)), named_shape
    if len(parts) == 2 and isinstance(parts[0], (tuple, EllipsisType)) and parts[1] is ...:
        return parts
    if len(parts) == 2 and isinstance(parts[0], tuple):
        raise NotationError(f"{_show(parts[1])} is not a named shape: it must be a dict or `...`")
    return item, {}


def _read_shape(part: object) -> Shape:
    dims = part if isinstance(part, tuple) else (part,)
    any_leading = bool(dims) and dims[0] is ...
    if any(dim is ... for dim in dims[1:]):
        raise NotationError("`...` may only stand at the beginning of a shape")
    return Shape(tuple(_read_dim(dim) for dim in dims[any_leading:]), any_leading)


def _read_named_shape(part: object) -> NamedShape | None:
    if part is ...:
        return None
    assert isinstance(part, Mapping)
    for name in part:
        if name is None or name is ...:
            raise NotationError(f"{_show(name)} is not an axis name")
    return NamedShape({name: _read_dim(size) for name, size in part.items()}) if part else NO_NAMES


def _read_dim(dim: object) -> Dim:
    size = _read_symbolic(dim) if isinstance(dim, str) else _read_int(dim)
    if isinstance(size, int) and abs(size) > LARGEST_SIZE:
        raise NotationError(f"a size cannot be larger than {LARGEST_SIZE}")
    if isinstance(size, int) and size < 0:
        raise NotationError(f"a size cannot be negative: {size}")
    return size


def _read_symbolic(text: str) -> Dim:
    dim = parse_dim(text)
    if dim is None:
        raise NotationError(f"{_show(text)} is not a size: it must be integer arithmetic over names, or '_'")
    return dim


def _read_int(value: object) -> int:
    try:
        if not isinstance(value, bool):
            return operator.index(cast(SupportsIndex, value))
    except TypeError:
        pass
    raise NotationError(f"{_show(value)} is not a size: it must be an int or a string")


def _show(value: object) -> str:
    """On one line, and never the contents of a large value."""
    if value is ...:
        return "`...`"
    try:
        return " ".join(_SHORT.repr(value).split())
    except ValueError:  # an int of more digits than Python prints
        return f"a value of type {type(value).__name__}"


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
