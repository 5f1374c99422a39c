"""Collectives: the operations in which the instances of a named axis meet.

The instances of an axis on a serial loop are evaluated one chunk after the other, so they cannot meet.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName, AxisResources
from named_types.algebra.axis_resources import LoopOf, Resource
from named_types.problems import LoopCollective
from named_types.semantics.contraction import Contraction
from named_types.semantics.propagation import mentioned_names


@dataclass(frozen=True, slots=True)
class Collective:
    """An operation, as the program calls it, and the axes whose instances meet in it."""

    operation: str
    axes: tuple[AxisName, ...]


def collective_of(eqn: JaxprEqn) -> Collective | None:
    """The collective that an equation is, jaxprs inside it aside; None if it is none."""
    contraction = eqn.params.get("contraction")
    if isinstance(contraction, Contraction):
        operation = "pdot" if contraction.specification is None else "einsum"
        return Collective(operation, tuple(sorted(contraction.contracted, key=repr)))
    if eqn.primitive.name == "axis_index":
        return None
    names = mentioned_names(eqn.params.get("axes", eqn.params.get("axis_name", ())))
    return Collective(eqn.primitive.name, names) if names else None


def loop_collectives(
    collectives: Iterable[Collective], resources: AxisResources, loops: Container[Resource] = ()
) -> list[LoopCollective]:
    """Those over axes on a serial loop; ``loops`` are the named loops in scope."""
    return [
        LoopCollective(collective.operation, axis)
        for collective in collectives
        for axis in collective.axes
        if any(isinstance(resource, LoopOf) or resource in loops for resource in resources.get(axis, ()))
    ]
