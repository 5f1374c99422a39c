"""Names and what they are bound to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any


class Deferred(ABC):
    """A binding whose value is looked up when it is used."""

    @abstractmethod
    def resolve(self) -> Any:
        """The value."""


class Scope:
    """The bindings of a module, of one call of a function, or of a comprehension, inside the scope around it."""

    __slots__ = ("bindings", "declared", "is_comprehension", "outer", "outside", "version")

    def __init__(self, outer: Scope | None = None, is_comprehension: bool = False) -> None:
        self.outer = outer
        self.is_comprehension = is_comprehension
        self.bindings: dict[str, Any] = {}
        self.declared: dict[str, Any] = {}
        """The annotation of each annotated variable."""
        self.outside: dict[str, Scope] = {}
        """Names that a ``global`` or ``nonlocal`` statement binds elsewhere."""
        self.version = 0
        """Counts the changes, so that who remembers a result can tell whether it still holds."""

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def lookup(self, name: str) -> tuple[Any] | None:
        """The value of a name as a 1-tuple, None if it is bound nowhere."""
        for scope in self.chain():
            if name in scope.bindings:
                value = scope.bindings[name]
                return (value.resolve() if isinstance(value, Deferred) else value,)
        return None

    def bind(self, name: str, value: Any) -> None:
        scope = self.outside.get(name, self)
        scope.bindings[name] = value
        scope.version += 1

    def bind_by_walrus(self, name: str, value: Any) -> None:
        """Bind the target of ``:=``, which a comprehension leaves to what is around it."""
        next(scope for scope in self.chain() if not scope.is_comprehension).bind(name, value)

    def rebind(self, bindings: dict[str, Any]) -> None:
        """Replace every binding at once."""
        self.bindings = bindings
        self.version += 1

    def bind_outside(self, name: str, is_global: bool) -> None:
        """Let assignments to ``name`` bind it in the module, or in the nearest function around."""
        enclosing = list(self.chain())[1:]
        if is_global and enclosing:
            self.outside[name] = enclosing[-1]
        elif enclosing:
            self.outside[name] = next((scope for scope in enclosing if name in scope.bindings), enclosing[0])


class Snapshot:
    """The bindings of a chain of scopes at one moment, containers copied."""

    def __init__(self, scope: Scope) -> None:
        copies: dict[int, Any] = {}
        self._states = [(one, _copy_bindings(one.bindings, copies)) for one in scope.chain()]

    def restore(self) -> None:
        """Put the moment back. The containers are copied anew, so it can be put back again."""
        copies: dict[int, Any] = {}
        for scope, bindings in self._states:
            scope.rebind(_copy_bindings(bindings, copies))

    def join_into(self, join: Callable[[Any, Any], Any], missing: Any) -> None:
        """Join this moment into the present one; a name bound in only one of them becomes ``missing``."""
        for scope, bindings in self._states:
            differing = [name for name, value in scope.bindings.items() if bindings.get(name, scope) is not value]
            for name in differing:
                both = name in bindings
                scope.bind(name, join(scope.bindings[name], bindings[name]) if both else missing)
            for name in bindings.keys() - scope.bindings.keys():
                scope.bind(name, missing)


def _copy_bindings(bindings: dict[str, Any], copies: dict[int, Any]) -> dict[str, Any]:
    copied = dict(bindings)
    for name in [name for name, value in bindings.items() if type(value) in _CONTAINERS]:
        copied[name] = _copy(bindings[name], copies)
    return copied


_CONTAINERS = frozenset({list, dict, tuple})


def _copy(value: Any, copies: dict[int, Any]) -> Any:
    """Copy lists and dicts, two names of one list staying two names of one list."""
    if id(value) in copies:
        return copies[id(value)]
    if type(value) is list:
        items: list[Any] = []
        copies[id(value)] = items
        items.extend(_copy(item, copies) for item in value)
        return items
    if type(value) is dict:
        entries: dict[Any, Any] = {}
        copies[id(value)] = entries
        entries.update((key, _copy(item, copies)) for key, item in value.items())
        return entries
    if type(value) is tuple:
        items = [_copy(item, copies) for item in value]
        return value if all(one is other for one, other in zip(items, value, strict=True)) else tuple(items)
    return value
