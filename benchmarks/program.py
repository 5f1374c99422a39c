"""A program over named axes, and the same program written by hand: by position for `jax.jit`, and for `shard_map`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from benchmarks.measure import Target
from named_types.runtime import mesh, xmap

STEP = Target(1.02, 1.05)
MEMORY = Target(1.02)

Function: TypeAlias = Callable[..., Any]
Axes: TypeAlias = list[Any]
Fresh: TypeAlias = Callable[[], jax.stages.Wrapped]
"""Makes a compiled function that was never traced."""


@dataclass(frozen=True)
class Assignment:
    """What the named axes are mapped to, and the mesh that takes; no mesh for one device."""

    resources: Mapping[str, Any] = field(default_factory=dict)
    mesh_shape: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{{{', '.join(f'{name}: {resource}' for name, resource in self.resources.items())}}}"

    @contextmanager
    def scope(self) -> Iterator[Mesh | None]:
        """The mesh, in scope."""
        if not self.mesh_shape:
            yield None
            return
        devices = np.array(jax.devices()[: prod(self.mesh_shape.values())])
        with mesh(devices.reshape(tuple(self.mesh_shape.values())), tuple(self.mesh_shape)) as in_scope:
            yield in_scope


@dataclass(frozen=True)
class Program:
    """A program in all its forms, and what to measure it with."""

    named: Function
    in_axes: tuple[Axes, ...]
    out_axes: Any
    by_position: Mapping[str, Function]
    operands: Mapping[str, Callable[[], tuple[Array, ...]]]
    """By the name of their sizes; "tiny" are those at which arithmetic costs nothing."""
    assignments: tuple[Assignment, ...]
    part: Callable[[Mapping[str, Any]], Function] | None = None
    """What one device of a mesh computes, by hand, with the axes spread over these mesh axes."""
    weights: tuple[int, ...] = ()
    """The arguments by which to differentiate; none for a program that is not to be differentiated."""
    step_target: Target = STEP
    memory_target: Target = MEMORY

    def ours(self, assignment: Assignment) -> Fresh:
        """The program under xmap."""
        return lambda: xmap(
            partial(self.named),
            in_axes=self.in_axes,
            out_axes=self.out_axes,
            axis_resources=assignment.resources,
        )

    def by_hand(self, assignment: Assignment, devices: Mesh | None) -> dict[str, Fresh]:
        """The program written in each of the other ways."""
        if devices is None or self.part is None:
            return {name: _jitted(function) for name, function in self.by_position.items()}
        in_specs, out_specs = (_specifications(axes, assignment) for axes in (self.in_axes, self.out_axes))
        shardings = {
            "in_shardings": _shardings(in_specs, devices),
            "out_shardings": _shardings(out_specs, devices),
        }
        part = self.part(assignment.resources)
        name, positional = next(iter(self.by_position.items()))
        return {
            f"{name}, sharded": _jitted(positional, **shardings),
            "shard_map": lambda: jax.jit(
                jax.shard_map(partial(part), mesh=devices, in_specs=in_specs, out_specs=out_specs)
            ),
        }

    def gradient(self, fresh: Fresh) -> Fresh:
        """The compiled gradient by the weights; that of the mean square of results that are arrays."""

        def objective(function: Function, arguments: tuple[Array, ...]) -> Array:
            result = function(*arguments)
            scalar: Array = jnp.mean(jnp.square(result)) if result.ndim else result
            return scalar

        def gradient() -> jax.stages.Wrapped:
            function = fresh()
            return jax.jit(jax.grad(lambda *arguments: objective(function, arguments), self.weights))

        return gradient

    def placed(self, size: str, assignment: Assignment, devices: Mesh | None) -> tuple[Array, ...]:
        """Operands of these sizes, where the assignment wants them."""
        operands = self.operands[size]()
        if devices is None:
            return operands
        placed: tuple[Array, ...] = jax.device_put(
            operands, _shardings(_specifications(self.in_axes, assignment), devices)
        )
        return placed


def _jitted(function: Function, **options: Any) -> Fresh:
    return lambda: jax.jit(partial(function), **options)


def _specifications(axes: Any, assignment: Assignment) -> Any:
    def specification(names: Axes) -> P:
        return P(*(assignment.resources.get(name) for name in names if name is not ...))

    return jax.tree_util.tree_map(specification, axes, is_leaf=lambda entry: isinstance(entry, list))


def _shardings(specifications: Any, devices: Mesh) -> Any:
    return jax.tree_util.tree_map(
        lambda specification: NamedSharding(devices, specification),
        specifications,
        is_leaf=lambda entry: isinstance(entry, P),
    )
