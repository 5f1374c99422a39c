"""What the runtime needs of JAX and JAX offers no public way to get: all of it, and nothing else.

Checked against JAX 0.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import jax
from jax._src import api_util, config, core, dtypes, linear_util, source_info_util
from jax._src import mesh as mesh_lib
from jax._src.interpreters.ad import JVPTracer, LinearizeTracer
from jax._src.interpreters.batching import BatchTracer
from jax._src.interpreters.partial_eval import DynamicJaxprTrace, DynamicJaxprTracer, trace_to_jaxpr_dynamic
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, JaxprEqn, Primitive
from jax.sharding import AbstractMesh, Mesh, NamedSharding, PartitionSpec

from named_types.semantics.jax_names import from_jax, is_position, to_jax


def axis_env() -> dict[Any, int]:
    """The axis names that are bound here, with their sizes; none that JAX takes for a position."""
    sizes = core.get_axis_env().axis_sizes
    return {from_jax(name): size for name, size in sizes.items() if not is_position(name)}


def trace_to_jaxpr(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    axis_env: Mapping[Any, int],
    info: core.DebugInfo | None = None,
) -> tuple[ClosedJaxpr, Any]:
    """The jaxpr of a function of abstract arrays, traced with further axis names, and the pytree of its results.

    As `jax.make_jaxpr`, without a cache. ``info`` is what JAX's errors tell of the function. The types in it do not
    tell over which mesh axes of an enclosing shard_map a value differs.
    """
    leaves, tree = jax.tree_util.tree_flatten(tuple(arguments))
    result_trees: list[Any] = []

    def flat(*operands: Any) -> list[Any]:
        results, result_tree = jax.tree_util.tree_flatten(function(*jax.tree_util.tree_unflatten(tree, operands)))
        result_trees.append(result_tree)
        return results

    info = info or api_util.debug_info("xmap", function, arguments, {})
    wrapped = linear_util.wrap_init(flat, debug_info=info)
    further_names = core.extend_axis_env_nd([(to_jax(axis), size) for axis, size in axis_env.items()])
    with further_names, config._check_vma(False):
        jaxpr, _, consts = trace_to_jaxpr_dynamic(wrapped, [core.shaped_abstractify(leaf) for leaf in leaves])
    return ClosedJaxpr(jaxpr, consts), result_trees[0]


def info_of_trace(traced_for: str) -> core.DebugInfo | None:
    """What JAX's errors tell of the function that is being traced here, and its arguments; None if there is none."""
    trace = core.trace_ctx.trace
    info = trace.frame.debug_info if type(trace) is DynamicJaxprTrace else None
    return info and info._replace(traced_for=traced_for)


def context_meshes() -> tuple[Mesh, Mesh]:
    """The meshes set by ``with Mesh(...)`` and by ``jax.set_mesh``; empty ones where there is none."""
    return mesh_lib.thread_resources.env.physical_mesh, mesh_lib.get_concrete_mesh()


def types_tell_devices() -> bool:
    """Whether this is the body of a shard_map whose types tell over which mesh axes a value differs."""
    return bool(config._check_vma.value)


def differing_alike(values: Sequence[Any]) -> Sequence[Any]:
    """Values as ones that differ over the same mesh axes."""
    alike: Sequence[Any] = core.auto_insert_reshard(*values)
    return alike


def differing_as(value: Any, other: Any) -> Any:
    """A value as one that differs at least over the mesh axes over which another does, where types tell these."""
    if not types_tell_devices():
        return value
    missing = jax.typeof(other).mat.varying - jax.typeof(value).mat.varying
    return core.pvary(value, tuple(missing)) if missing else value


def traced_value(value: Any) -> Any:
    """The value under the tracers of grad, jvp and vmap that are active here."""
    while isinstance(value, (JVPTracer, LinearizeTracer, BatchTracer)):
        value = value.val if isinstance(value, BatchTracer) else value.primal
    return value


@dataclass(frozen=True)
class Origin:
    """A variable of a jaxpr that is being traced, and the equation that defines it, None for an argument."""

    trace: Any
    variable: Any
    equation: Any
    operands: Sequence[Any]


def origin_of(value: Any) -> Origin | None:
    """Where a tracer comes from; None for a literal and for a value that is not being staged into a jaxpr."""
    if not isinstance(value, DynamicJaxprTracer) or isinstance(value.val, core.Literal):
        return None
    equation = value.parent
    return Origin(value._trace, value.val, equation, () if equation is None else equation.in_tracers)


def mesh_of(eqn: JaxprEqn) -> AbstractMesh:
    """The mesh that was in scope where an equation was traced."""
    return eqn.ctx.cur_abstract_mesh


def settings_of(eqn: JaxprEqn) -> AbstractContextManager[object]:
    """JAX's settings as they were where an equation was traced; the mesh stays as it is.

    They are those that an equation keeps: `compute_on`, XLA's metadata, ``jax_threefry_partitionable``.
    """
    there, here = eqn.ctx, core.current_jaxpr_eqn_context()
    if there is here or all(getattr(there, setting) == getattr(here, setting) for setting in _SETTINGS):
        return _UNCHANGED
    return _changed(there.manager)


_SETTINGS = ("compute_type", "threefry_partitionable", "xla_metadata")
_UNCHANGED = nullcontext()


@contextmanager
def _changed(settings: AbstractContextManager[object]) -> Iterator[None]:
    mesh = mesh_lib.get_abstract_mesh()
    with settings, mesh_lib.use_abstract_mesh(mesh):
        yield


def stage(
    primitive: Primitive, operands: Sequence[Any], params: Mapping[str, Any], like: ShapedArray, shape: Sequence[int]
) -> Any | None:
    """The result of an equation, added to the jaxpr that is being traced; it is of this shape, and else like ``like``.

    It is what ``primitive.bind`` does once it has found out the type of the result. None where that is not known so
    easily: nothing is being staged, or a mesh is in scope whose axes are not all for a shard_map around.
    """
    trace, mesh = core.trace_ctx.trace, mesh_lib.get_abstract_mesh()
    if type(trace) is not DynamicJaxprTrace or not (
        mesh.empty or (mesh.are_all_axes_manual and not types_tell_devices())
    ):
        return None
    source_info = source_info_util.current()
    tracers: list[Any] = [
        operand
        if type(operand) is DynamicJaxprTracer and operand._trace is trace
        else trace.to_jaxpr_tracer(dtypes.canonicalize_value(operand), source_info)
        for operand in operands
    ]
    if any(tracer.aval.sharding.mesh != mesh for tracer in tracers):
        return None
    type_of_result = _of_shape(like, tuple(shape), mesh)
    return trace.emit_eqn(tracers, [type_of_result], primitive, params, core.no_effects, source_info)[0]


@lru_cache(maxsize=4096)
def _of_shape(aval: ShapedArray, shape: tuple[int, ...], mesh: AbstractMesh) -> ShapedArray:
    sharding = None if mesh.empty else NamedSharding(mesh, PartitionSpec(*[None] * len(shape)))
    return cast(ShapedArray, aval.update(shape=shape, sharding=sharding))
