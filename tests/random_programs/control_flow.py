"""Loops, branches, jit, checkpoints and functions with their own derivatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from random_programs.drafts import Draft, Unfit
from random_programs.steps import Evaluation, Record, Step, Typing, holding
from random_programs.values import NAMED, Type

DEEPEST = 2


def scan(draft: Draft) -> Step:
    """Over rows of a value, or over numbers; its result is the last carry, or what it put out."""
    forbid_depth(draft)
    start = draft.real()
    rows = _optional_rows(draft)
    carry = draft.types[start]
    row = Type((), "float32") if rows is None else draft.types[rows].of(draft.types[rows].shape[1:])
    length = 3 if rows is None else draft.types[rows].shape[0]
    block = draft.block([carry, row], carry, fixed=False)
    put_out, reverse = draft.flip(), draft.flip()
    xs = "jnp.arange(3.0)" if rows is None else f"v{rows}"
    options = ", reverse=True" if reverse else ""

    def infer(typing: Typing) -> Type:
        x = row if rows is None else typing[rows].of(row.shape)
        last = _fixpoint(typing, lambda carried, inside: block.infer(inside, [carried, x]), typing[start])
        return last.of([length, *carry.shape]) if put_out else last

    def evaluate(arrays: Evaluation) -> Any:
        state = arrays[start]
        outputs: list[Any] = [None] * length
        for step in range(length)[::-1] if reverse else range(length):
            x = _number(step) if rows is None else jnp.take(arrays[rows], step, NAMED)
            before, state = state, block.evaluate(arrays, [state, x])
            outputs[step] = before
        if not put_out:
            return state
        shape = jnp.broadcast_shapes(*(output.shape for output in outputs))
        return jnp.stack([jnp.broadcast_to(output, shape) for output in outputs], axis=NAMED)

    call = f"lax.scan(lambda c, x: ({block.name}(c, x), c), v{start}, {xs}{options})[{int(put_out)}]"
    return Step(call, infer, evaluate, **holding([block]))


def fori_loop(draft: Draft) -> Step:
    forbid_depth(draft)
    start = draft.real()
    block = draft.block([Type((), "int32"), draft.types[start]], draft.types[start], fixed=False)

    def infer(typing: Typing) -> Type:
        index = Type((), "int32")
        return _fixpoint(typing, lambda carried, inside: block.infer(inside, [index, carried]), typing[start])

    def evaluate(arrays: Evaluation) -> Any:
        state = arrays[start]
        for step in range(3):
            state = block.evaluate(arrays, [_number(step).astype(jnp.int32), state])
        return state

    return Step(f"lax.fori_loop(0, 3, {block.name}, v{start})", infer, evaluate, **holding([block]))


def while_loop(draft: Draft) -> Step:
    """Each instance runs as many steps as its own integer says. Those that are done still take part in collectives."""
    forbid_depth(draft)
    first = draft.operand(lambda one: one.dtype == "int32" and one.rank == 0)
    start = draft.real()
    block = draft.block([draft.types[start]], draft.types[start], fixed=False)

    def infer(typing: Typing) -> Type:
        def step(carried: Type, inside: Typing) -> Type:
            return block.infer(inside, [carried]).joined(typing[first])

        return _fixpoint(typing, step, typing[start].joined(typing[first]))

    def evaluate(arrays: Evaluation) -> Any:
        count, state = arrays[first] % 3, arrays[start]
        for _ in range(3):
            active = (count < 3).reshape((*count.shape, *(1,) * (state.ndim - NAMED)))
            state = jnp.where(active, block.evaluate(arrays, [state]), state)
            count = count + 1
        return state

    call = f"lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, {block.name}(s[1])), (v{first} % 3, v{start}))[1]"
    return Step(call, infer, evaluate, **holding([block], reversible=False))


def branches(draft: Draft) -> Step:
    """cond and switch; the predicate may differ between instances."""
    forbid_depth(draft)
    index = draft.operand(lambda one: one.dtype in ("int32", "bool") and one.rank == 0)
    operand = draft.real()
    cases = 2 if draft.types[index].dtype == "bool" else 3
    blocks = [draft.block([draft.types[operand]], draft.types[operand], suffix="abc"[case]) for case in range(cases)]

    def infer(typing: Typing) -> Type:
        results = [block.infer(typing, [typing[operand]]) for block in blocks]
        return results[0].joined(*results[1:], typing[index])

    def evaluate(arrays: Evaluation) -> Any:
        number = arrays[index].astype(jnp.int32) % cases
        results = [block.evaluate(arrays, [arrays[operand]]) for block in blocks]
        chosen = results[0]
        for case, result in enumerate(results[1:], 1):
            is_case = (number == case).reshape((*number.shape, *(1,) * (chosen.ndim - NAMED)))
            chosen = jnp.where(is_case, result, chosen)
        return chosen

    names = ", ".join(block.name for block in blocks)
    if cases == 2:
        text = f"lax.cond(v{index}, {', '.join(block.name for block in blocks[::-1])}, v{operand})"
    else:
        text = f"lax.switch(v{index} % {cases}, [{names}], v{operand})"
    return Step(text, infer, evaluate, **holding(blocks))


def call(draft: Draft) -> Step:
    """A function under jit or checkpoint, which change nothing."""
    forbid_depth(draft)
    operand, other = draft.real(), draft.operand()
    wrapper = draft.choose(["jax.jit", "jax.checkpoint", "jax.named_call"])
    block = draft.block([draft.types[operand], draft.types[other]])
    return Step(
        f"{wrapper}({block.name})(v{operand}, v{other})",
        lambda typing: block.infer(typing, [typing[operand], typing[other]]),
        lambda arrays: block.evaluate(arrays, [arrays[operand], arrays[other]]),
        **holding([block]),
    )


def custom_jvp(draft: Draft) -> Step:
    """A function whose tangents are three times what they should be."""
    forbid_depth(draft)
    operand = draft.real()
    block = draft.block([draft.types[operand]], draft.types[operand], closed=True)
    if not all(step.forwardable for step in block.steps):
        raise Unfit

    def evaluate(arrays: Evaluation) -> Any:
        function = jax.custom_jvp(lambda x: block.evaluate(arrays, [x]))
        function.defjvp(lambda xs, ts: _tripled(*jax.jvp(lambda x: block.evaluate(arrays, [x]), xs, ts)))
        return function(arrays[operand])

    def infer(typing: Typing) -> Type:
        return block.infer(typing, [typing[operand]])

    return Step(f"tripled_tangents({block.name})(v{operand})", infer, evaluate, **holding([block]))


def custom_vjp(draft: Draft) -> Step:
    """A function whose cotangents are three times what they should be.

    What a derivative rule with collectives means is clear only if operand and result have their axes: a cotangent
    that lacks one stands for the same cotangent of every instance.
    """
    forbid_depth(draft)
    operand = draft.real()
    of = draft.types[operand]
    block = draft.block([of], of, closed=True)
    record = Record()
    result = block.infer(Typing(draft.types, draft.sizes, record), [of])
    if not all(step.reversible for step in block.steps) or not record.mentioned() <= of.names & result.names:
        raise Unfit

    def evaluate(arrays: Evaluation) -> Any:
        function = jax.custom_vjp(lambda x: block.evaluate(arrays, [x]))

        def forward(x: Any) -> Any:
            return block.evaluate(arrays, [x]), x

        def backward(x: Any, cotangent: Any) -> Any:
            (pulled,) = jax.vjp(lambda x: block.evaluate(arrays, [x]), x)[1](cotangent)
            return (3.0 * pulled,)

        function.defvjp(forward, backward)
        return function(arrays[operand])

    def infer(typing: Typing) -> Type:
        return block.infer(typing, [typing[operand]])

    return Step(f"tripled_cotangents({block.name})(v{operand})", infer, evaluate, **holding([block], forwardable=False))


def _tripled(value: Any, tangent: Any) -> Any:
    return value, 3.0 * tangent


def forbid_depth(draft: Draft) -> None:
    if draft.depth >= DEEPEST:
        raise Unfit


def _optional_rows(draft: Draft) -> int | None:
    if draft.flip():
        return None
    return draft.real(lambda one: one.rank > 0 and one.shape[0] <= 4)


def _number(step: int) -> Any:
    return jnp.full((1,) * NAMED, float(step))


def _fixpoint(typing: Typing, step: Any, start: Type) -> Type:
    """The type of a carry, into which every step may bring further axes."""
    carried = start
    while True:
        grown = carried.joined(step(carried, replace(typing, record=Record())))
        if grown == carried:
            break
        carried = grown
    step(carried, typing)
    return carried


CONTROL_FLOW = [scan, fori_loop, while_loop, branches, call, custom_jvp, custom_vjp]
