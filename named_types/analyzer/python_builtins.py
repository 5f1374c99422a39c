"""Python's own functions and container methods, on values that are known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.dunders import call_special, special_method
from named_types.analyzer.object_builtins import OBJECT_BUILTINS
from named_types.analyzer.operations import call_library, elements, truth_of
from named_types.analyzer.values import UNKNOWN, AbstractArray, Args, Kwargs, Value, forget, is_forgotten
from named_types.problems import InvalidOperation

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

Builtin = Callable[[Any, Args, Kwargs, cst.CSTNode], Value]


def _len(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    (value,) = args
    if isinstance(value, AbstractArray):
        if value.type.shape.rank == 0:
            interp.report(InvalidOperation("len", (str(value),), "a scalar has no leading axis"), node)
        first = value.type.shape.dims[:1] if value.type.shape.rank else ()
        return first[0] if first and isinstance(first[0], int) else UNKNOWN
    if special_method(value, "__len__") is not None:
        return call_special(interp, value, "__len__", [], node)
    if is_forgotten(value) or not isinstance(value, (tuple, list, dict, str, range)):
        return UNKNOWN
    return len(value)


def _range(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return range(*args) if all(isinstance(arg, int) for arg in args) else UNKNOWN


def _over_elements(function: Callable[..., Any]) -> Builtin:
    """A builtin that only rearranges what iterating over its arguments gives."""

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        parts = [elements(interp, arg) for arg in args]
        return UNKNOWN if kwargs or None in parts else function(*parts)

    return builtin


def _enumerate(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return UNKNOWN if parts is None or not isinstance(start, int) else list(enumerate(parts, start))


def _map(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = [elements(interp, arg) for arg in args[1:]]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return UNKNOWN
    return [interp.call(args[0], list(items), {}, node) for items in zip(*known, strict=False)]


def _on_numbers(function: Callable[..., Any]) -> Builtin:
    """A builtin on numbers, bools and strings, alone or in one sequence."""

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        flat = elements(interp, args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list, range)) else args
        if kwargs or flat is None or not all(isinstance(arg, (bool, int, float, str)) for arg in flat):
            return UNKNOWN
        return function(*args)

    return builtin


def _sum(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    if parts is None or len(args) > 1 or kwargs:
        return UNKNOWN
    total: Value = 0
    for part in parts:
        if isinstance(part, AbstractArray) or isinstance(total, AbstractArray):
            total = call_library(interp, "operator.add", [total, part], {}, node)
        elif isinstance(part, (int, float)) and isinstance(total, (int, float)):
            total += part
        else:
            return UNKNOWN
    return total


def _abs(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if isinstance(args[0], AbstractArray):
        return call_library(interp, "operator.abs", args, kwargs, node)
    return abs(args[0]) if isinstance(args[0], (int, float)) else UNKNOWN


def _bool(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    known = truth_of(interp, args[0], node) if args else False
    return UNKNOWN if known is None else known


def _dict(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    given = args[0] if args else {}
    pairs = elements(interp, list(given.items()) if type(given) is dict and not is_forgotten(given) else given)
    if pairs is None or not all(isinstance(pair, tuple) and pair[0] is not UNKNOWN for pair in pairs):
        return UNKNOWN
    return {**dict(pairs), **kwargs}


def _unknown(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return UNKNOWN


BUILTINS: dict[str, Builtin] = {
    "abs": _abs,
    "bool": _bool,
    "complex": _on_numbers(complex),
    "dict": _dict,
    "divmod": _on_numbers(divmod),
    "enumerate": _enumerate,
    "float": _on_numbers(float),
    "int": _on_numbers(int),
    "iter": _over_elements(lambda parts: list(parts)),
    "len": _len,
    "list": _over_elements(lambda parts=(): list(parts)),
    "map": _map,
    "max": _on_numbers(max),
    "min": _on_numbers(min),
    "print": lambda interp, args, kwargs, node: None,
    "range": _range,
    "reveal_type": _unknown,
    "reversed": _over_elements(lambda parts: parts[::-1]),
    "round": _on_numbers(round),
    "sorted": _over_elements(sorted),
    "str": _unknown,
    "sum": _sum,
    "tuple": _over_elements(lambda parts=(): tuple(parts)),
    "zip": _over_elements(lambda *parts: list(zip(*parts, strict=False))),
    **OBJECT_BUILTINS,
}
"""The builtins by name; `reveal_type` is answered before it is looked up here."""


def call_container_method(receiver: Value, name: str, args: Args, kwargs: Kwargs) -> Value:
    """A method of a list, dict, tuple or string. One that is not modelled may change a list or dict in any way."""
    are_known = name == "append" or not any(arg is UNKNOWN or is_forgotten(arg) for arg in args)
    if (type(receiver), name) in _METHODS and are_known and not kwargs and not is_forgotten(receiver):
        with suppress(Exception):
            result = getattr(receiver, name)(*args)
            return list(result) if name in ("items", "keys", "values") else result
    if may_change(receiver, name):
        forget(receiver)
    return UNKNOWN


def may_change(receiver: Value, name: str) -> bool:
    """Whether a method may change what it is a method of."""
    return isinstance(receiver, (list, dict)) and name not in _READING


_READING = {"copy", "count", "get", "index", "items", "keys", "values"}
_METHODS = {
    (list, "append"),
    (list, "copy"),
    (list, "extend"),
    (list, "insert"),
    (list, "pop"),
    (list, "reverse"),
    (dict, "copy"),
    (dict, "get"),
    (dict, "items"),
    (dict, "keys"),
    (dict, "pop"),
    (dict, "setdefault"),
    (dict, "update"),
    (dict, "values"),
    (str, "join"),
    (str, "split"),
}
