"""What Python itself rejects: calls of what is no function and with other arguments, attributes that arrays lack.

Functions of the program are held against their parameters where they are bound, see `signatures.bind`. Functions
that JAX is asked about object themselves; those that the checker answers for are held against their signatures here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Instance, class_of
from named_types.analyzer.shown import shown
from named_types.analyzer.values import AbstractArray, Args, Kwargs, Value, is_forgotten
from named_types.problems import InvalidOperation
from named_types.semantics.library_signature import signature_of

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_NEVER_CALLABLE = (AbstractArray, bool, complex, dict, float, int, list, range, str, tuple)
_OF_PYTHON = (
    "abs all any bin callable chr divmod enumerate hasattr hex isinstance issubclass len oct ord reversed round "
    "sorted sum".split()
)
_OF_JAX = "grad jit make_mesh tree.leaves tree.map tree.reduce value_and_grad vmap".split()
_OF_THE_RUNTIME = "SerialLoop mesh serial_loop".split()
_ANSWERED_FOR = frozenset(
    [
        *(f"builtins.{name}" for name in _OF_PYTHON),
        *(f"jax.{name}" for name in _OF_JAX),
        *(f"named_types.runtime.{name}" for name in _OF_THE_RUNTIME),
    ]
)
"""Callables that the checker answers for, and that say themselves what they take."""

_TAKING_A_FUNCTION = frozenset(
    "functools.partial jax.grad jax.jit jax.tree.map jax.tree_util.tree_map jax.value_and_grad jax.vmap "
    "named_types.runtime.xmap".split()
)
"""Library functions whose first argument is called, now or later."""


def is_no_function(value: Value) -> bool:
    """Whether a value is certain to be none: an array, a number, a plain container, an instance that is no function."""
    cls = class_of(value)
    if cls is not None:
        is_exact = not isinstance(value, Instance) or value.is_exact
        return is_exact and cls.is_whole and cls.lookup("__call__") is None
    return type(value) in _NEVER_CALLABLE and not is_forgotten(value)


def report_no_function(interp: Interpreter, callee: Value, node: cst.CSTNode) -> None:
    """Say that ``callee`` is called, which is no function."""
    if not interp.is_guarded:
        interp.report(InvalidOperation("a call of {}", (_described(callee),), "it is no function"), node)


def report_no_attribute(interp: Interpreter, array: AbstractArray, name: str, node: cst.CSTNode) -> None:
    """Say that an array is asked for an attribute that no array has."""
    if not interp.is_guarded:
        interp.report(InvalidOperation(f"{{}}.{name}", (shown(array),), "an array has no such attribute"), node)


def report_misfit(
    interp: Interpreter, name: str, args: Iterable[Value], kwargs: Kwargs, reason: str, node: cst.CSTNode
) -> None:
    """Say that a function cannot be called with such arguments."""
    if not interp.is_guarded:
        given = [shown(value) for value in args] + [f"{name}={shown(value)}" for name, value in kwargs.items()]
        interp.report(InvalidOperation(name, tuple(given), reason), node)


def is_misfit(interp: Interpreter, path: str, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> bool:
    """Whether a library function cannot be called with such arguments, which is reported."""
    reason = _no_function_first(path, args) or _objection(path, args, kwargs)
    if reason:
        report_misfit(interp, path.removeprefix("builtins."), args, kwargs, reason, node)
    return bool(reason)


def _no_function_first(path: str, args: Args) -> str:
    if path == "functools.partial" and not args:
        return "it lacks a function"
    is_wrong = path in _TAKING_A_FUNCTION and bool(args) and is_no_function(args[0])
    return f"the first argument is a function, not {_described(args[0])}" if is_wrong else ""


def _described(value: Value) -> str:
    cls = class_of(value)
    return shown(value) if cls is None else f"an instance of {cls.name}"


def _objection(path: str, args: Args, kwargs: Kwargs) -> str:
    if path not in _ANSWERED_FOR:
        return ""
    try:
        signature_of(path).bind(*args, **kwargs)
    except TypeError as error:
        return _reason(str(error))
    return ""


def _reason(said: str) -> str:
    """Python's words in those of the checker."""
    for pattern, reason in _REASONS:
        if found := re.search(pattern, said):
            return reason.format(*found.groups())
    return said


_REASONS = (
    (r"missing a required (?:\S+ )?argument: ('\w+')", "it lacks {}"),
    (r"unexpected keyword argument ('\w+')", "there is no argument {}"),
    (r"multiple values for argument ('\w+')", "{} is given twice"),
    (r"too many positional arguments", "these are more than it has room for"),
)
