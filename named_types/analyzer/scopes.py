"""Names and what they are bound to."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from named_types.algebra import Dim

_VERSIONS = itertools.count(1)


class Deferred(ABC):
    """A binding whose value is looked up when it is used."""

    @abstractmethod
    def resolve(self) -> Any:
        """The value."""


class Scope:
    """The bindings of a module, of one call of a function, or of a comprehension, inside the scope around it."""

    __slots__ = ("bindings", "declared", "is_comprehension", "outer", "outside", "sizes", "version")

    def __init__(self, outer: Scope | None = None, is_comprehension: bool = False) -> None:
        self.outer = outer
        self.is_comprehension = is_comprehension
        self.bindings: dict[str, Any] = {}
        self.declared: dict[str, Any] = {}
        """The annotation of each annotated variable."""
        self.outside: dict[str, Scope] = {}
        """Names that a ``global`` or ``nonlocal`` statement binds elsewhere."""
        self.sizes: Mapping[str, Dim] = {}
        """What the dimension variables of a function are, in a call of it and for the functions inside."""
        self.version = 0
        """Differs between any two states, so that who remembers a result can tell whether it still holds."""

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

    @property
    def sizes_around(self) -> Mapping[str, Dim]:
        """What dimension variables are here: a function inside another one has those of its own beside them."""
        sizes: dict[str, Dim] = {}
        for scope in self.chain():
            sizes = {**scope.sizes, **sizes}
        return sizes

    def bind(self, name: str, value: Any) -> None:
        scope = self.outside.get(name, self)
        scope.bindings[name] = value
        scope.version = next(_VERSIONS)

    def bind_by_walrus(self, name: str, value: Any) -> None:
        """Bind the target of ``:=``, which a comprehension leaves to what is around it."""
        next(scope for scope in self.chain() if not scope.is_comprehension).bind(name, value)

    def go_back(self, bindings: dict[str, Any], version: int) -> None:
        """Replace every binding at once by those of an earlier version."""
        self.bindings = bindings
        self.version = version

    def bind_outside(self, name: str, is_global: bool) -> None:
        """Let assignments to ``name`` bind it in the module, or in the nearest function around."""
        enclosing = list(self.chain())[1:]
        if is_global and enclosing:
            self.outside[name] = enclosing[-1]
        elif enclosing:
            self.outside[name] = next((scope for scope in enclosing if name in scope.bindings), enclosing[0])
