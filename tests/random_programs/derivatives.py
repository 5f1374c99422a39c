"""Derivatives taken inside the mapped function.

They are those of the sum over all instances, as in ``vmap(grad)``: an instance's gradient counts what it adds,
through collectives, to the results of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from random_programs.control_flow import forbid_depth
from random_programs.drafts import Draft, Unfit
from random_programs.steps import Evaluation, Record, Step, Typing, holding
from random_programs.values import AXES, Array, Type, lift

KINDS = {
    "grad": "jax.grad(lambda t: {0}(t).sum())({1})",
    "vjp": "jax.vjp({0}, {1})[1]({2})[0]",
    "jvp": "jax.jvp({0}, ({1},), ({2},))[1]",
    "linearize": "jax.linearize({0}, {1})[1]({2})",
    "hvp": "jax.jvp(jax.grad(lambda t: {0}(t).sum()), ({1},), ({2},))[1]",
}


def derivative(draft: Draft) -> Step:
    forbid_depth(draft)
    operand = draft.real()
    of = draft.types[operand]
    direction = draft.real(lambda one: one.shape == of.shape)
    block = draft.block([of], of)
    kind = draft.choose(list(KINDS))
    flags = holding([block])
    needed = ("forwardable",) if kind in ("jvp", "linearize") else ("reversible",)
    if not all(flags[flag] for flag in ("smooth", *needed)):
        raise Unfit

    def involved(typing: Typing) -> list[str]:
        """All axes that anything in the block has or mentions."""
        record = Record()
        inner = Typing(typing.types, typing.sizes, record)
        result = block.infer(inner, [typing[operand]]).joined(typing[operand], typing[direction])
        typing.record.met += [one.unsure() for one in record.met]
        typing.record.perhaps_collectives |= record.collectives | record.perhaps_collectives
        reached = result.perhaps | record.everything()
        return [axis for axis in AXES if axis in reached and axis in typing.sizes]

    def infer(typing: Typing) -> Type:
        return of.along(involved(typing)).unsure()

    def evaluate(arrays: Evaluation) -> Array:
        axes = sorted(arrays.sizes)
        x, t = (lift(arrays[index], axes, arrays.sizes) for index in (operand, direction))

        def function(x: Any) -> Any:
            return lift(block.evaluate(arrays, [x]), axes, arrays.sizes)

        return _derivative(kind, function, x, t)

    text = KINDS[kind].format(block.name, f"v{operand}", f"v{direction}")
    return Step(text, infer, evaluate, **flags)


def _derivative(kind: str, function: Callable[[Array], Array], x: Array, t: Array) -> Array:
    if kind == "vjp":
        return jax.vjp(function, x)[1](t)[0]
    if kind in ("jvp", "linearize"):
        return jax.jvp(function, (x,), (t,))[1]
    gradient = jax.grad(lambda x: jnp.sum(function(x)))
    return gradient(x) if kind == "grad" else jax.jvp(gradient, (x,), (t,))[1]


DERIVATIVES = [derivative]
