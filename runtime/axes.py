"""What lowering makes of each named axis: a local axis, mesh axes, or both.

An axis of size 24 mapped to a mesh axis of size 4 becomes a local axis of size 6 on each device; its instance
``i`` is local instance ``i % 6`` of device ``i // 6``. An axis of which each device holds one instance has no
local axis, an axis without resources has no mesh axes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh

from named_types.algebra import AxisName
from named_types.runtime.local_axes import LocalAxis, local_index, unbatch


@dataclass(frozen=True)
class LoweredAxis:
    """One named axis as it runs."""

    name: AxisName
    size: int
    local: LocalAxis | None
    mesh_axes: tuple[str, ...] = ()

    @property
    def local_size(self) -> int:
        return 1 if self.local is None else self.local.size

    def index(self) -> jax.Array:
        """The index of each instance."""
        if not self.mesh_axes:
            return jnp.int32(0) if self.local is None else local_index(self.local)
        device = lax.axis_index(self.mesh_axes)
        return device if self.local is None else device * self.local.size + local_index(self.local)

    def gather(self, value: jax.Array) -> jax.Array:
        """The values of all instances, as the leading positional axis."""
        if self.local is None:
            return lax.all_gather(value, self.mesh_axes) if self.mesh_axes else value[None]
        instances = unbatch(value, self.local)
        return lax.all_gather(instances, self.mesh_axes, tiled=True) if self.mesh_axes else instances


def lower_axis(name: AxisName, size: int, mesh_axes: tuple[str, ...], mesh: Mesh | None) -> LoweredAxis:
    """An axis spread over ``mesh_axes``, into whose devices its size must divide."""
    devices = 1 if mesh is None else prod(mesh.shape[mesh_axis] for mesh_axis in mesh_axes)
    local_size = size // devices
    return LoweredAxis(name, size, LocalAxis(name, local_size) if local_size != 1 else None, mesh_axes)


def local_axes(axes: Iterable[LoweredAxis]) -> list[LocalAxis]:
    return [axis.local for axis in axes if axis.local is not None]


def mesh_axes(axes: Iterable[LoweredAxis]) -> tuple[str, ...]:
    return tuple(mesh_axis for axis in axes for mesh_axis in axis.mesh_axes)
