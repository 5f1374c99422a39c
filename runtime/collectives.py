"""Collectives over named axes, rewritten for axes that are partly local and partly spread over a mesh.

Each rule gets an equation whose axis names the lowering owns, at least in part. Names that it does not own
belong to an enclosing transformation, and stay in a collective of their own. A value that lacks a name is the
same for all its instances, which saves the communication.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from math import prod
from string import ascii_letters
from typing import TYPE_CHECKING, Any, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from named_types.algebra import AxisName
from named_types.runtime.axes import LoweredAxis, local_axes, mesh_axes
from named_types.runtime.derivatives import shared_derivative
from named_types.runtime.local_axes import LocalAxis, rebatch, unbatch
from named_types.runtime.named_contraction import contract
from named_types.runtime.places import refuse
from named_types.semantics.contraction import Contraction, Term
from named_types.semantics.propagation import CONTRACTION, Names, axis_names, mentioned_names

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter

Values: TypeAlias = Sequence[Any]
Rule: TypeAlias = "Callable[[Interpreter, JaxprEqn, Values, Sequence[Names]], list[Any]]"
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


def _psum(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    """Each instance of an axis that a value lacks counts."""
    _refuse_groups(eqn)
    split = _split(interpreter, mentioned_names(eqn.params["axes"]))

    def one(value: Any, held: frozenset[AxisName]) -> Any:
        varying = [axis for axis in split.owned if axis.name in held]
        value = _reduce(_sum, value, eqn, local_axes(varying))
        value = _times(interpreter.sum_over_mesh(value, varying), split.owned, varying)
        return lax.psum(value, split.outer) if split.outer else value

    return [one(value, axis_names(held)) for value, held in zip(values, names, strict=True)]


def _extreme(reduce: Reduction, collective: Callable[..., Any]) -> Rule:
    """pmax and pmin. All instances that attain the extreme share its derivative, wherever they are."""

    def rule(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
        _refuse_groups(eqn)
        split = _split(interpreter, mentioned_names(eqn.params["axes"]))
        return [one(eqn, split, value, axis_names(held)) for value, held in zip(values, names, strict=True)]

    def one(eqn: JaxprEqn, split: _Split, value: Any, held: frozenset[AxisName]) -> Any:
        varying = [axis for axis in split.owned if axis.name in held]
        spread = (*mesh_axes(varying), *split.outer)
        if not spread:
            return _reduce(reduce, value, eqn, local_axes(varying))

        @jax.custom_jvp
        def extreme(value: Any) -> Any:
            return collective(_reduce(reduce, value, eqn, local_axes(varying)), spread)

        @extreme.defjvp
        def extreme_jvp(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
            def total(part: Any) -> Any:
                return lax.psum(_reduce(_sum, part, eqn, local_axes(varying)), spread)

            result = extreme(*primals)
            return result, shared_derivative(*primals, result, *tangents, total)

        return extreme(value)

    return rule


def _reduce(reduce: Reduction, value: Any, eqn: JaxprEqn, local: Sequence[LocalAxis]) -> Any:
    """Reduce over local axes and over the positional axes that stand among the names: ``axes=(0, 'x')``."""
    positions = [axis for axis in eqn.params["axes"] if isinstance(axis, int)]
    if not local and not positions:
        return value
    for axis in local:
        value = unbatch(value, axis)
    return reduce(value, (*range(len(local)), *(len(local) + position for position in positions)))


def _axis_index(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    return [_index(interpreter, mentioned_names(eqn.params["axis_name"]))]


def _all_gather(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    _refuse_groups(eqn)
    (value,), dimension = values, eqn.params["all_gather_dimension"]
    gathered = _gather(interpreter, value, mentioned_names(eqn.params["axis_name"]), axis_names(names[0]))
    gathered = jnp.moveaxis(gathered, 0, dimension)
    return [_fold(gathered, dimension) if eqn.params["tiled"] else gathered]


def _ppermute(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    (value,), permutation = values, eqn.params["perm"]
    mentioned = mentioned_names(eqn.params["axis_name"])
    split = _split(interpreter, mentioned)
    if not split.outer and not any(axis.name in axis_names(names[0]) for axis in split.owned):
        return [value]
    if len(split.owned) == len(mentioned) == 1 and split.owned[0].local is None and len(mesh_axes(split.owned)) == 1:
        return [lax.ppermute(value, mesh_axes(split.owned), permutation)]
    gathered = _gather(interpreter, value, mentioned, axis_names(names[0]))
    sources = [gathered.shape[0]] * gathered.shape[0]
    for source, destination in permutation:
        sources[destination] = source
    source = jnp.asarray(sources, jnp.int32)[_index(interpreter, mentioned)]
    return [jnp.take(gathered, source, axis=0, mode="fill", fill_value=0)]


def _all_to_all(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    _refuse_groups(eqn)
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    split_axis, concat_axis = eqn.params["split_axis"], eqn.params["concat_axis"]
    split = _split(interpreter, mentioned)
    if len(mentioned) == len(split.owned) == 1:
        received = _exchange(split.owned[0], _unfold(value, split_axis, split.owned[0].size))
    else:
        gathered = _gather(interpreter, value, mentioned, axis_names(names[0]))
        chunks = _unfold(gathered, split_axis + 1, gathered.shape[0])
        received = lax.dynamic_index_in_dim(chunks, _index(interpreter, mentioned), 0, keepdims=False)
    return [_fold(jnp.moveaxis(received, 0, concat_axis), concat_axis)]


def _reduce_scatter(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    _refuse_groups(eqn)
    (value,), mentioned = values, mentioned_names(eqn.params["axis_name"])
    dimension, tiled = eqn.params["scatter_dimension"], eqn.params["tiled"]
    split = _split(interpreter, mentioned)
    size = eqn.params["axis_size"]
    chunks = _unfold(value, dimension, size) if tiled else jnp.moveaxis(value, dimension, 0)
    if len(mentioned) == len(split.owned) == 1:
        return [_sum_scatter(split.owned[0], chunks)]
    total = _sum(_gather(interpreter, chunks, mentioned, axis_names(names[0])), (0,))
    return [lax.dynamic_index_in_dim(total, _index(interpreter, mentioned), 0, keepdims=False)]


def _contraction(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    """One dot over letters and local axes, then a psum over the mesh."""
    contraction: Contraction = eqn.params["contraction"]
    split = _split(interpreter, sorted(contraction.contracted, key=repr))
    held = [frozenset(axis_names(operand_names)) for operand_names in names]
    varying = [axis for axis in split.owned if any(axis.name in operand for operand in held)]
    terms = [term.letters for term in contraction.operands]
    letters = iter(sorted(set(ascii_letters) - set("".join(terms))))
    operands = list(values)
    for local in local_axes(varying):
        letter = next(letters)
        for position, operand in enumerate(held):
            if local.name in operand:
                operands[position] = unbatch(operands[position], local)
                terms[position] = letter + terms[position]
    total = contract(operands, _of_outer(contraction, interpreter.axes, terms))
    return [_times(interpreter.sum_over_mesh(total, varying), split.owned, varying)]


def _sum(value: jax.Array, positions: Sequence[int]) -> jax.Array:
    """In at least single precision, as jax.numpy sums."""
    if jnp.issubdtype(value.dtype, jnp.floating) and value.dtype.itemsize < 4:
        return lax.reduce_sum(value.astype(jnp.float32), positions).astype(value.dtype)
    return lax.reduce_sum(value, positions)


def _times(total: Any, summed: Sequence[LoweredAxis], varying: Sequence[LoweredAxis]) -> Any:
    """A sum in which each instance of the axes that do not vary counts."""
    times = prod(axis.size for axis in summed if axis not in varying)
    return total if times == 1 else total * jnp.asarray(times, total.dtype)


def _of_outer(contraction: Contraction, owned: Container[AxisName], letters: Sequence[str]) -> Contraction:
    """What is left of a contraction for the names of enclosing transformations."""
    return replace(
        contraction,
        operands=tuple(
            Term(term_letters, frozenset(name for name in term.names if name not in owned))
            for term, term_letters in zip(contraction.operands, letters, strict=True)
        ),
        result=replace(contraction.result, names=frozenset(n for n in contraction.result.names if n not in owned)),
        contracted=frozenset(name for name in contraction.contracted if name not in owned),
    )


def _gather(
    interpreter: Interpreter, value: jax.Array, mentioned: Sequence[AxisName], names: frozenset[AxisName]
) -> jax.Array:
    """The values of all instances of several axes, the last name varying fastest, as one leading axis."""
    shape = value.shape
    for name in reversed(mentioned):
        axis = interpreter.axes.get(name)
        if axis is None:
            value = lax.all_gather(value, name)
        elif name in names:
            value = axis.gather(value)
        else:
            value = jnp.broadcast_to(value, (axis.size, *value.shape))
    return value.reshape((prod(value.shape[: value.ndim - len(shape)]), *shape))


def _index(interpreter: Interpreter, mentioned: Sequence[AxisName]) -> jax.Array:
    """The index of each instance of several axes, the last name varying fastest."""

    def index_of(name: AxisName) -> tuple[int, jax.Array]:
        axis = interpreter.axes.get(name)
        return (
            (lax.axis_size(name), lax.axis_index(name)) if axis is None else (axis.size, axis.index(interpreter.steps))
        )

    first, *others = map(index_of, mentioned)
    return functools.reduce(lambda outer, inner: outer * inner[0] + inner[1], others, first[1])


def _exchange(axis: LoweredAxis, chunks: jax.Array) -> jax.Array:
    """For each instance, the chunks that all instances hold for it, in their order."""
    rest = chunks.shape[1:]
    held = chunks[None] if axis.local is None else unbatch(chunks, axis.local)
    held = held.reshape((axis.local_size, axis.size // axis.local_size, axis.local_size, *rest))
    by_source = lax.all_to_all(held, axis.mesh_axes, 1, 0) if axis.mesh_axes else jnp.moveaxis(held, 1, 0)
    received = by_source.reshape((axis.size, axis.local_size, *rest))
    return received[:, 0] if axis.local is None else rebatch(jnp.moveaxis(received, 1, 0), axis.local)


def _sum_scatter(axis: LoweredAxis, chunks: jax.Array) -> jax.Array:
    """For each instance, the sum of the chunks that all instances hold for it."""
    total = chunks if axis.local is None else _sum(unbatch(chunks, axis.local), (0,))
    if axis.mesh_axes:
        total = lax.psum_scatter(total, axis.mesh_axes, tiled=True)
    return total[0] if axis.local is None else rebatch(total, axis.local)


def _unfold(value: jax.Array, position: int, size: int) -> jax.Array:
    """Cut a positional axis into ``size`` chunks, numbered by a new leading axis."""
    shape = value.shape
    cut = value.reshape((*shape[:position], size, shape[position] // size, *shape[position + 1 :]))
    return jnp.moveaxis(cut, position, 0)


def _fold(value: jax.Array, position: int) -> jax.Array:
    """Merge a positional axis with the one after it."""
    shape = value.shape
    return value.reshape((*shape[:position], shape[position] * shape[position + 1], *shape[position + 2 :]))


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
