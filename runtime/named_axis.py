"""How the faces read an axis argument: positions, axis names, or a tuple of both."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from enum import Enum
from typing import Any

from named_types.algebra import AxisName
from named_types.problems import InvalidOperation, UnboundAxisName
from named_types.runtime.internals import axis_env
from named_types.runtime.places import place_of_caller, reject
from named_types.semantics import jax_names
from named_types.semantics.jax_names import to_jax


def as_axes(axis: Hashable, operation: str) -> Any:
    """An axis argument as `jax.numpy` reads it: positions, and names of any type.

    JAX reads a bare string letter by letter; here it is one name. An int is a position: for an axis whose name is
    an int there are the collectives in ``lax``. A member of an enumeration is a name, of ints too.
    """
    if axis is None or is_position(axis):
        return axis
    return tuple(entry if is_position(entry) else to_jax(entry) for entry in axis_entries(axis, operation))


def axis_entries(axis: Hashable, operation: str) -> tuple[Any, ...]:
    """The positions and names of an axis argument; what is neither, and a name that stands there twice, is rejected."""
    entries = _entries(axis)
    names = [entry for entry in entries if not is_position(entry)]
    bound = axis_env()
    for entry in names:
        if not _is_bound(entry, bound) and (not _is_hashable(entry) or isinstance(entry, (float, complex, tuple))):
            reason = f"{entry!r} is neither a position nor an axis name"
            _refuse(operation, axis, reason, "an axis is a position, an axis name, or a tuple of both")
    require_bound(names, operation)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        _refuse(operation, axis, f"axis {twice!r} stands there twice")
    return entries


def has_names(axis: object) -> bool:
    """Whether an axis argument holds anything but positions."""
    if axis is None or type(axis) is int or is_position(axis):
        return False
    return not isinstance(axis, (tuple, list)) or not all(map(is_position, axis)) or _is_bound(axis, axis_env())


def as_names(axis_name: Hashable, operation: str) -> Any:
    """One axis name, or a tuple of them, as the collectives of JAX take names."""
    entries = _entries(axis_name)
    require_bound(entries, operation)
    names = tuple(map(to_jax, entries))
    return names[0] if len(names) == 1 else names


def is_position(entry: object) -> bool:
    """Whether an entry of an axis argument is a positional axis."""
    return jax_names.is_position(entry) and not isinstance(entry, Enum)


def require_bound(names: Collection[AxisName], operation: str) -> None:
    """Reject names that no enclosing xmap or vmap has introduced."""
    bound = axis_env()
    for name in sorted(names, key=repr):
        if not _is_bound(name, bound):
            reject(UnboundAxisName(name, tuple(sorted(bound, key=repr)), operation), place_of_caller())


def _entries(axis: Hashable) -> tuple[Any, ...]:
    """The entries of a tuple; one of any other value, and of a tuple that is itself the name of an axis."""
    if isinstance(axis, (tuple, list)) and not _is_bound(axis, axis_env()):
        return tuple(axis)
    return (axis,)


def _is_bound(name: Any, bound: Collection[AxisName]) -> bool:
    return _is_hashable(name) and name in bound


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _refuse(operation: str, axis: object, reason: str, advice: str | None = None) -> None:
    reject(InvalidOperation(operation, (f"axis={axis!r}",), reason, advice=advice), place_of_caller())
