"""The typing of xmap: what in_axes introduce, what out_axes eliminate, and what axis_resources allow.

Arguments and results are pytrees with `AbstractArray` leaves; a Python number counts as an array of rank 0,
every other leaf is unknown and passes silently. in_axes and out_axes are pytree prefixes whose leaves are
axis mappings. Each function answers with what it could type and the problems it met.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from named_types.algebra import (
    NO_NAMES,
    UNKNOWN_DIM,
    ArrayType,
    AxisMapping,
    AxisName,
    AxisResources,
    Dim,
    NamedShape,
    dims_equal,
    eliminate,
    introduce,
    introduced,
)
from named_types.algebra.axis_resources import LoopOf, Resource
from named_types.problems import (
    AxisMappingStructure,
    AxisSizeConflict,
    IndivisibleAxis,
    InvalidAxisMapping,
    LeakedNamedAxis,
    Problem,
    RankMismatch,
    ResourceConflict,
    ShadowedAxisName,
    UnknownResource,
)
from named_types.problems.problem import listed
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray, Unknown, as_array
from named_types.semantics.pytrees import PyTree, children, keystr, tree_flatten, tree_map
from named_types.semantics.xmap_axes import (
    PathOf,
    XmapAxes,
    argument_label,
    map_with_path,
    names_of_mappings,
    result_label,
)


@dataclass(frozen=True)
class Entered:
    """Arguments inside the mapped function, and the axes that are in scope there."""

    arguments: tuple[PyTree, ...]
    axis_env: NamedShape
    problems: tuple[Problem, ...] = ()
    mappings: PyTree = UNKNOWN
    """in_axes with the structure of the arguments."""


@dataclass(frozen=True)
class Left:
    """Results outside the mapped function."""

    results: PyTree
    problems: tuple[Problem, ...] = ()
    mappings: PyTree = UNKNOWN
    """out_axes with the structure of the results."""


def enter(axes: XmapAxes, arguments: Sequence[PyTree], outer: NamedShape = NO_NAMES) -> Entered:
    """Introduce in_axes: the types the mapped function gets, in an axis env on top of ``outer``."""
    problems: list[Problem] = []
    mappings = match_arguments(axes, tuple(arguments))
    if isinstance(mappings, AxisMappingStructure):
        problems.append(mappings)
        mappings = (UNKNOWN,) * len(arguments)
        arguments = mappings
    sizes: dict[AxisName, list[tuple[PathOf, Dim]]] = {axis: [(tuple, size)] for axis, size in axes.axis_sizes.items()}

    def enter_leaf(path: PathOf, leaf: object, mapping: object) -> object:
        value = as_array(leaf)
        if value is None or not isinstance(mapping, AxisMapping):
            return UNKNOWN
        if (wrong := _wrong_rank(mapping, value.type, 0)) is not None:
            where = f"in_axes of {argument_label(path())}"
            problems.append(RankMismatch(where, str(mapping), value.type, wrong))
            return UNKNOWN
        inner = introduce(mapping, value.type)
        mapped = introduced(mapping, value.type) if inner.named_shape is None else inner.named_shape
        for axis in mapping.names:
            sizes.setdefault(axis, []).append((path, mapped.get(axis, UNKNOWN_DIM)))
        return value.with_type(inner)

    entered = map_with_path(enter_leaf, tuple(arguments), mappings)
    axis_env = {**outer}
    for axis, origins in sizes.items():
        axis_env[axis] = _one_size(axis, origins, problems)
        if axis in outer:
            problems.append(ShadowedAxisName(axis, axis_env[axis], outer[axis]))
    for axis in names_of_mappings(axes.in_axes):
        axis_env.setdefault(axis, UNKNOWN_DIM)
    return Entered(entered, NamedShape(axis_env), tuple(problems), mappings)


def leave(axes: XmapAxes, results: PyTree, axis_env: NamedShape, outer: NamedShape = NO_NAMES) -> Left:
    """Eliminate out_axes: the types outside. A missing axis is broadcast, an extra one has leaked."""
    problems: list[Problem] = []
    mappings = match_results(axes, results)
    if isinstance(mappings, AxisMappingStructure):
        return Left(UNKNOWN, (mappings,))

    def leave_leaf(path: PathOf, leaf: object, mapping: object) -> object:
        value = as_array(leaf)
        if value is None or not isinstance(mapping, AxisMapping):
            return UNKNOWN

        def where() -> str:
            return result_label(path())

        if (wrong := _wrong_rank(mapping, value.type, len(mapping.positions))) is not None:
            problems.append(RankMismatch(f"out_axes of {where()}", str(mapping), value.type, wrong))
            return UNKNOWN
        named_shape = value.type.named_shape
        leaked = [axis for axis in named_shape or () if axis not in mapping.names and axis not in outer]
        if leaked:
            problems.append(LeakedNamedAxis(tuple(sorted(leaked, key=repr)), value.type, where()))
            return UNKNOWN
        if named_shape is not None and axes.axis_resources:
            spread = named_shape.keys() | set(mapping.names)
            if axes.axis_resources.conflicts(spread):
                broadcast = value.type.with_named_shape(axis_env.restrict(spread))
                problems.extend(resource_conflicts(broadcast, axes.axis_resources, where()))
        return value.with_type(eliminate(mapping, value.type, axis_env))

    left = map_with_path(leave_leaf, results, mappings)
    return Left(left, tuple(problems), mappings)


def check_resources(
    axes: XmapAxes,
    axis_env: NamedShape,
    scope: Mapping[Resource, int | None] | None,
    taken: Collection[Resource] = (),
) -> tuple[Problem, ...]:
    """Whether each axis divides by its resources and each resource is in scope.

    ``scope`` maps the resources in scope to their sizes (None for an unknown size); None for an unknown scope.
    Those in ``taken`` are spread over by enclosing xmaps, and in the scope of none inside.
    """
    problems: list[Problem] = []
    for axis, resources in axes.axis_resources.items():
        lengths = []
        for resource in resources:
            length = resource.loop.length if isinstance(resource, LoopOf) else (scope or {}).get(resource)
            if resource in taken:
                problems.append(UnknownResource(resource, axis, tuple(scope or ()), is_taken=True))
            elif scope is not None and not isinstance(resource, LoopOf) and resource not in scope:
                problems.append(UnknownResource(resource, axis, tuple(scope)))
            lengths.append((resource, length))
        size = axis_env.get(axis, UNKNOWN_DIM)
        known = [(resource, length) for resource, length in lengths if length is not None]
        if isinstance(size, int) and len(known) == len(lengths) and size % prod(length for _, length in known):
            problems.append(IndivisibleAxis(axis, size, tuple(known)))
    return tuple(problems)


def check_mesh(axes: XmapAxes, outer: Collection[AxisName], mesh: Collection[Resource]) -> tuple[Problem, ...]:
    """Whether no axis of the ``mesh`` that is used has the name of an axis of an enclosing function, of ``outer``.

    On a device the name is that of the mesh axis, and would hide the other.
    """
    used = axes.axis_resources.resources_of(axes.axis_resources)
    reason = "{!r} is an axis of the mesh and of an enclosing function: rename one of the two"
    return tuple(
        InvalidAxisMapping("axis_resources", reason.format(one)) for one in mesh if one in used and one in outer
    )


def resource_conflicts(value: ArrayType, resources: AxisResources, where: str | None = None) -> list[ResourceConflict]:
    """The conflicts in the named shape of one value; none where it is unknown."""
    return [
        ResourceConflict(sharing.axes, sharing.resource, value, where)
        for sharing in resources.conflicts(value.named_shape or ())
    ]


def match_arguments(axes: XmapAxes, arguments: tuple[PyTree, ...]) -> PyTree | AxisMappingStructure:
    """in_axes with the structure of the arguments: a mapping for each leaf."""
    in_axes = axes.in_axes
    if not isinstance(in_axes, (tuple, AxisMapping, Unknown)):
        reason = f"it is {_describe(in_axes)}, and must be one axis mapping or a tuple with an entry for each argument"
        return AxisMappingStructure("in_axes", reason)
    if isinstance(in_axes, tuple) and len(in_axes) != len(arguments):
        takes = f"it has {len(in_axes)} entries, the function is called with {len(arguments)} arguments"
        return AxisMappingStructure("in_axes", takes)
    return _match("in_axes", in_axes, arguments)


def unmapped_keywords(keywords: Iterable[str]) -> AxisMappingStructure:
    """That a mapped function is called with arguments by keyword."""
    given = listed([repr(keyword) for keyword in keywords])
    return AxisMappingStructure("in_axes", f"it has no entry for {given}: arguments are passed by position")


def match_results(axes: XmapAxes, results: PyTree) -> PyTree | AxisMappingStructure:
    """out_axes with the structure of the results: a mapping for each leaf."""
    return _match("out_axes", axes.out_axes, results)


def _match(argument: str, prefix: PyTree, full: PyTree) -> PyTree | AxisMappingStructure:
    """Broadcast a pytree prefix; what is unknown in either fits everything."""
    mappings, node = tree_flatten(prefix)
    try:
        parts = node.flatten_up_to(full)
    except ValueError:
        return _match_by_node(argument, prefix, full, ())
    return node.unflatten(map(_broadcast, mappings, parts))


def _broadcast(mapping: PyTree, part: PyTree) -> PyTree:
    return mapping if isinstance(part, AbstractArray) else tree_map(lambda _: mapping, part)


def _match_by_node(argument: str, prefix: PyTree, full: PyTree, path: tuple[Any, ...]) -> PyTree | AxisMappingStructure:
    """As far as the structures agree: below what is unknown nobody knows."""
    if isinstance(prefix, AxisMapping) or prefix is UNKNOWN:
        return _broadcast(prefix, full)
    if full is UNKNOWN:
        return UNKNOWN
    entries, node = children(prefix)
    values, full_node = children(full)
    if node != full_node:
        where = f"{argument}{keystr(path)}"
        return AxisMappingStructure(where, f"it is {_describe(prefix)}, the value is {_describe(full)}")
    matched = []
    for (key, entry), (_, value) in zip(entries, values, strict=True):
        child = _match_by_node(argument, entry, value, (*path, *key))
        if isinstance(child, AxisMappingStructure):
            return child
        matched.append(child)
    return full_node.unflatten(matched)


def _describe(tree: PyTree) -> str:
    if isinstance(tree, AbstractArray):
        return f'one array, "{tree}"'
    if isinstance(tree, (list, tuple)):
        return f"a {type(tree).__name__} of {len(tree)}"
    if isinstance(tree, dict):
        return f"a dict with keys {', '.join(map(repr, tree))}"
    return f"a {type(tree).__name__}"


def _wrong_rank(mapping: AxisMapping, value: ArrayType, added: int) -> str | None:
    """What is wrong with the rank for this mapping, which adds so many axes itself."""
    rank = value.shape.rank
    if rank is None:
        return None
    if mapping.rank is not None and mapping.rank != rank + added:
        return f"has rank {rank}, not {mapping.rank - added}"
    if mapping.axes(rank + added) is None:
        inside = all(-rank - added <= position < rank + added for position, _ in mapping.positions)
        return f"has rank {rank}, where two of the positions are one" if inside else f"has rank {rank}"
    return None


def _one_size(axis: AxisName, origins: list[tuple[PathOf, Dim]], problems: list[Problem]) -> Dim:
    """The size all origins agree on; where they do not, a problem and an unknown size."""
    known = [(origin, size) for origin, size in origins if size is not UNKNOWN_DIM]
    if not known:
        return UNKNOWN_DIM
    _, first = known[0]
    differing = [(origin, size) for origin, size in known if dims_equal(first, size) is False]
    if differing:
        places = [(path(), size) for path, size in (known[0], *differing)]
        told = tuple((argument_label(path) if path else "axis_sizes", size) for path, size in places)
        problems.append(AxisSizeConflict(axis, told))
        return UNKNOWN_DIM
    return first
