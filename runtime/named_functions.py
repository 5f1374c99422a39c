"""Functions of JAX that take axis names wherever they take positions, and what each of them does with a name.

A mapped function sees one instance of an axis. `along` makes a function go along the axis all the same::

    median = along(jnp.median, Does.REDUCES, "a", several=True)

The values of all instances are gathered, as leading positional axes; JAX's function goes along these, and along
the positions that stand among the names; and an axis that is kept is given back, each instance taking the entry of
its index. So a function means the same along a name as along a position, and what it does to types is told by JAX.
Functions that are sums, maxima or minima need no gathering: `by_collectives` marks those that consist of these.

`behaviour_of` tells what a function does with names. The documentation has a table of all of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jax import lax as jax_lax

from named_types.algebra import AxisName
from named_types.runtime.named_axis import as_axes, axis_entries, has_names, is_position
from named_types.runtime.objections import Misfit, explained
from named_types.semantics.jax_names import to_jax

P = ParamSpec("P")
R = TypeVar("R")


class Does(Enum):
    """What becomes of a named axis."""

    REDUCES = "reduces"
    KEEPS = "keeps"
    REMOVES = "removes"
    MAKES = "makes"
    REFUSES = "cannot"


class Way(Enum):
    """How the instances of the axis come together."""

    COLLECTIVE = "collective"
    GATHERS = "gathers"
    APART = "apart"


@dataclass(frozen=True)
class Behaviour:
    """What a function does with axis names."""

    does: Does
    way: Way
    parameters: tuple[str, ...]
    """Its parameters that take axes."""
    remark: str = ""


def behaviour_of(function: Any) -> Behaviour | None:
    """What a function of a face does with axis names; None of one that takes no axes."""
    return _BEHAVIOURS.get(function) if isinstance(function, Hashable) else None


_BEHAVIOURS: dict[Any, Behaviour] = {}


def takes_names(does: Does, way: Way, *parameters: str, remark: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare what a function that is written here does with axis names."""

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        _BEHAVIOURS[function] = Behaviour(does, way, parameters or ("axis",), remark)
        return function

    return declare


def by_collectives(function: Callable[..., R], does: Does) -> Callable[..., R]:
    """A function of JAX that takes names in the tuple ``axis`` itself."""

    def by_name(*args: Any, **kwargs: Any) -> R:
        bound = signature.bind(*args, **kwargs)
        bound.arguments["axis"] = as_axes(bound.arguments["axis"], function.__name__)
        return function(*bound.args, **bound.kwargs)

    signature = inspect.signature(function)
    made = _where_named(function, signature, ("axis",), explained(by_name, function.__name__))
    return takes_names(does, Way.COLLECTIVE)(made)


def along(
    function: Callable[..., R],
    does: Does,
    *arrays: str,
    axes: str = "axis",
    several: bool = False,
    aligned: str = "",
    raised: str = "",
    vectors: str = "",
    remark: str = "",
) -> Callable[..., R]:
    """A function of JAX that goes along names as along positions.

    Gathered are the arguments called ``arrays``; ``aligned``, which broadcast with the first of these; and
    ``vectors``, of which each instance has one entry. ``raised`` get axes of size 1 in the place of the names. The
    parameters ``axes`` take one axis each, or ``several``.
    """
    signature = inspect.signature(function)
    others = (aligned.split(), raised.split(), vectors.split())
    plan = _Plan(function, does, signature, arrays, tuple(axes.split()), several, *others)
    by_name = explained(partial(_go_along, plan), function.__name__)
    made = _where_named(function, signature, plan.axes, by_name)
    way = Way.GATHERS if arrays else Way.APART
    return takes_names(does, way, *plan.axes, remark=remark)(made)


def refusing(function: Callable[..., R], axes: str, reason: str, advice: str | None = None) -> Callable[..., R]:
    """A function of JAX that has no meaning along a name: it says so."""
    signature, parameters = inspect.signature(function), tuple(axes.split())

    def by_name(*args: Any, **kwargs: Any) -> R:
        arguments = signature.bind(*args, **kwargs).arguments
        given = [leaf for name in parameters for leaf in jax.tree_util.tree_leaves(arguments.get(name))]
        if all(map(is_position, given)):
            return function(*args, **kwargs)
        raise Misfit(reason, advice)

    made = _where_named(function, signature, parameters, explained(by_name, function.__name__))
    return takes_names(Does.REFUSES, Way.APART, *parameters, remark=reason)(made)


def gathered(value: Any, names: Sequence[AxisName]) -> Any:
    """``value`` with an axis of all its instances for each name, in front of its own."""
    for name in reversed(names):
        value = jax_lax.all_gather(value, to_jax(name))
    return value


