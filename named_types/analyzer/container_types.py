"""Containers of `collections` whose items are values: they are lists and dicts that do a little more.

`OrderedDict` and `Counter` are Python's own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

TREES = (dict, OrderedDict)
"""The dicts that JAX takes apart and that keep their type where their values change."""


class DefaultDict(dict[Any, Any]):
    """A `collections.defaultdict`."""

    factory: Any = None
    """The value that is called for a key that is missing."""


class Deque(list[Any]):
    """A `collections.deque`."""

    maxlen: int | None = None

    def append(self, item: Any, /) -> None:
        super().append(item)
        self._drop(0)

    def appendleft(self, item: Any, /) -> None:
        self.insert(0, item)
        self._drop(-1)

    def extend(self, items: Iterable[Any], /) -> None:
        for item in items:
            self.append(item)

    def extendleft(self, items: Iterable[Any], /) -> None:
        for item in items:
            self.appendleft(item)

    def popleft(self) -> Any:
        return self.pop(0)

    def rotate(self, count: int = 1, /) -> None:
        if self:
            count %= len(self)
            self[:] = self[-count:] + self[:-count]

    def copy(self) -> Deque:
        copied = Deque(self)
        copied.maxlen = self.maxlen
        return copied

    def _drop(self, end: int) -> None:
        if self.maxlen is not None and len(self) > self.maxlen:
            del self[end]


def empty_like(container: Any) -> Any:
    """An empty container of the same kind."""
    made = type(container)()
    if isinstance(container, DefaultDict):
        made.factory = container.factory
    if isinstance(container, Deque):
        made.maxlen = container.maxlen
    return made


def traits(container: Any) -> tuple[Any, ...]:
    """What two containers of one kind may differ in beside their items."""
    return getattr(container, "factory", None), getattr(container, "maxlen", None)
