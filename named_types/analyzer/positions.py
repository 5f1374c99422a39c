"""Where nodes stand in the source, worked out only when someone asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from named_types.analyzer.syntax import descendants
from named_types.diagnostics.place import Place

_DEEPEST_RECURSION = 20_000


class Positions:
    """The places of one module's nodes. Most files are clean and never pay for them."""

    def __init__(self, path: str, module: cst.Module) -> None:
        self._path = path
        self._module = module

    def find(self, node: cst.CSTNode) -> Place | None:
        """The place of a node, None if it is not in the module."""
        position = self._ranges.get(node)
        if position is None:
            return None
        start, end = position.start, position.end
        return Place(self._path, start.line, start.column + 1, end.line, end.column + 1)

    def __contains__(self, node: cst.CSTNode) -> bool:
        return any(one is node for one in descendants(self._module))

    @cached_property
    def _ranges(self) -> Mapping[cst.CSTNode, Any]:
        """Where libcst writes each node; it recurses several times for each level of the syntax.

        The provider is asked itself: `MetadataWrapper.resolve` goes through the module once more, for nothing.
        """
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _DEEPEST_RECURSION))
        try:
            return PositionProvider()._gen(MetadataWrapper(self._module, unsafe_skip_copy=True))
        except RecursionError:
            return {}
        finally:
            sys.setrecursionlimit(limit)


class Places:
    """The places of the nodes of a program; ``modules`` gives where to look, the likeliest first."""

    def __init__(self, path: str, modules: Callable[[], Iterable[Positions]]) -> None:
        self._path = path
        self._modules = modules
        self._stand_in: cst.CSTNode | None = None

    def place(self, node: cst.CSTNode) -> Place:
        """The place of a node; of one that is nowhere, the start of the file being checked."""
        node = self._stand_in or node
        likeliest, *others = dict.fromkeys(self._modules())
        place = likeliest.find(node)
        if place is None:
            place = next((one.find(node) for one in others if node in one), None)
        return place or Place.start_of(self._path)

    @contextmanager
    def standing_in(self, node: cst.CSTNode) -> Iterator[None]:
        """While nodes that are not in the source are read (a quoted annotation), they stand at ``node``."""
        outer, self._stand_in = self._stand_in, self._stand_in or node
        try:
            yield
        finally:
            self._stand_in = outer
