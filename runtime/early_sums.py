"""Sums over instances, taken as early as they can be.

``pmean(grad(loss))`` asks for the gradient of every example, only to add them up. Most of a gradient is linear, and
a sum moves through what is linear: so it is taken before the arrays get large, or within the very product that
would make them so. What is found here is for which values that is possible: those of which only sums are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, Literal

from named_types.algebra import AxisName
from named_types.semantics.propagation import names_of
from named_types.semantics.transfers import Names, axis_names, mentioned_names

_NONE: frozenset[AxisName] = frozenset()


def early_sums(
    jaxpr: Jaxpr, names: Mapping[Any, Names], results: Sequence[frozenset[AxisName]]
) -> dict[Any, frozenset[AxisName]]:
    """For every variable, the names over which it may be summed where it is made; ``results`` tells it for the results.

    Variables that are not there have none.
    """
    wanted: dict[Any, frozenset[AxisName]] = {}

    def use(atoms: Iterable[Any], sums: Iterable[frozenset[AxisName]]) -> None:
        for atom, summed in zip(atoms, sums, strict=True):
            if not isinstance(atom, Literal):
                wanted[atom] = wanted.get(atom, summed) & summed

    if not any(results) and not any(_is_sum(eqn) for eqn in jaxpr.eqns):
        return {}
    use(jaxpr.outvars, results)
    for eqn in reversed(jaxpr.eqns):
        sums = [wanted.get(variable, _NONE) for variable in eqn.outvars]
        if any(sums) or _is_sum(eqn):
            use(eqn.invars, _of_operands(eqn, sums, [axis_names(names_of(atom, names)) for atom in eqn.invars]))
        else:
            wanted.update((atom, _NONE) for atom in eqn.invars if not isinstance(atom, Literal))
    return {variable: summed for variable, summed in wanted.items() if summed}


def _is_sum(eqn: JaxprEqn) -> bool:
    return eqn.primitive.name == "psum" and eqn.params["axis_index_groups"] is None


def _of_operands(
    eqn: JaxprEqn, wanted: Sequence[frozenset[AxisName]], held: Sequence[frozenset[AxisName]]
) -> Sequence[frozenset[AxisName]]:
    """The names over which operands may be summed instead of the results."""
    if _is_sum(eqn):
        summed = frozenset(mentioned_names(eqn.params["axes"]))
        return [(names | summed) & own for names, own in zip(wanted, held, strict=True)]
    names = frozenset.intersection(*wanted)
    match eqn.primitive.name:
        case "transpose" | "reshape" | "squeeze" | "broadcast_in_dim" | "reduce_sum" | "neg" | "slice" | "unstack":
            return [names]
        case "add" | "add_any" | "sub":
            return [names & held[0], names & held[1]]
        case "mul" | "dot_general":
            return [names & held[0] - held[1], names & held[1] - held[0]]
        case "div":
            return [names & held[0] - held[1], _NONE]
    return [_NONE] * len(held)
