"""Sequences of syntax with a piece less, or with two pieces in each other's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import libcst as cst

_Display = cst.Tuple | cst.List | cst.Set | cst.Dict
_Piece = TypeVar("_Piece", cst.Arg, cst.SubscriptElement)


def items(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What stands in a display, starred items left out."""
    if not isinstance(node, (cst.Tuple, cst.List, cst.Set, cst.Dict)):
        return []
    return [one.value for one in node.elements if isinstance(one, (cst.Element, cst.DictElement))]


def without(node: cst.CSTNode, position: int) -> cst.CSTNode:
    """A display without one of its elements."""
    assert isinstance(node, (cst.Tuple, cst.List, cst.Set, cst.Dict))
    rest = [one for at, one in enumerate(node.elements) if at != position]
    if isinstance(node, cst.Tuple):
        if len(rest) == 1:
            return node.with_changes(elements=[rest[0].with_changes(comma=cst.Comma())])
        if not rest and not node.lpar:
            return node.with_changes(elements=[], lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node.with_changes(elements=_without_last_comma(rest))


def with_values_exchanged(node: cst.CSTNode, first: int, second: int) -> cst.CSTNode:
    """A display in which two elements, or the values under two keys, have changed places."""
    assert isinstance(node, (cst.Tuple, cst.List, cst.Set, cst.Dict))
    elements = list(node.elements)
    one, other = elements[first], elements[second]
    elements[first] = one.with_changes(value=other.value)
    elements[second] = other.with_changes(value=one.value)
    return node.with_changes(elements=elements)


def adjacent(count: int) -> Iterator[tuple[int, int]]:
    return zip(range(count - 1), range(1, count), strict=False)


def pieces_without(pieces: Sequence[_Piece], position: int) -> list[_Piece]:
    return _without_last_comma([one for at, one in enumerate(pieces) if at != position])


def _without_last_comma(pieces: list) -> list:  # type: ignore[type-arg]
    if not pieces:
        return pieces
    return [*pieces[:-1], pieces[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


def same(one: cst.CSTNode, other: cst.CSTNode) -> bool:
    return one.deep_equals(other)
