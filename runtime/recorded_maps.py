"""The mapped functions that are traced while a program is looked at, with the scope and the axes they run in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax

from named_types.algebra import AxisName, AxisResources
from named_types.algebra.axis_resources import Resource
from named_types.runtime.axes import LoweredAxis, lower_axis
from named_types.runtime.internals import axis_env
from named_types.runtime.resources import Scope
from named_types.runtime.tracing import LogicalTrace
from named_types.semantics.xmap_axes import argument_label, result_label


@dataclass(frozen=True)
class RecordedMap:
    """One call of a mapped function that no other encloses."""

    traced: LogicalTrace
    resources: AxisResources
    axes: dict[AxisName, LoweredAxis]
    scope: Scope
    argument_labels: tuple[str, ...]
    """``argument 0['weights']``: one for each array."""

    @property
    def result_labels(self) -> tuple[str, ...]:
        """``result['loss']``: one for each array."""
        results = jax.tree_util.tree_unflatten(self.traced.result_tree, range(self.traced.result_tree.num_leaves))
        return tuple(result_label(path) for path, _ in jax.tree_util.tree_leaves_with_path(results))

    @property
    def used(self) -> tuple[Resource, ...]:
        """The axes of the mesh, and the serial loops that axes are on."""
        loops = (resource for axis in self.axes for resource in self.resources.get(axis, ()))
        return tuple(dict.fromkeys([*self.scope.mesh_shape, *loops]))


@dataclass(frozen=True, eq=False)
class _Recorder:
    """Hashed by identity: a value of a context is part of jax.jit's keys, so everything is traced anew."""

    found: list[RecordedMap]


_recorder = jax.make_user_context(default_value=None)


@contextmanager
def recorded_maps() -> Iterator[list[RecordedMap]]:
    """Inside, every mapped function that is called is traced, and added to the list; outside, the list is empty."""
    recorder = _Recorder([])
    try:
        with _recorder(recorder):
            yield recorder.found
    finally:
        recorder.found.clear()


def record(traced: LogicalTrace, resources: AxisResources, scope: Scope, arguments: tuple[Any, ...]) -> None:
    """Add a mapped function to what is being recorded, if anything is."""
    if _recorder.value is None or axis_env():
        return
    axes = {name: lower_axis(name, size, resources.get(name, ()), scope) for name, size in traced.sizes.items()}
    labels = tuple(argument_label(path) for path, _ in jax.tree_util.tree_leaves_with_path(arguments))
    _recorder.value.found.append(RecordedMap(traced, resources, axes, scope, labels))
