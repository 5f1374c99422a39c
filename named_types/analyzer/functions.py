"""Functions of the program given to JAX, and functions that JAX gives back.

A call such as ``lax.scan(body, init, xs)`` is answered by JAX itself: in place of ``body`` it gets a function
that interprets the body with the types of the tracers it is called with, and answers with stand-ins of the types
that come out. So the body is checked at its own lines, with the types that JAX gives it, and JAX objects to a
carry that changes its type. A body of whose results something is not known makes the whole call unknown.

What JAX returns may be a function again: that is kept as the call which made it, and made anew when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax
import libcst as cst

from named_types.algebra import NO_NAMES
from named_types.analyzer.conflicts import report_recorded
from named_types.analyzer.dunders import special_method
from named_types.analyzer.less_known import without_names
from named_types.analyzer.operations import arrays_in, to_plain
from named_types.analyzer.pytree_nodes import is_node, map_children
from named_types.analyzer.values import (
    CALLABLES,
    UNKNOWN,
    AbstractArray,
    Args,
    CustomDerivative,
    Kwargs,
    Library,
    LibraryFunction,
    Method,
    Value,
)
from named_types.semantics import library, ongoing, recording
from named_types.semantics.abstract_array import RETURNED_FUNCTION, is_concrete
from named_types.semantics.function_calls import evaluate_with_functions
from named_types.semantics.higher_order import DERIVATIVES, TRANSFORMATIONS, resolve_higher_order
from named_types.semantics.library_call import ends_pytree
from named_types.semantics.outcome import Outcome
from named_types.semantics.precision import enable_x64
from named_types.semantics.pytrees import tree_flatten, tree_leaves, tree_map
from named_types.semantics.recording import Recording
from named_types.semantics.stand_in import stand_in

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


class _UnfollowedError(Exception):
    """What a function of the program gives is not known."""


def call_higher_order(
    interp: Interpreter, callee: Library | LibraryFunction, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """The value of a call of a library function that takes functions, or of a function that one has given."""
    call = LibraryFunction(callee, tuple(args), dict(kwargs))
    answer = ask_jax(interp, call, node)
    if answer is None and (question := _question(interp, call, node)) is not None and question.has_names:
        answer = _told(interp, question, question.put(interp))
        answer = answer if isinstance(answer, LibraryFunction) else without_names(answer)
    return UNKNOWN if answer is None else answer


def ask_jax(interp: Interpreter, call: LibraryFunction, node: cst.CSTNode) -> Value:
    """What a call gives: UNKNOWN where JAX objects to it, which is reported; None where it cannot be asked."""
    if isinstance(call.function, Library) and call.path in TRANSFORMATIONS:
        return call
    question = _question(interp, call, node)
    if question is None:
        return None
    if question.has_names and ongoing.recording() is None:
        return _ask_with_names(interp, question)
    is_derivative = library.canonical(call.path) in DERIVATIVES
    return _told(interp, question, question.put(interp, Recording(has_names=False) if is_derivative else None))


@dataclass(frozen=True)
class _Question:
    """A call that JAX is asked about, as a function of what the calls in its chain are given."""

    call: LibraryFunction
    node: cst.CSTNode
    run: Callable[..., Any]
    given: list[Any]
    has_names: bool
    """Whether named axes are about, or may be."""

    def put(self, interp: Interpreter, told_in: Recording | None = None) -> Outcome:
        path = library.canonical(self.call.path)
        going_on = ongoing.recording() or told_in
        if going_on is not None and path in DERIVATIVES:
            going_on.differentiates = True
        with enable_x64(interp.enable_x64), ongoing.at_place(self.node):
            return evaluate_with_functions(self.call.path, self.run, self.given, interp.context.axis_env, told_in)


def _question(interp: Interpreter, call: LibraryFunction, node: cst.CSTNode) -> _Question | None:
    """None for a call that JAX cannot be asked about."""
    calls = [_with_methods(one) for one in _chain(call)]
    if call.path in _FUNCTIONS_COME_LATER and any(special_method(one, "__call__") for one in call.args):
        return None
    made = resolve_higher_order(call.path)
    if made is None:
        return None
    given = [_for_jax(interp, (list(one.args), dict(one.kwargs)), node) for one in calls]

    def run(*given: Any) -> Any:
        function: Any = made
        for one, (args, kwargs) in zip(calls, given, strict=True):
            function = function(*args, **kwargs)
            if one.index is not None:
                function = tree_leaves(function, ends_pytree)[one.index]
        return function

    return _Question(call, node, run, given, has_names(interp, given))


def _ask_with_names(interp: Interpreter, question: _Question) -> Value:
    """The functions are first interpreted to learn what the call computes; then with the names that this tells."""
    found = Recording(has_names=True)
    moment = interp.heap.moment()
    with interp.within(replace(interp.context, is_trial=True)):
        outcome = question.put(interp, found)
    moment.restore()
    if found.is_rejected:
        return UNKNOWN
    if outcome.problem is None and (outcome.value is UNKNOWN or not found.tells_names):
        return None
    for met in found.calls():
        interp.call(met.function, met.args, met.kwargs, question.node)
    report_recorded(interp, found, arrays_in(question.given), question.node)
    return _told(interp, question, outcome)


def _told(interp: Interpreter, question: _Question, outcome: Outcome) -> Value:
    if outcome.problem is not None:
        if (going_on := ongoing.recording()) is not None:
            going_on.is_rejected = True
        interp.report(outcome.problem, question.node)
        return UNKNOWN
    return None if outcome.value is UNKNOWN else _from_jax(outcome.value, question.call)


def call_with_rules(
    interp: Interpreter, custom: CustomDerivative, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """A call of a function with derivatives of its own, while JAX traces: it may ask for them. None if it cannot."""
    given = _for_jax(interp, (list(args), dict(kwargs)), node)

    def run(given: Any) -> Any:
        args, kwargs = given
        return _with_rules(interp, custom, node)(*args, **kwargs)

    call = LibraryFunction(custom.made_by, tuple(args), dict(kwargs))
    question = _Question(call, node, run, [given], has_names(interp, given))
    return _told(interp, question, question.put(interp))


def _chain(function: LibraryFunction) -> list[LibraryFunction]:
    """The calls that make a function, the first one first."""
    calls = [function]
    while isinstance(callee := calls[0].function, LibraryFunction):
        calls.insert(0, callee)
    return calls


_FUNCTIONS_COME_LATER = ("jax.lax.cond", "jax.lax.fori_loop", "jax.lax.switch", "jax.lax.while_loop")


def _with_methods(call: LibraryFunction) -> LibraryFunction:
    """With the method that is called in place of an instance that is given as the function."""
    is_transformation = bool(call.args) and isinstance(call.function, Library)
    method = special_method(call.args[0], "__call__") if is_transformation else None
    return call if method is None else replace(call, args=(method, *call.args[1:]))


def has_names(interp: Interpreter, given: Any) -> bool:
    """Whether named axes are about, or may be: those of what functions close over, where a function is alone."""
    context = interp.context
    return (
        bool(context.axis_env)
        or not context.is_complete
        or any(one.named_shape != NO_NAMES for one in arrays_in(given))
    )


def _for_jax(interp: Interpreter, value: Value, node: cst.CSTNode) -> Any:
    """A pytree of values as JAX is given it, with a Python function for each function."""
    if isinstance(value, CustomDerivative) and value.rules:
        return _with_rules(interp, value, node)
    if isinstance(value, (*CALLABLES, Method)):
        dtype = to_plain(value)
        return callback(interp, value, node) if dtype is UNKNOWN else dtype
    if is_node(value):
        return map_children(lambda child: _for_jax(interp, child, node), value)
    return to_plain(value)


def callback(interp: Interpreter, function: Value, node: cst.CSTNode, is_rule: bool = False) -> Callable[..., Any]:
    """A Python function that interprets ``function`` with the types of the tracers it is called with."""

    def call(*args: Any, **kwargs: Any) -> Any:
        going_on = ongoing.recording()
        values = _as_values(interp, function, args, kwargs, is_rule)
        with nullcontext() if going_on is None else going_on.inside():
            result = interp.call(function, *values, node)
        return tree_map(_concrete, to_plain(result), ends_pytree)

    call.__name__ = getattr(function, "name", "function")
    return call


def _with_rules(interp: Interpreter, custom: CustomDerivative, node: cst.CSTNode) -> Any:
    """JAX's own object for a function with derivatives of its own: JAX calls the rules and checks what they give."""
    made = {"jax.custom_jvp": jax.custom_jvp, "jax.custom_vjp": jax.custom_vjp}[custom.made_by.path]
    args, kwargs = custom.made_by.args[1:], custom.made_by.kwargs
    function: Any = made(callback(interp, custom.function, node), *args, **kwargs)
    for name, rules in custom.rules.items():
        given = [rule if rule is None else callback(interp, rule, node, is_rule=True) for rule in rules]
        getattr(function, name)(*given)
    return function


