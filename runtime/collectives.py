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
import numpy as np
from jax import lax
from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName
from named_types.runtime.axes import LoweredAxis, mesh_axes
from named_types.runtime.derivatives import shared_derivative
from named_types.runtime.gathering import fold, gather, index_of, moved, pick, unfold
from named_types.runtime.grouped_collectives import run_in_groups
from named_types.runtime.layouts import Laid, accurate_sum, names_first, positions, to_front, without
from named_types.runtime.named_contraction import contract_instances
from named_types.runtime.sharding_constraints import CONSTRAINT, constrain
from named_types.semantics.contraction import Contraction
from named_types.semantics.jax_names import to_jax
from named_types.semantics.propagation import CONTRACTION
from named_types.semantics.transfers import Names, axis_names, mentioned_names

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter

Values: TypeAlias = Sequence[Laid]
Rule: TypeAlias = "Callable[[Interpreter, JaxprEqn, Values, Sequence[Names]], list[Laid]]"
Reduction: TypeAlias = Callable[[jax.Array, Sequence[int]], jax.Array]


@dataclass(frozen=True)
class _Split:
    """The names of one collective: those the lowering owns, and those of enclosing transformations."""

    owned: tuple[LoweredAxis, ...]
    outer: tuple[Any, ...]
    """As JAX takes them."""


def _split(interpreter: Interpreter, names: Sequence[AxisName]) -> _Split:
    return _Split(
        tuple(interpreter.axes[name] for name in names if name in interpreter.axes),
        tuple(to_jax(name) for name in names if name not in interpreter.axes),
    )


