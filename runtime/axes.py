"""What lowering makes of each named axis: a local axis, mesh axes, serial loops, or several of these.

An axis of size 24 mapped to a mesh axis of size 4 becomes a local axis of size 6 on each device; its instance
``i`` is local instance ``i % 6`` of device ``i // 6``. A serial loop cuts the part of each device further. An axis
of which each step on each device holds one instance has no local axis, one without resources has no mesh axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

import jax
import jax.numpy as jnp
from jax import lax

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.runtime.local_axes import LocalAxis, local_index, unbatch
from named_types.runtime.resources import Scope
from named_types.runtime.serial_loops import Loop


@dataclass(frozen=True)
class LoweredAxis:
    """One named axis as it runs."""

    name: AxisName
    size: int
    local: LocalAxis | None
    mesh_axes: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()

    @property
    def local_size(self) -> int:
        return 1 if self.local is None else self.local.size

    def index(self, steps: Mapping[Resource, jax.Array]) -> jax.Array:
        """The index of each instance; ``steps`` tells where each serial loop is."""
        digits = [(1, lax.axis_index(self.mesh_axes))] if self.mesh_axes else []
        digits += [(loop.length, steps[loop.resource]) for loop in self.loops]
        digits += [(self.local.size, local_index(self.local))] if self.local is not None else []
        if not digits:
            return jnp.zeros((), jnp.int32)
        (_, index), *inner = digits
        for size, digit in inner:
            index = index * size + digit
        return index

    def gather(self, value: jax.Array) -> jax.Array:
        """The values of all instances, as the leading positional axis."""
        if self.local is None:
            return lax.all_gather(value, self.mesh_axes) if self.mesh_axes else value[None]
        instances = unbatch(value, self.local)
        return lax.all_gather(instances, self.mesh_axes, tiled=True) if self.mesh_axes else instances


def lower_axis(name: AxisName, size: int, resources: Iterable[Resource], scope: Scope) -> LoweredAxis:
    """An axis spread over ``resources``, into whose devices and steps its size must divide."""
    loops = in_order(loop for resource in resources if (loop := scope.loop(resource)) is not None)
    mesh_axes = tuple(str(resource) for resource in resources if scope.loop(resource) is None)
    local_size = size // prod(scope.mesh_shape[mesh_axis] for mesh_axis in mesh_axes)
    local_size //= prod(loop.length for loop in loops)
    return LoweredAxis(name, size, LocalAxis(name, local_size) if local_size != 1 else None, mesh_axes, loops)


def in_order(loops: Iterable[Loop]) -> tuple[Loop, ...]:
    """Loops in the order in which they nest, the same for all axes."""
    return tuple(sorted(dict.fromkeys(loops), key=lambda loop: repr(loop.resource)))


def local_axes(axes: Iterable[LoweredAxis]) -> list[LocalAxis]:
    return [axis.local for axis in axes if axis.local is not None]


def mesh_axes(axes: Iterable[LoweredAxis]) -> tuple[str, ...]:
    return tuple(mesh_axis for axis in axes for mesh_axis in axis.mesh_axes)
