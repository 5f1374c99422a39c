"""Axis names as JAX takes them.

An axis name is any hashable value, but JAX reads ints as positions, and its reductions take no names that are not
strings. So JAX is given a string in the place of every other name: one that is equal to the name, and to no position.
"""

from __future__ import annotations

from typing import Any

from named_types.algebra import AxisName


def to_jax(name: AxisName) -> Any:
    """What JAX is given for an axis name."""
    return name if isinstance(name, str) else _StringFor(name)


def from_jax(name: Any) -> AxisName:
    """The axis name that JAX was given as ``name``."""
    return name.name if isinstance(name, _StringFor) else name


def is_position(entry: object) -> bool:
    """Whether JAX reads an entry of an axis argument as a positional axis."""
    return hasattr(type(entry), "__index__")


class _StringFor(str):
    """A string in the place of a name that is none; where the name could be a position, it is not equal to it."""

    __slots__ = ("name",)
    name: AxisName

    def __new__(cls, name: AxisName) -> _StringFor:
        made = super().__new__(cls, repr(name))
        made.name = name
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _StringFor):
            return bool(self.name == other.name)
        return not isinstance(other, str) and not is_position(other) and bool(self.name == other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return repr(self.name)

    def __reduce__(self) -> tuple[type[_StringFor], tuple[AxisName]]:
        return _StringFor, (self.name,)
