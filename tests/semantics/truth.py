"""What is really batched: the truth that propagation is measured against.

A value has a named axis exactly if it is batched over it under ``jax.vmap(axis_name=...)``. `batched_axes`
nests one vmap for each name around a function and binds a probe to every array it returns; the probe's batching
rule is called at each level and notes the names of the levels at which there is a batch dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import jax
import numpy as np
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import batching

from named_types.algebra import AxisName

PyTree: TypeAlias = Any
AxisNames: TypeAlias = frozenset[AxisName]
Naming: TypeAlias = tuple[AxisNames, ...]
"""The names each array argument carries."""


@dataclass(eq=False)
class _Batched:
    """The axes found for one array; identity makes it a parameter of an equation."""

    axes: set[AxisName] = field(default_factory=set)


probe_p = Primitive("probe")
probe_p.multiple_results = True


@probe_p.def_abstract_eval  # type: ignore[untyped-decorator]
def _abstract_probe(value: ShapedArray, *, found: _Batched) -> list[ShapedArray]:
    return []


def _batch_probe(axis_data: Any, values: Any, dims: Any, *, found: _Batched) -> tuple[list[Any], list[Any]]:
    if dims[0] is not None:
        found.axes.add(axis_data.name)
    probe_p.bind(*values, found=found)
    return [], []


batching.fancy_primitive_batchers[probe_p] = _batch_probe


def batched_axes(
    function: Callable[..., PyTree],
    arguments: Sequence[jax.ShapeDtypeStruct],
    naming: Naming,
    axis_env: Mapping[AxisName, int],
) -> list[AxisNames]:
    """The axes over which each array in the result of ``function`` is batched.

    ``arguments`` are without the named axes; ``naming`` tells which ones each gets.
    """
    results: list[_Batched] = []

    def probed(_: Any, *args: Any) -> None:
        for leaf in jax.tree_util.tree_leaves(function(*args)):
            if isinstance(leaf, (jax.Array, np.ndarray)):
                results.append(_Batched())
                probe_p.bind(leaf, found=results[-1])

    mapped: Callable[..., None] = probed
    for name, size in axis_env.items():
        in_axes = (0, *(0 if name in names else None for names in naming))
        mapped = jax.vmap(mapped, in_axes=in_axes, axis_name=name, axis_size=size)
    everything = jax.ShapeDtypeStruct((), np.dtype("int32"))
    batched = [
        _with_leading(argument, names, axis_env)
        for argument, names in zip([everything, *arguments], [frozenset(axis_env), *naming], strict=True)
    ]
    jax.eval_shape(mapped, *batched)
    return [frozenset(found.axes) for found in results]


def namings(count: int) -> list[Naming]:
    """Ways to give ``count`` arrays one name, then two: one array both, different arrays different ones, shared."""
    one: list[Naming] = [_only(count, {index: "a"}) for index in range(min(count, 3))]
    if count == 0:
        return [()]
    if count == 1:
        return [*one, (frozenset("ab"),)]
    return [
        *one,
        _only(count, {0: "ab"}),
        _only(count, {0: "a", 1: "b"}),
        _only(count, {0: "a", 1: "ab"}),
        (frozenset("ab"),) * count,
    ]


def _only(count: int, names: Mapping[int, str]) -> Naming:
    return tuple(frozenset(names.get(index, "")) for index in range(count))


def _with_leading(
    argument: jax.ShapeDtypeStruct, names: AxisNames, axis_env: Mapping[AxisName, int]
) -> jax.ShapeDtypeStruct:
    """With an axis in front for each name, the outermost vmap's first."""
    sizes = tuple(axis_env[name] for name in reversed(tuple(axis_env)) if name in names)
    return jax.ShapeDtypeStruct((*sizes, *argument.shape), argument.dtype)
