"""What is known of the variables of a jaxpr before it runs: the names they meet, and names mentioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from jax.extend.core import Jaxpr, JaxprEqn, Literal, jaxprs_in_params

from named_types.algebra import AxisName
from named_types.semantics.contraction import Contraction
from named_types.semantics.propagation import names_of
from named_types.semantics.transfers import Names, axis_names, mentioned_names

ANY_NAME = object()
"""Stands for the names that the derivative rule of a `custom_vjp` may mention: it is not traced yet."""


def names_met_later(
    jaxpr: Jaxpr, names: Mapping[Any, Names], results: Sequence[frozenset[AxisName]]
) -> dict[Any, frozenset[AxisName]]:
    """For every variable, the names of all values that it, or what is computed from it, is combined with.

    ``results`` tells it for the results.
    """
    later: dict[Any, frozenset[AxisName]] = {}

    def meet(atoms: Sequence[Any], met: frozenset[AxisName]) -> None:
        later.update({atom: later.get(atom, frozenset()) | met for atom in atoms if not isinstance(atom, Literal)})

    for atom, met in zip(jaxpr.outvars, results, strict=True):
        meet([atom], met)
    for eqn in reversed(jaxpr.eqns):
        here = [axis_names(names_of(atom, names)) for atom in [*eqn.invars, *eqn.outvars]]
        afterwards = [later.get(variable, frozenset()) for variable in eqn.outvars]
        meet(eqn.invars, frozenset().union(*here, *afterwards, mentioned_in([eqn])))
    return later


def mentioned_by(eqn: JaxprEqn) -> tuple[AxisName, ...]:
    """The axis names an equation mentions itself, jaxprs inside it aside."""
    contraction = eqn.params.get("contraction")
    if isinstance(contraction, Contraction):
        return tuple(frozenset().union(*(term.names for term in contraction.operands)))
    for parameter in ("axes", "axis_name"):
        entry = eqn.params.get(parameter)
        if entry is not None:
            return mentioned_names(entry)
    return ()


def mentioned_in(equations: Iterable[JaxprEqn]) -> frozenset[AxisName]:
    """The axis names that equations and the jaxprs inside them mention, perhaps with `ANY_NAME`."""
    found: set[AxisName] = set()
    for eqn in equations:
        found.update(mentioned_by(eqn))
        if eqn.primitive.name == "custom_vjp_call":
            found.add(ANY_NAME)
        for jaxpr in jaxprs_in_params(eqn.params):
            if jaxpr not in _mentioned_in_jaxpr:
                _mentioned_in_jaxpr[jaxpr] = mentioned_in(jaxpr.eqns)
            found |= _mentioned_in_jaxpr[jaxpr]
    return frozenset(found)


_mentioned_in_jaxpr: WeakKeyDictionary[Jaxpr, frozenset[AxisName]] = WeakKeyDictionary()


def mesh_axes_inside(jaxpr: Jaxpr) -> frozenset[str]:
    """The mesh axes over which shard_maps inside a jaxpr are."""
    found: set[str] = set()
    for eqn in jaxpr.eqns:
        if eqn.primitive.name == "shard_map":
            found |= eqn.params["newly_manual_axes"]
        for inner in jaxprs_in_params(eqn.params):
            found |= mesh_axes_inside(inner)
    return frozenset(found)
