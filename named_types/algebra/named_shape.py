"""Named shapes: the unordered part of an array type, axis name to size."""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping
from typing import Any, TypeAlias

from named_types.algebra.dim import UNKNOWN_DIM, Dim, dims_equal, substitute
from named_types.algebra.shape import print_dim

AxisName: TypeAlias = Hashable


class NamedShape(Mapping[AxisName, Dim]):
    """An immutable mapping of axis names to sizes; equal and hashed whatever the order.

    ``{'batch': 20, 'seq': 30}`` and ``{'seq': 30, 'batch': 20}`` are one named shape. It is equal to a dict
    with the same items.
    """

    __slots__ = ("_hash", "_sizes")

    def __init__(self, sizes: Mapping[Any, Dim] | Iterable[tuple[AxisName, Dim]] = ()) -> None:
        self._sizes: dict[AxisName, Dim] = sizes._sizes if isinstance(sizes, NamedShape) else dict(sizes)
        self._hash: int | None = None

    def __getitem__(self, name: AxisName) -> Dim:
        return self._sizes[name]

    def __iter__(self) -> Iterator[AxisName]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def keys(self) -> KeysView[AxisName]:
        return self._sizes.keys()

    def items(self) -> ItemsView[AxisName, Dim]:
        return self._sizes.items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, NamedShape):
            return self._sizes == other._sizes
        return self._sizes == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._sizes.items()))
        return self._hash

    def __reduce__(self) -> tuple[type[NamedShape], tuple[dict[AxisName, Dim]]]:
        return (NamedShape, (self._sizes,))

    def introduce(self, name: AxisName, size: Dim) -> NamedShape:
        """With one more axis. ``name`` must be absent."""
        return NamedShape({**self._sizes, name: size})

    def eliminate(self, names: Iterable[AxisName]) -> NamedShape:
        """Without the named axes; names that are absent have no effect."""
        gone = frozenset(names)
        return NamedShape({name: size for name, size in self._sizes.items() if name not in gone})

    def restrict(self, names: Iterable[AxisName]) -> NamedShape:
        """With the named axes alone."""
        kept = frozenset(names)
        return NamedShape({name: size for name, size in self._sizes.items() if name in kept})

    def compatible(self, other: NamedShape) -> bool:
        """Whether one array may have both: the same names, and sizes that may be equal."""
        return self.keys() == other.keys() and all(
            dims_equal(size, other[name]) is not False for name, size in self._sizes.items()
        )

    def substitute(self, sizes: Mapping[str, Dim]) -> NamedShape:
        return NamedShape({name: substitute(size, sizes) for name, size in self._sizes.items()})

    def __str__(self) -> str:
        ordered = sorted(self._sizes.items(), key=lambda item: (type(item[0]).__name__, repr(item[0])))
        return "{" + ", ".join(f"{name!r}: {print_dim(size)}" for name, size in ordered) + "}"

    def __repr__(self) -> str:
        return f"NamedShape({self})"


NO_NAMES = NamedShape()
"""The named shape of an array that has positional axes only."""


def union(shapes: Iterable[NamedShape]) -> NamedShape:
    """Broadcasting by name: every axis of every shape.

    One name has one size in its scope, so the shapes are taken to agree (`size_conflicts` tells where they
    do not; such an axis gets an unknown size).
    """
    sizes: dict[AxisName, Dim] = {}
    conflicting = set()
    for shape in shapes:
        for name, size in shape.items():
            known = sizes.get(name, UNKNOWN_DIM)
            if dims_equal(known, size) is False:
                conflicting.add(name)
            sizes[name] = size if known is UNKNOWN_DIM else known
    return NamedShape({name: UNKNOWN_DIM if name in conflicting else size for name, size in sizes.items()})


def size_conflicts(shapes: Iterable[NamedShape]) -> dict[AxisName, tuple[Dim, ...]]:
    """The names that have sizes which differ, with those sizes in order of appearance."""
    sizes: dict[AxisName, list[Dim]] = {}
    for shape in shapes:
        for name, size in shape.items():
            seen = sizes.setdefault(name, [])
            if size is not UNKNOWN_DIM and all(dims_equal(size, other) is False for other in seen):
                seen.append(size)
    return {name: tuple(seen) for name, seen in sizes.items() if len(seen) > 1}
