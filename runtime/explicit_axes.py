"""Meshes with Explicit axes: there, types tell how values are spread, and must agree.

A mapped function is traced with such types, for what it closes over has them. What is spread over the mesh then runs
without: how it is spread is for `axis_resources` to say. Its results have explicit types again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, DropVar, Jaxpr, JaxprEqn, Literal, Var
from jax.sharding import AbstractMesh, AxisType, NamedSharding, PartitionSpec

from named_types.runtime.internals import mesh_of, without_sharding

_TYPING = frozenset({"mesh_cast", "reshard"})
"""The primitives that change nothing of a value but its type."""

_SHARDINGS = frozenset({"sharding", "out_sharding"})
_KEEPING = frozenset({"custom_jvp_call", "custom_vjp_call", "sharding_constraint"})
"""The primitives whose parameters stay as they are: derivative rules expect the types that their function had."""


def explicit_mesh() -> AbstractMesh | None:
    """The mesh in whose types values are told here, None where types tell nothing of a mesh."""
    mesh = jax.sharding.get_abstract_mesh()
    return mesh if mesh.explicit_axes else None


def automatic(mesh: AbstractMesh) -> AbstractMesh:
    """The mesh without Explicit axes."""
    without: AbstractMesh = mesh.update_axis_types(dict.fromkeys(mesh.explicit_axes, AxisType.Auto))
    return without


def run_automatically(
    function: Callable[..., Sequence[Any]],
    operands: Sequence[Any],
    mesh: AbstractMesh,
    specifications: Sequence[PartitionSpec],
) -> list[Any]:
    """The results of a function that runs without explicit types; ``specifications`` are those of its results."""
    with jax.sharding.use_abstract_mesh(automatic(mesh)):
        results = function(*(jax.sharding.reshard(operand, PartitionSpec()) for operand in operands))
    return [jax.sharding.reshard(*result) for result in zip(results, specifications, strict=True)]


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
            return Literal(given.val, without_sharding(given.aval))
        if given not in atoms:
            kind = DropVar if isinstance(given, DropVar) else Var
            atoms[given] = kind(without_sharding(given.aval))
        return atoms[given]

    def equations() -> list[JaxprEqn]:
        rewritten = []
        for eqn in jaxpr.eqns:
            operands = list(map(atom, eqn.invars))
            if eqn.primitive.name in _TYPING:
                atoms.update(zip(eqn.outvars, operands, strict=True))
            else:
                results = list(map(atom, eqn.outvars))
                rewritten.append(eqn.replace(invars=operands, outvars=results, params=_params(eqn)))
        return rewritten

    constants, inputs = list(map(atom, jaxpr.constvars)), list(map(atom, jaxpr.invars))
    eqns = equations()
    results = list(map(atom, jaxpr.outvars))
    rewritten: Jaxpr = jaxpr.replace(constvars=constants, invars=inputs, eqns=eqns, outvars=results)
    return rewritten


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
