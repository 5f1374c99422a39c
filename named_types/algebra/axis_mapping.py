"""Axis mappings: one leaf of xmap's in_axes or out_axes.

``{0: 'x', 2: 'y'}`` names positions; ``['a', 'b', ...]`` names a prefix of them; ``['a', None]``, without
the ellipsis, also asserts the rank. On the way in a mapping *introduces* named axes, on the way out it
*eliminates* them.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import EllipsisType
from typing import Any, TypeAlias, TypeGuard

from named_types.algebra.array_type import ArrayType
from named_types.algebra.dim import UNKNOWN_DIM, Dim
from named_types.algebra.named_shape import NO_NAMES, AxisName, NamedShape
from named_types.algebra.shape import ANY_SHAPE, Shape

Spelling: TypeAlias = Mapping[int, AxisName] | list[object] | tuple[object, ...]
"""An axis mapping as it is written."""

_CONTAINERS = (dict, list, tuple)


@dataclass(frozen=True)
class AxisMapping:
    """Positions and the axis names they have outside (in_axes) or get (out_axes).

    ``rank``, where it is not None, is the number of positional axes the unmapped array must have.
    """

    positions: tuple[tuple[int, AxisName], ...] = ()
    rank: int | None = None

    @cached_property
    def names(self) -> tuple[AxisName, ...]:
        return tuple(name for _, name in self.positions)

    def axes(self, rank: int) -> dict[int, AxisName] | None:
        """Non-negative position to name in an array of ``rank`` axes; None if a position does not exist."""
        if self.rank is not None and self.rank != rank:
            return None
        if all(0 <= position < rank for position, _ in self.positions):
            return dict(self.positions)
        resolved = {position % rank: name for position, name in self.positions if -rank <= position < rank}
        return resolved if len(resolved) == len(self.positions) else None

    def __str__(self) -> str:
        if self.rank is None:
            return "{" + ", ".join(f"{position}: {name!r}" for position, name in self.positions) + "}"
        names = dict(self.positions)
        return "[" + ", ".join(repr(names.get(position)) for position in range(self.rank)) + "]"


def is_axis_mapping(entry: object) -> TypeGuard[Spelling]:
    """Whether an entry of in_axes/out_axes is one axis mapping, not a pytree of them.

    A tuple is a name where it can be nothing else: at an int position, ``{0: ('t', 1)}``, and before ``...``.
    """
    if isinstance(entry, dict):
        names, is_sure = list(entry.values()), all(isinstance(position, int) for position in entry)
    elif isinstance(entry, (list, tuple)):
        names, is_sure = list(entry), len(entry) > 0 and isinstance(entry[-1], EllipsisType)
    else:
        return False
    return not any(isinstance(name, _CONTAINERS) and not (is_sure and _is_tuple_of_leaves(name)) for name in names)


def read_axis_mapping(entry: Spelling) -> AxisMapping | str:
    """Read what `is_axis_mapping` accepts; a string says what is wrong with it."""
    return _read_dict(entry) if isinstance(entry, Mapping) else _read_sequence(entry)


def introduce(mapping: AxisMapping, outer: ArrayType) -> ArrayType:
    """The type inside: mapped positional axes become named ones. The mapping must fit the shape."""
    entering = introduced(mapping, outer)
    rank = outer.shape.rank
    if rank is None:
        return ArrayType(outer.element_type, ANY_SHAPE, _merge(outer.named_shape, entering))
    axes = mapping.axes(rank) or {}
    kept = tuple(dim for position, dim in enumerate(outer.shape.dims) if position not in axes)
    return ArrayType(outer.element_type, Shape(kept), _merge(outer.named_shape, entering))


def introduced(mapping: AxisMapping, outer: ArrayType) -> NamedShape:
    """The named axes that the mapped positional ones become."""
    if outer.shape.rank is None:
        return NamedShape(dict.fromkeys(mapping.names, UNKNOWN_DIM))
    axes = mapping.axes(outer.shape.rank) or {}
    return NamedShape({name: outer.shape.dims[position] for position, name in axes.items()})


def eliminate(mapping: AxisMapping, inner: ArrayType, axis_env: Mapping[AxisName, Dim] = NO_NAMES) -> ArrayType:
    """The type outside: the mapped names become positional axes.

    An axis that ``inner`` lacks is broadcast: its size comes from ``axis_env``. The mapping must fit.
    """
    named = inner.named_shape
    outer_named = None if named is None else named.eliminate(mapping.names)
    if inner.shape.rank is None:
        return ArrayType(inner.element_type, ANY_SHAPE, outer_named)
    axes = mapping.axes(inner.shape.rank + len(mapping.positions)) or {}

    def size(name: AxisName) -> Dim:
        own = UNKNOWN_DIM if named is None else named.get(name, UNKNOWN_DIM)
        return axis_env.get(name, UNKNOWN_DIM) if own is UNKNOWN_DIM else own

    rest = iter(inner.shape.dims)
    total = inner.shape.rank + len(axes)
    dims = tuple(size(axes[position]) if position in axes else next(rest) for position in range(total))
    return ArrayType(inner.element_type, Shape(dims), outer_named)


def _merge(named: NamedShape | None, entering: NamedShape) -> NamedShape | None:
    if named is None or not entering:
        return named
    return NamedShape({**named, **entering}) if named else entering


def _is_tuple_of_leaves(entry: object) -> bool:
    """Whether an entry is a tuple that is no axis mapping, and holds none."""
    if not isinstance(entry, tuple) or not entry:
        return False
    return not any(
        part is None
        or isinstance(part, (EllipsisType, AxisMapping))
        or (isinstance(part, _CONTAINERS) and not _is_tuple_of_leaves(part))
        for part in entry
    )


def _read_dict(entry: Mapping[Any, AxisName]) -> AxisMapping | str:
    positions: list[tuple[int, AxisName]] = []
    for position, name in entry.items():
        if isinstance(position, bool) or not hasattr(position, "__index__"):
            return f"a position must be an int, not {'`...`' if position is ... else repr(position)}"
        if (wrong := _invalid_name(name)) is not None:
            return wrong
        positions.append((operator.index(position), name))
    return _distinct(AxisMapping(tuple(sorted(positions, key=lambda pair: pair[0]))))


def _read_sequence(entry: list[object] | tuple[object, ...]) -> AxisMapping | str:
    if any(isinstance(name, EllipsisType) for name in entry[:-1]):
        return "`...` may only stand at the end"
    named = [name for name in entry if not isinstance(name, EllipsisType)]
    for name in named:
        if name is not None and (wrong := _invalid_name(name)) is not None:
            return wrong
    positions = tuple((position, name) for position, name in enumerate(named) if name is not None)
    return _distinct(AxisMapping(positions, None if len(named) < len(entry) else len(named)))


def _invalid_name(name: object) -> str | None:
    if name is None or isinstance(name, EllipsisType):
        return f"{'None' if name is None else '`...`'} is not an axis name"
    try:
        hash(name)
    except TypeError:
        return f"an axis name must be hashable, {name!r} is not"
    return None


def _distinct(mapping: AxisMapping) -> AxisMapping | str:
    repeated = next((name for name in mapping.names if mapping.names.count(name) > 1), None)
    return mapping if repeated is None else f"axis name {repeated!r} stands for two positions"
