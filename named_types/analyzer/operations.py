"""Operations on values: library calls through the oracle, operators, truth, iteration."""

from __future__ import annotations

import builtins
import operator as python_operators
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import libcst as cst
import numpy as np

from named_types.algebra import ArrayType, SerialLoop, SymbolicDim
from named_types.analyzer import conflicts
from named_types.analyzer.class_values import Instance, Record, class_of
from named_types.analyzer.dunders import call_special, operate, special_method
from named_types.analyzer.values import UNKNOWN, AbstractArray, Library, Value, is_forgotten
from named_types.problems import InvalidOperation
from named_types.semantics import library
from named_types.semantics.collectives import loop_collectives
from named_types.semantics.oracle import evaluate

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

_LARGEST_NUMBER = 1 << 128
_LONGEST_SEQUENCE = 4096


def call_library(
    interp: Interpreter, path: str, args: Sequence[Value], kwargs: Mapping[str, Value], node: cst.CSTNode
) -> Value:
    """The value of a call the oracle answers; its problem, and conflicts inside it, are reported at ``node``."""
    plain_args = [to_plain(arg) for arg in args]
    plain_kwargs = {name: to_plain(arg) for name, arg in kwargs.items()}
    with jax.enable_x64(interp.enable_x64):
        outcome = evaluate(path, plain_args, plain_kwargs, interp.context.axis_env)
    if outcome.problem is not None:
        if _is_certain((plain_args, plain_kwargs)):
            interp.report(outcome.problem, node)
        return UNKNOWN
    for problem in loop_collectives(outcome.collectives, interp.context.axis_resources):
        interp.report(problem, node)
    made = [*outcome.intermediates, *arrays_in(outcome.value)]
    conflicts.report_conflicts(interp, made, node, operands=arrays_in((plain_args, plain_kwargs)))
    return outcome.value


def apply_operator(interp: Interpreter, name: str, left: Value, right: Value, node: cst.CSTNode) -> Value:
    """``left name right``, with libcst's name of the operator."""
    function = _OPERATORS.get(name)
    if function is None or left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    of_instance = operate(interp, function, left, right, node)
    if of_instance is not None:
        return of_instance
    if isinstance(left, AbstractArray) or isinstance(right, AbstractArray):
        return call_library(interp, f"operator.{function}", [left, right], {}, node)
    return _apply_plainly(getattr(python_operators, function), left, right)


def apply_unary(interp: Interpreter, name: str, operand: Value, node: cst.CSTNode) -> Value:
    """``name operand``; ``not`` is no operator of arrays and is not among them."""
    if isinstance(operand, AbstractArray):
        return call_library(interp, f"operator.{_OPERATORS[name]}", [operand], {}, node)
    if class_of(operand) is not None:
        return call_special(interp, operand, _UNARY.get(name, f"__{_OPERATORS[name]}__"), [], node)
    return _apply_plainly(getattr(python_operators, _OPERATORS[name]), operand)


def _apply_plainly(function: Callable[..., Any], *operands: Value) -> Value:
    """A Python operator on plain values, within bounds: the checked program may ask for ``10**10**10``."""
    if not all(isinstance(one, _PLAIN) and not is_forgotten(one) for one in operands) or not _is_small(
        function, operands
    ):
        return UNKNOWN
    try:
        return function(*operands)
    except Exception:
        return UNKNOWN


_PLAIN = (bool, int, float, complex, str, bytes, tuple, list, np.dtype, type(None))


def _is_small(function: Callable[..., Any], operands: Sequence[Value]) -> bool:
    for one in operands:
        if isinstance(one, int) and abs(one) > _LARGEST_NUMBER:
            return False
        if isinstance(one, (str, bytes, tuple, list)) and len(one) > _LONGEST_SEQUENCE:
            return False
    if function is python_operators.mod and isinstance(operands[0], (str, bytes)):
        return False
    if function in (python_operators.pow, python_operators.lshift):
        return all(not isinstance(one, int) or abs(one) <= 64 for one in operands[1:])
    if function is python_operators.mul and any(isinstance(one, (str, bytes, tuple, list)) for one in operands):
        return all(not isinstance(one, int) or one <= _LONGEST_SEQUENCE for one in operands)
    return True


