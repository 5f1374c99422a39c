"""What lowering makes of each named axis: instances on a device, mesh axes, serial loops, or several of these.

Of an axis of size 24 mapped to a mesh axis of size 4, each device holds 6 instances; instance ``i`` is instance
``i % 6`` of device ``i // 6``. A serial loop cuts the part of each device further. An axis without resources has no
mesh axes, and one of which each step on each device holds one instance has no axis in any array.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

import jax
import jax.numpy as jnp
from jax import lax

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.runtime.layouts import Laid, to_front
from named_types.runtime.resources import Scope
from named_types.runtime.serial_loops import Loop


@dataclass(frozen=True)
class LoweredAxis:
    """One named axis as it runs."""

    name: AxisName
    size: int
    local_size: int
    """How many instances each device holds in each step."""
    mesh_axes: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether arrays have an axis for it."""
        return self.local_size != 1

    def index(self, steps: Mapping[Resource, jax.Array]) -> Laid:
        """The index of each instance; ``steps`` tells where each serial loop is."""
        digits = [(1, lax.axis_index(self.mesh_axes))] if self.mesh_axes else []
        digits += [(loop.length, steps[loop.resource]) for loop in self.loops]
        digits += [(self.local_size, lax.iota(jnp.int32, self.local_size))] if self.is_local else []
        if not digits:
            return Laid(jnp.zeros((), jnp.int32), ())
        _, index = reduce(lambda outer, inner: (inner[0], outer[1] * inner[0] + inner[1]), digits)
        return Laid(index, (self.name,) if self.is_local else ())

    def gather(self, value: Laid) -> Laid:
        """The values of all instances, as the leading positional axis."""
        if not self.is_local:
            gathered = lax.all_gather(value.array, self.mesh_axes) if self.mesh_axes else value.array[None]
            return Laid(gathered, (None, *value.layout))
        instances = to_front(value, self.name, self.local_size)
        if not self.mesh_axes:
            return instances
        return Laid(lax.all_gather(instances.array, self.mesh_axes, tiled=True), instances.layout)


def lower_axis(name: AxisName, size: int, resources: Iterable[Resource], scope: Scope) -> LoweredAxis:
    """An axis spread over ``resources``, into whose devices and steps its size must divide."""
    loops = in_order(loop for resource in resources if (loop := scope.loop(resource)) is not None)
    mesh_axes = tuple(str(resource) for resource in resources if scope.loop(resource) is None)
    devices = prod(scope.mesh_shape[mesh_axis] for mesh_axis in mesh_axes)
    return LoweredAxis(name, size, size // devices // prod(loop.length for loop in loops), mesh_axes, loops)


def in_order(loops: Iterable[Loop]) -> tuple[Loop, ...]:
    """Loops in the order in which they nest, the same for all axes."""
    return tuple(sorted(dict.fromkeys(loops), key=lambda loop: repr(loop.resource)))


def mesh_axes(axes: Iterable[LoweredAxis]) -> tuple[str, ...]:
    return tuple(mesh_axis for axis in axes for mesh_axis in axis.mesh_axes)
