"""The state at one moment: to go back to, or to join into what another way led to."""

from __future__ import annotations

from typing import Any

from named_types.analyzer.class_values import Attributes
from named_types.analyzer.heap import Container, Heap
from named_types.analyzer.joins import Join, fit, same
from named_types.analyzer.scopes import Scope
from named_types.analyzer.values import UNKNOWN


class Snapshot:
    """The bindings of a chain of scopes, and what lists, dicts and instances hold."""

    def __init__(self, scope: Scope, heap: Heap) -> None:
        self._heap = heap
        self._moment = heap.moment()
        self._states = [(one, one.version, dict(one.bindings)) for one in scope.chain()]

    def restore(self) -> None:
        """Put the moment back. It can be put back again."""
        for scope, version, bindings in self._states:
            if scope.version != version:
                scope.go_back(dict(bindings), version)
        self._moment.restore()

    def join_into(self) -> None:
        """Join this moment into the present one; a name bound in only one of them becomes unknown."""
        join = Join(self._heap.forget, self._moment.contents)
        for scope, version, bindings in self._states:
            if scope.version != version:
                _join_bindings(join, scope, bindings)
        pairs = [(container, self._moment.contents(container)) for container in self._moment.changed()]
        joined = [_join_contents(join, container, contents) for container, contents in pairs]
        for (container, _), contents in zip(pairs, joined, strict=True):
            if contents is None:
                self._heap.forget(container)
            elif not same(container, contents):
                self._moment.replace(container, contents)

    def is_present(self) -> bool:
        """Whether nothing is different now, as far as is known."""
        for scope, version, bindings in self._states:
            if scope.version != version and not _are_same(scope.bindings, bindings):
                return False
        return all(same(container, self._moment.contents(container)) for container in self._moment.changed())

    def forget_changes(self) -> None:
        """Nothing is known of what has changed since."""
        for scope, version, bindings in self._states:
            if scope.version != version:
                for name in [name for name, value in scope.bindings.items() if not same(value, bindings.get(name))]:
                    scope.bind(name, UNKNOWN)
        for container in list(self._moment.changed()):
            self._heap.forget(container)


def _join_bindings(join: Join, scope: Scope, bindings: dict[str, Any]) -> None:
    """A name that is bound to one list in both states takes part too: the list may have another name in one of them."""
    for name, value in list(scope.bindings.items()):
        joined = join(value, bindings[name]) if name in bindings else UNKNOWN
        if joined is not value:
            scope.bind(name, joined)
    for name in bindings.keys() - scope.bindings.keys():
        scope.bind(name, UNKNOWN)


def _join_contents(join: Join, now: Container, then: Container) -> Container | None:
    """What a container holds that has been changed in one of the states; None if it has to be forgotten.

    An attribute that an instance has in only one of them is unknown, as a name is.
    """
    if same(now, then):
        return now
    return join.contents(now, then) if isinstance(now, Attributes) or fit(now, then) else None


def _are_same(bindings: dict[str, Any], before: dict[str, Any]) -> bool:
    return bindings.keys() == before.keys() and all(
        value is before[name] or same(value, before[name]) for name, value in bindings.items()
    )
