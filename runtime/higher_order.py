"""Equations that hold jaxprs: each is built anew around the lowered jaxpr.

Instances that disagree on a predicate all take part in every branch and in every step, and keep what is theirs.
Devices run in step only as long as they take the same branches: a cond or a while whose predicate differs
between the devices of a collective inside it would leave some of them waiting for ever. So it is treated likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import ClosedJaxpr, JaxprEqn, Var
from jax.extend.linear_util import wrap_init
from jax.interpreters import ad
from jax.sharding import PartitionSpec

from named_types.algebra import AxisName
from named_types.runtime.axes import mesh_axes
from named_types.runtime.collectives import Rule, Values
from named_types.runtime.internals import differing_as
from named_types.runtime.layouts import Laid, Layout, moved_to_front, without
from named_types.semantics.propagation import Names, axis_names, join, propagate, propagate_equation

if TYPE_CHECKING:
    from named_types.runtime.interpreter import Interpreter


def _jit(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    later = None if interpreter.later is None else [interpreter.later] * len(eqn.outvars)
    return interpreter.run(eqn.params["jaxpr"], values, names, later=later, early=interpreter.early)


def _remat(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    body = _OnArrays(lambda operands: interpreter.run(eqn.params["jaxpr"], operands, names), _layouts(values))
    kept = {key: eqn.params[key] for key in ("prevent_cse", "policy")}
    return body.laid(jax.checkpoint(body, **kept)(*_arrays(values)))


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

    body = _OnArrays(run, [*_layouts(carry), *slices])

    def step(carried: Sequence[Any], x: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        results = body(*carried, *x)
        return results[:num_carry], results[num_carry:]

    leading = [moved_to_front(x.array, x.layout.index(None)) for x in xs]
    options = {key: params[key] for key in ("length", "reverse", "unroll")}
    last, ys = lax.scan(step, _arrays(carry), leading, **options)
    stacked = [Laid(y.array, (None, *y.layout), y.summed) for y in body.laid([*last, *ys])[num_carry:]]
    return [*_laid(last, _layouts(carry)), *stacked]


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
    first = _OnArrays(branches[0], _layouts(operands))

    def like_first(branch: Callable[[Values], list[Laid]]) -> Callable[[Values], list[Laid]]:
        return lambda inputs: [
            interpreter.instances.fit(result, layout)
            for result, layout in zip(branch(inputs), first.layouts, strict=True)
        ]

    others = [_OnArrays(like_first(branch), _layouts(operands)) for branch in branches[1:]]
    return first.laid(lax.switch(index.array, [first, *others], *_arrays(operands)))


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

    layouts = _layouts(start)
    active = condition(start)
    if not active.names and not _may_deadlock(interpreter, eqn, predicate_names):
        last = lax.while_loop(
            lambda arrays: condition(_laid(arrays, layouts)).array,
            lambda arrays: _arrays(body(_laid(arrays, layouts))),
            _arrays(start),
        )
        return _laid(last, layouts)

    deadlock = _may_deadlock(interpreter, eqn, predicate_names)
    spread = interpreter.mesh_axes_of(axis_names(predicate_names)) if deadlock else ()

    def any_active(state: tuple[Any, list[Any]]) -> Any:
        flag = state[0].any()
        return lax.pmax(flag.astype(jnp.int32), spread).astype(bool) if spread else flag

    def masked_body(state: tuple[Any, list[Any]]) -> tuple[Any, list[Any]]:
        still, before = Laid(state[0], active.layout), _laid(state[1], layouts)
        chosen = [interpreter.instances.select(still, pair) for pair in zip(before, body(before), strict=True)]
        after = _like(interpreter, chosen, start)
        return still.array & condition(after).array, _arrays(after)

    _, last = lax.while_loop(any_active, masked_body, (active.array, _arrays(start)))
    return _laid(last, layouts)


def _may_deadlock(interpreter: Interpreter, eqn: JaxprEqn, predicate: Names) -> bool:
    """Whether devices that communicate inside may disagree on the predicate."""
    differing = interpreter.mesh_axes_of(axis_names(predicate))
    return not set(differing).isdisjoint(interpreter.mesh_axes_of(interpreter.mentions([eqn])))


def _custom_jvp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    function, jvp = eqn.primitive.get_bind_params(eqn.params)["subfuns"]
    call = _CustomCall(interpreter, eqn, values, names)

    def lowered_jvp(*operands: Any) -> list[Any]:
        count, avals = len(values), call.operand_avals
        primals, tangents = operands[: len(operands) // 2], operands[len(operands) // 2 :]
        rule = interpreter.trace(jvp.call_wrapped, [*avals, *(aval.to_tangent_aval() for aval in avals)])
        laid = [*call.laid(primals), *call.laid(tangents)]
        results = interpreter.at(primals[count:]).run(rule, laid, [*names, *names])
        half = len(results) // 2
        return _arrays([*call.as_results(results[:half]), *call.as_results(results[half:])])

    subfunctions = (
        wrap_init(call.run, debug_info=function.debug_info),
        wrap_init(lowered_jvp, debug_info=jvp.debug_info),
    )
    operands = [*_arrays(values), *interpreter.steps.values()]
    return call.results(eqn.primitive.bind(*operands, subfuns=subfunctions, symbolic_zeros=False))


def _custom_vjp(interpreter: Interpreter, eqn: JaxprEqn, values: Values, names: Sequence[Names]) -> list[Laid]:
    """The derivative rule is traced with the axis env, where and when it is asked for.

    Inside shard_map a cotangent of a value that all devices share is the sum of what they hold. A rule with
    collectives expects it whole, and returns it whole.
    """
    _, forward, backward = eqn.primitive.get_bind_params(eqn.params)["subfuns"]
    result_names = propagate_equation(eqn, names)
    call = _CustomCall(interpreter, eqn, values, names)
    residuals = _Residuals()
    without_gradient = [None] * len(interpreter.steps)
    count = len(values)
    function = jax.custom_vjp(call.run)

    def function_forward(*operands_and_steps: Any) -> tuple[list[Any], tuple[list[Any], Sequence[Any]]]:
        operands, steps = call.laid(operands_and_steps), operands_and_steps[count:]
        rule = interpreter.trace(lambda *primals: forward.call_wrapped(*_with_flags(primals)), call.operand_avals)
        results = interpreter.at(steps).run(rule, operands, names)
        num_kept = len(results) - len(eqn.outvars)
        _, _, forwarded = eqn.params["out_trees"]()
        num_consts = eqn.params["num_consts"]
        own = zip(results[:num_kept], rule.out_avals[:num_kept], propagate(rule.jaxpr, names)[:num_kept], strict=True)
        given = list(zip(operands, call.operand_avals, names, strict=True))
        kept = [next(own) if position is None else given[num_consts + position] for position in forwarded]
        residuals.layouts = [value.layout for value, _, _ in kept]
        residuals.avals = [aval for _, aval, _ in kept]
        residuals.names = [held for _, _, held in kept]
        return _arrays(call.as_results(results[num_kept:])), ([value.array for value, _, _ in kept], steps)

    def function_backward(kept: tuple[list[Any], Sequence[Any]], cotangents: list[Any]) -> tuple[Any, ...]:
        arrays, steps = kept
        lowering = interpreter.at(steps)
        held, whole = _laid(arrays, residuals.layouts), _laid(cotangents, call.layouts)
        operand_names = [*residuals.names, *result_names]
        avals = [*residuals.avals, *(variable.aval.to_tangent_aval() for variable in eqn.outvars)]
        rule = lowering.trace(lambda *inputs: _instantiate(backward.call_wrapped(*inputs)), avals)
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

    function.defvjp(function_forward, function_backward)
    return call.results(function(*_arrays(values), *interpreter.steps.values()))


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
        return [atom.aval for atom in self.eqn.invars]

    def run(self, *operands: Any) -> list[Any]:
        lowering = self.interpreter.at(operands[len(self.values) :])
        results = lowering.run(self.eqn.params["call_jaxpr"], self.laid(operands), self.names)
        self.layouts = _layouts(results)
        return _arrays(results)

    def laid(self, operands: Sequence[Any]) -> list[Laid]:
        return _laid(operands[: len(self.values)], _layouts(self.values))

    def results(self, arrays: Sequence[Any]) -> list[Laid]:
        return _laid(arrays, self.layouts)

    def as_results(self, values: Values) -> list[Laid]:
        """Results of a derivative rule, in the layout of the results: the same for instances that share these."""
        values = _without_copies(values, self.layouts)
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
    return _without_copies(solution, [axis_names(held) for held in propagate_equation(eqn, names)])


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
        _OnArrays(run, _layouts(values)),
        mesh=None if spread else params["mesh"],
        in_specs=tuple(map(_specification, _layouts(values), params["in_specs"])),
        out_specs=list(map(_specification, results, params["out_specs"])),
        axis_names=params["newly_manual_axes"],
        check_vma=params["check_vma"],
    )(*_arrays(values))
    return _laid(arrays, results)


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
        results = self.function(_laid(arrays, self.operands))
        self.traced = [replace(result, array=None) for result in results]
        return _arrays(results)

    @property
    def layouts(self) -> list[Layout]:
        return _layouts(self.traced)

    def laid(self, arrays: Sequence[Any]) -> list[Laid]:
        return [replace(value, array=array) for value, array in zip(self.traced, arrays, strict=True)]


def _laid(arrays: Iterable[Any], layouts: Iterable[Layout]) -> list[Laid]:
    return [Laid(array, layout) for array, layout in zip(arrays, layouts, strict=True)]


def _arrays(values: Values) -> list[Any]:
    return [value.array for value in values]


def _layouts(values: Values) -> list[Layout]:
    return [value.layout for value in values]


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


def _without_copies(values: Values, names: Sequence[Collection[AxisName | None]]) -> list[Laid]:
    """One of the equal instances along the axes that are not among the names of each value."""

    def one(value: Laid, held: Collection[AxisName | None]) -> Laid:
        for name in value.names:
            if name not in held:
                position = value.layout.index(name)
                rest = without(value.layout, [position])
                value = Laid(lax.index_in_dim(value.array, 0, position, keepdims=False), rest)
        return value

    return [one(value, held) for value, held in zip(values, names, strict=True)]


HIGHER_ORDER: dict[str, Rule] = {
    "jit": _jit,
    "remat2": _remat,
    "scan": _scan,
    "cond": _cond,
    "while": _while,
    "custom_jvp_call": _custom_jvp,
    "custom_vjp_call": _custom_vjp,
    "custom_linear_solve": _custom_linear_solve,
    "shard_map": _shard_map,
}
"""The rule of each primitive that holds jaxprs."""
