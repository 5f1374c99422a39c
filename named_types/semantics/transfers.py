"""Transfers: where the names of a value come from.

The names of a value are kept as a *transfer*: a set of terms ``(source, removed)``, read as the union over
the terms of "the names of source, without removed". A source is an operand of the whole jaxpr or one axis
name. So one propagation of ``sum(x + y, axis='b')`` gives ``{(x, {'b'}), (y, {'b'})}`` and serves every
combination of named shapes that ``x`` and ``y`` may have; with `Axis` sources alone it is the plain set of
names that the runtime needs.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from named_types.algebra import NO_NAMES, AxisName, NamedShape, union
from named_types.algebra.dim import UNKNOWN_DIM
from named_types.semantics.jax_names import from_jax, is_position


@dataclass(frozen=True, slots=True)
class Operand:
    """The names of the ``index``-th input of the propagated jaxpr, whatever they will be."""

    index: int


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis name."""

    name: AxisName


class Anything(enum.Enum):
    """Names that are not known."""

    ANYTHING = "anything"


Source: TypeAlias = Operand | Axis | Anything
Names: TypeAlias = frozenset[tuple[Source, frozenset[AxisName]]]
"""A transfer: the union over its terms of the source's names without the removed ones."""

NAMELESS: Names = frozenset()


def operand(index: int) -> Names:
    """The names of one input."""
    return frozenset({(Operand(index), frozenset())})


def any_names() -> Names:
    """Names that are not known."""
    return frozenset({(Anything.ANYTHING, frozenset())})


def axes(names: Iterable[AxisName]) -> Names:
    """Just these names."""
    return frozenset((Axis(name), frozenset()) for name in names)


def axis_names(names: Names) -> frozenset[AxisName]:
    """The set of names, for a transfer that has no `Operand` source."""
    return frozenset(source.name for source, _ in names if isinstance(source, Axis))


def named_shape_of(names: Names, inputs: Sequence[NamedShape | None], axis_env: NamedShape) -> NamedShape | None:
    """The named shape a transfer stands for once the inputs' named shapes are known.

    None (unknown) where it depends on names that are not known. Sizes of names that the
    inputs lack come from ``axis_env``.
    """
    shapes = []
    for source, removed in names:
        if isinstance(source, Axis):
            shapes.append(NamedShape({source.name: axis_env.get(source.name, UNKNOWN_DIM)}))
            continue
        named_shape = None if isinstance(source, Anything) else inputs[source.index]
        if named_shape is None:
            return None
        shapes.append(named_shape.eliminate(removed) if removed else named_shape)
    return union(shapes) if shapes else NO_NAMES


def mentioned_names(axis: Any) -> tuple[AxisName, ...]:
    """The axis names in an equation's ``axes`` or ``axis_name`` parameter; positional axes are left out."""
    entries = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(from_jax(entry) for entry in entries if not is_position(entry))


def join(transfers: Iterable[Names]) -> Names:
    """The union of transfers, without the terms that others contain."""
    distinct = {transfer for transfer in transfers if transfer}
    if len(distinct) < 2:
        return distinct.pop() if distinct else NAMELESS
    largest = max(distinct, key=len)
    if all(transfer <= largest for transfer in distinct):
        return largest
    return _simplify(frozenset().union(*distinct))


def remove(names: Names, gone: Iterable[AxisName]) -> Names:
    """Without the axes ``gone``."""
    dropped = frozenset(gone)
    return _simplify(
        frozenset(
            (source, NAMELESS if isinstance(source, Axis) else removed | dropped)
            for source, removed in names
            if not (isinstance(source, Axis) and source.name in dropped)
        )
    )


def _simplify(names: Names) -> Names:
    """Drop a term when another of the same source removes less."""
    by_source: dict[Source, list[frozenset[AxisName]]] = {}
    for source, removed in names:
        by_source.setdefault(source, []).append(removed)
    if len(by_source) == len(names):
        return names
    return frozenset(
        (source, removed)
        for source, removals in by_source.items()
        for removed in removals
        if not any(less < removed for less in removals)
    )
