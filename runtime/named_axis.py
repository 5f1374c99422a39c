"""How the faces read an axis argument: positions, axis names, or a tuple of both."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

from named_types.algebra import AxisName
from named_types.problems import UnboundAxisName
from named_types.runtime.internals import axis_env
from named_types.runtime.places import place_of_caller, reject


def as_axes(axis: Hashable, operation: str) -> Any:
    """An axis argument as `jax.numpy` reads it: what is not a position or a tuple is one name.

    JAX reads a bare string letter by letter, and takes no names here that are not strings; the collectives in
    ``lax`` take any.
    """
    if axis is None or _is_position(axis):
        return axis
    entries = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    require_bound([entry for entry in entries if not _is_position(entry)], operation)
    return entries


def require_bound(names: Collection[AxisName], operation: str) -> None:
    """Reject names that no enclosing xmap or vmap has introduced."""
    bound = axis_env()
    for name in sorted(names, key=repr):
        if name not in bound:
            reject(UnboundAxisName(name, tuple(sorted(bound, key=repr)), operation), place_of_caller())


def _is_position(entry: Hashable) -> bool:
    return hasattr(type(entry), "__index__")
