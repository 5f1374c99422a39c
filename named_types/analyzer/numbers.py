"""Python numbers that are not known: symbolic sizes, which do exact arithmetic, and numbers known by type alone.

``x.shape[0] // heads`` is a size again, in the variables of the signature; ``len(xs) / 2`` is some float.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from named_types.algebra import SymbolicDim, UnknownDim
from named_types.algebra.dim import add, floor_divide, modulo, multiply
from named_types.analyzer.values import UNKNOWN, Number, Value

UNCERTAIN = (Number, SymbolicDim)
"""Numbers whose value is not known."""

_EXACT: dict[str, Callable[..., Any]] = {
    "add": add,
    "floordiv": floor_divide,
    "mod": modulo,
    "mul": multiply,
    "neg": lambda dim: multiply(-1, dim),
    "pos": lambda dim: dim,
    "sub": lambda left, right: add(left, multiply(-1, right)),
}
_ARITHMETIC = frozenset({*_EXACT, "truediv", "pow"})


def is_number(value: Value) -> bool:
    return isinstance(value, (*UNCERTAIN, int, float)) and not isinstance(value, bool)


def calculate(operator: str, *operands: Value) -> Value:
    """An operator on numbers of which some are not known."""
    if operator in _EXACT and not any(isinstance(one, (Number, float)) for one in operands):
        dim = _EXACT[operator](*operands)
        return Number(int) if isinstance(dim, UnknownDim) else dim
    if operator == "eq" and operands[0] == operands[1] and isinstance(operands[0], SymbolicDim):
        return True
    if operator not in _ARITHMETIC:
        return UNKNOWN
    is_integer = all(kind_of(one) is int for one in operands)
    if operator == "pow" and is_integer:
        exponent = operands[1]
        return Number(int if exponent >= 0 else float) if isinstance(exponent, int) else UNKNOWN
    return Number(int if is_integer and operator != "truediv" else float)


def kind_of(number: Value) -> type[int] | type[float]:
    if isinstance(number, Number):
        return number.kind
    return float if isinstance(number, float) else int
