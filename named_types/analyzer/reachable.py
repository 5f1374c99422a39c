"""What can be reached from a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from named_types.analyzer.class_values import Instance, Record, Super
from named_types.analyzer.values import (
    CustomDerivative,
    Differentiated,
    Function,
    LibraryFunction,
    Partial,
    Value,
    Vmapped,
    Xmapped,
)


def reachable_instances(values: Iterable[Value]) -> Iterator[Instance]:
    """The instances among values and in what they hold."""
    waiting, seen = list(values), set[int]()
    while waiting:
        value = waiting.pop()
        parts = _parts(value)
        if parts is None or id(value) in seen:
            continue
        seen.add(id(value))
        waiting.extend(parts)
        if isinstance(value, Instance):
            yield value


def _parts(value: Value) -> Iterable[Value] | None:
    """What a value holds; None for one that holds nothing."""
    match value:
        case tuple() | list():
            return tuple(value)
        case dict():
            return tuple(value.values())
        case Instance() | Record():
            return tuple(value.attributes.values())
        case Partial() | LibraryFunction():
            return (value.function, *value.args, *value.kwargs.values())
        case Function():
            return value.bound
        case Super():
            return (value.receiver,)
        case CustomDerivative() | Differentiated() | Vmapped() | Xmapped():
            return (value.function,)
    return None
