"""Operations on values: library calls through the oracle, operators, truth, iteration."""

from __future__ import annotations

import operator as python_operators
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import ArrayType, SerialLoop, SymbolicDim
from named_types.analyzer import conflicts
from named_types.analyzer.class_values import Instance, PytreeRecord, Record, class_of, is_member
from named_types.analyzer.dunders import call_special, operate, special_method
from named_types.analyzer.joins import join
from named_types.analyzer.numbers import UNCERTAIN, calculate, is_number
from named_types.analyzer.pytree_nodes import is_node, map_children
from named_types.analyzer.shown import shown
from named_types.analyzer.suspicions import watch_axes, watch_reduction
from named_types.analyzer.value_classes import is_enumeration
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    Devices,
    Endless,
    Library,
    Number,
    Repeated,
    Value,
    is_forgotten,
)
from named_types.problems import InvalidOperation
from named_types.semantics import library
from named_types.semantics.abstract_array import ScalarType, as_array, is_dtype
from named_types.semantics.collectives import loop_collectives
from named_types.semantics.ongoing import at_place
from named_types.semantics.oracle import evaluate
from named_types.semantics.precision import enable_x64
from named_types.semantics.pytrees import is_structure

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_OPERATORS = {
    "Add": "add",
    "BitAnd": "and_",
    "BitInvert": "inv",
    "BitOr": "or_",
    "BitXor": "xor",
    "Divide": "truediv",
    "Equal": "eq",
    "FloorDivide": "floordiv",
    "GreaterThan": "gt",
    "GreaterThanEqual": "ge",
    "LeftShift": "lshift",
    "LessThan": "lt",
    "LessThanEqual": "le",
    "MatrixMultiply": "matmul",
    "Minus": "neg",
    "Modulo": "mod",
    "Multiply": "mul",
    "NotEqual": "ne",
    "Plus": "pos",
    "Power": "pow",
    "RightShift": "rshift",
    "Subtract": "sub",
}
"""libcst's name of an operator to the function of the `operator` module."""

_UNARY = {"BitInvert": "__invert__"}
"""Special methods that are not named as the function of the `operator` module."""

_OF_ANY_TYPES = (python_operators.eq, python_operators.ne, python_operators.mul)
"""Operators that a tuple and a number have."""

_LARGEST_NUMBER = 1 << 128
_LONGEST_SEQUENCE = 4096
_MOST_TAKEN = 64


def call_library(
    interp: Interpreter, path: str, args: Sequence[Value], kwargs: Mapping[str, Value], node: cst.CSTNode
) -> Value:
    """The value of a call the oracle answers; its problem, and conflicts inside it, are reported at ``node``."""
    args = [_as_jax_array(interp, arg, node) for arg in args]
    plain_args = [to_plain(arg) for arg in args]
    plain_kwargs = {name: to_plain(arg) for name, arg in kwargs.items()}
    with enable_x64(interp.enable_x64), at_place(node):
        outcome = evaluate(path, plain_args, plain_kwargs, interp.context.axis_env)
    if outcome.problem is not None:
        is_told = _is_certain((plain_args, plain_kwargs)) and not _has_numbers((list(args), dict(kwargs)))
        if is_told and not (interp.may_not_run and _is_left_out(args)):
            interp.report(outcome.problem, node)
        return UNKNOWN
    for problem in loop_collectives(outcome.collectives, interp.context.axis_resources, interp.context.loops_in_scope):
        interp.report(problem, node)
    operands, results = arrays_in((plain_args, plain_kwargs)), arrays_in(outcome.value)
    watch_reduction(interp, path, plain_args, plain_kwargs, results, node)
    watch_axes(interp, path, operands, outcome.collectives, node)
    conflicts.report_conflicts(interp, [*outcome.intermediates, *results], node, operands=operands)
    return outcome.value


