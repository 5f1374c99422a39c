"""What an xmap is told: its arguments, read.

in_axes and out_axes are pytrees whose leaves are axis mappings; what is not known of them is UNKNOWN.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from named_types.algebra import (
    NO_NAMES,
    UNKNOWN_DIM,
    AxisMapping,
    AxisName,
    AxisResources,
    Dim,
    NamedShape,
    is_axis_mapping,
    read_axis_mapping,
    read_axis_resources,
)
from named_types.algebra.dim import LARGEST_SIZE
from named_types.problems import InvalidAxisMapping, Problem, RepeatedResource, UnboundAxisName
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray, Unknown
from named_types.semantics.pytrees import (
    IsLeaf,
    Path,
    PyTree,
    all_leaves,
    keystr,
    paths_of_leaves,
    tree_flatten,
    tree_leaves,
)

PathOf: TypeAlias = Callable[[], Path]
"""Where a leaf of the arguments stands; empty for axis_sizes."""


def argument_label(path: Path) -> str:
    """``argument 0['weights']``, for a leaf of the arguments."""
    return f"argument {path[0].idx}{keystr(path[1:])}"


def result_label(path: Path) -> str:
    """``result['loss']``, for a leaf of the results."""
    return f"result{keystr(path)}"


@dataclass(frozen=True)
class XmapAxes:
    """What an xmap was told: its axis mappings as pytrees of `AxisMapping`, sizes and resources."""

    in_axes: PyTree
    out_axes: PyTree
    axis_sizes: NamedShape = NO_NAMES
    axis_resources: AxisResources = field(default_factory=AxisResources)


def read_xmap_axes(
    in_axes: PyTree,
    out_axes: PyTree,
    axis_sizes: object = None,
    axis_resources: object = None,
) -> tuple[XmapAxes, tuple[Problem, ...]]:
    """Read xmap's arguments; entries that are wrong become unknown and are reported. Each may be UNKNOWN."""
    problems: list[Problem] = []
    if isinstance(in_axes, list) and not is_axis_mapping(in_axes):
        in_axes = tuple(in_axes)
    read_in = _read_mappings("in_axes", in_axes, problems)
    read_out = _read_mappings("out_axes", out_axes, problems)
    sizes, resources = _read_sizes(axis_sizes, problems), _read_resources(axis_resources, problems)
    for axis, mapped in resources.items():
        for resource in dict.fromkeys(mapped):
            if mapped.count(resource) > 1:
                problems.append(RepeatedResource(resource, axis))
    if problems:
        return XmapAxes(read_in, read_out, sizes, resources), tuple(problems)
    introduced = {*sizes, *names_of_mappings(read_in)}
    if _all_known(read_in) and axis_sizes is not UNKNOWN:
        problems += [
            UnboundAxisName(axis, tuple(sorted(introduced, key=repr)), where)
            for where, names in (("out_axes", names_of_mappings(read_out)), ("axis_resources", tuple(resources)))
            for axis in dict.fromkeys(names)
            if axis not in introduced
        ]
    return XmapAxes(read_in, read_out, sizes, resources), tuple(problems)


def names_of_mappings(mappings: PyTree) -> list[AxisName]:
    """The axis names that a pytree of axis mappings mentions."""
    leaves = tree_leaves(mappings)
    return [name for mapping in leaves if isinstance(mapping, AxisMapping) for name in mapping.names]


def map_with_path(function: Callable[..., Any], tree: PyTree, *rest: PyTree, is_leaf: IsLeaf | None = None) -> PyTree:
    """`jax.tree_util.tree_map_with_path`, where paths are found only when they are asked for."""
    leaves, structure = tree_flatten(tree, is_leaf)
    others = [structure.flatten_up_to(other) for other in rest]

    def path(index: int) -> Path:
        return paths_of_leaves(tree, is_leaf)[index]

    results = [function(partial(path, index), *each) for index, each in enumerate(zip(leaves, *others, strict=True))]
    return structure.unflatten(results)


