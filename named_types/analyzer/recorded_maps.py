"""Functions mapped over named axes, while JAX traces what calls them.

What the call gives is told by the typing of xmap. How it comes from the arguments is told to JAX, for which an axis
of its own mapping stands in the place of each name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import libcst as cst

from named_types.algebra import AxisMapping, AxisName
from named_types.analyzer.context import Context
from named_types.analyzer.functions import callback
from named_types.analyzer.less_known import lost
from named_types.analyzer.operations import to_plain
from named_types.analyzer.values import AbstractArray, Args, Value
from named_types.semantics import ongoing
from named_types.semantics.avals import size_of
from named_types.semantics.function_calls import evaluate_with_functions
from named_types.semantics.jax_names import to_jax
from named_types.semantics.mapping import Entered, match_results
from named_types.semantics.pytrees import tree_flatten, tree_leaves
from named_types.semantics.xmap_axes import XmapAxes

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def recorded_map(
    interp: Interpreter,
    function: Value,
    axes: XmapAxes,
    entered: Entered,
    args: Args,
    node: cst.CSTNode,
    inside: Context,
    value: Value,
) -> Value:
    """``value``, which the call has by its types, as what JAX makes of it if that is to be recorded."""
    going_on = ongoing.recording()
    assert going_on is not None
    try:
        body = _Body(interp, function, axes, entered, node)
    except _UnknownMappingError:
        return lost(value)
    with interp.within(replace(inside, is_trial=True)), going_on.without_names():
        outcome = evaluate_with_functions("named_types.runtime.xmap", body.run, [(list(map(to_plain, args)), {})])
    leaves, structure = tree_flatten(value)
    traced = tree_leaves(outcome.value)
    if len(traced) != len(leaves):
        return lost(value)
    return structure.unflatten(map(_as_recorded, leaves, traced))


class _Body:
    """The mapped function, as one of tracers."""

    def __init__(
        self, interp: Interpreter, function: Value, axes: XmapAxes, entered: Entered, node: cst.CSTNode
    ) -> None:
        self._function = callback(interp, function, node)
        self._axes = axes
        self._mappings = [_known(one) for one in tree_leaves(entered.mappings)]
        names = dict.fromkeys([*axes.axis_sizes, *(name for one in self._mappings for name in one.names)])
        self._sizes: dict[AxisName, Any] = {name: size_of(entered.axis_env[name]) for name in names}
        self._results: Any = None

    def run(self, call: Any) -> Any:
        """What the mapped function gives, for JAX's own arrays."""
        leaves, structure = tree_flatten(call[0])
        names = [mapping.axes(leaf.ndim) or {} for mapping, leaf in zip(self._mappings, leaves, strict=True)]

        def instance(*leaves: Any) -> list[Any]:
            given = structure.unflatten(leaves)
            results, self._results = tree_flatten(self._function(*given))
            return [jnp.asarray(result) for result in results]

        mapped = instance
        for name in reversed(self._sizes):
            in_axes = tuple(0 if name in held.values() else None for held in names)
            size, axis = self._sizes[name], to_jax(name)
            mapped = jax.vmap(mapped, in_axes=in_axes, axis_name=axis, axis_size=size)
        leading = [self._to_front(leaf, held) for leaf, held in zip(leaves, names, strict=True)]
        results = mapped(*leading)
        tree = self._results.unflatten(results)
        mappings = tree_leaves(match_results(self._axes, tree))
        left = [self._outside(result, _known(one)) for result, one in zip(results, mappings, strict=True)]
        return self._results.unflatten(left)

    def _to_front(self, leaf: Any, held: Mapping[int, AxisName]) -> Any:
        """The mapped axes in the order of the names."""
        positions = {name: position for position, name in held.items()}
        sources = [positions[name] for name in self._sizes if name in positions]
        return jnp.moveaxis(leaf, sources, range(len(sources)))

    def _outside(self, result: Any, mapping: AxisMapping) -> Any:
        """A result with an axis for every name in front: with those alone that the mapping has, where it has them."""
        kept: Sequence[AxisName] = [name for name in self._sizes if name in mapping.names]
        one = result[tuple(slice(None) if name in kept else 0 for name in self._sizes)]
        places = {name: position for position, name in (mapping.axes(one.ndim) or {}).items()}
        return jnp.moveaxis(one, range(len(kept)), [places[name] for name in kept])


class _UnknownMappingError(Exception):
    """Which axes are mapped is not known."""


def _known(mapping: Any) -> AxisMapping:
    if not isinstance(mapping, AxisMapping):
        raise _UnknownMappingError
    return mapping


def _as_recorded(value: Any, traced: Any) -> Any:
    if not isinstance(value, AbstractArray):
        return value
    if not isinstance(traced, AbstractArray) or value.with_named_shape(None) != traced.with_named_shape(None):
        return lost(value)
    return replace(value, recorded=traced.recorded)