def _as_jax_array(interp: Interpreter, value: Value, node: cst.CSTNode) -> Value:
    """An instance as the array that JAX asks it for."""
    is_array = special_method(value, "__jax_array__") is not None
    return call_special(interp, value, "__jax_array__", [], node) if is_array else value


def apply_operator(interp: Interpreter, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """``left name right``, with libcst's name of the operator."""
    return apply_named_operator(interp, _OPERATORS[name], left, right, node) if name in _OPERATORS else UNKNOWN


def apply_in_place(interp: Interpreter, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """``left name= right``: what the target is bound to."""
    method = f"__i{_OPERATORS[name].rstrip('_')}__" if name in _OPERATORS else ""
    if special_method(left, method) is not None:
        return call_special(interp, left, method, [right], node)
    return apply_operator(interp, name, left, right, node)


def apply_named_operator(interp: Interpreter, function: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """``left`` and ``right`` under a function of the `operator` module."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    of_instance = operate(interp, function, left, right, node)
    if of_instance is not None:
        return of_instance
    if isinstance(left, AbstractArray) or isinstance(right, AbstractArray):
        return call_library(interp, f"operator.{function}", [left, right], {}, node)
    if isinstance(left, UNCERTAIN) or isinstance(right, UNCERTAIN):
        return calculate(function, left, right) if is_number(left) and is_number(right) else UNKNOWN
    operator = getattr(python_operators, function)
    if type(left) is tuple and type(right) in (int, float) and operator not in _OF_ANY_TYPES and not interp.may_not_run:
        problem = InvalidOperation(f"operator.{function}", (shown(left), shown(right)), "a tuple is no number")
        interp.report(problem, node)
    return _apply_plainly(operator, left, right)


def apply_unary(interp: Interpreter, name: str, operand: Value, node: cst.CSTNode) -> Value:
    """``name operand``; ``not`` is no operator of arrays and is not among them."""
    if isinstance(operand, AbstractArray):
        return call_library(interp, f"operator.{_OPERATORS[name]}", [operand], {}, node)
    if class_of(operand) is not None:
        return call_special(interp, operand, _UNARY.get(name, f"__{_OPERATORS[name]}__"), [], node)
    if isinstance(operand, UNCERTAIN):
        return calculate(_OPERATORS[name], operand)
    return _apply_plainly(getattr(python_operators, _OPERATORS[name]), operand)


def _apply_plainly(function: Callable[..., Any], *operands: Value) -> Value:
    """A Python operator on plain values, within bounds: the checked program may ask for ``10**10**10``."""
    if any(is_forgotten(one) for one in operands) or not _is_small(function, operands):
        return UNKNOWN
    if function is python_operators.or_ and all(type(one) is dict for one in operands):
        return {**operands[0], **operands[1]}
    if not all(_is_plain(one) or is_member(one) for one in operands):
        return UNKNOWN
    if function in (python_operators.eq, python_operators.ne) and not all(is_settled(one) for one in operands):
        answer = are_equal(*operands)
        return UNKNOWN if answer is None else answer is (function is python_operators.eq)
    try:
        return function(*operands)
    except Exception:
        return UNKNOWN


def is_settled(value: Value) -> bool:
    """Whether a value is known to its last part, so that Python's own comparison tells the truth about it."""
    if isinstance(value, (tuple, list)):
        return all(map(is_settled, value))
    if isinstance(value, dict):
        return not is_forgotten(value) and all(map(is_settled, value.values()))
    return _is_plain(value) and not is_forgotten(value)


def are_equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if type(left) is not type(right) and type(left) in _CONTAINERS and type(right) in _CONTAINERS:
        return False
    if type(left) is type(right) and isinstance(left, (tuple, list)):
        answers = [are_equal(one, other) for one, other in zip(left, right, strict=False)]
        if len(left) != len(right) or False in answers:
            return False
        return None if None in answers else True
    if is_settled(left) and is_settled(right):
        return bool(left == right)
    if is_member(left) and is_member(right):
        return left is right or bool(left == right)
    return True if isinstance(left, SymbolicDim) and left == right else None


_CONTAINERS = {str, tuple, list, dict, type(None)}
"""Types of which no two have equal values."""

_PLAIN = (bool, int, float, complex, str, bytes, tuple, list, set, type(None))


def _is_plain(value: Value) -> bool:
    return isinstance(value, _PLAIN) or is_structure(value) or is_dtype(value)


def _is_small(function: Callable[..., Any], operands: Sequence[Value]) -> bool:
    for one in operands:
        if isinstance(one, int) and abs(one) > _LARGEST_NUMBER:
            return False
        if isinstance(one, (str, bytes, tuple, list)) and len(one) > _LONGEST_SEQUENCE:
            return False
    if function is python_operators.mod and isinstance(operands[0], (str, bytes)):
        return isinstance(operands[0], str) and is_settled(operands[1]) and re.search(r"\d{4}", operands[0]) is None
    if function in (python_operators.pow, python_operators.lshift):
        return all(not isinstance(one, int) or abs(one) <= 64 for one in operands[1:])
    if function is python_operators.mul and any(isinstance(one, (str, bytes, tuple, list)) for one in operands):
        return all(not isinstance(one, int) or one <= _LONGEST_SEQUENCE for one in operands)
    return True


def truth(value: Value) -> bool | None:
    """Whether a value counts as true, None where that is not known."""
    if (_is_plain(value) or isinstance(value, (dict, range))) and not is_forgotten(value):
        return bool(value)
    if is_member(value):
        return bool(value)
    if isinstance(value, (Instance, Record)) and value.is_exact and value.cls.is_whole:
        return True if value.cls.lookup("__bool__") is value.cls.lookup("__len__") is None else None
    return None


def item_of(interp: Interpreter, value: Value) -> Value:
    """What every item is, of something to iterate over whose length is not known; UNKNOWN where they differ."""
    if isinstance(value, Repeated):
        return value.item
    if isinstance(value, Endless):
        return reduce(join, value.take(_MOST_TAKEN))
    if isinstance(value, range):
        return Number(int)
    if isinstance(value, set) and value and not is_forgotten(value):
        return reduce(join, value)
    if isinstance(value, AbstractArray) and value.type.shape.rank:
        return evaluate("operator.getitem", [value, to_plain(Number(int))], {}, interp.context.axis_env).value
    return UNKNOWN


def elements(interp: Interpreter, value: Value) -> list[Value] | None:
    """What iterating over a value gives, None where that is not known."""
    if isinstance(value, (tuple, list, dict, str)):
        return None if is_forgotten(value) else list(value)
    if is_enumeration(value):
        return list(value.values)
    if special_method(value, "__iter__") is not None:
        iterator = call_special(interp, value, "__iter__", [], cst.Pass())
        return None if iterator is value else elements(interp, iterator)
    if isinstance(value, range):
        return list(value) if len(value) <= _LONGEST_SEQUENCE else None
    if isinstance(value, Devices):
        return value.rows
    if isinstance(value, AbstractArray) and value.type.shape.rank:
        length = value.type.shape.dims[0]
        if isinstance(length, int) and 0 < length <= _LONGEST_SEQUENCE:
            row = evaluate("operator.getitem", [value, 0], {}, interp.context.axis_env).value
            return [row] * length
    return None


def iterated(interp: Interpreter, value: Value, node: cst.CSTNode) -> list[Value] | None:
    """`elements`; that an array has none to iterate over is reported at ``node``."""
    if isinstance(value, AbstractArray) and value.type.shape.rank == 0:
        interp.report(InvalidOperation("iter({})", (str(value),), "a scalar has no axis to iterate over"), node)
    return elements(interp, value)


def truth_of(interp: Interpreter, value: Value, node: cst.CSTNode) -> bool | None:
    """`truth`, of a condition at ``node``; that an array of several entries has none is reported there."""
    if isinstance(value, AbstractArray):
        sizes = [dim for dim in value.type.shape.dims if isinstance(dim, int)]
        if sizes and len(sizes) == value.type.shape.rank and prod(sizes) > 1:
            reason = "an array of several entries is neither true nor false"
            advice = "ask for .any() or .all() of them"
            interp.report(InvalidOperation("bool({})", (str(value),), reason, advice=advice), node)
    return truth(value)


def to_plain(value: Value) -> Value:
    """As the semantics take it: a pytree of plain values and arrays, UNKNOWN for all else."""
    if isinstance(value, AbstractArray):
        return value
    if is_forgotten(value):
        return UNKNOWN
    if is_node(value):
        return map_children(to_plain, value) if not isinstance(value, dict) or _sortable(value) else UNKNOWN
    if isinstance(value, (dict, list)):
        return UNKNOWN
    if is_member(value):
        return value
    if isinstance(value, slice):
        return slice(to_plain(value.start), to_plain(value.stop), to_plain(value.step))
    if isinstance(value, Library):
        return dtype_named(value.path)
    if isinstance(value, Number):
        return as_array(value.kind(0))
    if _is_plain(value) or isinstance(value, (SerialLoop, SymbolicDim, type(...), range)):
        return value
    return UNKNOWN


def to_literal(value: Value) -> Value:
    """As a specification holds it, such as ``in_axes``: numbers that are not known are UNKNOWN."""
    if isinstance(value, UNCERTAIN):
        return UNKNOWN
    if type(value) is tuple or type(value) is list:
        return type(value)(map(to_literal, value))
    if type(value) is dict and not is_forgotten(value):
        return to_plain({key: to_literal(item) for key, item in value.items()})
    return to_plain(value)


def arrays_in(value: Value) -> list[ArrayType]:
    """The types of the arrays in a pytree."""
    return [array.type for array in _abstract_arrays(value)]


def dtype_named(path: str) -> Value:
    """The type a library path names (``jax.numpy.float32``, ``numpy.int8``, ``builtins.float``); else UNKNOWN."""
    module, _, name = library.canonical(path).rpartition(".")
    if name not in _DTYPES:
        return UNKNOWN
    if module == "jax.numpy":
        return UNKNOWN if name in ("int", "float", "complex") else ScalarType(name)
    return getattr(import_module(module), name, UNKNOWN) if module in ("builtins", "numpy") else UNKNOWN


_DTYPES = frozenset(
    "bool bool_ float16 bfloat16 float32 float64 int int8 int16 int32 int64 uint8 uint16 uint32 uint64 float "
    "complex complex64 complex128".split()
)


def _is_certain(arguments: Value) -> bool:
    """Only jax arrays: what NumPy's own arrays do in a call, their values may decide."""
    return not any(leaf.library == "numpy" for leaf in _abstract_arrays(arguments))


def _is_left_out(args: Sequence[Value]) -> bool:
    """Whether an argument is a None, as the default of a parameter is that matters in some branches only."""
    return any(arg is None for arg in args)


def _abstract_arrays(value: Value) -> Iterable[AbstractArray]:
    if isinstance(value, AbstractArray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _abstract_arrays(item)
    elif isinstance(value, dict):
        yield from _abstract_arrays(list(value.values()))
    elif isinstance(value, PytreeRecord):
        yield from _abstract_arrays([item for _, item in value.items])


def _has_numbers(value: Value) -> bool:
    """Whether a number that is not known is among the arguments: JAX takes it for an array, which Python does not."""
    if isinstance(value, (tuple, list)):
        return any(map(_has_numbers, value))
    if isinstance(value, dict):
        return any(map(_has_numbers, value.values()))
    return isinstance(value, Number)


def _sortable(mapping: dict[Any, Any]) -> bool:
    """Whether JAX can flatten the dict: its keys must sort."""
    try:
        sorted(mapping)
    except TypeError:
        return False
    return True
