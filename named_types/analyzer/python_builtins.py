"""Python's own functions, on values that are known, and on numbers and iterables known by their type alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import UnknownDim
from named_types.analyzer.container_calls import dict_of
from named_types.analyzer.containers import has_width
from named_types.analyzer.dunders import call_special, special_method
from named_types.analyzer.joins import join_all
from named_types.analyzer.misfits import report_misfit
from named_types.analyzer.numbers import UNCERTAIN, calculate, is_number, kind_of
from named_types.analyzer.object_builtins import OBJECT_BUILTINS
from named_types.analyzer.operations import (
    apply_named_operator,
    call_library,
    elements,
    is_settled,
    item_of,
    truth,
    truth_of,
)
from named_types.analyzer.type_tests import has_attribute
from named_types.analyzer.values import (
    CALLABLES,
    UNKNOWN,
    AbstractArray,
    Args,
    Devices,
    Endless,
    Kwargs,
    Library,
    Number,
    Repeated,
    Value,
    is_forgotten,
)
from named_types.problems import InvalidOperation
from named_types.semantics.library import path_of_divmod

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

Builtin = Callable[[Any, Args, Kwargs, cst.CSTNode], Value]


def _len(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    (value,) = args
    if isinstance(value, AbstractArray):
        if value.type.shape.rank == 0:
            interp.report(InvalidOperation("len({})", (str(value),), "a scalar has no leading axis"), node)
        first = value.type.shape.dims[0] if value.type.shape.rank else None
        return UNKNOWN if first is None else Number(int) if isinstance(first, UnknownDim) else first
    if special_method(value, "__len__") is not None:
        return call_special(interp, value, "__len__", [], node)
    if isinstance(value, Devices) and value.shape.rank == 1:
        return Number(int) if value.count is None else value.count
    if is_forgotten(value) or not isinstance(value, (tuple, list, dict, set, str, range)):
        return Number(int)
    return len(value)


def _range(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if kwargs or not 1 <= len(args) <= 3:
        report_misfit(interp, "range", args, kwargs, "it takes one to three numbers", node)
        return UNKNOWN
    if all(isinstance(arg, int) for arg in args):
        return range(*args)
    return Repeated(Number(int))


def _zip(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = [elements(interp, arg) for arg in args]
    shortest = min((len(part) for part in parts if part is not None), default=0)
    parts = [arg.take(shortest) if isinstance(arg, Endless) else part for arg, part in zip(args, parts, strict=True)]
    known = [part for part in parts if part is not None]
    if len(known) == len(parts) and not all(isinstance(arg, Endless) for arg in args):
        return list(zip(*known, strict=False))
    return Repeated(tuple(_any_item(interp, arg) for arg in args))


def _any_item(interp: Interpreter, value: Value) -> Value:
    """What every item is, also of something whose items are known one by one."""
    parts = elements(interp, value)
    return item_of(interp, value) if parts is None else join_all(parts)


def _enumerate(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    if parts is None or not isinstance(start, int):
        return Repeated((Number(int), _any_item(interp, args[0])))
    return list(enumerate(parts, start))


def _map(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    function, *iterables = args
    parts = [elements(interp, arg) for arg in iterables]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Repeated(interp.call(function, [_any_item(interp, one) for one in iterables], {}, node))
    return [interp.call(function, list(items), {}, node) for items in zip(*known, strict=False)]


def _filter(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    function, iterable = args
    parts = elements(interp, iterable)
    if parts is None:
        return Repeated(item_of(interp, iterable))
    kept = [truth(part if function is None else interp.call(function, [part], {}, node)) for part in parts]
    if None in kept:
        return Repeated(join_all(parts))
    return [part for part, is_kept in zip(parts, kept, strict=True) if is_kept]


def _reversed(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    return Repeated(item_of(interp, args[0])) if parts is None else parts[::-1]


def _items(interp: Interpreter, value: Value) -> list[Value] | None:
    """The items, in any order, for those who do not ask for it."""
    return list(value) if isinstance(value, set) and is_settled(value) else elements(interp, value)


def _sorted(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = _items(interp, args[0])
    function, is_reversed = kwargs.get("key"), kwargs.get("reverse", False)
    if parts is None or not kwargs.keys() <= {"key", "reverse"} or not isinstance(is_reversed, bool):
        return UNKNOWN
    keys = parts if function is None else [interp.call(function, [part], {}, node) for part in parts]
    if not is_settled(keys):
        return UNKNOWN
    order = sorted(range(len(parts)), key=keys.__getitem__, reverse=is_reversed)
    return [parts[index] for index in order]


def _list(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0]) if args else []
    return UNKNOWN if parts is None else parts


def _tuple(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0]) if args else []
    return Repeated(item_of(interp, args[0])) if parts is None else tuple(parts)


def _set(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0]) if args else []
    return UNKNOWN if parts is None or not is_settled(parts) else set(parts)


def _iter(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    return Repeated(item_of(interp, args[0])) if parts is None or len(args) > 1 else parts


def _next(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The next item of an iterator whose items are known: it is a list that shrinks."""
    iterator, *default = args
    if isinstance(iterator, list) and not is_forgotten(iterator):
        interp.heap.changing(iterator)
        return iterator.pop(0) if iterator else default[0] if default else UNKNOWN
    if special_method(iterator, "__next__") is not None and not default:
        return call_special(interp, iterator, "__next__", [], node)
    return item_of(interp, iterator) if not default else UNKNOWN


