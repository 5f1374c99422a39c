"""Collectives within groups of instances: those with ``axis_index_groups``.

Where each device along one mesh axis holds one instance, the devices communicate in the groups themselves. Where the
groups lie within what each device holds, nothing is communicated. Otherwise the instances are gathered, and each
takes what is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName
from named_types.runtime.axes import LoweredAxis
from named_types.runtime.gathering import fold, gather, index_of, moved, pick, unfold
from named_types.runtime.layouts import Laid, accurate_sum, names_first, to_front
from named_types.semantics.transfers import Names, axis_names, mentioned_names

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def run_in_groups(
    interpreter: Interpreter, eqn: JaxprEqn, values: Sequence[Laid], names: Sequence[Names]
) -> list[Laid]:
    """The results of a collective with ``axis_index_groups``, all of one size."""
    params = eqn.params
    mentioned = mentioned_names(params["axes"] if "axes" in params else params["axis_name"])
    groups = np.asarray(params["axis_index_groups"])
    owned = [interpreter.axes[name] for name in mentioned if name in interpreter.axes]
    if len(owned) == len(mentioned) == 1 and _is_one_on_each_device(owned[0]):
        rule: Callable[[JaxprEqn, Laid, Any], Laid] = _RULES_OF_DEVICES[eqn.primitive.name]
        return [rule(eqn, value, _Devices(owned[0].mesh_axes[0], groups)) for value in values]
    rule = _RULES[eqn.primitive.name]
    places = [_Places(interpreter, mentioned, axis_names(held), groups) for held in names]
    return [rule(eqn, value, place) for value, place in zip(values, places, strict=True)]


@dataclass(frozen=True)
class _Devices:
    """Groups of the devices along a mesh axis."""

    mesh_axis: str
    groups: Any

    @property
    def options(self) -> dict[str, Any]:
        return {"axis_index_groups": self.groups.tolist()}


@dataclass(frozen=True)
class _Places:
    """Groups of the instances of named axes."""

    interpreter: Interpreter
    mentioned: Sequence[AxisName]
    held: frozenset[AxisName]
    groups: Any

    @property
    def size(self) -> int:
        return int(self.groups.shape[1])

    def members(self, value: Laid) -> tuple[Laid, Laid]:
        """Names first, then the groups, the members of each, and an instance; and the place of each instance."""
        axis = self.interpreter.axes.get(self.mentioned[0])
        if len(self.mentioned) == 1 and axis is not None and self._are_local(axis):
            gathered, order, place = self._of_device(value, axis)
        else:
            gathered = gather(self.interpreter, value, self.mentioned, self.held)
            order = self.groups.ravel()
            index = index_of(self.interpreter, self.mentioned)
            place = Laid(jnp.asarray(np.argsort(order))[index.array], index.layout)
        entries = names_first(gathered)
        first, shape = len(entries.names), entries.array.shape
        array = jnp.take(entries.array, jnp.asarray(order), axis=first)
        array = array.reshape((*shape[:first], -1, self.size, *shape[first + 1 :]))
        layout = (*entries.names, None, *entries.layout[first:])
        return Laid(array, layout), place

    def _are_local(self, axis: LoweredAxis) -> bool:
        devices = self.groups // axis.local_size
        return bool((devices == devices[:, :1]).all())

    def _of_device(self, value: Laid, axis: LoweredAxis) -> tuple[Laid, Any, Laid]:
        """The instances on each device, their order by groups, and the place that each has in it."""
        order = self.groups[np.argsort(self.groups[:, 0] // axis.local_size, kind="stable")]
        order = order.reshape((-1, axis.local_size)) % axis.local_size
        device = lax.axis_index(axis.mesh_axes) if axis.mesh_axes else 0
        place = jnp.asarray(np.argsort(order, axis=1))[device]
        located = Laid(place, (axis.name,)) if axis.is_local else Laid(place[0], ())
        return to_front(value, axis.name, axis.local_size), jnp.asarray(order)[device], located


_Rule: TypeAlias = Callable[[JaxprEqn, Laid, _Places], Laid]


def _reduce(reduce: Callable[[Any, Sequence[int]], Any]) -> _Rule:
    def rule(eqn: JaxprEqn, value: Laid, places: _Places) -> Laid:
        members, place = places.members(value)
        first = len(members.names)
        reduced = Laid(reduce(members.array, (first + 1,)), (*members.names, *members.layout[first + 1 :]))
        return pick(reduced, _group(place, places))

    return rule


def _all_gather(eqn: JaxprEqn, value: Laid, places: _Places) -> Laid:
    members, place = places.members(value)
    return _gathered(eqn, pick(members, _group(place, places)))


def _all_to_all(eqn: JaxprEqn, value: Laid, places: _Places) -> Laid:
    """The chunks of all members for each place in the group, of which each instance takes those for its own."""
    members, place = places.members(unfold(value, eqn.params["split_axis"], places.size))
    first, shape = len(members.names), members.array.shape
    chunks = jnp.swapaxes(members.array, first + 1, first + 2)
    chunks = chunks.reshape((*shape[:first], -1, *shape[first + 2 :]))
    return _received(eqn, pick(Laid(chunks, members.layout[:-1]), place))


def _reduce_scatter(eqn: JaxprEqn, value: Laid, places: _Places) -> Laid:
    members, place = places.members(_chunks(eqn, value))
    first, shape = len(members.names), members.array.shape
    total = accurate_sum(members.array, (first + 1,))
    total = total.reshape((*shape[:first], -1, *shape[first + 3 :]))
    return pick(Laid(total, members.layout[:-2]), place)


def _group(place: Laid, places: _Places) -> Laid:
    return Laid(place.array // places.size, place.layout)


def _gathered(eqn: JaxprEqn, members: Laid) -> Laid:
    dimension = eqn.params["all_gather_dimension"]
    stacked = moved(members, dimension)
    return fold(stacked, dimension) if eqn.params["tiled"] else stacked


def _received(eqn: JaxprEqn, chunks: Laid) -> Laid:
    position = eqn.params["concat_axis"]
    return fold(moved(chunks, position), position)


def _chunks(eqn: JaxprEqn, value: Laid) -> Laid:
    return unfold(value, eqn.params["scatter_dimension"], eqn.params["axis_size"] if eqn.params["tiled"] else None)


def _is_one_on_each_device(axis: LoweredAxis) -> bool:
    return not axis.is_local and not axis.loops and len(axis.mesh_axes) == 1


def _reduce_devices(collective: Callable[..., Any], eqn: JaxprEqn, value: Laid, devices: _Devices) -> Laid:
    return Laid(collective(value.array, devices.mesh_axis, **devices.options), value.layout)


def _gather_devices(eqn: JaxprEqn, value: Laid, devices: _Devices) -> Laid:
    stacked = lax.all_gather(value.array, devices.mesh_axis, **devices.options)
    return _gathered(eqn, Laid(stacked, (None, *value.layout)))


def _exchange_devices(eqn: JaxprEqn, value: Laid, devices: _Devices) -> Laid:
    chunks = unfold(value, eqn.params["split_axis"], devices.groups.shape[1])
    first = len(chunks.names)
    array = lax.all_to_all(chunks.array, devices.mesh_axis, first, first, **devices.options)
    return _received(eqn, Laid(array, chunks.layout))


def _scatter_devices(eqn: JaxprEqn, value: Laid, devices: _Devices) -> Laid:
    chunks = _chunks(eqn, value)
    total = lax.psum_scatter(chunks.array, devices.mesh_axis, scatter_dimension=len(chunks.names), **devices.options)
    return Laid(total, chunks.layout[:-1])


_RULES: dict[str, _Rule] = {
    "psum": _reduce(accurate_sum),
    "pmax": _reduce(lax.reduce_max),
    "pmin": _reduce(lax.reduce_min),
    "all_gather": _all_gather,
    "all_to_all": _all_to_all,
    "reduce_scatter": _reduce_scatter,
}

_RULES_OF_DEVICES: dict[str, Callable[[JaxprEqn, Laid, _Devices], Laid]] = {
    "psum": partial(_reduce_devices, lax.psum),
    "pmax": partial(_reduce_devices, lax.pmax),
    "pmin": partial(_reduce_devices, lax.pmin),
    "all_gather": _gather_devices,
    "all_to_all": _exchange_devices,
    "reduce_scatter": _scatter_devices,
}
