"""Gradients inside mapped functions, of which a part may be missing: that of the other instances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.operations import to_plain
from named_types.analyzer.suspicions import Suspicion, names_in
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Args,
    Differentiated,
    Kwargs,
    Library,
    LibraryFunction,
    Value,
)
from named_types.problems import UnreducedGradient
from named_types.semantics.pytrees import tree_leaves

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def ask_for_gradient(
    interp: Interpreter, callee: Differentiated, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """What JAX says a call of ``grad(f)`` gives; None where it cannot be asked."""
    from named_types.analyzer.functions import ask_jax  # here, for it imports JAX

    return ask_jax(interp, LibraryFunction(callee.made_by, tuple(args), dict(kwargs)), node)


def watch_gradient(
    interp: Interpreter, callee: Differentiated, args: Args, kwargs: Kwargs, answer: Value, node: cst.CSTNode
) -> None:
    """Suspect gradients with axes that neither the loss has nor what it is differentiated by."""
    numbers = callee.argnums if isinstance(callee.argnums, tuple) else (callee.argnums,)
    if interp.context.is_trial or not interp.context.axis_env or answer is UNKNOWN:
        return
    parameters = tree_leaves(to_plain(tuple(args[number] for number in numbers)))
    gradients = tree_leaves(answer[1] if callee.has_value else answer[0] if callee.has_aux else answer)
    pairs = [
        (parameter, gradient)
        for parameter, gradient in zip(parameters, gradients, strict=False)
        if isinstance(parameter, AbstractArray) and isinstance(gradient, AbstractArray)
    ]
    if all(names_in([gradient.type]) <= names_in([parameter.type]) for parameter, gradient in pairs):
        return
    loss = _loss(interp, callee, args, kwargs, answer, node)
    if not isinstance(loss, AbstractArray) or loss.type.named_shape is None:
        return
    for parameter, gradient in pairs:
        axes = names_in([gradient.type]) - names_in([parameter.type, loss.type])
        if axes and parameter.type.named_shape is not None:
            problem = UnreducedGradient(tuple(sorted(axes, key=repr)), parameter.type, gradient.type)
            interp.context.suspicions.add(Suspicion(problem, node, axes))
            return


def _loss(
    interp: Interpreter, callee: Differentiated, args: Args, kwargs: Kwargs, answer: Value, node: cst.CSTNode
) -> Value:
    """What is differentiated; ``grad`` alone does not tell it."""
    if not callee.has_value:
        made_by = replace(callee.made_by, function=Library("jax.value_and_grad"))
        with interp.within(replace(interp.context, is_trial=True)):
            answer = ask_for_gradient(interp, replace(callee, has_value=True, made_by=made_by), args, kwargs, node)
    value = answer[0] if isinstance(answer, tuple) else UNKNOWN
    return value[0] if callee.has_aux and isinstance(value, tuple) else value