def _as_values(interp: Interpreter, function: Value, args: Args, kwargs: Kwargs, is_rule: bool) -> tuple[Any, Any]:
    """What JAX calls a function with."""
    if (going_on := ongoing.recording()) is not None:
        return going_on.called(function, args, dict(kwargs), is_rule)
    given = list(args), dict(kwargs)
    named_shape = None if has_names(interp, ()) else NO_NAMES
    values: tuple[Any, Any] = tree_map(lambda leaf: recording.abstract_leaf(leaf, named_shape), given, ends_pytree)
    return values


def _concrete(leaf: Any) -> Any:
    if leaf is UNKNOWN or (isinstance(leaf, AbstractArray) and not is_concrete(leaf.type)):
        raise _UnfollowedError
    if isinstance(leaf, AbstractArray):
        going_on = ongoing.recording()
        return stand_in(leaf) if going_on is None else going_on.tracer(leaf)
    return leaf


def _from_jax(value: Any, call: LibraryFunction) -> Value:
    """The results, with a function for each one that JAX returned."""
    leaves, structure = tree_flatten(value, ends_pytree)
    functions = [
        LibraryFunction(call.function, call.args, call.kwargs, index) if leaf is RETURNED_FUNCTION else leaf
        for index, leaf in enumerate(leaves)
    ]
    return structure.unflatten(functions)