def _psum(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """Each instance of an axis that a value lacks counts."""
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
    return [index_of(interpreter, mentioned_names(eqn.params["axis_name"]))]


def _all_gather(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    (value,), dimension = values, eqn.params["all_gather_dimension"]
    gathered = gather(interpreter, value, mentioned_names(eqn.params["axis_name"]), axis_names(names[0]))
    gathered = moved(gathered, dimension)
    return [fold(gathered, dimension) if eqn.params["tiled"] else gathered]


def _ppermute(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    (value,), permutation = values, eqn.params["perm"]
    mentioned = mentioned_names(eqn.params["axis_name"])
    split = _split(interpreter, mentioned)
    if len(split.owned) == len(mentioned) == 1 and not split.owned[0].is_local and len(mesh_axes(split.owned)) == 1:
        return [Laid(lax.ppermute(value.array, mesh_axes(split.owned), permutation), value.layout)]
    if len(split.owned) == len(mentioned) == len(mesh_axes(split.owned)) == 1:
        permuted = _permute_chunks(value, split.owned[0], permutation)
        if permuted is not None:
            return [permuted]
    gathered = gather(interpreter, value, mentioned, axis_names(names[0]))
    size = gathered.array.shape[0]
    sources = [size] * size
    for source, destination in permutation:
        sources[destination] = source
    index = index_of(interpreter, mentioned)
    source = Laid(jnp.asarray(sources, jnp.int32)[index.array], index.layout)
    taken = jnp.take(gathered.array, source.array, axis=0, mode="fill", fill_value=0)
    return [Laid(taken, (*source.layout, *gathered.layout[1:]))]


def _permute_chunks(value: Laid, axis: LoweredAxis, permutation: Sequence[tuple[int, int]]) -> Laid | None:
    """A permutation of instances of which each device holds several along one mesh axis.

    Whole chunks go from device to device, once for each distance between devices that an instance has to go. None
    where a gather moves no more.
    """
    count, held = axis.size // axis.local_size, axis.local_size
    (mesh_axis,) = axis.mesh_axes
    moves = [(source // held, destination // held) for source, destination in permutation]
    distances = sorted({(to - start) % count for start, to in moves})
    if len(distances) == count:
        return None
    chunks = to_front(value, axis.name, held)
    arrived = [
        chunks.array if distance == 0 else lax.ppermute(chunks.array, mesh_axis, _distinct(moves, distance, count))
        for distance in distances
    ]
    sources = np.full((count, held), len(distances) * held)
    for (source, destination), (start, to) in zip(permutation, moves, strict=True):
        sources[to, destination % held] = distances.index((to - start) % count) * held + source % held
    order = jnp.asarray(sources)[lax.axis_index(mesh_axis)]
    taken = jnp.take(jnp.concatenate(arrived), order, axis=0, mode="fill", fill_value=0)
    return Laid(taken, (axis.name, *chunks.layout[1:]))


def _distinct(moves: Sequence[tuple[int, int]], distance: int, count: int) -> list[tuple[int, int]]:
    return sorted({(start, to) for start, to in moves if (to - start) % count == distance})


def _all_to_all(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    split_axis, concat_axis = eqn.params["split_axis"], eqn.params["concat_axis"]
    split = _split(interpreter, mentioned)
    if not split.outer:
        received = _exchange_all(split.owned, unfold(value, split_axis, prod(axis.size for axis in split.owned)))
    else:
        gathered = gather(interpreter, value, mentioned, axis_names(names[0]))
        chunks = unfold(gathered, split_axis + 1, gathered.array.shape[0])
        received = pick(chunks, index_of(interpreter, mentioned))
    return [fold(moved(received, concat_axis), concat_axis)]


def _reduce_scatter(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    dimension, tiled = eqn.params["scatter_dimension"], eqn.params["tiled"]
    split = _split(interpreter, mentioned)
    chunks = unfold(value, dimension, eqn.params["axis_size"] if tiled else None)
    if not split.outer:
        return [functools.reduce(_sum_scatter, split.owned, _by_axis(chunks, split.owned))]
    gathered = gather(interpreter, chunks, mentioned, axis_names(names[0]))
    total = Laid(accurate_sum(gathered.array, (0,)), gathered.layout[1:])
    return [pick(total, index_of(interpreter, mentioned))]


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


def _exchange(axis: LoweredAxis, chunks: Laid) -> Laid:
    """For each instance, the chunks that all instances hold for it, in their order."""
    held = names_first(to_front(chunks, axis.name, axis.local_size))
    names, first = held.names, len(held.names)
    outer, rest = held.array.shape[:first], held.array.shape[first + 2 :]
    devices = axis.size // axis.local_size
    array = held.array.reshape((*outer, axis.local_size, devices, axis.local_size, *rest))
    array = jnp.moveaxis(array, first + 1, first)
    if axis.mesh_axes:
        array = lax.all_to_all(array, axis.mesh_axes, first, first, tiled=True)
    array = array.reshape((*outer, axis.size, axis.local_size, *rest))
    if not axis.is_local:
        return Laid(lax.squeeze(array, [first + 1]), (*names, *(None,) * (len(rest) + 1)))
    return Laid(array, (*names, None, axis.name, *(None,) * len(rest)))


def _exchange_all(axes: Sequence[LoweredAxis], chunks: Laid) -> Laid:
    """`_exchange` for the instances of several axes, one axis after the other."""
    held = _by_axis(chunks, axes)
    for axis in axes:
        held = moved(_exchange(axis, held), len(axes) - 1)
    for _ in axes[1:]:
        held = fold(held, 0)
    return held


def _by_axis(chunks: Laid, axes: Sequence[LoweredAxis]) -> Laid:
    """Chunks for all instances of several axes, with a leading positional axis for each of these."""
    held = names_first(chunks)
    first, shape = len(held.names), held.array.shape
    array = held.array.reshape((*shape[:first], *(axis.size for axis in axes), *shape[first + 1 :]))
    return Laid(array, (*held.layout, *(None,) * (len(axes) - 1)))


def _sum_scatter(chunks: Laid, axis: LoweredAxis) -> Laid:
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


def _in_groups_or(rule: Rule) -> Rule:
    """A rule for a primitive that may have ``axis_index_groups``."""

    def either(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
        return (rule if eqn.params["axis_index_groups"] is None else run_in_groups)(interpreter, eqn, values, names)

    return either


COLLECTIVES: dict[str, Rule] = {
    "psum": _in_groups_or(_psum),
    "pmax": _in_groups_or(_extreme(lax.reduce_max, lax.pmax)),
    "pmin": _in_groups_or(_extreme(lax.reduce_min, lax.pmin)),
    "axis_index": _axis_index,
    "all_gather": _in_groups_or(_all_gather),
    "ppermute": _ppermute,
    "all_to_all": _in_groups_or(_all_to_all),
    "reduce_scatter": _in_groups_or(_reduce_scatter),
    CONSTRAINT: constrain,
    CONTRACTION: _contraction,
}
"""The rule of each primitive to which it matters how names are lowered."""
