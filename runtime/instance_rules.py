"""Equations that mention no names, run for all instances at once.

What a primitive does to one instance is done to an array of them by the same primitive with its positional
parameters adjusted to the layout. The primitives that programs are made of have a rule for that, most of
them by the kind under which JAX itself batches them; all others go through `jax.vmap`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any, TypeAlias, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import JaxprEqn, Primitive
from jax.interpreters import batching
from jax.sharding import AxisType

from named_types.algebra import AxisName
from named_types.runtime.internals import stage
from named_types.runtime.layouts import (
    Laid,
    Layout,
    accurate_sum,
    expanded,
    filled,
    merged,
    names_first,
    positional,
    positions,
    without,
)
from named_types.runtime.staging import broadcast_in_dim, squeeze, transpose


@dataclass(frozen=True)
class Instances:
    """The axes that number instances in the arrays of one lowering."""

    sizes: dict[AxisName, int]
    """How many instances a device holds in one step; in the order that names take where nothing else decides."""

    def run(self, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
        """The results of an equation."""
        if not any(operand.has_names for operand in operands):
            return [positional(array) for array in _bind(eqn, [operand.array for operand in operands])]
        rule = _RULES.get(eqn.primitive.name) or _KINDS.get(_kind(eqn.primitive), Instances.vmapped)
        return rule(self, eqn, operands)

    def run_summed(self, eqn: JaxprEqn, operands: Sequence[Laid], wanted: Sequence[frozenset[AxisName]]) -> list[Laid]:
        """The results of an equation that is linear, each summed over names where the operands are not yet."""
        summed = frozenset().union(*(operand.summed for operand in operands))
        everything = frozenset().union(*wanted)
        if summed and eqn.primitive.name in ("add", "add_any", "sub"):
            (result,) = self.run(eqn, [self._summed(operand, everything) for operand in operands])
            return [replace(result, summed=everything)]
        if eqn.primitive.name == "dot_general":
            results = _dot_general(self, eqn, operands, everything)
        elif eqn.primitive.name == "mul" and _is_outer_product(operands, everything):
            results = [_product(operands, everything)]
        else:
            results = self.run(eqn, operands)
        present = summed.union(*(operand.names for operand in operands))
        return [
            replace(self._summed(result, names & frozenset(result.names)), summed=names & present)
            for result, names in zip(results, wanted, strict=True)
        ]

    def _summed(self, operand: Laid, names: frozenset[AxisName]) -> Laid:
        """The sum over those of the names that are left; each instance of one that the operand lacks counts."""
        gone = [position for position, name in enumerate(operand.layout) if name in names]
        array = accurate_sum(operand.array, gone) if gone else operand.array
        copies = prod(self.sizes[name] for name in names - operand.summed if name not in operand.layout)
        return Laid(array if copies == 1 else array * jnp.asarray(copies, array.dtype), without(operand.layout, gone))

    def order(self) -> Sequence[AxisName]:
        return tuple(self.sizes)

    def broadcast(self, operands: Sequence[Laid]) -> tuple[list[Any], Layout]:
        """Operands of an elementwise function, brought into line for one that broadcasts axes of size 1."""
        layout = operands[0].layout
        if all(operand.layout == layout for operand in operands):
            return [operand.array for operand in operands], layout
        layout = merged([operand.layout for operand in operands], self.order())
        return [expanded(operand, layout) if operand.layout else operand.array for operand in operands], layout

    def fill(self, operands: Sequence[Laid]) -> tuple[list[Any], Layout]:
        """Operands of one positional shape as arrays that all have the names of each."""
        layout = merged([operand.layout for operand in operands], self.order())
        if all(operand.layout == layout for operand in operands):
            return [operand.array for operand in operands], layout
        return [filled(operand, layout, self.shape(operand, layout)) for operand in operands], layout

    def fit(self, operand: Laid, layout: Layout) -> Laid:
        """An operand with just these axes: the same along names that it has not."""
        return Laid(filled(operand, layout, self.shape(operand, layout)), layout)

    def select(self, which: Laid, cases: Sequence[Laid]) -> Laid:
        """For each instance, the case with the index ``which``: an array as the cases, or a scalar."""
        if not which.layout:
            arrays, layout = self.fill(cases)
            return Laid(lax.select_n(which.array, *arrays), layout)
        layout = merged([which.layout, *(case.layout for case in cases)], self.order())
        arrays = [self.fit(case, layout).array for case in cases]
        return Laid(lax.select_n(filled(which, layout, arrays[0].shape), *arrays), layout)

    def shape(self, operand: Laid, layout: Layout) -> list[int]:
        """The shape of an operand's array with the axes of ``layout``."""
        extents = iter([operand.array.shape[position] for position in positions(operand.layout)])
        return [next(extents) if name is None else self.sizes[name] for name in layout]

    def vmapped(self, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
        """By one vmap for each name, as JAX batches the primitive."""
        held = {name for operand in operands for name in operand.names}
        names = [name for name in self.sizes if name in held]
        function: Callable[..., list[Any]] = lambda *arrays: _bind(eqn, arrays)  # noqa: E731
        layouts = [operand.layout for operand in operands]
        for name in reversed(names):
            outer = names[: names.index(name)]
            axes = tuple(_position(layout, name, outer) for layout in layouts)
            function = jax.vmap(function, in_axes=axes, out_axes=0, axis_size=self.sizes[name])
        arrays = function(*(operand.array for operand in operands))
        return [Laid(array, (*names, *(None,) * (array.ndim - len(names)))) for array in arrays]


Rule: TypeAlias = Callable[[Instances, JaxprEqn, Sequence[Laid]], list[Laid]]


def _bind(eqn: JaxprEqn, operands: Sequence[Any], shape: Sequence[int] | None = None, **changed: Any) -> list[Any]:
    """The results of an equation, for other operands and with changed parameters.

    ``shape`` is that of the one result, if it is known.
    """
    if shape is not None:
        given = eqn.params | changed if changed else eqn.params
        staged = stage(eqn.primitive, operands, given, cast(ShapedArray, eqn.outvars[0].aval), shape)
        if staged is not None:
            return [staged]
    params = eqn.primitive.get_bind_params(eqn.params) | changed
    for key in ("sharding", "out_sharding"):
        sharding = params.get(key)
        if sharding is not None and AxisType.Explicit not in sharding.mesh.axis_types:
            params[key] = None
    results = eqn.primitive.bind(*operands, **params)
    return list(results) if eqn.primitive.multiple_results else [results]


def _position(layout: Layout, name: AxisName, outer: Sequence[AxisName]) -> int | None:
    """Where a name stands once the vmaps over ``outer`` have taken theirs away."""
    left = [axis for axis in layout if axis is None or axis not in outer]
    return left.index(name) if name in left else None


def _along(layout: Layout, axes: Sequence[int]) -> tuple[int, ...]:
    """Positional axes, as positions in an array of this layout."""
    places = positions(layout)
    return tuple(places[axis] for axis in axes)


def _spread(layout: Layout, entries: Sequence[Any], rest: Sequence[Any]) -> tuple[Any, ...]:
    """A parameter with an entry for each positional axis, for all axes of the layout; names take from ``rest``."""
    own = iter(entries)
    return tuple(next(own) if name is None else other for name, other in zip(layout, rest, strict=True))


def _unary(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    """Elementwise, or with a result that has further or fewer axes at its end."""
    (operand,) = operands
    rank = len(cast(ShapedArray, eqn.outvars[0].aval).shape)
    if rank != operand.rank:
        operand = names_first(operand)
    shape = operand.array.shape if rank == operand.rank else None
    (array,) = _bind(eqn, [operand.array], shape)
    return [Laid(array, operand.layout if rank == operand.rank else (*operand.names, *(None,) * rank))]


def _elementwise(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    arrays, layout = instances.broadcast(operands)
    shape = np.broadcast_shapes(*map(np.shape, arrays))
    return [Laid(array, layout) for array in _bind(eqn, arrays, shape)]


def _same_shapes(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    arrays, layout = instances.fill(operands)
    return [Laid(array, layout) for array in _bind(eqn, arrays, arrays[0].shape)]


def _select(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    which, *cases = operands
    return [instances.select(which, cases)]


def _reduction(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    (operand,) = operands
    axes = _along(operand.layout, eqn.params["axes"])
    shape = [extent for axis, extent in enumerate(operand.array.shape) if axis not in axes]
    return [Laid(array, without(operand.layout, axes)) for array in _bind(eqn, [operand.array], shape, axes=axes)]


def _along_one_axis(parameter: str) -> Rule:
    """Primitives that go along one positional axis, named by this parameter, and keep the shape of the rest."""

    def rule(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
        arrays, layout = instances.fill(operands)
        (axis,) = _along(layout, [eqn.params[parameter]])
        return [Laid(array, layout) for array in _bind(eqn, arrays, None, **{parameter: axis})]

    return rule


def _broadcast_in_dim(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    """Each name goes right before the positional axis that it stands before."""
    operand, *_ = operands
    targets = iter(eqn.params["broadcast_dimensions"])
    layout: list[AxisName | None] = []
    kept, made = [], 0
    for name in operand.layout:
        if name is None:
            target = next(targets)
            layout += [None] * (target - made)
            made = target + 1
        kept.append(len(layout))
        layout.append(name)
    layout += [None] * (len(eqn.params["shape"]) - made)
    rest = [1 if name is None else instances.sizes[name] for name in layout]
    shape = _spread(tuple(layout), eqn.params["shape"], rest)
    return [Laid(broadcast_in_dim(operand.array, shape, kept), tuple(layout))]


def _reshape(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    if eqn.params["dimensions"] is not None:
        return instances.vmapped(eqn, operands)
    operand = names_first(operands[0])
    sizes = (*operand.array.shape[: len(operand.names)], *eqn.params["new_sizes"])
    layout = (*operand.names, *(None,) * len(eqn.params["new_sizes"]))
    return [Laid(lax.reshape(operand.array, sizes), layout)]


def _squeeze(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    (operand,) = operands
    dimensions = _along(operand.layout, eqn.params["dimensions"])
    return [Laid(squeeze(operand.array, dimensions), without(operand.layout, dimensions))]


def _transpose(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    """The names stay where they are."""
    (operand,) = operands
    moved = _along(operand.layout, eqn.params["permutation"])
    permutation = _spread(operand.layout, moved, range(len(operand.layout)))
    return [Laid(transpose(operand.array, permutation), operand.layout)]


def _slice(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    (operand,) = operands
    rank, layout, params = len(operand.layout), operand.layout, eqn.params
    starts = _spread(layout, params["start_indices"], [0] * rank)
    limits = _spread(layout, params["limit_indices"], operand.array.shape)
    strides = params["strides"] and _spread(layout, params["strides"], [1] * rank)
    return [Laid(lax.slice(operand.array, starts, limits, strides), layout)]


def _pad(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    operand, value = operands
    if value.names:
        return instances.vmapped(eqn, operands)
    padding = _spread(operand.layout, eqn.params["padding_config"], [(0, 0, 0)] * len(operand.layout))
    return [Laid(lax.pad(operand.array, value.array, padding), operand.layout)]


def _reverse(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    (operand,) = operands
    return [Laid(lax.rev(operand.array, _along(operand.layout, eqn.params["dimensions"])), operand.layout)]


def _concatenate(instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid]) -> list[Laid]:
    arrays, layout = instances.fill(operands)
    (dimension,) = _along(layout, [eqn.params["dimension"]])
    return [Laid(lax.concatenate(arrays, dimension), layout)]


def _dot_general(
    instances: Instances, eqn: JaxprEqn, operands: Sequence[Laid], summed: Container[AxisName] = ()
) -> list[Laid]:
    (array,), layout = _dot(operands, eqn.params["dimension_numbers"], summed, partial(_bind, eqn, out_sharding=None))
    return [Laid(array, layout)]


def _product(operands: Sequence[Laid], summed: Container[AxisName]) -> Laid:
    """An elementwise product, summed over names of both operands."""
    everywhere = tuple(range(operands[0].rank))

    def multiply(arrays: Sequence[Any], shape: Sequence[int], dimension_numbers: Any) -> Any:
        left, right = arrays
        return lax.dot_general(left, right, dimension_numbers, lax.Precision.HIGHEST)

    return Laid(*_dot(operands, (((), ()), (everywhere, everywhere)), summed, multiply))


def _is_outer_product(operands: Sequence[Laid], summed: Container[AxisName]) -> bool:
    """Whether a product is larger than its operands, and summed over names that both have."""
    left, right = operands
    return (
        left.rank == right.rank
        and any(name in summed for name in left.names if name in right.names)
        and any(name not in right.names for name in left.names)
        and any(name not in left.names for name in right.names)
    )


def _dot(
    operands: Sequence[Laid], dimension_numbers: Any, summed: Container[AxisName], multiply: Callable[..., Any]
) -> tuple[Any, Layout]:
    """Names of both operands are batch axes, or contracted; others are kept as they are: nothing is transposed."""
    left, right = operands
    (left_contracted, right_contracted), (left_batch, right_batch) = dimension_numbers
    shared = [name for name in left.names if name in right.names]
    kept = [name for name in shared if name not in summed]
    gone = [name for name in shared if name in summed]

    def axes(operand: Laid, names: Sequence[AxisName], positional_axes: Sequence[int]) -> tuple[int, ...]:
        return (*map(operand.layout.index, names), *_along(operand.layout, positional_axes))

    contracted = axes(left, gone, left_contracted), axes(right, gone, right_contracted)
    batch = axes(left, kept, left_batch), axes(right, kept, right_batch)
    rest = [without(operand.layout, {*contracted[side], *batch[side]}) for side, operand in enumerate(operands)]
    layout = (*kept, *(None,) * len(left_batch), *rest[0], *rest[1])
    sizes = [left.array.shape[axis] for axis in batch[0]]
    for side, operand in enumerate(operands):
        gone_here = {*contracted[side], *batch[side]}
        sizes += [extent for axis, extent in enumerate(operand.array.shape) if axis not in gone_here]
    return multiply([left.array, right.array], sizes, dimension_numbers=(contracted, batch)), layout


def _kind(primitive: Primitive) -> Any:
    """The function by which JAX batches a primitive and others of its kind."""
    rule = batching.fancy_primitive_batchers.get(primitive)
    return rule.func if isinstance(rule, partial) else None


_KINDS: dict[Any, Rule] = {
    _kind(lax.neg_p): _unary,
    _kind(lax.add_p): _elementwise,
    _kind(lax.reduce_sum_p): _reduction,
}

_RULES: dict[str, Rule] = {
    "convert_element_type": _unary,
    "stop_gradient": _unary,
    "add_any": _same_shapes,
    "select_n": _select,
    "broadcast_in_dim": _broadcast_in_dim,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "transpose": _transpose,
    "slice": _slice,
    "pad": _pad,
    "rev": _reverse,
    "concatenate": _concatenate,
    "dot_general": _dot_general,
    "cumsum": _along_one_axis("axis"),
    "cumprod": _along_one_axis("axis"),
    "cummax": _along_one_axis("axis"),
    "cummin": _along_one_axis("axis"),
    "cumlogsumexp": _along_one_axis("axis"),
    "sort": _along_one_axis("dimension"),
}
