"""What a value holds, as something to compare: two calls with arguments of one content give the same.

Lists, dicts and instances are told apart by what they hold and not by which they are, so that all layers of a model
that have one shape are one to who remembers. One that comes twice is named the second time by its first place.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from named_types.analyzer.class_values import Instance, Record
from named_types.analyzer.container_types import traits
from named_types.analyzer.values import Function, Partial, Value

_MOST_PARTS = 2000


def content(values: Iterable[Value]) -> Hashable | None:
    """The content of values; None where there is too much of it, or it cannot be compared."""
    reader = _Reader()
    try:
        read = tuple(reader.read(value) for value in values)
        hash(read)
    except (TypeError, RecursionError):
        return None
    return read


def is_content(value: Value) -> bool:
    """Whether a value is no more than its content: it has no identity, and does not change."""
    if isinstance(value, (list, dict, set, Instance)):
        return False
    match value:
        case tuple():
            return all(is_content(item) for item in value)
        case Record():
            return all(is_content(item) for _, item in value.items)
        case Function():
            return all(is_content(item) for item in value.bound)
        case Partial():
            return all(is_content(item) for item in (value.function, *value.args, *value.kwargs.values()))
    return True


class _Reader:
    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._parts = 0

    def read(self, value: Value) -> Hashable:
        """What to compare of a value; raises TypeError for too many of them."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise TypeError
        if isinstance(value, (list, dict, Instance)):
            if id(value) in self._places:
                return "again", self._places[id(value)]
            self._places[id(value)] = len(self._places)
        match value:
            case tuple() | list():
                return type(value), traits(value), *[self.read(item) for item in value]
            case dict():
                return type(value), traits(value), *[(key, self.read(item)) for key, item in value.items()]
            case Instance():
                return Instance, value.cls, value.is_exact, self.read(value.attributes)
            case Record():
                return Record, value.cls, *[(name, self.read(item)) for name, item in value.items]
            case Function():
                given = tuple(value.defaults.values())
                return value.node, id(value.scope), value.is_virtual, self.read(value.bound), self.read(given)
            case Partial():
                return Partial, self.read(value.function), self.read(value.args), self.read(dict(value.kwargs))
        return type(value), value
