"""What may change while the program runs: lists, dicts, sets, and the attributes of instances.

They are changed in place, so that every name of one sees the change. Who wants to go back to a moment, as a branch
that was not taken does, keeps what changes after it: `Heap.changing` is told before each change.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from weakref import WeakSet

from named_types.analyzer.class_values import Instance
from named_types.analyzer.values import UNKNOWN, forget

Container: TypeAlias = "list[Any] | dict[Any, Any] | set[Any]"


class Heap:
    """Tells all moments that are still wanted of each change, and counts the changes."""

    def __init__(self) -> None:
        self.version = 0
        """Differs between any two states, so that who remembers a result can tell whether it still holds."""
        self._versions = itertools.count(1)
        self._moments: WeakSet[Moment] = WeakSet()
        self._instances: WeakSet[Instance] = WeakSet()
        self._under_construction: list[Instance] = []

    def moment(self) -> Moment:
        """The present one."""
        moment = Moment(self)
        self._moments.add(moment)
        return moment

    @contextmanager
    def apart(self) -> Iterator[None]:
        """While a module is imported: what it does is done once, whether or not the branch is taken that imports it."""
        outer, self._moments = self._moments, WeakSet()
        try:
            yield
        finally:
            self._moments = outer

    def changing(self, container: Container) -> None:
        """``container`` is about to change; nobody has yet seen one that is under construction."""
        for moment in self._moments:
            moment.keep(container)
        if not any(container is one.attributes for one in self._under_construction):
            self.version = next(self._versions)

    def forget(self, container: Container) -> None:
        """From now on nothing is known of it, by whatever name it goes."""
        self.changing(container)
        forget(container)

    def forget_attribute(self, name: str) -> None:
        """An attribute of this name was set, nobody knows on which instance."""
        for instance in list(self._instances):
            if instance.attributes.get(name, UNKNOWN) is not UNKNOWN:
                self.changing(instance.attributes)
                instance.attributes[name] = UNKNOWN

    @contextmanager
    def constructing(self, instance: Instance) -> Iterator[None]:
        """While an instance is made."""
        self._instances.add(instance)
        self._under_construction.append(instance)
        try:
            yield
        finally:
            self._under_construction.pop()


class Moment:
    """What the containers held that have changed since."""

    def __init__(self, heap: Heap) -> None:
        self._heap = heap
        self._version = heap.version
        self._kept: dict[int, tuple[Container, Container]] = {}

    def keep(self, container: Container) -> None:
        if id(container) not in self._kept:
            self._kept[id(container)] = (container, type(container)(container))

    def contents(self, container: Container) -> Container:
        """What ``container`` held then; no more than to be read."""
        return self._kept.get(id(container), (container, container))[1]

    def changed(self) -> Iterator[Container]:
        """The containers that may have changed since."""
        return (container for container, _ in list(self._kept.values()))

    def restore(self) -> None:
        """Put all contents back. The moment stays, so it can be put back again."""
        for container, contents in list(self._kept.values()):
            self.replace(container, contents)
        self._heap.version = self._version

    def replace(self, container: Container, contents: Container) -> None:
        """Let a container hold something else."""
        self._heap.changing(container)
        if isinstance(container, list):
            container[:] = contents
        else:
            held: Any = type(contents)(contents)
            container.clear()
            container.update(held)
