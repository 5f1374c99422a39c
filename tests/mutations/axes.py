"""Mutations of axis names, of the axis mappings that they stand in, and of the resources that they are mapped to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import libcst as cst
from mutations.pieces import adjacent, items, same, with_values_exchanged, without
from mutations.sites import Site


def swapped(site: Site) -> Iterator[cst.CSTNode]:
    """The next of the program's other axes in the place of one."""
    if site.names_axis(site.node) and len(site.axes) > 1:
        name = _text(site.node)
        other = site.axes[(site.axes.index(name) + 1) % len(site.axes)]
        if not (site.in_annotation and other in _keys_beside(site)):
            yield _string(other)


def _keys_beside(site: Site) -> list[str]:
    """The keys of the dict around: of two that are equal Python keeps the last, and no run tells."""
    around = next((one for one in reversed(site.ancestors) if isinstance(one, cst.Dict)), None)
    keys = [] if around is None else [one.key for one in around.elements if isinstance(one, cst.DictElement)]
    return [_text(key) for key in keys if isinstance(key, cst.SimpleString)]


def misspelt(site: Site) -> Iterator[cst.CSTNode]:
    """A name that the program does not mention."""
    if site.names_axis(site.node):
        yield _string(f"{_text(site.node)}_")


def dropped(site: Site) -> Iterator[cst.CSTNode]:
    """A list, tuple, set or dict without an axis name, or without what it says of one."""
    if isinstance(site.node, (cst.Tuple, cst.List, cst.Set, cst.Dict)) and not site.in_axis_resources:
        for position, element in enumerate(site.node.elements):
            is_key = isinstance(element, cst.DictElement) and site.names_axis(element.key)
            if is_key or site.names_axis(element.value):
                yield without(site.node, position)


def einsum_dropped(site: Site) -> Iterator[cst.CSTNode]:
    if _is_einsum(site):
        text = _text(site.node)
        for index in _INDEX.finditer(text):
            yield _string(_with_commas(text[: index.start()] + text[index.end() :]))


def einsum_swapped(site: Site) -> Iterator[cst.CSTNode]:
    """Two indices of one operand, one after the other, in each other's place."""
    if _is_einsum(site):
        text = _text(site.node)
        indices = list(_INDEX.finditer(text))
        for one, other in pairwise(indices):
            between = text[one.end() : other.start()]
            if between == "" and one[0] != other[0]:
                yield _string(text[: one.start()] + other[0] + one[0] + text[other.end() :])


def entry_dropped(site: Site) -> Iterator[cst.CSTNode]:
    """in_axes or out_axes without one of its entries; axis names are left to `dropped`."""
    if site.in_axis_mapping:
        for position, item in enumerate(items(site.node)):
            if not site.names_axis(item):
                yield without(site.node, position)


def entries_swapped(site: Site) -> Iterator[cst.CSTNode]:
    if site.in_axis_mapping:
        yield from _values_swapped(site.node)


def resource_dropped(site: Site) -> Iterator[cst.CSTNode]:
    if site.in_axis_resources:
        yield from (without(site.node, position) for position in range(len(items(site.node))))


def resource_repeated(site: Site) -> Iterator[cst.CSTNode]:
    """An axis mapped to the resource of another one."""
    if site.in_axis_resources and isinstance(site.node, cst.Dict):
        for one, other in adjacent(len(elements := site.node.elements)):
            if not same(elements[one].value, elements[other].value):
                changed = elements[other].with_changes(value=elements[one].value)
                yield site.node.with_changes(elements=[*elements[:other], changed, *elements[other + 1 :]])


def resources_swapped(site: Site) -> Iterator[cst.CSTNode]:
    if site.in_axis_resources:
        yield from _values_swapped(site.node)


def _values_swapped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    values = items(node)
    for one, other in adjacent(len(values)):
        if not same(values[one], values[other]):
            yield with_values_exchanged(node, one, other)


_INDEX = re.compile(r"(?<=[{,])\w+(?=[},])|[a-zA-Z](?![^{]*})")


def _is_einsum(site: Site) -> bool:
    is_specification = isinstance(site.node, cst.SimpleString) and site.argument[0] == "einsum"
    return is_specification and site.argument[2] == 0


def _with_commas(text: str) -> str:
    """Without the comma that a name in braces leaves behind."""
    return re.sub(r"\{,|,\}|(?<=\w),(?=,\w)", lambda found: found[0].replace(",", ""), text)


def _text(node: cst.CSTNode) -> str:
    assert isinstance(node, cst.SimpleString)
    return str(node.evaluated_value)


def _string(text: str) -> cst.SimpleString:
    return cst.SimpleString(f'"{text}"')
