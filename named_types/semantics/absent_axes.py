"""Calls along named axes that no operand has: they multiply, or do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from named_types.algebra import ArrayType
from named_types.problems import AbsentAxis
from named_types.semantics.collectives import Collective

_OF_EQUALS = frozenset({"all_gather", "pmax", "pmin", "psum"})
"""The collectives that tell nothing about equal instances but how many there are."""


def absent_axes(path: str, operands: Sequence[ArrayType], collectives: Iterable[Collective]) -> AbsentAxis | None:
    """Whether the collectives in a call go along axes of which no operand has any.

    `lax.all_gather` itself is a way to make copies.
    """
    made = list(collectives)
    gone_along = tuple(dict.fromkeys(axis for collective in made for axis in collective.axes))
    is_idle = all(collective.operation in _OF_EQUALS for collective in made) and not path.endswith(".all_gather")
    if not operands or not gone_along or not is_idle:
        return None
    for operand in operands:
        if operand.named_shape is None or any(axis in operand.named_shape for axis in gone_along):
            return None
    return AbsentAxis(path, tuple(operands), gone_along)
