"""Collectives: the operations in which the instances of a named axis meet.

The instances of an axis on a serial loop are evaluated one chunk after the other, so they cannot meet.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from named_types.algebra import AxisName, AxisResources, NamedShape
from named_types.algebra.axis_resources import LoopOf, Resource
from named_types.problems import LoopCollective
from named_types.problems.problem import listed
from named_types.semantics.contraction import Contraction
from named_types.semantics.transfers import mentioned_names

if TYPE_CHECKING:
    from jax.extend.core import JaxprEqn

COMMUNICATING = frozenset({"all_gather", "all_to_all", "pmax", "pmin", "ppermute", "psum", "reduce_scatter"})
"""The primitives in which the instances of axes meet."""


@dataclass(frozen=True, slots=True)
class Collective:
    """An operation, as the program calls it, and the axes whose instances meet in it.

    Instances are told by their indices: in ``groups`` that meet among themselves, or in the pairs of source and
    destination of a ``permutation``.
    """

    operation: str
    axes: tuple[AxisName, ...]
    groups: tuple[tuple[int, ...], ...] | None = None
    permutation: tuple[tuple[int, ...], ...] | None = None


def collective_of(eqn: JaxprEqn) -> Collective | None:
    """The collective that an equation is, jaxprs inside it aside; None if it is none."""
    contraction = eqn.params.get("contraction")
    if isinstance(contraction, Contraction):
        operation = "pdot" if contraction.specification is None else "einsum"
        return Collective(operation, tuple(sorted(contraction.contracted, key=repr)))
    if eqn.primitive.name == "axis_index":
        return None
    names = mentioned_names(eqn.params.get("axes", eqn.params.get("axis_name", ())))
    groups, permutation = eqn.params.get("axis_index_groups"), eqn.params.get("perm")
    return Collective(eqn.primitive.name, names, _tuples(groups), _tuples(permutation)) if names else None


def _tuples(indices: Iterable[Iterable[Any]] | None) -> tuple[tuple[int, ...], ...] | None:
    return None if indices is None else tuple(map(tuple, indices))


def misread(eqn: JaxprEqn, axis_env: NamedShape) -> str | None:
    """Which axis name JAX reads as a position, as it does with every int."""
    mentioned = eqn.params.get("axes", eqn.params.get("axis_name", ()))
    position = next((entry for entry in mentioned if entry in axis_env), None)
    if mentioned_names(mentioned) or position is None:
        return None
    return f"JAX reads {position!r} as a position; the {eqn.primitive.name} of named_types.runtime.lax takes names"


def malformed(collective: Collective, axis_env: NamedShape) -> str | None:
    """What is wrong with a collective that JAX traces and cannot run, as far as sizes are known."""
    names = collective.axes
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"axis {twice!r} stands there twice"
    sizes = [size for name in names if isinstance(size := axis_env.get(name), int)]
    if len(sizes) < len(names):
        return None
    if collective.groups is not None:
        return _malformed_groups(collective.groups, names, prod(sizes))
    if collective.permutation is not None:
        return _malformed_permutation(collective.permutation, names, prod(sizes))
    return None


def _malformed_groups(groups: Sequence[Sequence[int]], names: tuple[AxisName, ...], size: int) -> str | None:
    if sorted(index for group in groups for index in group) != list(range(size)):
        return f"axis_index_groups do not hold each instance of {_listed(names)} of size {size} once"
    return None if len({len(group) for group in groups}) == 1 else "axis_index_groups have different sizes"


def _malformed_permutation(permutation: Sequence[Sequence[int]], names: tuple[AxisName, ...], size: int) -> str | None:
    odd = next((pair for pair in permutation if len(pair) != 2), None)
    if odd is not None:
        return f"{odd} is no pair of a source and a destination"
    sources, destinations = ([pair[side] for pair in permutation] for side in (0, 1))
    for indices in (sources, destinations):
        outside = next((index for index in indices if not 0 <= index < size), None)
        if outside is not None:
            return f"there is no instance {outside} of {_listed(names)} of size {size}"
        if len(set(indices)) < len(indices):
            return f"an instance stands in the permutation twice: {tuple(map(tuple, permutation))}"
    return None


def _listed(names: tuple[AxisName, ...]) -> str:
    return f"{'axis' if len(names) == 1 else 'axes'} {listed([repr(name) for name in names])}"


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
