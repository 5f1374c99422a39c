"""What is known of a value that may have come by two ways."""

from __future__ import annotations

from named_types.analyzer.values import UNKNOWN, Value, forget, is_forgotten


def join(left: Value, right: Value) -> Value:
    """The one value both are, part by part; UNKNOWN where they differ.

    Types are not widened to something that covers both: a named shape that is the union of two would give
    conflicts that no run has.
    """
    return Join()(left, right)


class Join:
    """Joins the values of two states, one after the other.

    A list that has several names in both states has them in the joined state. Where it has them in one state
    only, a change by one name may or may not be seen by the other, so nothing is known of it.
    """

    def __init__(self) -> None:
        self._joined: dict[int, tuple[Value, Value, Value]] = {}
        """The left and the right list or dict, and what they became, by the identity of either."""

    def __call__(self, left: Value, right: Value) -> Value:
        if type(left) is not type(right) or is_forgotten(left) or is_forgotten(right):
            return UNKNOWN
        if isinstance(left, (list, dict)):
            return self._container(left, right)
        if left is right:
            return left
        if isinstance(left, tuple) and len(left) == len(right):
            return tuple(self(one, other) for one, other in zip(left, right, strict=True))
        return left if same(left, right) else UNKNOWN

    def _container(self, left: Value, right: Value) -> Value:
        if left is right:
            return left
        earlier = [self._joined[id(one)] for one in (left, right) if id(one) in self._joined]
        if earlier and earlier[0][0] is left and earlier[0][1] is right:
            return earlier[0][2]
        fits = len(left) == len(right) and (isinstance(left, list) or left.keys() == right.keys())
        joined = type(left)() if fits and not earlier else UNKNOWN
        self._joined[id(left)] = self._joined[id(right)] = (left, right, joined)
        for _, _, other in earlier:
            if other is not UNKNOWN:
                forget(other)
        if isinstance(joined, list):
            joined += [self(one, other) for one, other in zip(left, right, strict=True)]
        elif isinstance(joined, dict):
            joined.update({key: self(value, right[key]) for key, value in left.items()})
        return joined


def same(left: Value, right: Value) -> bool:
    """Whether two values are known to be one; never raises."""
    try:
        return type(left) is type(right) and bool(left == right)
    except Exception:
        return False
