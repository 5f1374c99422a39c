"""xmap: functions over named axes as functions over positional ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Any

import jax

from named_types.algebra import NamedShape
from named_types.problems import InvalidAxisMapping, Problem
from named_types.runtime import lowering
from named_types.runtime.internals import axis_env
from named_types.runtime.places import place_of_caller, reject
from named_types.runtime.recorded_maps import record
from named_types.runtime.resources import Scope, current_scope, taking
from named_types.runtime.tracing import trace
from named_types.semantics.donation import read_donated
from named_types.semantics.mapping import unmapped_keywords
from named_types.semantics.xmap_axes import XmapAxes, read_xmap_axes


def xmap(
    fun: Callable[..., Any],
    in_axes: Any,
    out_axes: Any,
    *,
    axis_sizes: Mapping[Any, int] | None = None,
    axis_resources: Mapping[Any, Any] | None = None,
    donate_argnums: int | Sequence[int] = (),
) -> jax.stages.Wrapped:
    """Map ``fun``, a function over named axes, to a function over positional axes.

    ``in_axes`` and ``out_axes`` are pytree prefixes of the arguments and of the results. Their leaves are axis
    mappings: ``{0: 'x', 2: 'y'}``, ``['x', 'y', ...]``, or ``['x', None]``, which also asserts the rank. What
    ``in_axes`` maps becomes a named axis inside ``fun``; every named axis of a result must be mapped back by
    ``out_axes``. A result that lacks an axis of its mapping is broadcast::

        matmul = xmap(jnp.vdot, in_axes=({0: "left"}, {1: "right"}), out_axes=["left", "right", ...])

    ``axis_sizes`` gives sizes of axes, and introduces those that ``in_axes`` does not mention.
    ``axis_resources`` maps axis names to mesh axes, serial loops, or tuples of them. It changes where and when the
    computation runs, and never its results. A mesh, and a loop with a name, must be in scope when the result is
    called; ``SerialLoop(n)`` is a loop of its own. A nested `xmap` can be spread over the resources that the enclosing
    ones are not spread over.

    Arguments at ``donate_argnums`` are given away: their memory may be used for results, as with ``jax.jit``.

    The result is a ``jax.jit`` function. Whatever is wrong raises `NamedAxisError`: with the axis mappings
    here, with the function when it is first called with arguments of new types.
    """
    if not callable(fun):
        raise TypeError(f"xmap maps a function, not {fun!r}")
    axes, problems = read_xmap_axes(in_axes, out_axes, axis_sizes, axis_resources)
    if problems:
        reject(problems[0], place_of_caller())
    donated = () if donate_argnums == () else read_donated(donate_argnums, axes, _count_of_arguments(fun))
    if isinstance(donated, Problem):
        reject(donated, place_of_caller())
    map_function = _mapped if _is_hashable(fun) else _mapped.__wrapped__
    return map_function(fun, _Key(axes), donated)


@dataclass(frozen=True)
class _Key:
    """Axes with the hash that their pytrees lack: the same `xmap` again gives the same function."""

    axes: XmapAxes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[Hashable, ...]:
        trees = (self.axes.in_axes, self.axes.out_axes)
        flat = tuple((tuple(leaves), tree) for leaves, tree in map(jax.tree_util.tree_flatten, trees))
        return (flat, self.axes.axis_sizes, self.axes.axis_resources)


def _reject_split_mesh(scope: Scope, axes: XmapAxes) -> None:
    split = jax.sharding.get_abstract_mesh().manual_axes
    if split and not scope.mesh_shape.keys().isdisjoint(axes.axis_resources.resources_of(axes.axis_resources)):
        reason = f"an enclosing shard_map splits mesh axis {split[0]!r}: here no axis can be mapped to the mesh"
        reject(InvalidAxisMapping("axis_resources", reason), place_of_caller())


def _count_of_arguments(function: Callable[..., Any]) -> int | None:
    """How many arguments a function takes by position; None if that is not known."""
    try:
        kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return None
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return None
    return sum(kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds)


def _is_hashable(function: Callable[..., Any]) -> bool:
    """Whether a callable can be remembered: a dataclass with arrays in it cannot."""
    try:
        hash(function)
    except TypeError:
        return False
    return True


@lru_cache(maxsize=2048)
def _mapped(function: Callable[..., Any], key: _Key, donated: tuple[int, ...]) -> jax.stages.Wrapped:
    axes = key.axes

    @partial(jax.jit, donate_argnums=donated)
    @wraps(function)
    def mapped(*arguments: Any, **keywords: Any) -> Any:
        if keywords:
            reject(unmapped_keywords(keywords), place_of_caller())
        scope = current_scope() if axes.axis_resources else Scope()
        _reject_split_mesh(scope, axes)
        with taking(axes.axis_resources.resources_of(axes.axis_resources)):
            traced = trace(function, axes, arguments, NamedShape(axis_env()), scope)
        record(traced, axes.axis_resources, scope, arguments)
        results = lowering.run(traced, axes.axis_resources, scope, jax.tree_util.tree_leaves(arguments))
        return jax.tree_util.tree_unflatten(traced.result_tree, results)

    return mapped
