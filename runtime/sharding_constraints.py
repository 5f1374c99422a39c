"""Sharding constraints inside a mapped function: on the positional axes of a value, over the rest of the mesh.

A mesh axis that a named axis is mapped to splits just the values that have such a named axis. The other mesh axes are
free: where a function has constraints they are left to the partitioner, which the constraints direct.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import jax
from jax import lax
from jax.extend.core import JaxprEqn, jaxprs_in_params
from jax.sharding import NamedSharding, PartitionSpec

from named_types.algebra import AxisName, AxisResources
from named_types.runtime.layouts import Laid
from named_types.semantics.transfers import Names

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter

CONSTRAINT = "sharding_constraint"


def has_constraints(equations: Iterable[JaxprEqn]) -> bool:
    """Whether equations, or the jaxprs inside them, have sharding constraints."""
    return any(
        eqn.primitive.name == CONSTRAINT or any(has_constraints(inner.eqns) for inner in jaxprs_in_params(eqn.params))
        for eqn in equations
    )


def misplaced(
    eqn: JaxprEqn, names: Collection[AxisName], resources: AxisResources, mesh_axes: Collection[str]
) -> str | None:
    """What is wrong with a constraint on a value with these names, where ``mesh_axes`` are in scope."""
    sharding = eqn.params["sharding"]
    if not isinstance(sharding, NamedSharding):
        return "inside a mapped function the sharding must be a NamedSharding"
    taken = resources.resources_of(resources)
    for mesh_axis in _mesh_axes_of(sharding.spec):
        if mesh_axis not in mesh_axes:
            return f"the mesh in scope has no axis {mesh_axis!r}"
        holder = next((axis for axis in sorted(names, key=repr) if mesh_axis in resources.get(axis, ())), None)
        if holder is not None:
            return f"mesh axis {mesh_axis!r} splits axis {holder!r} of it already"
        if mesh_axis in taken:
            return f"mesh axis {mesh_axis!r} splits just the values whose named axes are mapped to it"
    return None


def constrain(interpreter: Interpreter, eqn: JaxprEqn, values: Sequence[Laid], names: Sequence[Names]) -> list[Laid]:
    """The rule of the primitive, of which other kinds of sharding are no more than hints where nothing is spread."""
    (value,), sharding = values, eqn.params["sharding"]
    if not isinstance(sharding, NamedSharding):
        return [value]
    entries = iter([*sharding.spec, *[None] * (value.rank - len(sharding.spec))])
    laid = PartitionSpec(*(next(entries) if name is None else PartitionSpec.UNCONSTRAINED for name in value.layout))
    is_spread = any(axis.mesh_axes for axis in interpreter.axes.values())
    mesh = jax.sharding.get_abstract_mesh() if is_spread else sharding.mesh
    return [Laid(lax.with_sharding_constraint(value.array, NamedSharding(mesh, laid)), value.layout)]


def _mesh_axes_of(spec: PartitionSpec) -> Iterator[Any]:
    for entry in spec:
        if entry is not None and entry is not PartitionSpec.UNCONSTRAINED:
            yield from entry if isinstance(entry, tuple) else (entry,)
