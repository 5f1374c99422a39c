"""Meshes with Explicit axes: there, types tell how values are spread, and must agree.

A mapped function is traced with such types, for what it closes over has them. What is spread over the mesh then runs
without: how it is spread is for `axis_resources` to say. Its results have explicit types again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, DropVar, Jaxpr, JaxprEqn, Literal, Var
from jax.sharding import AbstractMesh, AxisType, NamedSharding, PartitionSpec

from named_types.runtime.internals import mesh_of

_TYPING = frozenset({"mesh_cast", "reshard"})
"""The primitives that change nothing of a value but its type."""

_SHARDINGS = frozenset({"sharding", "out_sharding"})
_KEEPING = frozenset({"custom_jvp_call", "custom_vjp_call", "sharding_constraint"})
"""The primitives whose parameters are kept: derivative rules expect the types that their function had."""


@dataclass(frozen=True)
class ExplicitTypes:
    """What the types of a function's results tell of the mesh in scope."""

    mesh: AbstractMesh
    specifications: Sequence[PartitionSpec]
    """How each result of one instance is spread over the mesh."""


def explicit_types(jaxpr: ClosedJaxpr) -> ExplicitTypes | None:
    """What the types of a jaxpr's results tell of the mesh in scope, None if that has no Explicit axes."""
    mesh = jax.sharding.get_abstract_mesh()
    if not mesh.explicit_axes:
        return None
    return ExplicitTypes(mesh, [aval.sharding.spec for aval in jaxpr.out_avals])


def run_automatically(
    function: Callable[..., Sequence[Any]], operands: Sequence[Any], results: ExplicitTypes
) -> list[Any]:
    """The results of a function that runs without explicit types, with those that they are to have."""
    without_explicit_axes = results.mesh.update_axis_types(dict.fromkeys(results.mesh.explicit_axes, AxisType.Auto))
    with jax.sharding.use_abstract_mesh(without_explicit_axes):
        arrays = function(*(jax.sharding.reshard(operand, PartitionSpec()) for operand in operands))
    return [jax.sharding.reshard(*array) for array in zip(arrays, results.specifications, strict=True)]


def as_traced_here(jaxpr: ClosedJaxpr, eqn: JaxprEqn) -> ClosedJaxpr:
    """A jaxpr of an equation, without explicit types if they are those of another mesh than the one in scope here."""
    return jaxpr if mesh_of(eqn) == jax.sharding.get_abstract_mesh() else without_explicit_types(jaxpr)


def keeps_explicit_types(eqn: JaxprEqn) -> bool:
    """Whether an equation has parameters with the explicit types of another mesh than the one in scope here."""
    is_kept = eqn.primitive.name in _KEEPING
    return is_kept and bool(mesh_of(eqn).explicit_axes) and mesh_of(eqn) != jax.sharding.get_abstract_mesh()


def without_explicit_types(jaxpr: ClosedJaxpr) -> ClosedJaxpr:
    """The jaxpr without all that tells of a mesh, inner jaxprs too. Its constants stay as they are."""
    return ClosedJaxpr(_without_types(jaxpr.jaxpr), jaxpr.consts)


def _without_types(jaxpr: Jaxpr) -> Jaxpr:
    atoms: dict[Any, Any] = {}

    def atom(given: Any) -> Any:
        if isinstance(given, Literal):
            return Literal(given.val, _without_sharding(given.aval))
        if given not in atoms:
            kind = DropVar if isinstance(given, DropVar) else Var
            atoms[given] = kind(_without_sharding(given.aval))
        return atoms[given]

    constants, inputs = list(map(atom, jaxpr.constvars)), list(map(atom, jaxpr.invars))
    eqns = []
    for eqn in jaxpr.eqns:
        operands = list(map(atom, eqn.invars))
        if eqn.primitive.name in _TYPING:
            atoms.update(zip(eqn.outvars, operands, strict=True))
        else:
            eqns.append(eqn.replace(invars=operands, outvars=list(map(atom, eqn.outvars)), params=_params(eqn)))
    results = list(map(atom, jaxpr.outvars))
    rewritten: Jaxpr = jaxpr.replace(constvars=constants, invars=inputs, eqns=eqns, outvars=results)
    return rewritten


def _without_sharding(aval: Any) -> Any:
    return aval.update(sharding=None) if isinstance(aval, ShapedArray) else aval


def _params(eqn: JaxprEqn) -> dict[str, Any]:
    if eqn.primitive.name in _KEEPING:
        return eqn.params
    return {
        name: None if name in _SHARDINGS and isinstance(value, NamedSharding) else _param(value)
        for name, value in eqn.params.items()
    }


def _param(value: Any) -> Any:
    if isinstance(value, ClosedJaxpr):
        return without_explicit_types(value)
    if isinstance(value, Jaxpr):
        return _without_types(value)
    if isinstance(value, (tuple, list)):
        items = map(_param, value)
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value
