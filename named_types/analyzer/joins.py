"""What is known of a value that may have come by two ways."""

from __future__ import annotations

from named_types.analyzer.values import UNKNOWN, Value, is_forgotten


def join(left: Value, right: Value) -> Value:
    """The one value both are, part by part; UNKNOWN where they differ.

    Types are not widened to something that covers both: a named shape that is the union of two would give
    conflicts that no run has.
    """
    if left is right:
        return left
    if type(left) is not type(right) or is_forgotten(left) or is_forgotten(right):
        return UNKNOWN
    if isinstance(left, (tuple, list)) and len(left) == len(right):
        parts = [join(one, other) for one, other in zip(left, right, strict=True)]
        return tuple(parts) if isinstance(left, tuple) else parts
    if isinstance(left, dict) and left.keys() == right.keys():
        return {key: join(value, right[key]) for key, value in left.items()}
    return left if same(left, right) else UNKNOWN


def same(left: Value, right: Value) -> bool:
    """Whether two values are known to be one; never raises."""
    try:
        return type(left) is type(right) and bool(left == right)
    except Exception:
        return False
