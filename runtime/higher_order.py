"""Equations that hold jaxprs: each is built anew around the lowered jaxpr.

Instances that disagree on a predicate all take part in every branch and in every step, and keep what is theirs.
Devices run in step only as long as they take the same branches: a cond or a while whose predicate differs
between the devices of a collective inside it would leave some of them waiting for ever. So it is treated likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, JaxprEqn, Var
from jax.sharding import PartitionSpec

from named_types.algebra import AxisName
from named_types.runtime.collectives import Rule, Values
from named_types.runtime.custom_derivatives import custom_jvp, custom_vjp
from named_types.runtime.internals import differing_as
from named_types.runtime.layouts import (
    Laid,
    Layout,
    arrays_of,
    laid_out,
    layouts_of,
    moved_to_front,
    without,
    without_copies,
)
from named_types.semantics.propagation import propagate, propagate_equation
from named_types.semantics.transfers import Names, axis_names, join

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def _jit(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    later = None if interpreter.later is None else [interpreter.later] * len(eqn.outvars)
    return interpreter.run(eqn.params["jaxpr"], values, names, later=later, early=interpreter.early)


def _remat(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    body = _OnArrays(lambda operands: interpreter.run(eqn.params["jaxpr"], operands, names), layouts_of(values))
    kept = {key: eqn.params[key] for key in ("prevent_cse", "policy")}
    return body.laid(jax.checkpoint(body, **kept)(*arrays_of(values)))


def _scan(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    params = eqn.params
    num_consts, num_carry = params["num_consts"], params["num_carry"]
    num_fixed = num_consts + num_carry
    consts, carry, xs = values[:num_consts], values[num_consts:num_fixed], values[num_fixed:]
    carry_names = propagate_equation(eqn, names)[:num_carry]
    body_names = [*names[:num_consts], *carry_names, *names[num_fixed:]]
    carry = _with_names(interpreter, carry, carry_names)
    slices = [without(x.layout, [x.layout.index(None)]) for x in xs]
    early = [*[frozenset()] * num_carry, *interpreter.early[num_carry:]]

    def run(operands: Values) -> list[Laid]:
        results = interpreter.run(params["jaxpr"], [*consts, *operands], body_names, early=early)
        return [*_like(interpreter, results[:num_carry], carry), *results[num_carry:]]

    body = _OnArrays(run, [*layouts_of(carry), *slices])

    def step(carried: Sequence[Any], x: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        results = body(*carried, *x)
        return results[:num_carry], results[num_carry:]

    leading = [moved_to_front(x.array, x.layout.index(None)) for x in xs]
    options = {key: params[key] for key in ("length", "reverse", "unroll")}
    last, ys = lax.scan(step, arrays_of(carry), leading, **options)
    stacked = [Laid(y.array, (None, *y.layout), y.summed) for y in body.laid([*last, *ys])[num_carry:]]
    return [*laid_out(last, layouts_of(carry)), *stacked]


def _cond(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    index, *operands = values
    result_names = propagate_equation(eqn, names)

    def lowered(branch: ClosedJaxpr) -> Callable[[Values], list[Laid]]:
        def run(inputs: Values) -> list[Laid]:
            results = _with_names(interpreter, interpreter.run(branch, inputs, names[1:]), result_names)
            return [replace(result, array=differing_as(result.array, index.array)) for result in results]

        return run

    branches = [lowered(branch) for branch in eqn.params["branches"]]
    if index.names or _may_deadlock(interpreter, eqn, names[0]):
        results = zip(*(branch(operands) for branch in branches), strict=True)
        return [interpreter.instances.select(index, alternatives) for alternatives in results]
    first = _OnArrays(branches[0], layouts_of(operands))

    def like_first(branch: Callable[[Values], list[Laid]]) -> Callable[[Values], list[Laid]]:
        return lambda inputs: [
            interpreter.instances.fit(result, layout)
            for result, layout in zip(branch(inputs), first.layouts, strict=True)
        ]

    others = [_OnArrays(like_first(branch), layouts_of(operands)) for branch in branches[1:]]
    return first.laid(lax.switch(index.array, [first, *others], *arrays_of(operands)))


def _while(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    params = eqn.params
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    carry_names = propagate_equation(eqn, names)
    condition_names, body_names = [*names[:first], *carry_names], [*names[first:second], *carry_names]
    (predicate_names,) = propagate(params["cond_jaxpr"].jaxpr, condition_names)
    start = _with_names(interpreter, values[second:], carry_names)

    def condition(carry: Values) -> Laid:
        return interpreter.run(params["cond_jaxpr"], [*values[:first], *carry], condition_names)[0]

    def body(carry: Values) -> list[Laid]:
        results = interpreter.run(params["body_jaxpr"], [*values[first:second], *carry], body_names)
        return _like(interpreter, results, start)

    layouts = layouts_of(start)
    active = condition(start)
    if not active.names and not _may_deadlock(interpreter, eqn, predicate_names):
        last = lax.while_loop(
            lambda arrays: condition(laid_out(arrays, layouts)).array,
            lambda arrays: arrays_of(body(laid_out(arrays, layouts))),
            arrays_of(start),
        )
        return laid_out(last, layouts)

    deadlock = _may_deadlock(interpreter, eqn, predicate_names)
    spread = interpreter.mesh_axes_of(axis_names(predicate_names)) if deadlock else ()

    def any_active(state: tuple[Any, list[Any]]) -> Any:
        flag = state[0].any()
        return lax.pmax(flag.astype(jnp.int32), spread).astype(bool) if spread else flag

    def masked_body(state: tuple[Any, list[Any]]) -> tuple[Any, list[Any]]:
        still, before = Laid(state[0], active.layout), laid_out(state[1], layouts)
        chosen = [interpreter.instances.select(still, pair) for pair in zip(before, body(before), strict=True)]
        after = _like(interpreter, chosen, start)
        return still.array & condition(after).array, arrays_of(after)

    _, last = lax.while_loop(any_active, masked_body, (active.array, arrays_of(start)))
    return laid_out(last, layouts)


def _may_deadlock(interpreter: Interpreter, eqn: JaxprEqn, predicate: Names) -> bool:
    """Whether devices that communicate inside may disagree on the predicate."""
    differing = interpreter.mesh_axes_of(axis_names(predicate))
    return not set(differing).isdisjoint(interpreter.mesh_axes_of(interpreter.mentions([eqn])))


def _custom_linear_solve(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """With names inside: the solver itself, differentiated as what it does."""
    if not interpreter.mentions([eqn]):
        return interpreter.instances.vmapped(eqn, values)
    lengths, jaxprs = eqn.params["const_lengths"], eqn.params["jaxprs"]
    start = lengths.matvec + lengths.vecmat
    solver = slice(start, start + lengths.solve)
    right_hand_side = slice(sum(lengths), None)
    everything = [join(names)] * (lengths.solve + len(values) - sum(lengths))
    solution = interpreter.run(jaxprs.solve, [*values[solver], *values[right_hand_side]], everything)
    return without_copies(solution, [axis_names(held) for held in propagate_equation(eqn, names)])


def _shard_map(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """Of a nested mapped function: over other mesh axes than those of the interpreter."""
    params = eqn.params
    held = [axis_names(result) for result in propagate_equation(eqn, names)]
    results = [
        (*(name for name in interpreter.instances.sizes if name in own), *(None,) * _rank(variable))
        for own, variable in zip(held, eqn.outvars, strict=True)
    ]

    def run(operands: Values) -> list[Laid]:
        inner = interpreter.run(params["jaxpr"], operands, names)
        return [interpreter.instances.fit(value, layout) for value, layout in zip(inner, results, strict=True)]

    spread = any(axis.mesh_axes for axis in interpreter.axes.values())
    arrays = jax.shard_map(
        _OnArrays(run, layouts_of(values)),
        mesh=None if spread else params["mesh"],
        in_specs=tuple(map(_specification, layouts_of(values), params["in_specs"])),
        out_specs=list(map(_specification, results, params["out_specs"])),
        axis_names=params["newly_manual_axes"],
        check_vma=params["check_vma"],
    )(*arrays_of(values))
    return laid_out(arrays, results)


def _rank(variable: Var) -> int:
    return len(cast(ShapedArray, variable.aval).shape)


def _specification(layout: Layout, positional: PartitionSpec) -> PartitionSpec:
    """Of an array with this layout, of whose positional axes a specification is given."""
    own = iter([*positional, *[None] * len(layout)])
    return PartitionSpec(*(next(own) if name is None else None for name in layout))


@dataclass(eq=False)
class _OnArrays:
    """A function of laid arrays as one of bare arrays, for a transformation that knows only these."""

    function: Callable[[Values], list[Laid]]
    operands: Sequence[Layout]
    traced: list[Laid] = field(default_factory=list)
    """The results without their arrays, known once the function is traced."""

    def __call__(self, *arrays: Any) -> list[Any]:
        results = self.function(laid_out(arrays, self.operands))
        self.traced = [replace(result, array=None) for result in results]
        return arrays_of(results)

    @property
    def layouts(self) -> list[Layout]:
        return layouts_of(self.traced)

    def laid(self, arrays: Sequence[Any]) -> list[Laid]:
        return [replace(value, array=array) for value, array in zip(self.traced, arrays, strict=True)]


def _with_names(interpreter: Interpreter, values: Values, names: Sequence[Names]) -> list[Laid]:
    """With an axis for every name that the values have according to propagation."""

    def complete(value: Laid, held: frozenset[AxisName]) -> Laid:
        missing = [name for name in interpreter.instances.sizes if name in held and name not in value.layout]
        return interpreter.instances.fit(value, (*missing, *value.layout)) if missing else value

    return [complete(value, axis_names(held)) for value, held in zip(values, names, strict=True)]


def _like(interpreter: Interpreter, values: Values, others: Values) -> list[Laid]:
    """In the layouts of others."""
    fitted = [interpreter.instances.fit(value, other.layout) for value, other in zip(values, others, strict=True)]
    return [
        replace(value, array=differing_as(value.array, other.array))
        for value, other in zip(fitted, others, strict=True)
    ]


HIGHER_ORDER: dict[str, Rule] = {
    "jit": _jit,
    "remat2": _remat,
    "scan": _scan,
    "cond": _cond,
    "while": _while,
    "custom_jvp_call": custom_jvp,
    "custom_vjp_call": custom_vjp,
    "custom_linear_solve": _custom_linear_solve,
    "shard_map": _shard_map,
}
"""The rule of each primitive that holds jaxprs."""
