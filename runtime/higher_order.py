"""Equations that hold jaxprs in which named axes are mentioned: each is built anew around the lowered jaxpr.

Devices run in step only as long as they take the same branches. A cond or a while whose predicate differs
between the devices of a collective inside it would leave some of them waiting for ever. Such a cond runs all
its branches and selects, and such a while runs on all devices until none needs it.

A cond whose predicate differs between the instances of a collective inside it selects in any case: under vmap
alone, JAX's own rule stops the gradients of instances that take another branch but are part of the collective.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, JaxprEqn
from jax.interpreters import ad

from named_types.runtime.axes import local_axes, mesh_axes
from named_types.runtime.collectives import Rule, Values
from named_types.runtime.local_axes import unbatch
from named_types.semantics.propagation import Names, axis_names, join, propagate, propagate_equation

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def _jit(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    later = None if interpreter.later is None else [interpreter.later] * len(eqn.outvars)
    return interpreter.run(eqn.params["jaxpr"], values, names, later=later)


def _remat(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    def body(*operands: Any) -> list[Any]:
        return interpreter.run(eqn.params["jaxpr"], operands, names)

    kept = {key: eqn.params[key] for key in ("prevent_cse", "policy")}
    return list(jax.checkpoint(body, **kept)(*values))


def _scan(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    params = eqn.params
    num_consts, num_carry = params["num_consts"], params["num_carry"]
    consts, carry, xs = (
        values[:num_consts],
        values[num_consts : num_consts + num_carry],
        values[num_consts + num_carry :],
    )
    carry_names = propagate_equation(eqn, names)[:num_carry]
    body_names = [*names[:num_consts], *carry_names, *names[num_consts + num_carry :]]

    def body(carried: Sequence[Any], x: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        results = interpreter.run(params["jaxpr"], [*consts, *carried, *x], body_names)
        return tuple(results[:num_carry]), tuple(results[num_carry:])

    options = {key: params[key] for key in ("length", "reverse", "unroll")}
    last, ys = lax.scan(body, tuple(carry), tuple(xs), **options)
    return [*last, *ys]


def _cond(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    index, *operands = values

    def lowered(branch: ClosedJaxpr) -> Callable[..., tuple[Any, ...]]:
        return lambda *arguments: tuple(interpreter.run(branch, arguments, names[1:]))

    branches = [lowered(branch) for branch in eqn.params["branches"]]
    deciding = {name for name in axis_names(names[0]) if name in interpreter.axes}
    if deciding.isdisjoint(interpreter.mentions([eqn])) and not _may_deadlock(interpreter, eqn, names[0]):
        return list(lax.switch(index, branches, *operands))
    results = zip(*(branch(*operands) for branch in branches), strict=True)
    return [lax.select_n(index, *(jnp.asarray(case) for case in cases)) for cases in results]


def _while(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    params = eqn.params
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    carry_names = propagate_equation(eqn, names)
    condition_names, body_names = [*names[:first], *carry_names], [*names[first:second], *carry_names]
    (predicate_names,) = propagate(params["cond_jaxpr"].jaxpr, condition_names)

    def condition(carry: Iterable[Any]) -> Any:
        return interpreter.run(params["cond_jaxpr"], [*values[:first], *carry], condition_names)[0]

    def body(carry: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(interpreter.run(params["body_jaxpr"], [*values[first:second], *carry], body_names))

    carry = tuple(values[second:])
    if not _may_deadlock(interpreter, eqn, predicate_names):
        return list(lax.while_loop(condition, body, carry))

    def masked_body(state: tuple[Any, tuple[Any, ...]]) -> tuple[Any, tuple[Any, ...]]:
        active, before = state
        after = tuple(lax.select_n(active, *pair) for pair in zip(before, body(before), strict=True))
        return active & condition(after), after

    start = (condition(carry), carry)
    _, last = lax.while_loop(lambda state: _any(interpreter, state[0], predicate_names), masked_body, start)
    return list(last)


def _may_deadlock(interpreter: Interpreter, eqn: JaxprEqn, predicate: Names) -> bool:
    """Whether devices that communicate inside may disagree on the predicate."""
    differing = interpreter.mesh_axes_of(axis_names(predicate))
    return not set(differing).isdisjoint(interpreter.mesh_axes_of(interpreter.mentions([eqn])))


def _any(interpreter: Interpreter, flag: Any, names: Names) -> Any:
    held = axis_names(names)
    for local in local_axes(axis for axis in interpreter.axes.values() if axis.name in held):
        flag = unbatch(flag, local).any(axis=0)
    return lax.pmax(flag.astype(jnp.int32), interpreter.mesh_axes_of(held)).astype(bool)


def _custom_jvp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    _, jvp = eqn.primitive.get_bind_params(eqn.params)["subfuns"]

    count = len(values)

    @jax.custom_jvp
    def function(*operands: Any) -> list[Any]:
        return interpreter.at(operands[count:]).run(eqn.params["call_jaxpr"], operands[:count], names)

    @function.defjvp
    def function_jvp(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        operands = [*primals[:count], *tangents[:count]]
        rule = interpreter.trace(jvp.call_wrapped, operands)
        results = interpreter.at(primals[count:]).run(rule, operands, [*names, *names])
        return results[: len(results) // 2], results[len(results) // 2 :]

    return function(*values, *interpreter.steps.values())


def _custom_vjp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    """The derivative rule is traced with the axis env, where and when it is asked for.

    Inside shard_map a cotangent of a value that all devices share is the sum of what they hold. A rule with
    collectives expects it whole, and returns it whole.
    """
    _, forward, backward = eqn.primitive.get_bind_params(eqn.params)["subfuns"]
    result_names = propagate_equation(eqn, names)
    residual_names: list[Names] = []
    without_gradient = [None] * len(interpreter.steps)
    count = len(values)

    @jax.custom_vjp
    def function(*operands: Any) -> list[Any]:
        return interpreter.at(operands[count:]).run(eqn.params["call_jaxpr"], operands[:count], names)

    def function_forward(*operands_and_steps: Any) -> tuple[list[Any], tuple[list[Any], Sequence[Any]]]:
        operands, steps = operands_and_steps[:count], operands_and_steps[count:]
        rule = interpreter.trace(lambda *primals: forward.call_wrapped(*_with_flags(primals)), operands)
        results = interpreter.at(steps).run(rule, operands, names)
        num_kept = len(results) - len(eqn.outvars)
        _, _, forwarded = eqn.params["out_trees"]()
        num_consts = eqn.params["num_consts"]
        kept = iter(zip(results[:num_kept], propagate(rule.jaxpr, names)[:num_kept], strict=True))
        residuals = [
            next(kept) if position is None else (operands[num_consts + position], names[num_consts + position])
            for position in forwarded
        ]
        residual_names[:] = [residual for _, residual in residuals]
        return results[num_kept:], ([residual for residual, _ in residuals], steps)

    def function_backward(kept: tuple[list[Any], Sequence[Any]], cotangents: list[Any]) -> tuple[Any, ...]:
        residuals, steps = kept
        lowering = interpreter.at(steps)
        operands = [*residuals, *cotangents]
        operand_names = [*residual_names, *result_names]
        rule = lowering.trace(lambda *inputs: _instantiate(backward.call_wrapped(*inputs)), operands)
        if not lowering.mentions([*eqn.params["call_jaxpr"].eqns, *rule.eqns]):
            return (*lowering.run(rule, operands, operand_names), *without_gradient)
        whole = [
            _whole(lowering, cotangent, axis_names(result))
            for cotangent, result in zip(cotangents, result_names, strict=True)
        ]
        gradients = lowering.run(rule, [*residuals, *whole], operand_names)
        gradient_names = propagate(rule.jaxpr, operand_names)
        shares = [
            _share(lowering, gradient, axis_names(join(pair)))
            for gradient, *pair in zip(gradients, names, gradient_names, strict=True)
        ]
        return (*shares, *without_gradient)

    function.defvjp(function_forward, function_backward)
    return function(*values, *interpreter.steps.values())


def _with_flags(primals: Sequence[Any]) -> list[Any]:
    """Each primal followed by whether it is differentiated: the calling convention of a forward rule."""
    return [entry for primal in primals for entry in (primal, True)]


def _instantiate(gradients: Sequence[Any]) -> list[Any]:
    return [ad.instantiate_zeros(gradient) for gradient in gradients]


def _whole(interpreter: Interpreter, cotangent: Any, names: frozenset[Any]) -> Any:
    spread = mesh_axes(axis for axis in interpreter.axes.values() if axis.name not in names)
    return lax.psum(cotangent, spread) if spread else cotangent


def _share(interpreter: Interpreter, gradient: Any, names: frozenset[Any]) -> Any:
    spread = mesh_axes(axis for axis in interpreter.axes.values() if axis.name not in names)
    return gradient / jnp.asarray(lax.axis_size(spread), gradient.dtype) if spread else gradient


def _custom_linear_solve(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Any]:
    """The solver itself, differentiated as what it does."""
    lengths, jaxprs = eqn.params["const_lengths"], eqn.params["jaxprs"]
    start = lengths.matvec + lengths.vecmat
    solver = slice(start, start + lengths.solve)
    right_hand_side = slice(sum(lengths), None)
    everything = [join(names)] * (lengths.solve + len(values) - sum(lengths))
    return interpreter.run(jaxprs.solve, [*values[solver], *values[right_hand_side]], everything)


HIGHER_ORDER: dict[str, Rule] = {
    "jit": _jit,
    "remat2": _remat,
    "scan": _scan,
    "cond": _cond,
    "while": _while,
    "custom_jvp_call": _custom_jvp,
    "custom_vjp_call": _custom_vjp,
    "custom_linear_solve": _custom_linear_solve,
}
"""The rule of each primitive that holds jaxprs."""
