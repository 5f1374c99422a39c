"""An operation as the program would write it, with types in place of values: ``f32[(8, 3)] * f32[(8,)]``."""

from __future__ import annotations

from collections.abc import Sequence

_SYMBOLS = {
    "operator.add": "+",
    "operator.and_": "&",
    "operator.eq": "==",
    "operator.floordiv": "//",
    "operator.ge": ">=",
    "operator.gt": ">",
    "operator.le": "<=",
    "operator.lshift": "<<",
    "operator.lt": "<",
    "operator.matmul": "@",
    "operator.mod": "%",
    "operator.mul": "*",
    "operator.ne": "!=",
    "operator.or_": "|",
    "operator.pow": "**",
    "operator.rshift": ">>",
    "operator.sub": "-",
    "operator.truediv": "/",
    "operator.xor": "^",
}
_PREFIXES = {"operator.inv": "~", "operator.neg": "-", "operator.pos": "+"}
_ARRAY = "jax.Array."
_ATTRIBUTES = frozenset({"T", "mT", "imag", "real"})
_OF_FUNCTIONS = frozenset(
    f"jax.{name}" for name in "grad hessian jacfwd jacobian jacrev linear_transpose value_and_grad vjp vmap".split()
)
_LONGEST = 72


def written(operation: str, arguments: Sequence[str]) -> str:
    """``operation`` is a dotted path, or words about one argument: ``'the length of {}'``."""
    arguments = [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..." for text in arguments]
    if "{}" in operation:
        return operation.format(*arguments)
    if operation in _SYMBOLS and len(arguments) == 2:
        return f"{arguments[0]} {_SYMBOLS[operation]} {arguments[1]}"
    if operation in _PREFIXES and len(arguments) == 1:
        return f"{_PREFIXES[operation]}{arguments[0]}"
    if operation == "operator.getitem" and len(arguments) == 2:
        return f"{arguments[0]}[{_index(arguments[1])}]"
    if operation.startswith(_ARRAY) and arguments:
        return _method(operation.removeprefix(_ARRAY), *arguments)
    called = f"{operation}(function)" if operation in _OF_FUNCTIONS else operation
    return f"{called}({', '.join(arguments)})"


def _method(name: str, array: str, *rest: str) -> str:
    if name.startswith("at."):
        index, *values = rest
        return f"{array}.at[{_index(index)}].{name.removeprefix('at.')}({', '.join(values)})"
    return f"{array}.{name}" if name in _ATTRIBUTES else f"{array}.{name}({', '.join(rest)})"


def _index(text: str) -> str:
    """An index of several parts without the parentheses of a tuple."""
    inner = text[1:-1].removesuffix(",")
    is_tuple = text.startswith("(") and text.endswith(")") and inner.count("(") == inner.count(")")
    return inner if is_tuple else text
