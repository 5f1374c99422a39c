"""What an analysis found: diagnostics by code and place, and the value of each expression.

A function is met with the types of every call, and, where it is annotated, once by itself with the types it
declares. What is found by itself is what the reader of the function sees, so it replaces what calls found.
"""

from __future__ import annotations

from collections.abc import Container

import libcst as cst

from named_types.analyzer.joins import join
from named_types.analyzer.values import Value, as_seen
from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.place import Place


class Findings:
    """Found so far."""

    def __init__(self) -> None:
        self._diagnostics: dict[tuple[str, Place], Diagnostic] = {}
        self._types: dict[cst.CSTNode, Value] = {}
        self._found_alone: set[object] = set()
        self._acquitted: set[tuple[str, cst.CSTNode]] = set()
        self._places: dict[cst.CSTNode, Place] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """In the order of their places."""
        acquitted = {(code, self._places.get(node)) for code, node in self._acquitted}
        told = (one for key, one in self._diagnostics.items() if key not in acquitted)
        return tuple(sorted(told, key=lambda diagnostic: (diagnostic.place, diagnostic.code)))

    @property
    def types(self) -> dict[cst.CSTNode, Value]:
        """The value of each expression; UNKNOWN for one that had several."""
        return self._types

    def add_problem(self, diagnostic: Diagnostic, node: cst.CSTNode, is_alone: bool) -> None:
        """Add a problem: one of a code at a place."""
        key = (diagnostic.code, diagnostic.place)
        self._places[node] = diagnostic.place
        if self._is_new(key, self._diagnostics, is_alone):
            self._diagnostics[key] = diagnostic

    def acquit(self, code: str, node: cst.CSTNode) -> None:
        """There is a call in which what stands at ``node`` is right: others do not make it a problem of this code."""
        self._acquitted.add((code, node))

    def add_revealed(self, text: str, place: Place, is_alone: bool) -> None:
        """Add the answer to a ``reveal_type``; of several different ones nothing is known."""
        diagnostic = Diagnostic.revealed(text, place)
        key = (diagnostic.code, place)
        if not self._is_new(key, self._diagnostics, is_alone) and self._diagnostics[key] != diagnostic:
            diagnostic = Diagnostic.revealed("unknown", place)
        self._diagnostics[key] = diagnostic

    def add_type(self, node: cst.CSTNode, value: Value, is_alone: bool) -> None:
        """Add a value that an expression had."""
        seen = as_seen(value)
        self._types[node] = seen if self._is_new(node, self._types, is_alone) else join(self._types[node], seen)

    def _is_new(self, key: object, found: Container[object], is_alone: bool) -> bool:
        """Whether nothing was found there, or only by way of calls."""
        if is_alone and key not in self._found_alone:
            self._found_alone.add(key)
            return True
        return key not in found
