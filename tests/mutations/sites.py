"""The places of a program where something may be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

_AXIS_MAPPINGS = {"in_axes": 1, "out_axes": 2}
_MAPS = {"xmap", "vmap", "pmap"}
_NAMING = {"in_axes", "out_axes", "axis_name", "axis_names", "axis_sizes"}
_COLLECTIVES = {
    *("psum", "pmean", "pmax", "pmin", "ppermute", "pshuffle", "pswapaxes", "all_gather", "all_to_all"),
    *("psum_scatter", "axis_index", "axis_size", "pdot", "pbroadcast"),
}
_JUDGING = {"reveal_type", "print", "named_shape", "caught", "raises"}


@dataclass(frozen=True, eq=False)
class Site:
    """A node of a program, with the nodes that it stands in, the innermost last."""

    node: cst.CSTNode
    ancestors: tuple[cst.CSTNode, ...]
    axes: tuple[str, ...]
    """The names of axes that the program mentions."""
    line: int
    """The first line of the statement."""

    @cached_property
    def in_annotation(self) -> bool:
        return any(isinstance(one, cst.Annotation) for one in self.ancestors)

    @cached_property
    def is_in_program(self) -> bool:
        """Whether it belongs to what the program does, not to what says that this is right."""
        judging = (cst.Assert, cst.Import, cst.ImportFrom, cst.Raise, cst.FormattedString)
        around = (*self.ancestors, self.node)
        return self._is_held and not any(isinstance(one, judging) or callee(one) in _JUDGING for one in around)

    @property
    def _is_held(self) -> bool:
        """Not in an annotation that no run holds anything against: that of a field, or of a function."""
        at = next((at for at, one in enumerate(self.ancestors) if isinstance(one, cst.Annotation)), None)
        if at is None:
            return True
        declaring, *outer = reversed(self.ancestors[:at])
        is_field = isinstance(declaring, cst.AnnAssign) and any(isinstance(one, cst.ClassDef) for one in outer[:4])
        return not is_field and not any(_names_callable(one) for one in self.ancestors[at:])

    @cached_property
    def argument(self) -> tuple[str, str, int]:
        """Of the call that this is in an argument of, the callee's name, the keyword and the position."""
        inner = self.node
        for outer in reversed(self.ancestors):
            if isinstance(outer, cst.Call) and isinstance(inner, cst.Arg):
                keyword = "" if inner.keyword is None else inner.keyword.value
                return callee(outer), keyword, outer.args.index(inner)
            if isinstance(outer, (cst.Lambda, cst.Subscript, cst.BinaryOperation)):
                break
            inner = outer
        return "", "", -1

    @cached_property
    def in_axis_mapping(self) -> bool:
        function, keyword, position = self.argument
        return keyword in _AXIS_MAPPINGS or (not keyword and function in _MAPS and position in _AXIS_MAPPINGS.values())

    @cached_property
    def in_axis_resources(self) -> bool:
        return self.argument[1] == "axis_resources"

    def names_axis(self, node: cst.CSTNode | None) -> bool:
        return isinstance(node, cst.SimpleString) and node.evaluated_value in self.axes


def callee(node: cst.CSTNode) -> str:
    """The last part of the name of what is called; nothing for what is no call of a name."""
    function = node.func if isinstance(node, cst.Call) else None
    if isinstance(function, cst.Attribute):
        return function.attr.value
    return function.value if isinstance(function, cst.Name) else ""


def _names_callable(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) and node.value.value == "Callable"


def sites_of(module: cst.Module) -> Iterator[Site]:
    """Every place in the program part of a module, in its order."""
    positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    axes = tuple(sorted(_axes_of(module)))
    for node, ancestors in _nodes(module, ()):
        site = Site(node, ancestors, axes, _line(node, ancestors, positions))
        if site.is_in_program:
            yield site


def _nodes(
    node: cst.CSTNode, ancestors: tuple[cst.CSTNode, ...]
) -> Iterator[tuple[cst.CSTNode, tuple[cst.CSTNode, ...]]]:
    yield node, ancestors
    for child in node.children:
        yield from _nodes(child, (*ancestors, node))


def _line(node: cst.CSTNode, ancestors: tuple[cst.CSTNode, ...], positions: object) -> int:
    statements = (cst.BaseSmallStatement, cst.BaseCompoundStatement)
    inside = [one for one in (*ancestors, node) if isinstance(one, statements)]
    found: CodeRange | None = positions.get(inside[-1]) if inside else None  # type: ignore[attr-defined]
    return 0 if found is None else found.start.line


def _axes_of(module: cst.Module) -> set[str]:
    """The strings where axes are named: in annotations, in mappings of axes, and in collectives."""
    found = set()
    for node, ancestors in _nodes(module, ()):
        if not isinstance(node, cst.SimpleString) or not isinstance(text := node.evaluated_value, str):
            continue
        site = Site(node, ancestors, (), 0)
        function, keyword, position = site.argument
        in_named_shape = site.in_annotation and any(
            isinstance(one, cst.DictElement) and one.key is node for one in ancestors
        )
        named = site.in_axis_mapping or keyword in _NAMING or (function in _COLLECTIVES and position > 0)
        if text.isidentifier() and (in_named_shape or named):
            found.add(text)
    return found
