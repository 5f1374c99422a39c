"""Axis resources: what each named axis is spread over, and who shares.

A resource is a mesh axis, or a serial loop (the resource then is time). Source of the rule: the xmap
tutorial, "named axes mapped to the same resources can never both appear in the named shape of a single
array".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from named_types.algebra.named_shape import AxisName


@dataclass(frozen=True, slots=True)
class SerialLoop:
    """A resource that is time: the axis is evaluated in ``length`` steps, one after the other."""

    length: int


@dataclass(frozen=True, slots=True, repr=False)
class LoopOf:
    """The anonymous loop of one axis: no two axes share it."""

    axis: AxisName
    loop: SerialLoop

    def __repr__(self) -> str:
        return f"SerialLoop({self.loop.length})"


Resource: TypeAlias = Hashable


@dataclass(frozen=True, slots=True)
class Sharing:
    """Axes that are mapped to one resource and stand in one named shape."""

    resource: Resource
    axes: tuple[AxisName, ...]


class AxisResources(Mapping[AxisName, tuple[Resource, ...]]):
    """Axis name to the resources it is spread over, outermost first. Immutable."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[AxisName, tuple[Resource, ...]] | None = None) -> None:
        self._entries = dict(entries or {})

    def __getitem__(self, axis: AxisName) -> tuple[Resource, ...]:
        return self._entries[axis]

    def __iter__(self) -> Iterator[AxisName]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return f"AxisResources({self._entries!r})"

    def conflicts(self, axes: Iterable[AxisName]) -> tuple[Sharing, ...]:
        """The resources that more than one of ``axes`` is mapped to. Empty for a valid named shape."""
        users: dict[Resource, set[AxisName]] = {}
        for axis in axes:
            for resource in self.get(axis, ()):
                users.setdefault(resource, set()).add(axis)
        return tuple(
            Sharing(resource, tuple(sorted(sharing, key=repr)))
            for resource, sharing in users.items()
            if len(sharing) > 1
        )

    def resources_of(self, axes: Iterable[AxisName]) -> frozenset[Resource]:
        """The resources a value with these axes is partitioned over."""
        return frozenset(resource for axis in axes for resource in self.get(axis, ()))


def read_axis_resources(value: object) -> AxisResources | str:
    """Read xmap's ``axis_resources``: each value is one resource or a tuple of them.

    A string says what is wrong with it.
    """
    if not isinstance(value, Mapping):
        return f"{value!r} does not map axis names to resources"
    entries: dict[AxisName, tuple[Resource, ...]] = {}
    for axis, entry in value.items():
        resources = entry if isinstance(entry, tuple) else (entry,)
        for resource in resources:
            if (wrong := invalid_resource(resource)) is not None:
                return wrong
        entries[axis] = tuple(LoopOf(axis, one) if isinstance(one, SerialLoop) else one for one in resources)
    return AxisResources(entries)


def invalid_length(length: object) -> str | None:
    """What is wrong with the number of steps of a serial loop."""
    if isinstance(length, bool) or not isinstance(length, int):
        return f"the number of steps of a serial loop must be an int, not {length!r}"
    return f"a serial loop has at least one step, not {length}" if length < 1 else None


def invalid_resource(resource: object) -> str | None:
    """What is wrong with a resource."""
    if resource is None or resource is ...:
        return f"{'None' if resource is None else '`...`'} is not a resource: an axis without resources is left out"
    if isinstance(resource, SerialLoop) and (wrong := invalid_length(resource.length)) is not None:
        return wrong
    try:
        hash(resource)
    except TypeError:
        return f"{resource!r} is not a resource: several are written as a tuple"
    return None