def _dict(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    items = dict_of(interp, args, kwargs)
    return UNKNOWN if items is None else items


def _on_numbers(function: Callable[..., Any], kind: Callable[..., Any] | None = None) -> Builtin:
    """A builtin on numbers, bools and strings; ``kind`` gives the type of what comes of numbers not known."""

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        if kwargs or not args:
            return UNKNOWN if kwargs else function()
        if any(isinstance(arg, UNCERTAIN) for arg in args):
            return Number(kind(*map(kind_of, args))) if kind is not None and all(map(is_number, args)) else UNKNOWN
        return function(*args) if all(isinstance(arg, (bool, int, float, str)) for arg in args) else UNKNOWN

    return builtin


def _converted(kind: type[int] | type[float]) -> Builtin:
    """``int(x)``, ``float(x)``; of an array of rank 0 some number."""
    on_numbers = _on_numbers(kind, lambda *kinds: kind)

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        if len(args) == 1 and isinstance(args[0], AbstractArray):
            return Number(kind) if args[0].type.shape.rank == 0 else UNKNOWN
        if len(args) == 1 and kind is int and isinstance(args[0], UNCERTAIN) and kind_of(args[0]) is int:
            return args[0]
        return on_numbers(interp, args, kwargs, node)

    return builtin


def _extreme(function: Callable[..., Any]) -> Builtin:
    """``max``, ``min`` of several arguments or of the items of one."""

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        parts = _items(interp, args[0]) if len(args) == 1 else list(args)
        if parts is None or kwargs:
            return UNKNOWN
        if all(isinstance(part, (bool, int, float, str)) for part in parts):
            return function(parts)
        if parts and all(part == parts[0] for part in parts) and is_number(parts[0]):
            return parts[0]
        kinds = {kind_of(part) for part in parts if is_number(part)}
        return Number(kinds.pop()) if len(kinds) == 1 and all(map(is_number, parts)) else UNKNOWN

    return builtin


def _sum(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = _items(interp, args[0])
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return UNKNOWN if parts is None else total(interp, [start, *parts], node)


def total(interp: Interpreter, parts: Sequence[Value], node: cst.CSTNode) -> Value:
    """The sum of numbers and arrays."""
    first, *rest = parts
    for part in rest:
        if isinstance(part, AbstractArray) or isinstance(first, AbstractArray):
            first = call_library(interp, "operator.add", [first, part], {}, node)
        elif not (is_number(first) and is_number(part)):
            return UNKNOWN
        else:
            first = (
                calculate("add", first, part)
                if isinstance(first, UNCERTAIN) or isinstance(part, UNCERTAIN)
                else (first + part)
            )
    return first


def _all_or_any(is_all: bool) -> Builtin:
    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        parts = elements(interp, args[0])
        if parts is None:
            return UNKNOWN
        known = [truth(part) for part in parts]
        if (not is_all) in known:
            return not is_all
        return UNKNOWN if None in known else is_all

    return builtin


def _abs(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if isinstance(args[0], AbstractArray):
        return call_library(interp, "operator.abs", args, kwargs, node)
    return Number(kind_of(args[0])) if isinstance(args[0], UNCERTAIN) else abs(args[0])


def _divmod(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``divmod(x, y)``; of arrays, what the array library's function of this name gives."""
    if any(isinstance(arg, AbstractArray) for arg in args):
        return call_library(interp, path_of_divmod(args), args, kwargs, node)
    return _on_numbers(divmod)(interp, args, kwargs, node)


def _round(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``round(x, ndigits)``; without the second, there are integers in what comes of an array of JAX."""
    if not args or not isinstance(args[0], AbstractArray):
        on_numbers = _on_numbers(round, lambda kind, digits=None: int if digits is None else kind)
        return on_numbers(interp, args, kwargs, node)
    if args[0].library == "numpy":
        return UNKNOWN
    rounded = call_library(interp, "jax.numpy.round", args[:1], {}, node)
    has_digits = (*args[1:], *kwargs.values()) not in ((), (None,))
    if has_digits:
        return rounded
    return call_library(interp, "jax.Array.astype", [rounded, Library("builtins.int")], {}, node)


def _bool(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    known = truth_of(interp, args[0], node) if args else False
    return UNKNOWN if known is None else known


def _hasattr(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return has_attribute(*args)


def _callable(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    (value,) = args
    if isinstance(value, CALLABLES):
        return True
    return False if is_settled(value) or isinstance(value, AbstractArray) else UNKNOWN


def _slice(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return slice(*args)


def _unknown(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    return UNKNOWN


def _format(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``format(value, specification)``."""
    value, specification = args if len(args) == 2 else (args[0], "")
    if not isinstance(value, (bool, int, float, str)) or not isinstance(specification, str):
        return UNKNOWN
    return UNKNOWN if has_width(specification) else format(value, specification)


def _pow(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``pow(base, exponent)``."""
    base, exponent = args
    return apply_named_operator(interp, "pow", base, exponent, node)


def _shown(function: Callable[[Any], str]) -> Builtin:
    """``str(x)``, ``repr(x)`` of a number or a string."""

    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        if len(args) == 1 and not kwargs and isinstance(args[0], (bool, int, float, str)):
            return function(args[0])
        return UNKNOWN

    return builtin


BUILTINS: dict[str, Builtin] = {
    "abs": _abs,
    "all": _all_or_any(is_all=True),
    "any": _all_or_any(is_all=False),
    "bin": _on_numbers(bin),
    "bool": _bool,
    "bytes": _unknown,
    "callable": _callable,
    "chr": _on_numbers(chr),
    "complex": _on_numbers(complex),
    "dict": _dict,
    "divmod": _divmod,
    "enumerate": _enumerate,
    "filter": _filter,
    "float": _converted(float),
    "format": _format,
    "frozenset": _set,
    "hasattr": _hasattr,
    "hex": _on_numbers(hex),
    "int": _converted(int),
    "iter": _iter,
    "len": _len,
    "list": _list,
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "next": _next,
    "oct": _on_numbers(oct),
    "ord": _on_numbers(ord),
    "pow": _pow,
    "print": lambda interp, args, kwargs, node: None,
    "range": _range,
    "repr": _shown(repr),
    "reveal_type": _unknown,
    "reversed": _reversed,
    "round": _round,
    "set": _set,
    "slice": _slice,
    "sorted": _sorted,
    "str": _shown(str),
    "sum": _sum,
    "tuple": _tuple,
    "zip": _zip,
    **OBJECT_BUILTINS,
}
"""The builtins by name; `reveal_type` is answered before it is looked up here."""