def truth(value: Value) -> bool | None:
    """Whether a value counts as true, None where that is not known."""
    if isinstance(value, (*_PLAIN, dict, range)) and not is_forgotten(value):
        return bool(value)
    if isinstance(value, (Instance, Record)) and value.is_exact and value.cls.is_whole:
        return True if value.cls.lookup("__bool__") is value.cls.lookup("__len__") is None else None
    return None


def elements(interp: Interpreter, value: Value) -> list[Value] | None:
    """What iterating over a value gives, None where that is not known."""
    if isinstance(value, (tuple, list, dict, str)):
        return None if is_forgotten(value) else list(value)
    if special_method(value, "__iter__") is not None:
        return elements(interp, call_special(interp, value, "__iter__", [], cst.Pass()))
    if isinstance(value, range):
        return list(value) if len(value) <= _LONGEST_SEQUENCE else None
    if isinstance(value, AbstractArray) and value.type.shape.rank:
        length = value.type.shape.dims[0]
        if isinstance(length, int) and 0 < length <= _LONGEST_SEQUENCE:
            row = evaluate("operator.getitem", [value, 0], {}, interp.context.axis_env).value
            return [row] * length
    return None


def iterated(interp: Interpreter, value: Value, node: cst.CSTNode) -> list[Value] | None:
    """`elements`; that an array has none to iterate over is reported at ``node``."""
    if isinstance(value, AbstractArray) and value.type.shape.rank == 0:
        interp.report(InvalidOperation("iteration", (str(value),), "a scalar has no axis to iterate over"), node)
    return elements(interp, value)


def truth_of(interp: Interpreter, value: Value, node: cst.CSTNode) -> bool | None:
    """`truth`, of a condition at ``node``; that an array of several entries has none is reported there."""
    if isinstance(value, AbstractArray):
        sizes = [dim for dim in value.type.shape.dims if isinstance(dim, int)]
        if sizes and len(sizes) == value.type.shape.rank and prod(sizes) > 1:
            reason = "an array of several entries is neither true nor false; use .any() or .all()"
            interp.report(InvalidOperation("truth value", (str(value),), reason), node)
    return truth(value)


def to_plain(value: Value) -> Value:
    """As the semantics take it: a pytree of plain values and arrays, UNKNOWN for all else."""
    if is_forgotten(value):
        return UNKNOWN
    if type(value) is tuple or type(value) is list:
        return type(value)(to_plain(item) for item in value)
    if type(value) is dict:
        return {key: to_plain(item) for key, item in value.items()} if _sortable(value) else UNKNOWN
    if isinstance(value, slice):
        return slice(to_plain(value.start), to_plain(value.stop), to_plain(value.step))
    if isinstance(value, Library):
        return dtype_named(value.path)
    if isinstance(value, (AbstractArray, SerialLoop, *_PLAIN, type(...), range)) and not isinstance(value, SymbolicDim):
        return value
    return UNKNOWN


def arrays_in(value: Value) -> Iterable[ArrayType]:
    """The types of the arrays in a pytree."""
    return (array.type for array in _abstract_arrays(value))


def dtype_named(path: str) -> Value:
    """The type a library path names (``jax.numpy.float32``, ``numpy.int8``, ``builtins.float``); else UNKNOWN."""
    module, _, name = library.canonical(path).rpartition(".")
    if name not in _DTYPES:
        return UNKNOWN
    return getattr(_MODULES_OF_DTYPES.get(module), name, UNKNOWN)


_MODULES_OF_DTYPES = {"jax.numpy": jnp, "numpy": np, "builtins": builtins}


_DTYPES = frozenset(
    "bool bool_ float16 bfloat16 float32 float64 int int8 int16 int32 int64 uint8 uint16 uint32 uint64 float "
    "complex complex64 complex128".split()
)


def _is_certain(arguments: Value) -> bool:
    """Only jax arrays: what NumPy's own arrays do in a call, their values may decide."""
    return not any(leaf.library == "numpy" for leaf in _abstract_arrays(arguments))


def _abstract_arrays(value: Value) -> Iterable[AbstractArray]:
    if isinstance(value, AbstractArray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _abstract_arrays(item)
    elif isinstance(value, dict):
        yield from _abstract_arrays(list(value.values()))


def _sortable(mapping: dict[Any, Any]) -> bool:
    """Whether JAX can flatten the dict: its keys must sort."""
    try:
        sorted(mapping)
    except TypeError:
        return False
    return True
