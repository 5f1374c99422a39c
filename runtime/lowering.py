"""From a logical trace to a function of arrays: run by the interpreter, in serial loops, in a shard_map over the mesh.

The shard_map is over all axes of the mesh but those that enclosing and nested ones are for, and those with the name of
an axis around. Only what is needed is made: without mesh resources there is no shard_map, and an axis of one instance
per device and step is no axis of any array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any

import jax
from jax.sharding import PartitionSpec

from named_types.algebra import AxisMapping, AxisName, AxisResources
from named_types.algebra.axis_resources import Resource
from named_types.runtime.axes import LoweredAxis, in_order, lower_axis
from named_types.runtime.explicit_axes import ExplicitTypes, run_automatically
from named_types.runtime.internals import axis_env
from named_types.runtime.interpreter import Interpreter
from named_types.runtime.layouts import Laid, Layout, without
from named_types.runtime.resources import Scope
from named_types.runtime.serial_loops import Loop, run_in_steps
from named_types.runtime.sharding_constraints import has_constraints
from named_types.runtime.staging import expand_dims, squeeze
from named_types.runtime.tracing import LogicalTrace
from named_types.runtime.variables import mesh_axes_inside


def run(traced: LogicalTrace, resources: AxisResources, scope: Scope, operands: Sequence[Any]) -> list[Any]:
    """The results of a mapped function for ``operands``, whole arrays."""
    in_layouts = [_layout(mapping, value.ndim) for mapping, value in zip(traced.in_mappings, operands, strict=True)]
    out_layouts = [
        _layout(mapping, aval.ndim + len(mapping.positions))
        for mapping, aval in zip(traced.out_mappings, traced.jaxpr.out_avals, strict=True)
    ]
    axes = {
        name: lower_axis(name, traced.sizes[name], resources.get(name, ()), scope)
        for name in _order(traced.sizes, [*out_layouts, *in_layouts])
    }
    everything = [*traced.jaxpr.consts, *operands]
    function = _over_mesh(traced, axes, scope, in_layouts, out_layouts)
    if traced.explicit is None:
        return function(*everything)
    one_instance = zip(out_layouts, traced.explicit.specifications, strict=True)
    specifications = [_specification(layout, axes, own) for layout, own in one_instance]
    return run_automatically(function, everything, ExplicitTypes(traced.explicit.mesh, specifications))


def _over_mesh(
    traced: LogicalTrace,
    axes: Mapping[AxisName, LoweredAxis],
    scope: Scope,
    in_layouts: Sequence[Layout],
    out_layouts: Sequence[Layout],
) -> Callable[..., list[Any]]:
    """The function of constants and operands, whole arrays."""
    mesh, num_consts = scope.mesh, len(traced.jaxpr.consts)
    body = _looped(traced, axes, [*[()] * num_consts, *in_layouts], out_layouts)
    if mesh is None or not any(axis.mesh_axes for axis in axes.values()):
        return body
    bound = scope.taken | axis_env().keys()
    free = set(mesh.axis_names) - bound - mesh_axes_inside(traced.jaxpr.jaxpr)
    used = {mesh_axis for axis in axes.values() for mesh_axis in axis.mesh_axes}
    spread: Callable[..., list[Any]] = jax.shard_map(
        body,
        mesh=mesh,
        in_specs=(*[PartitionSpec()] * num_consts, *(_specification(layout, axes) for layout in in_layouts)),
        out_specs=[_specification(layout, axes) for layout in out_layouts],
        axis_names=used if has_constraints(traced.jaxpr.jaxpr.eqns) else free,
        check_vma=False,
    )
    return spread


def _layout(mapping: AxisMapping, rank: int) -> Layout:
    axes = mapping.axes(rank) or {}
    return tuple(axes.get(position) for position in range(rank))


def _specification(
    layout: Layout, axes: Mapping[AxisName, LoweredAxis], positional: Iterable[Any] = ()
) -> PartitionSpec:
    """Named axes are spread over their mesh axes, the positional ones as one instance's over those that are left."""
    named = {mesh_axis for name in layout if name is not None for mesh_axis in axes[name].mesh_axes}
    own = chain(map(partial(_left, named), positional), repeat(None))
    return PartitionSpec(*(next(own) if name is None else axes[name].mesh_axes or None for name in layout))


def _left(used: set[str], entry: Any) -> tuple[str, ...] | None:
    """An entry of a specification without the mesh axes that are used."""
    mesh_axes = entry if isinstance(entry, tuple) else (entry,)
    return tuple(axis for axis in mesh_axes if axis is not None and axis not in used) or None


def _looped(
    traced: LogicalTrace,
    axes: Mapping[AxisName, LoweredAxis],
    in_layouts: Sequence[Layout],
    out_layouts: Sequence[Layout],
) -> Callable[..., list[Any]]:
    """What each device runs on the parts it holds. Layouts of operands are those of constants, then of inputs."""

    def cut(layouts: Sequence[Layout], loop: Loop) -> list[int | None]:
        return [
            next((i for i, name in enumerate(layout) if name is not None and loop in axes[name].loops), None)
            for layout in layouts
        ]

    def nest(loops: Sequence[Loop], steps: Mapping[Resource, Any]) -> Callable[..., list[Any]]:
        if not loops:
            return _on_device(traced, Interpreter(axes, steps), in_layouts, out_layouts)
        loop, *inner = loops
        return run_in_steps(
            lambda step, *operands: nest(inner, {**steps, loop.resource: step})(*operands),
            loop,
            cut(in_layouts, loop),
            cut(out_layouts, loop),
        )

    return nest(in_order(loop for axis in axes.values() for loop in axis.loops), {})


def _on_device(
    traced: LogicalTrace, interpreter: Interpreter, layouts: Sequence[Layout], out_layouts: Sequence[Layout]
) -> Callable[..., list[Any]]:
    """What runs in each step on each device, on arrays with an axis for every name."""
    axes, num_consts = interpreter.axes, len(traced.jaxpr.consts)
    later = [frozenset(mapping.names) for mapping in traced.out_mappings]

    def single(layout: Layout) -> list[int]:
        return [position for position, name in enumerate(layout) if name is not None and not axes[name].is_local]

    def body(*operands: Any) -> list[Any]:
        inputs = [
            Laid(squeeze(operand, single(layout)), without(layout, single(layout)))
            for operand, layout in zip(operands[num_consts:], layouts[num_consts:], strict=True)
        ]
        results = interpreter.run(traced.jaxpr, inputs, traced.names, operands[:num_consts], later)
        return [
            expand_dims(interpreter.instances.fit(result, without(layout, single(layout))).array, single(layout))
            for result, layout in zip(results, out_layouts, strict=True)
        ]

    return body


def _order(names: Iterable[AxisName], layouts: Iterable[Layout]) -> list[AxisName]:
    """All names; as far as possible each before those that follow it in a layout, earlier layouts first."""
    order: list[AxisName] = []
    for layout in [*layouts, tuple(names)]:
        for position, name in enumerate(layout):
            if name is not None and name not in order:
                following = next((later for later in layout[position + 1 :] if later in order), None)
                order.insert(len(order) if following is None else order.index(following), name)
    return order
