"""Running the jaxpr of a mapped function, one equation at a time, for all instances that a device holds.

An equation that mentions no named axis goes to `instance_rules`, a collective to `collectives`, one that holds
jaxprs to `higher_order`. Where a mesh is used, all this runs inside a shard_map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import jax
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.extend import source_info_util
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from named_types.algebra import AxisName
from named_types.algebra.axis_resources import Resource
from named_types.runtime.axes import LoweredAxis, mesh_axes
from named_types.runtime.collectives import COLLECTIVES, Rule
from named_types.runtime.early_sums import early_sums
from named_types.runtime.explicit_axes import as_traced_here, keeps_explicit_types
from named_types.runtime.higher_order import HIGHER_ORDER
from named_types.runtime.instance_rules import Instances
from named_types.runtime.internals import differing_alike, mesh_of, settings_of, trace_to_jaxpr, types_tell_devices
from named_types.runtime.layouts import Laid, positional
from named_types.runtime.places import refuse
from named_types.runtime.shared_sum import shared_sum
from named_types.runtime.variables import ANY_NAME, mentioned_in, names_met_later
from named_types.semantics.propagation import names_of, propagate_variables
from named_types.semantics.transfers import Names


@dataclass(frozen=True)
class Interpreter:
    """Runs jaxprs whose named axes are lowered as ``axes`` says.

    The order of ``axes`` is that in which they stand in an array where nothing else decides.
    """

    axes: Mapping[AxisName, LoweredAxis]
    steps: Mapping[Resource, Any] = field(default_factory=dict)
    """Where each serial loop is."""
    later: frozenset[AxisName] | None = None
    """While a rule runs: the names of all values that its results will meet; None where they are not known."""
    early: Sequence[frozenset[AxisName]] = ()
    """While a rule runs: for each of its results, the names over which only its sum is used (`early_sums`)."""

    @cached_property
    def instances(self) -> Instances:
        return Instances({axis.name: axis.local_size for axis in self.axes.values() if axis.is_local})

    def run(
        self,
        jaxpr: ClosedJaxpr | Jaxpr,
        operands: Sequence[Laid],
        names: Sequence[Names] | Mapping[Any, Names],
        consts: Sequence[Any] | None = None,
        later: Sequence[frozenset[AxisName]] | None = None,
        early: Sequence[frozenset[AxisName]] | None = None,
    ) -> list[Laid]:
        """The results of a jaxpr for operands with these names, or with those of all variables given.

        Its constants have no names.
        ``later`` tells for each result the names of all values that it will meet, ``early`` those over which only
        its sum is used.
        """
        opened = jaxpr.jaxpr if isinstance(jaxpr, ClosedJaxpr) else jaxpr
        if consts is None:
            consts = jaxpr.consts if isinstance(jaxpr, ClosedJaxpr) else ()
        env: dict[Any, Laid] = dict(zip(opened.invars, operands, strict=True))
        env.update(zip(opened.constvars, map(positional, consts), strict=True))
        all_names = names if isinstance(names, Mapping) else propagate_variables(opened, names)
        spread = any(axis.mesh_axes for axis in self.axes.values())
        met = names_met_later(opened, all_names, later) if later is not None and spread else None

        def value_of(atom: Any) -> Laid:
            return positional(_of_literal(atom)) if isinstance(atom, Literal) else env[atom]

        local = self.instances.sizes.keys()
        early = early or [frozenset()] * len(opened.outvars)
        sums = {variable: names.intersection(local) for variable, names in early_sums(opened, all_names, early).items()}
        is_typed = types_tell_devices()
        for eqn in opened.eqns:
            values = [value_of(atom) for atom in eqn.invars]
            if is_typed:
                values = _differing_alike(values)
            rule = self._rule(eqn, values)
            wanted = [sums.get(variable, frozenset()) for variable in eqn.outvars]
            name_stack = source_info_util.current_name_stack() + eqn.source_info.name_stack
            with source_info_util.user_context(eqn.source_info.traceback, name_stack=name_stack), settings_of(eqn):
                if rule is not None:
                    reached = None if met is None else _union(met.get(var, frozenset()) for var in eqn.outvars)
                    operand_names = [names_of(atom, all_names) for atom in eqn.invars]
                    results = rule(replace(self, later=reached, early=wanted), eqn, values, operand_names)
                elif any(wanted):
                    results = self.instances.run_summed(eqn, values, wanted)
                else:
                    results = self.instances.run(eqn, values)
            env.update(zip(eqn.outvars, results, strict=True))
        return [value_of(atom) for atom in opened.outvars]

    def at(self, steps: Sequence[Any]) -> Interpreter:
        """With the serial loops at these steps: a function that is run later takes them as operands."""
        return replace(self, steps=dict(zip(self.steps, steps, strict=True)))

    def trace_rule(self, eqn: JaxprEqn, rule: Callable[..., Any], operands: Sequence[ShapedArray]) -> ClosedJaxpr:
        """The jaxpr of a rule of an equation for such instances, with the axes and the mesh that it was traced with."""
        with jax.sharding.use_abstract_mesh(mesh_of(eqn)):
            jaxpr, _ = trace_to_jaxpr(rule, operands, {axis.name: axis.size for axis in self.axes.values()})
        return as_traced_here(jaxpr, eqn)

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

    def _rule(self, eqn: JaxprEqn, values: Sequence[Laid]) -> Rule | None:
        """The rule for an equation in which names matter, None for one that does the same to every instance."""
        name = eqn.primitive.name
        if name in COLLECTIVES:
            return COLLECTIVES[name]
        rule = HIGHER_ORDER.get(name)
        if rule is not None and (any(value.names for value in values) or keeps_explicit_types(eqn)):
            return rule
        if not eqn.params or not self.mentions([eqn]):
            return None
        if rule is None:
            refuse(eqn, "it mentions axis names, and xmap has no rule for it")
        return rule


def _differing_alike(values: Sequence[Laid]) -> list[Laid]:
    arrays = differing_alike([value.array for value in values])
    return [replace(value, array=array) for value, array in zip(values, arrays, strict=True)]


def _union(names: Iterable[frozenset[AxisName]]) -> frozenset[AxisName]:
    return frozenset().union(*names)


def _of_literal(literal: Literal) -> Any:
    """Its value, without the mesh that was in scope where it was traced."""
    aval = cast(ShapedArray, literal.aval)
    if aval.sharding is None or aval.sharding.mesh.empty:
        return literal.val
    value = np.asarray(literal.val)
    scalar = value.item() if aval.weak_type else value
    return scalar if jax.typeof(scalar).dtype == value.dtype else value
