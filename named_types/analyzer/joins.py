"""What is known of a value that may have come by two ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

from named_types.analyzer.class_values import Record
from named_types.analyzer.container_types import empty_like, traits
from named_types.analyzer.numbers import is_number, kind_of
from named_types.analyzer.values import UNKNOWN, AbstractArray, Number, Value, forget, is_forgotten, tuple_like

Container: TypeAlias = Any
Held: TypeAlias = Callable[[Container], Container]
"""What a list or dict of the right state holds in that state."""


def join(left: Value, right: Value) -> Value:
    """The one value both are, part by part; UNKNOWN where they differ.

    Numbers of one type are some number of that type. Types of arrays are not widened to something that covers both:
    a named shape that is the union of two would give conflicts that no run has.
    """
    return Join()(left, right)


def join_all(values: Sequence[Value]) -> Value:
    """The one value that all are, UNKNOWN for none."""
    return reduce(join, values) if values else UNKNOWN


class Join:
    """Joins the values of two states, one after the other.

    A list that has several names in both states has them in the joined state. Where it has them in one state
    only, a change by one name may or may not be seen by the other, so nothing is known of it.
    """

    def __init__(self, forget: Callable[[Container], None] = forget, held: Held | None = None) -> None:
        self._forget = forget
        self._held = held
        self._joined: dict[int, tuple[Value, Value, Value]] = {}
        """The left and the right list or dict, and what they became, by the identity of either."""

    def __call__(self, left: Value, right: Value) -> Value:
        if is_number(left) and is_number(right) and left != right and kind_of(left) is kind_of(right):
            return Number(kind_of(left))
        if type(left) is not type(right):
            return UNKNOWN
        if isinstance(left, (list, dict)):
            return self._container(left, right)
        if left is right:
            return left
        if isinstance(left, tuple) and len(left) == len(right):
            items = [self(one, other) for one, other in zip(left, right, strict=True)]
            return left if all(one is item for one, item in zip(left, items, strict=True)) else tuple_like(left, items)
        if isinstance(left, Record):
            return self._record(left, right)
        if isinstance(left, AbstractArray) and left == right and left.recorded is not right.recorded:
            return AbstractArray(left.type, left.weak_type, left.library)
        return left if same(left, right) else UNKNOWN

    def _record(self, left: Record, right: Record) -> Value:
        if left.cls is not right.cls or left.attributes.keys() != right.attributes.keys():
            return UNKNOWN
        others = right.attributes
        return type(left)(left.cls, tuple((name, self(value, others[name])) for name, value in left.items))

    def contents(self, left: Container, right: Container) -> Container:
        """What one container holds that held ``left`` in one state and ``right`` in the other."""
        if isinstance(left, list):
            return [self(one, other) for one, other in zip(left, right, strict=True)]
        assert isinstance(right, dict)
        return {
            key: self(left[key], right[key]) if key in left and key in right else UNKNOWN for key in {**left, **right}
        }

    def _container(self, left: Container, right: Container) -> Value:
        if left is right and self._held is None:
            return left
        earlier = [self._joined[id(one)] for one in (left, right) if id(one) in self._joined]
        if earlier and earlier[0][0] is left and earlier[0][1] is right:
            return earlier[0][2]
        held = right if self._held is None else self._held(right)
        joined: Value = UNKNOWN
        if not earlier:
            joined = left if left is right else empty_like(left) if fit(left, held) else UNKNOWN
        self._joined[id(left)] = self._joined[id(right)] = (left, right, joined)
        for _, _, other in earlier:
            if other is not UNKNOWN:
                self._forget(other)
        if isinstance(joined, list) and joined is not left:
            joined += self.contents(left, held)
        elif isinstance(joined, dict) and joined is not left:
            joined.update(self.contents(left, held))
        return joined


def fit(left: Container, right: Container) -> bool:
    """Whether two containers can be joined item by item."""
    if is_forgotten(left) or is_forgotten(right) or len(left) != len(right) or traits(left) != traits(right):
        return False
    return isinstance(left, list) or (isinstance(left, dict) and left.keys() == right.keys())


def same(left: Value, right: Value) -> bool:
    """Whether two values are known to be one; never raises."""
    try:
        return type(left) is type(right) and bool(left == right)
    except Exception:
        return False