def _read_mappings(argument: str, entry: PyTree, problems: list[Problem]) -> PyTree:
    """A pytree of `AxisMapping`, with UNKNOWN for what is unknown or wrong."""

    def read_leaf(path: PathOf, leaf: Any) -> AxisMapping | Unknown:
        if isinstance(leaf, AxisMapping):
            return leaf
        if _holds_unknown(leaf):
            return UNKNOWN
        mapping = read_axis_mapping(leaf) if is_axis_mapping(leaf) else _not_a_mapping(leaf)
        if isinstance(mapping, str):
            problems.append(InvalidAxisMapping(f"{argument}{keystr(path())}", mapping))
            return UNKNOWN
        return mapping

    return map_with_path(read_leaf, entry, is_leaf=_is_leaf)


def _is_leaf(entry: PyTree) -> bool:
    """Whether an entry is one axis mapping, or None; what holds axis mappings or other pytrees is not."""
    if not is_axis_mapping(entry):
        return entry is None
    parts = entry.values() if isinstance(entry, dict) else entry
    return all(
        part is None or isinstance(part, tuple) or (all_leaves([part]) and not isinstance(part, AxisMapping))
        for part in parts
    )


def _read_sizes(axis_sizes: object, problems: list[Problem]) -> NamedShape:
    if axis_sizes is None or axis_sizes is UNKNOWN:
        return NO_NAMES
    if not isinstance(axis_sizes, Mapping):
        problems.append(
            InvalidAxisMapping("axis_sizes", f"it must be a dict of sizes by axis name, not {axis_sizes!r}")
        )
        return NO_NAMES
    sizes: dict[AxisName, Dim] = {}
    for axis, entry in axis_sizes.items():
        size = UNKNOWN_DIM if isinstance(entry, (Unknown, AbstractArray)) else _read_size(entry)
        if isinstance(size, str):
            problems.append(InvalidAxisMapping("axis_sizes", f"the size of axis {axis!r} {size}"))
        else:
            sizes[axis] = size
    return NamedShape(sizes)


def _read_size(entry: Any) -> int | str:
    """A size; a string says what is wrong with it."""
    try:
        size = None if isinstance(entry, bool) else operator.index(entry)
    except TypeError:
        size = None
    if size is None:
        return f"must be an int, not {entry!r}"
    if size < 0:
        return f"cannot be negative: {size}"
    return size if size <= LARGEST_SIZE else f"cannot be larger than {LARGEST_SIZE}"


def _read_resources(axis_resources: object, problems: list[Problem]) -> AxisResources:
    """The resources of each axis; an entry that is not known is left out, what it would add is not told."""
    if axis_resources is None or axis_resources is UNKNOWN:
        return AxisResources()
    if not isinstance(axis_resources, Mapping):
        wrong = f"it must be a dict of resources by axis name, not {axis_resources!r}"
        problems.append(InvalidAxisMapping("axis_resources", wrong))
        return AxisResources()
    known = {axis: entry for axis, entry in axis_resources.items() if not _holds_unknown(entry)}
    resources = read_axis_resources(known)
    if isinstance(resources, str):
        problems.append(InvalidAxisMapping("axis_resources", resources))
        return AxisResources()
    return resources


def _holds_unknown(leaf: Any) -> bool:
    parts = [*leaf, *leaf.values()] if isinstance(leaf, dict) else leaf if isinstance(leaf, (list, tuple)) else [leaf]
    return any(
        isinstance(part, (Unknown, AbstractArray)) or (isinstance(part, tuple) and _holds_unknown(part))
        for part in parts
    )


def _not_a_mapping(leaf: object) -> str:
    shown = "`...`" if leaf is ... else repr(leaf)
    return f"{shown} is not an axis mapping: write a dict such as {{0: 'a'}} or a list such as ['a', ...]"


def _all_known(mappings: PyTree) -> bool:
    return UNKNOWN not in tree_leaves(mappings)
