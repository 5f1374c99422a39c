"""Mutations of sizes and of indices."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from mutations.pieces import adjacent, items, pieces_without, same, with_values_exchanged, without
from mutations.sites import Site


def changed(site: Site) -> Iterator[cst.CSTNode]:
    """A size that is greater by one: in a shape, in an annotation, among the arguments of a call, or in an index."""
    parent = site.ancestors[-1] if site.ancestors else None
    if isinstance(site.node, cst.Integer) and not _is_axis(site):
        is_item = isinstance(parent, (cst.Element, cst.Arg, cst.Index))
        if is_item or (isinstance(parent, cst.DictElement) and parent.value is site.node):
            yield cst.Integer(str(int(site.node.value, 0) + 1))
    elif isinstance(site.node, cst.SimpleString) and site.in_annotation and not site.names_axis(site.node):
        yield cst.SimpleString(f'"{site.node.raw_value}+1"')


def dropped(site: Site) -> Iterator[cst.CSTNode]:
    if _is_shape(site):
        yield from (without(site.node, position) for position in range(len(items(site.node))))


def swapped(site: Site) -> Iterator[cst.CSTNode]:
    if _is_shape(site):
        sizes = items(site.node)
        for one, other in adjacent(len(sizes)):
            if not same(sizes[one], sizes[other]):
                yield with_values_exchanged(site.node, one, other)


def index_dropped(site: Site) -> Iterator[cst.CSTNode]:
    """An index less; without any, what was indexed."""
    if isinstance(site.node, cst.Subscript) and not site.in_annotation and not _is_type(site.node):
        indices = site.node.slice
        if len(indices) == 1:
            yield site.node.value
        else:
            yield from (
                site.node.with_changes(slice=pieces_without(indices, position)) for position in range(len(indices))
            )


def indices_swapped(site: Site) -> Iterator[cst.CSTNode]:
    if isinstance(site.node, cst.Subscript) and not site.in_annotation and not _is_type(site.node):
        indices = list(site.node.slice)
        for one, other in adjacent(len(indices)):
            if not same(indices[one].slice, indices[other].slice):
                exchanged = list(indices)
                exchanged[one] = indices[one].with_changes(slice=indices[other].slice)
                exchanged[other] = indices[other].with_changes(slice=indices[one].slice)
                yield site.node.with_changes(slice=exchanged)


def _is_axis(site: Site) -> bool:
    """Whether a number is a position: that is changed by others."""
    return site.in_axis_mapping or site.argument[1].startswith(("axis", "axes"))


def _is_shape(site: Site) -> bool:
    """Whether a tuple or list holds sizes: in an annotation, or among the arguments of a call."""
    if not isinstance(site.node, (cst.Tuple, cst.List)) or site.in_axis_mapping or not site.node.elements:
        return False
    function, keyword, _ = site.argument
    if function in ("isinstance", "transpose") or keyword.startswith(("axis", "axes")):
        return False
    is_symbol = [isinstance(one, cst.SimpleString) and site.in_annotation for one in items(site.node)]
    is_size = [symbol or _is_size(one) for symbol, one in zip(is_symbol, items(site.node), strict=True)]
    return all(is_size) and (site.in_annotation or bool(function))


def _is_size(node: cst.CSTNode) -> bool:
    """A number, or arithmetic with names."""
    if isinstance(node, cst.BinaryOperation):
        return _is_size(node.left) and _is_size(node.right)
    return isinstance(node, (cst.Integer, cst.Name, cst.Attribute)) or (
        isinstance(node, cst.UnaryOperation) and _is_size(node.expression)
    )


def _is_type(subscript: cst.Subscript) -> bool:
    """Whether this is a type that an alias stands for, ``tuple[Array, Array]``, which nothing is held against."""
    return isinstance(subscript.value, cst.Name) and subscript.value.value in _GENERIC


_GENERIC = frozenset({"Callable", "Optional", "Sequence", "Union", "dict", "frozenset", "list", "set", "tuple", "type"})
