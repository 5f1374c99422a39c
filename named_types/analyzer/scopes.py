"""Names and what they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Scope:
    """The bindings of a module or of one call of a function, inside the scope it closes over."""

    __slots__ = ("bindings", "declared", "outer", "outside")

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.bindings: dict[str, Any] = {}
        self.declared: dict[str, Any] = {}
        """The annotation of each annotated variable."""
        self.outside: dict[str, Scope] = {}
        """Names that a ``global`` or ``nonlocal`` statement binds elsewhere."""

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def lookup(self, name: str) -> tuple[Any] | None:
        """The value of a name as a 1-tuple, None if it is bound nowhere."""
        for scope in self.chain():
            if name in scope.bindings:
                return (scope.bindings[name],)
        return None

    def bind(self, name: str, value: Any) -> None:
        self.outside.get(name, self).bindings[name] = value

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
        self._states = [
            (one, {name: _copy(value, copies) for name, value in one.bindings.items()}) for one in scope.chain()
        ]

    def restore(self) -> None:
        """Put the moment back. The containers are copied anew, so it can be put back again."""
        copies: dict[int, Any] = {}
        for scope, bindings in self._states:
            scope.bindings = {name: _copy(value, copies) for name, value in bindings.items()}

    def join_into(self, join: Callable[[Any, Any], Any], missing: Any) -> None:
        """Join this moment into the present one; a name bound in only one of them becomes ``missing``."""
        for scope, bindings in self._states:
            for name in scope.bindings.keys() | bindings.keys():
                both = name in scope.bindings and name in bindings
                scope.bindings[name] = join(scope.bindings[name], bindings[name]) if both else missing


def _copy(value: Any, copies: dict[int, Any]) -> Any:
    """Copy lists and dicts, two names of one list staying two names of one list."""
    if id(value) in copies:
        return copies[id(value)]
    if type(value) is list:
        copied: list[Any] = []
        copies[id(value)] = copied
        copied.extend(_copy(item, copies) for item in value)
        return copied
    if type(value) is dict:
        copied_dict: dict[Any, Any] = {}
        copies[id(value)] = copied_dict
        copied_dict.update((key, _copy(item, copies)) for key, item in value.items())
        return copied_dict
    if type(value) is tuple:
        return tuple(_copy(item, copies) for item in value)
    return value
