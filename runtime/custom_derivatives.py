"""Functions with derivative rules of their own: each is built anew, around the lowered function and the lowered rules.

The rules are traced where and when JAX asks for them, with the axis env of the mapped function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero
from jax.extend.core import JaxprEqn
from jax.extend.linear_util import wrap_init
from jax.interpreters import ad

from named_types.runtime.axes import mesh_axes
from named_types.runtime.collectives import Values
from named_types.runtime.explicit_axes import as_traced_here
from named_types.runtime.layouts import Laid, Layout, arrays_of, laid_out, layouts_of, without, without_copies
from named_types.semantics.propagation import propagate, propagate_equation
from named_types.semantics.transfers import Names, axis_names, join

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def custom_jvp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    function, jvp = eqn.primitive.get_bind_params(eqn.params)["subfuns"]
    call = _CustomCall(interpreter, eqn, values, names)

    def lowered_jvp(*operands: Any) -> list[Any]:
        count, avals = len(values), call.operand_avals
        primals, tangents = operands[: len(operands) // 2], operands[len(operands) // 2 :]
        rule = interpreter.trace_rule(eqn, jvp.call_wrapped, [*avals, *(aval.to_tangent_aval() for aval in avals)])
        laid = [*call.laid(primals), *call.laid(tangents)]
        results = interpreter.at(primals[count:]).run(rule, laid, [*names, *names])
        half = len(results) // 2
        return arrays_of([*call.as_results(results[:half]), *call.as_results(results[half:])])

    subfunctions = (
        wrap_init(call.run, debug_info=function.debug_info),
        wrap_init(lowered_jvp, debug_info=jvp.debug_info),
    )
    operands = [*arrays_of(values), *interpreter.steps.values()]
    return call.results(eqn.primitive.bind(*operands, subfuns=subfunctions, symbolic_zeros=False))


def custom_vjp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """The derivative rule is traced with the axis env, where and when it is asked for.

    Inside shard_map a cotangent of a value that all devices share is the sum of what they hold. A rule with
    collectives expects it whole, and returns it whole.
    """
    _, forward, backward = eqn.primitive.get_bind_params(eqn.params)["subfuns"]
    result_names = propagate_equation(eqn, names)
    call = _CustomCall(interpreter, eqn, values, names)
    residuals = _Residuals()
    without_gradient = [None] * len(interpreter.steps)
    count, num_consts = len(values), eqn.params["num_consts"]
    function = jax.custom_vjp(call.run)

    def function_forward(*primals: Any) -> tuple[list[Any], tuple[list[Any], Sequence[Any]]]:
        operands_and_steps = [primal.value for primal in primals]
        operands, steps = call.laid(operands_and_steps), operands_and_steps[count:]
        flags = [index >= num_consts or primal.perturbed for index, primal in enumerate(primals[:count])]
        rule = interpreter.trace_rule(
            eqn, lambda *inputs: forward.call_wrapped(*_with_flags(inputs, flags)), call.operand_avals
        )
        results = interpreter.at(steps).run(rule, operands, names)
        num_kept = len(results) - len(eqn.outvars)
        _, _, forwarded = eqn.params["out_trees"]()
        own = zip(results[:num_kept], rule.out_avals[:num_kept], propagate(rule.jaxpr, names)[:num_kept], strict=True)
        given = list(zip(operands, call.operand_avals, names, strict=True))
        kept = [next(own) if position is None else given[position] for position in forwarded]
        residuals.layouts = [value.layout for value, _, _ in kept]
        residuals.avals = [aval for _, aval, _ in kept]
        residuals.names = [held for _, _, held in kept]
        return arrays_of(call.as_results(results[num_kept:])), ([value.array for value, _, _ in kept], steps)

    def function_backward(kept: tuple[list[Any], Sequence[Any]], cotangents: list[Any]) -> tuple[Any, ...]:
        arrays, steps = kept
        lowering = interpreter.at(steps)
        held, whole = laid_out(arrays, residuals.layouts), laid_out(_instantiate(cotangents), call.layouts)
        operand_names = [*residuals.names, *result_names]
        avals = [*residuals.avals, *(variable.aval.to_tangent_aval() for variable in eqn.outvars)]
        rule = lowering.trace_rule(eqn, lambda *inputs: _instantiate(backward.call_wrapped(*inputs)), avals)
        if not lowering.mentions([*eqn.params["call_jaxpr"].eqns, *rule.eqns]):
            gradients = lowering.run(rule, [*held, *whole], operand_names)
            return (*map(call.as_gradient, gradients, values), *without_gradient)
        whole = [
            Laid(_whole(lowering, cotangent.array, axis_names(result)), cotangent.layout)
            for cotangent, result in zip(whole, result_names, strict=True)
        ]
        gradients = lowering.run(rule, [*held, *whole], operand_names)
        gradient_names = propagate(rule.jaxpr, operand_names)
        shares = [
            _share(lowering, call.as_gradient(gradient, value), axis_names(join(pair)))
            for gradient, value, *pair in zip(gradients, values, names, gradient_names, strict=True)
        ]
        return (*shares, *without_gradient)

    function.defvjp(function_forward, function_backward, symbolic_zeros=True)
    return call.results(function(*arrays_of(values), *interpreter.steps.values()))


@dataclass(eq=False)
class _Residuals:
    """What a forward rule keeps for the backward rule, known once it is traced."""

    layouts: list[Layout] = field(default_factory=list)
    avals: list[Any] = field(default_factory=list)
    names: list[Names] = field(default_factory=list)


@dataclass(eq=False)
class _CustomCall:
    """A call of a function with a derivative rule of its own, as a function of arrays and of where the loops are."""

    interpreter: Interpreter
    eqn: JaxprEqn
    values: Values
    names: Sequence[Names]
    layouts: list[Layout] = field(default_factory=list)
    """The layouts of the results, known once the call is traced."""

    @property
    def operand_avals(self) -> list[Any]:
        """As its derivative rules expect them."""
        return list(self.eqn.params["call_jaxpr"].in_avals)

    def run(self, *operands: Any) -> list[Any]:
        lowering = self.interpreter.at(operands[len(self.values) :])
        jaxpr = as_traced_here(self.eqn.params["call_jaxpr"], self.eqn)
        results = lowering.run(jaxpr, self.laid(operands), self.names)
        self.layouts = layouts_of(results)
        return arrays_of(results)

    def laid(self, operands: Sequence[Any]) -> list[Laid]:
        return laid_out(operands[: len(self.values)], layouts_of(self.values))

    def results(self, arrays: Sequence[Any]) -> list[Laid]:
        return laid_out(arrays, self.layouts)

    def as_results(self, values: Values) -> list[Laid]:
        """Results of a derivative rule, in the layout of the results: the same for instances that share these."""
        values = without_copies(values, self.layouts)
        return [self._fitted(value, layout) for value, layout in zip(values, self.layouts, strict=True)]

    def as_gradient(self, gradient: Laid, operand: Laid) -> Any:
        """The gradient by an operand: all instances that used it add to it."""
        summed = [gradient.layout.index(name) for name in gradient.names if name not in operand.layout]
        if summed:
            gradient = Laid(gradient.array.sum(summed), without(gradient.layout, summed))
        return self._fitted(gradient, operand.layout).array

    def _fitted(self, value: Laid, layout: Layout) -> Laid:
        if jax.typeof(value.array).dtype == jax.dtypes.float0:
            return Laid(np.zeros(self.interpreter.instances.shape(value, layout), jax.dtypes.float0), layout)
        return self.interpreter.instances.fit(value, layout)


def _with_flags(primals: Sequence[Any], flags: Sequence[bool]) -> list[Any]:
    """Each primal followed by whether it is differentiated: the calling convention of a forward rule."""
    return [entry for pair in zip(primals, flags, strict=True) for entry in pair]


def _instantiate(derivatives: Sequence[Any]) -> list[Any]:
    """With arrays in place of JAX's two kinds of symbolic zeros."""
    return [
        jnp.zeros(one.shape, one.dtype) if isinstance(one, SymbolicZero) else ad.instantiate_zeros(one)
        for one in derivatives
    ]


def _whole(interpreter: Interpreter, cotangent: Any, names: frozenset[Any]) -> Any:
    spread = mesh_axes(axis for axis in interpreter.axes.values() if axis.name not in names)
    return lax.psum(cotangent, spread) if spread else cotangent


def _share(interpreter: Interpreter, gradient: Any, names: frozenset[Any]) -> Any:
    spread = mesh_axes(axis for axis in interpreter.axes.values() if axis.name not in names)
    return gradient / jnp.asarray(lax.axis_size(spread), gradient.dtype) if spread else gradient
