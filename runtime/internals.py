"""What the runtime needs of JAX and JAX offers no public way to get: all of it, and nothing else.

Checked against JAX 0.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jax._src import core
from jax._src import mesh as mesh_lib
from jax._src.interpreters.ad import JVPTracer, LinearizeTracer
from jax._src.interpreters.batching import BatchTracer
from jax._src.interpreters.partial_eval import DynamicJaxprTracer
from jax.sharding import Mesh

from named_types.semantics.jax_names import from_jax, is_position


def axis_env() -> dict[Any, int]:
    """The axis names that are bound here, with their sizes; none that JAX takes for a position."""
    sizes = core.get_axis_env().axis_sizes
    return {from_jax(name): size for name, size in sizes.items() if not is_position(name)}


def context_meshes() -> tuple[Mesh, Mesh]:
    """The meshes set by ``with Mesh(...)`` and by ``jax.set_mesh``; empty ones where there is none."""
    return mesh_lib.thread_resources.env.physical_mesh, mesh_lib.get_concrete_mesh()


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
