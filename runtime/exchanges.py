"""What the devices of a mesh exchange in a program: the collectives of the jaxpr that really runs.

They are read off the lowered program, not off the mapped function: what the lowering saves is not there, and what
the backward pass of a gradient adds is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, jaxprs_in_params

from named_types.runtime.places import place_of
from named_types.runtime.shared_sum import SHARED_SUM
from named_types.semantics.transfers import mentioned_names

_KINDS = {
    **dict.fromkeys(("psum", "psum_invariant", SHARED_SUM, "pmax", "pmin"), "all-reduce"),
    **dict.fromkeys(("all_gather", "all_gather_invariant"), "all-gather"),
    "reduce_scatter": "reduce-scatter",
    "all_to_all": "all-to-all",
    "ppermute": "collective-permute",
}


@dataclass(frozen=True)
class Exchange:
    """One array that devices exchange."""

    kind: str
    """As XLA calls it: ``all-reduce``."""

    place: str
    """The line of the program that asks for it; empty for the sum that is the derivative of a replicated argument."""

    mesh_axes: tuple[str, ...]
    devices: int
    """How many take part, in each group of devices that do so together."""

    bytes_per_device: int
    """What each device brings."""

    times: int | None
    """How often it happens, serial loops and scans counted; None in a loop whose length depends on values."""

    @property
    def bytes_moved(self) -> int:
        """What each device sends to others, each time, where the devices of a group form a ring."""
        others = self.devices - 1
        match self.kind:
            case "all-gather":
                return others * self.bytes_per_device
            case "collective-permute":
                return self.bytes_per_device
        rounds = 2 if self.kind == "all-reduce" else 1
        return rounds * others * self.bytes_per_device // self.devices


def exchanges_of(jaxpr: Jaxpr) -> tuple[Exchange, ...]:
    """All of a lowered program, in the order of its equations."""
    return tuple(_in(jaxpr, {}, 1))


def _in(jaxpr: Jaxpr, mesh_shape: Mapping[str, int], times: int | None) -> Iterator[Exchange]:
    for eqn in jaxpr.eqns:
        if eqn.primitive.name in _KINDS:
            yield from _of_equation(eqn, mesh_shape, times)
        inside = {**mesh_shape, **eqn.params["mesh"].shape} if eqn.primitive.name == "shard_map" else mesh_shape
        for inner in _run_by(eqn):
            yield from _in(inner, inside, _repeated(eqn, times))


def _of_equation(eqn: JaxprEqn, mesh_shape: Mapping[str, int], times: int | None) -> Iterator[Exchange]:
    axes = eqn.params.get("mesh_axes", eqn.params.get("axes", eqn.params.get("axis_name")))
    over = tuple(str(name) for name in mentioned_names(axes) if name in mesh_shape)
    groups = eqn.params.get("axis_index_groups")
    devices = prod([mesh_shape[name] for name in over]) if groups is None else len(groups[0])
    for operand in eqn.invars if over else ():
        yield Exchange(_KINDS[eqn.primitive.name], place_of(eqn), over, devices, bytes_of(operand.aval), times)


def bytes_of(aval: Any) -> int:
    """What an array of this type takes."""
    size: int = prod(aval.shape) * aval.dtype.itemsize
    return size


def _run_by(eqn: JaxprEqn) -> Iterator[Jaxpr]:
    """The jaxprs that an equation runs, of all that it holds."""
    if eqn.primitive.name == "custom_linear_solve":
        return iter([eqn.params["jaxprs"].solve.jaxpr])
    return iter(jaxprs_in_params(eqn.params))


def _repeated(eqn: JaxprEqn, times: int | None) -> int | None:
    match eqn.primitive.name:
        case "while":
            return None
        case "scan":
            return None if times is None else times * int(eqn.params["length"])
    return times
