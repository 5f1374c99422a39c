"""Running the jaxpr of a mapped function, one equation at a time, with its named axes lowered.

The interpreter runs under one vmap for each local axis and, where a mesh is used, inside a shard_map. An
equation that mentions no named axis means the same there and is bound unchanged, with all that it holds.
Collectives go to `collectives`, equations that hold jaxprs with collectives to `higher_order`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
from jax import lax
from jax.extend import source_info_util
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.runtime.axes import LoweredAxis, mesh_axes
from named_types.runtime.collectives import COLLECTIVES
from named_types.runtime.higher_order import HIGHER_ORDER
from named_types.runtime.places import refuse
from named_types.runtime.shared_sum import shared_sum
from named_types.runtime.variables import ANY_NAME, mentioned_in, names_met_later, names_of, names_of_variables
from named_types.semantics.propagation import Names


@dataclass(frozen=True)
class Interpreter:
    """Runs jaxprs whose named axes are lowered as ``axes`` says."""

    axes: Mapping[AxisName, LoweredAxis]
    steps: Mapping[Resource, Any] = field(default_factory=dict)
    """Where each serial loop is."""
    later: frozenset[AxisName] | None = None
    """While a rule runs: the names of all values that its results will meet; None where they are not known."""

    def run(
        self,
        jaxpr: ClosedJaxpr | Jaxpr,
        operands: Sequence[Any],
        names: Sequence[Names],
        consts: Sequence[Any] | None = None,
        later: Sequence[frozenset[AxisName]] | None = None,
    ) -> list[Any]:
        """The results of a jaxpr for operands with these names. Its constants have no names.

        ``later`` tells for each result the names of all values that it will meet.
        """
        opened = jaxpr.jaxpr if isinstance(jaxpr, ClosedJaxpr) else jaxpr
        if consts is None:
            consts = jaxpr.consts if isinstance(jaxpr, ClosedJaxpr) else ()
        env: dict[Any, Any] = dict(zip(opened.invars, operands, strict=True))
        env.update(zip(opened.constvars, consts, strict=True))
        all_names = names_of_variables(opened, names)
        met = None if later is None else names_met_later(opened, all_names, later)

        def value_of(atom: Any) -> Any:
            return atom.val if isinstance(atom, Literal) else env[atom]

        for eqn in opened.eqns:
            reached = None if met is None else frozenset().union(*(met.get(var, frozenset()) for var in eqn.outvars))
            operand_names = [names_of(atom, all_names) for atom in eqn.invars]
            results = self._run_equation(eqn, [value_of(atom) for atom in eqn.invars], operand_names, reached)
            env.update(zip(eqn.outvars, results, strict=True))
        return [value_of(atom) for atom in opened.outvars]

    def at(self, steps: Sequence[Any]) -> Interpreter:
        """With the serial loops at these steps: a function that is run later takes them as operands."""
        return replace(self, steps=dict(zip(self.steps, steps, strict=True)))

    def trace(self, function: Callable[..., Any], operands: Sequence[Any]) -> ClosedJaxpr:
        """The jaxpr of a function of operands such as these, in the axis env of the mapped function."""
        axis_env = [(axis.name, axis.size) for axis in self.axes.values()]
        return jax.make_jaxpr(function, axis_env=axis_env)(*(jax.typeof(operand) for operand in operands))

    def sum_over_mesh(self, value: Any, axes: Sequence[LoweredAxis]) -> Any:
        """A psum over the mesh axes of named axes."""
        spread = mesh_axes(axes)
        if not spread:
            return value
        if self.later is None or not set(spread).isdisjoint(self.mesh_axes_of(self.later)):
            return lax.psum(value, spread)
        return shared_sum(value, spread)

    def mesh_axes_of(self, names: Iterable[AxisName]) -> tuple[str, ...]:
        """The mesh axes over which a value with these names differs."""
        return mesh_axes(self.axes[name] for name in self._owned(names))

    def mentions(self, equations: Iterable[JaxprEqn]) -> frozenset[AxisName]:
        """The lowered axes that equations, or the jaxprs inside them, mention."""
        return self._owned(mentioned_in(equations))

    def _owned(self, names: Iterable[AxisName]) -> frozenset[AxisName]:
        held = frozenset(names)
        return frozenset(self.axes) if ANY_NAME in held else held & self.axes.keys()

    def _run_equation(
        self, eqn: JaxprEqn, values: Sequence[Any], names: Sequence[Names], later: frozenset[AxisName] | None
    ) -> list[Any]:
        name_stack = source_info_util.current_name_stack() + eqn.source_info.name_stack
        with source_info_util.user_context(eqn.source_info.traceback, name_stack=name_stack):
            if self.mentions([eqn]):
                rule = COLLECTIVES.get(eqn.primitive.name) or HIGHER_ORDER.get(eqn.primitive.name)
                if rule is None:
                    refuse(eqn, "it mentions axis names, and xmap has no rule for it")
                return list(rule(replace(self, later=later), eqn, values, names))
            results = eqn.primitive.bind(*values, **eqn.primitive.get_bind_params(eqn.params))
            return list(results) if eqn.primitive.multiple_results else [results]
