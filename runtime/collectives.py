"""Collectives over named axes, rewritten for axes that are partly local and partly spread over a mesh.

Each rule gets an equation whose axis names the lowering owns, at least in part. Names that it does not own
belong to an enclosing transformation, and stay in a collective of their own. A value that lacks a name is the
same for all its instances, which saves the communication.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName
from named_types.runtime.axes import LoweredAxis, mesh_axes
from named_types.runtime.derivatives import shared_derivative
from named_types.runtime.layouts import (
    Laid,
    accurate_sum,
    moved_to_front,
    names_first,
    positional,
    positions,
    to_front,
    without,
)
from named_types.runtime.named_contraction import contract_instances
from named_types.runtime.places import refuse
from named_types.semantics.contraction import Contraction
from named_types.semantics.propagation import CONTRACTION, Names, axis_names, mentioned_names

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter

Values: TypeAlias = Sequence[Laid]
Rule: TypeAlias = "Callable[[Interpreter, JaxprEqn, Values, Sequence[Names]], list[Laid]]"
Reduction: TypeAlias = Callable[[jax.Array, Sequence[int]], jax.Array]


@dataclass(frozen=True)
class _Split:
    """The names of one collective: those the lowering owns, and those of enclosing transformations."""

    owned: tuple[LoweredAxis, ...]
    outer: tuple[AxisName, ...]


def _split(interpreter: Interpreter, names: Sequence[AxisName]) -> _Split:
    return _Split(
        tuple(interpreter.axes[name] for name in names if name in interpreter.axes),
        tuple(name for name in names if name not in interpreter.axes),
    )


def _psum(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """Each instance of an axis that a value lacks counts."""
    _refuse_groups(eqn)
    split = _split(interpreter, mentioned_names(eqn.params["axes"]))

    def one(value: Laid, held: frozenset[AxisName]) -> Laid:
        varying = [axis for axis in split.owned if axis.name in held]
        total = _reduce(accurate_sum, value, eqn, split.owned)
        array = interpreter.sum_over_mesh(total.array, varying)
        array = _times(array, _copies(split.owned, held, {*value.names, *value.summed}))
        summed = value.summed.difference(axis.name for axis in split.owned)
        return Laid(lax.psum(array, split.outer) if split.outer else array, total.layout, summed)

    return [one(value, axis_names(held)) for value, held in zip(values, names, strict=True)]


def _extreme(reduce: Reduction, collective: Callable[..., Any]) -> Rule:
    """pmax and pmin. All instances that attain the extreme share its derivative, wherever they are."""

    def rule(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
        _refuse_groups(eqn)
        split = _split(interpreter, mentioned_names(eqn.params["axes"]))
        return [one(eqn, split, value, axis_names(held)) for value, held in zip(values, names, strict=True)]

    def one(eqn: JaxprEqn, split: _Split, value: Laid, held: frozenset[AxisName]) -> Laid:
        spread = (*mesh_axes(axis for axis in split.owned if axis.name in held), *split.outer)
        if not spread:
            return _reduce(reduce, value, eqn, split.owned)

        @jax.custom_jvp
        def extreme(array: Any) -> Any:
            return collective(_reduce(reduce, Laid(array, value.layout), eqn, split.owned).array, spread)

        @extreme.defjvp
        def extreme_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
            def total(part: Any) -> Any:
                return lax.psum(_reduce(accurate_sum, Laid(part, value.layout), eqn, split.owned).array, spread)

            result = extreme(*primals)
            (array,), gone = primals, _reduced_positions(value, eqn, split.owned)
            repeated = lax.broadcast_in_dim(result, array.shape, [at for at in range(array.ndim) if at not in gone])
            return result, shared_derivative(array, repeated, *tangents, total)

        gone = _reduced_positions(value, eqn, split.owned)
        return Laid(extreme(value.array), without(value.layout, gone))

    return rule


def _reduce(reduce: Reduction, value: Laid, eqn: JaxprEqn, axes: Sequence[LoweredAxis]) -> Laid:
    """Reduce over instances and over the positional axes that stand among the names: ``axes=(0, 'x')``."""
    gone = _reduced_positions(value, eqn, axes)
    return Laid(reduce(value.array, gone), without(value.layout, gone), value.summed) if gone else value


def _reduced_positions(value: Laid, eqn: JaxprEqn, axes: Sequence[LoweredAxis]) -> list[int]:
    places = positions(value.layout)
    named = [value.layout.index(axis.name) for axis in axes if axis.name in value.layout]
    return [*named, *(places[axis] for axis in eqn.params["axes"] if isinstance(axis, int))]


def _axis_index(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    return [_index(interpreter, mentioned_names(eqn.params["axis_name"]))]


def _all_gather(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    _refuse_groups(eqn)
    (value,), dimension = values, eqn.params["all_gather_dimension"]
    gathered = _gather(interpreter, value, mentioned_names(eqn.params["axis_name"]), axis_names(names[0]))
    gathered = _moved(gathered, dimension)
    return [_fold(gathered, dimension) if eqn.params["tiled"] else gathered]


def _ppermute(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    (value,), permutation = values, eqn.params["perm"]
    mentioned = mentioned_names(eqn.params["axis_name"])
    split = _split(interpreter, mentioned)
    if len(split.owned) == len(mentioned) == 1 and not split.owned[0].is_local and len(mesh_axes(split.owned)) == 1:
        return [Laid(lax.ppermute(value.array, mesh_axes(split.owned), permutation), value.layout)]
    gathered = _gather(interpreter, value, mentioned, axis_names(names[0]))
    size = gathered.array.shape[0]
    sources = [size] * size
    for source, destination in permutation:
        sources[destination] = source
    index = _index(interpreter, mentioned)
    source = Laid(jnp.asarray(sources, jnp.int32)[index.array], index.layout)
    taken = jnp.take(gathered.array, source.array, axis=0, mode="fill", fill_value=0)
    return [Laid(taken, (*source.layout, *gathered.layout[1:]))]


def _all_to_all(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    _refuse_groups(eqn)
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    split_axis, concat_axis = eqn.params["split_axis"], eqn.params["concat_axis"]
    split = _split(interpreter, mentioned)
    if len(mentioned) == len(split.owned) == 1:
        received = _exchange(split.owned[0], _unfold(value, split_axis, split.owned[0].size))
    else:
        gathered = _gather(interpreter, value, mentioned, axis_names(names[0]))
        chunks = _unfold(gathered, split_axis + 1, gathered.array.shape[0])
        received = _pick(chunks, _index(interpreter, mentioned))
    return [_fold(_moved(received, concat_axis), concat_axis)]


def _reduce_scatter(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    _refuse_groups(eqn)
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    dimension, tiled = eqn.params["scatter_dimension"], eqn.params["tiled"]
    split = _split(interpreter, mentioned)
    chunks = _unfold(value, dimension, eqn.params["axis_size"] if tiled else None)
    if len(mentioned) == len(split.owned) == 1:
        return [_sum_scatter(split.owned[0], chunks)]
    gathered = _gather(interpreter, chunks, mentioned, axis_names(names[0]))
    total = Laid(accurate_sum(gathered.array, (0,)), gathered.layout[1:])
    return [_pick(total, _index(interpreter, mentioned))]


def _contraction(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """One dot over letters and instances, then a psum over the mesh."""
    contraction: Contraction = eqn.params["contraction"]
    split = _split(interpreter, sorted(contraction.contracted, key=repr))
    held = frozenset().union(*map(axis_names, names))
    (early,) = interpreter.early
    total = contract_instances(values, contraction, frozenset(interpreter.axes), interpreter.instances.order(), early)
    array = interpreter.sum_over_mesh(total.array, [axis for axis in split.owned if axis.name in held])
    present = {name for value in values for name in value.names}
    return [Laid(_times(array, _copies(split.owned, held, present)), total.layout, total.summed)]


def _copies(summed: Sequence[LoweredAxis], held: Container[AxisName], present: Container[AxisName]) -> int:
    """How often each instance counts in a sum over axes of which a value has ``held``, and its array ``present``."""
    missing = prod(axis.size for axis in summed if axis.name not in held)
    return missing * prod(axis.local_size for axis in summed if axis.name in held and axis.name not in present)


def _times(total: Any, times: int) -> Any:
    return total if times == 1 else total * jnp.asarray(times, total.dtype)


def _gather(interpreter: Interpreter, value: Laid, mentioned: Sequence[AxisName], names: frozenset[AxisName]) -> Laid:
    """The values of all instances of several axes, the last name varying fastest, as the leading positional axis."""
    gathered = value
    for name in reversed(mentioned):
        axis = interpreter.axes.get(name)
        if axis is None:
            gathered = Laid(lax.all_gather(gathered.array, name), (None, *gathered.layout))
        elif name in names:
            gathered = axis.gather(gathered)
        else:
            gathered = to_front(gathered, name, axis.size)
    count = len(mentioned)
    shape = gathered.array.shape
    return Laid(gathered.array.reshape((prod(shape[:count]), *shape[count:])), gathered.layout[count - 1 :])


def _index(interpreter: Interpreter, mentioned: Sequence[AxisName]) -> Laid:
    """The index of each instance of several axes, the last name varying fastest."""

    def index_of(name: AxisName) -> tuple[int, Laid]:
        axis = interpreter.axes.get(name)
        if axis is None:
            return lax.axis_size(name), positional(lax.axis_index(name))
        return axis.size, axis.index(interpreter.steps)

    def combine(outer: Laid, inner: tuple[int, Laid]) -> Laid:
        size, index = inner
        (before, after), layout = interpreter.instances.broadcast([outer, index])
        return Laid(before * size + after, layout)

    first, *others = map(index_of, mentioned)
    return functools.reduce(combine, others, first[1])


def _pick(entries: Laid, index: Laid) -> Laid:
    """For each instance, its entry of the leading positional axis."""
    position = entries.layout.index(None)
    rest = without(entries.layout, [position])
    if not index.layout:
        return Laid(lax.dynamic_index_in_dim(entries.array, index.array, position, keepdims=False), rest)
    front = moved_to_front(entries.array, position)
    return Laid(jnp.take(front, index.array, axis=0, mode="clip"), (*index.layout, *rest))


def _exchange(axis: LoweredAxis, chunks: Laid) -> Laid:
    """For each instance, the chunks that all instances hold for it, in their order."""
    held = names_first(to_front(chunks, axis.name, axis.local_size))
    names, first = held.names, len(held.names)
    outer, rest = held.array.shape[:first], held.array.shape[first + 2 :]
    devices = axis.size // axis.local_size
    array = held.array.reshape((*outer, axis.local_size, devices, axis.local_size, *rest))
    if axis.mesh_axes:
        array = lax.all_to_all(array, axis.mesh_axes, first + 1, first)
    else:
        array = jnp.moveaxis(array, first + 1, first)
    array = array.reshape((*outer, axis.size, axis.local_size, *rest))
    if not axis.is_local:
        return Laid(lax.squeeze(array, [first + 1]), (*names, *(None,) * (len(rest) + 1)))
    return Laid(array, (*names, None, axis.name, *(None,) * len(rest)))


def _sum_scatter(axis: LoweredAxis, chunks: Laid) -> Laid:
    """For each instance, the sum of the chunks that all instances hold for it."""
    held = names_first(to_front(chunks, axis.name, axis.local_size))
    first = len(held.names)
    total = accurate_sum(held.array, (first,))
    if axis.mesh_axes:
        total = lax.psum_scatter(total, axis.mesh_axes, scatter_dimension=first, tiled=True)
    rest = held.layout[first + 2 :]
    if not axis.is_local:
        return Laid(lax.squeeze(total, [first]), (*held.names, *rest))
    return Laid(total, (*held.names, axis.name, *rest))


def _unfold(value: Laid, position: int, size: int | None = None) -> Laid:
    """Cut a positional axis into ``size`` chunks, numbered by a new leading axis; by default into its entries."""
    held = names_first(value)
    first, shape = len(held.names), held.array.shape
    at = first + position
    if size is None:
        return Laid(jnp.moveaxis(held.array, at, first), held.layout)
    cut = held.array.reshape((*shape[:at], size, shape[at] // size, *shape[at + 1 :]))
    return Laid(jnp.moveaxis(cut, at, first), (*held.layout, None))


def _moved(value: Laid, position: int) -> Laid:
    """With the leading positional axis at another position."""
    held = names_first(value)
    first = len(held.names)
    return Laid(jnp.moveaxis(held.array, first, first + position), held.layout)


def _fold(value: Laid, position: int) -> Laid:
    """Merge a positional axis with the one after it."""
    held = names_first(value)
    shape, at = held.array.shape, len(held.names) + position
    return Laid(held.array.reshape((*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :])), held.layout[:-1])


def _refuse_groups(eqn: JaxprEqn) -> None:
    if eqn.params.get("axis_index_groups") is not None:
        refuse(eqn, "axis_index_groups are not supported inside xmap")


COLLECTIVES: dict[str, Rule] = {
    "psum": _psum,
    "pmax": _extreme(lax.reduce_max, lax.pmax),
    "pmin": _extreme(lax.reduce_min, lax.pmin),
    "axis_index": _axis_index,
    "all_gather": _all_gather,
    "ppermute": _ppermute,
    "all_to_all": _all_to_all,
    "reduce_scatter": _reduce_scatter,
    CONTRACTION: _contraction,
}
"""The rule of each collective primitive."""
