"""Where nodes stand in the source, worked out only when someone asks, and only for the statement that is asked about.

libcst tells where a node stands by writing the code, which takes as long as to parse it. Each of the outermost
statements of a module is written by itself.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import libcst as cst
from libcst.metadata import PositionProvider
from libcst.metadata.position_provider import PositionProvidingCodegenState

from named_types.analyzer.parsing import Parsed
from named_types.analyzer.syntax import descendants
from named_types.diagnostics.place import Place

_DEEPEST_RECURSION = 20_000


class Positions:
    """The places of one module's nodes. Most files are clean and never pay for them."""

    def __init__(self, path: str, parsed: Parsed) -> None:
        self._path = path
        self._module = parsed.module
        self._statements: Sequence[cst.CSTNode] = parsed.module.body if parsed.lines is not None else [parsed.module]
        self._lines = parsed.lines if parsed.lines is not None else (1,)
        self._known: dict[int, Mapping[cst.CSTNode, Place]] = {}
        self._nodes: dict[int, Mapping[tuple[int, int, int, int], Sequence[cst.CSTNode]]] = {}

    def find(self, node: cst.CSTNode) -> Place | None:
        """The place of a node, None if it is not in the module."""
        index = self._statement_of.get(id(node))
        return None if index is None else self._places(index).get(node)

    def nodes_at(self, line: int, column: int, end_line: int, end_column: int) -> Sequence[cst.CSTNode]:
        """The nodes that stand just there."""
        index = bisect_right(self._lines, line) - 1
        if index < 0:
            return ()
        if index not in self._nodes:
            self._nodes[index] = nodes = defaultdict(list)
            for node, at in self._places(index).items():
                nodes[at.line, at.column, at.end_line, at.end_column].append(node)
        return self._nodes[index].get((line, column, end_line, end_column), ())

    def __contains__(self, node: cst.CSTNode) -> bool:
        return id(node) in self._statement_of

    @cached_property
    def _statement_of(self) -> dict[int, int]:
        """The statement that each node is in, by the node's identity, which hashing it takes longer to tell."""
        return {id(one): index for index, statement in enumerate(self._statements) for one in descendants(statement)}

    def _places(self, index: int) -> Mapping[cst.CSTNode, Place]:
        if index not in self._known:
            statement = self._statements[index]
            ranges = _ranges(self._module, statement)
            shift = self._lines[index] - ranges[_first(statement)].start.line if ranges else 0
            self._known[index] = {node: self._place(found, shift) for node, found in ranges.items()}
        return self._known[index]

    def _place(self, found: Any, shift: int) -> Place:
        start, end = found.start, found.end
        return Place(self._path, start.line + shift, start.column + 1, end.line + shift, end.column + 1)


def _first(statement: cst.CSTNode) -> cst.CSTNode:
    """What stands at the line that a statement starts at."""
    decorators = getattr(statement, "decorators", ())
    return decorators[0].decorator if decorators else statement


def _ranges(module: cst.Module, statement: cst.CSTNode) -> Mapping[cst.CSTNode, Any]:
    """Where libcst writes each node of a statement; it recurses several times for each level of the syntax."""
    provider = PositionProvider()
    state = PositionProvidingCodegenState(module.default_indent, module.default_newline, provider=provider)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST_RECURSION))
    try:
        statement._codegen(state)
    except RecursionError:
        return {}
    finally:
        sys.setrecursionlimit(limit)
    return provider._computed


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