def given_back(value: Array, names: Sequence[AxisName]) -> Array:
    """``value`` with its leading axes as named ones: each instance has the entry of its index."""
    for name in names:
        size = jax_lax.axis_size(to_jax(name))
        if value.ndim == 0 or value.shape[0] != size:
            entries = f"{value.shape[0]} entries" if value.ndim else "one value"
            raise Misfit(f"it gives {entries} for the {size} instances of axis {name!r}")
        index = jax_lax.axis_index(to_jax(name))
        value = jax_lax.dynamic_index_in_dim(value, index, keepdims=False, allow_negative_indices=False)
    return value


def names_of_axes(arguments: Mapping[str, Any], parameters: Sequence[str], operation: str) -> list[AxisName]:
    """The names among axis arguments, in their order."""
    given = [arguments[name] for name in parameters if arguments.get(name) is not None]
    entries = [entry for axis in given for entry in axis_entries(axis, operation)]
    names = [entry for entry in entries if not is_position(entry)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Misfit(f"axis {twice!r} stands there twice")
    return names


def position_among(entry: Any, names: Sequence[AxisName], rank: int | None) -> int:
    """A name or position as a position where the axes of ``names`` stand in front of ``rank`` others."""
    if not is_position(entry):
        return names.index(entry)
    position = int(entry)
    if rank is not None and not -rank <= position < rank:
        raise ValueError(f"axis {position} is out of bounds for array of dimension {rank}")
    return position + len(names) if position >= 0 else position


@dataclass(frozen=True)
class _Plan:
    """How a function goes along names (`along`)."""

    function: Callable[..., Any]
    does: Does
    signature: inspect.Signature
    arrays: Sequence[str]
    axes: tuple[str, ...]
    several: bool
    aligned: Sequence[str]
    raised: Sequence[str]
    vectors: Sequence[str]


def _where_named(
    function: Callable[..., R], signature: inspect.Signature, axes: Sequence[str], by_name: Callable[..., R]
) -> Callable[..., R]:
    """``function`` itself, as long as its axes are missing or positions; else ``by_name``."""
    order = list(signature.parameters)
    places = [(name, order.index(name)) for name in axes]

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> R:
        for name, place in places:
            axis = kwargs[name] if name in kwargs else args[place] if place < len(args) else None
            if axis is not None and type(axis) is not int and has_names(axis):
                return by_name(*args, **kwargs)
        return function(*args, **kwargs)

    return call


def _go_along(plan: _Plan, *args: Any, **kwargs: Any) -> Any:
    bound = plan.signature.bind(*args, **kwargs)
    arguments = bound.arguments
    names = names_of_axes(arguments, plan.axes, plan.function.__name__)
    leaves = jax.tree_util.tree_leaves([arguments[name] for name in plan.arrays[:1]])
    rank = jnp.ndim(leaves[0]) if leaves else None
    for name in plan.axes:
        if arguments.get(name) is not None:
            arguments[name] = _positions(plan, name, arguments[name], names, rank)
    for name in (*plan.arrays, *plan.aligned, *plan.raised, *plan.vectors):
        if arguments.get(name) is not None:
            change = partial(_with_axes, plan, name, names, rank or 0)
            arguments[name] = jax.tree_util.tree_map(change, arguments[name])
    result = plan.function(*bound.args, **bound.kwargs)
    if plan.does in (Does.KEEPS, Does.MAKES):
        return jax.tree_util.tree_map(lambda leaf: given_back(leaf, names), result)
    if plan.does is Does.REDUCES and arguments.get("keepdims") and rank is not None:
        return jax.tree_util.tree_map(lambda leaf: _without_ones(leaf, len(names), leaf.ndim - rank), result)
    return result


def _positions(plan: _Plan, parameter: str, axis: Any, names: Sequence[AxisName], rank: int | None) -> Any:
    """An axis argument as JAX takes it."""
    entries = axis_entries(axis, plan.function.__name__)
    positions = tuple(position_among(entry, names, rank) for entry in entries)
    is_bare = len(entries) == 1 and entries[0] is axis
    if plan.several and not (is_bare and parameter == "axis"):
        return positions
    if len(positions) != 1:
        raise Misfit(f"it goes along one axis, not along {len(positions)}")
    return positions[0]


def _with_axes(plan: _Plan, parameter: str, names: Sequence[AxisName], rank: int, value: Any) -> Any:
    array = jnp.asarray(value)
    if parameter in plan.raised:
        return jnp.expand_dims(array, range(len(names)))
    if parameter in plan.vectors and array.ndim:
        return array
    if parameter in plan.aligned:
        array = array.reshape((*(1,) * (rank - array.ndim), *array.shape))
    return gathered(array, names)


def _without_ones(value: Array, count: int, end: int) -> Array:
    return jax_lax.squeeze(value, range(end - count, end))
