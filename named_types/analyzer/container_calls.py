"""Calls that make containers of `collections`, and copies of any."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.container_types import DefaultDict, Deque, empty_like
from named_types.analyzer.operations import elements, is_settled
from named_types.analyzer.values import UNKNOWN, Args, Kwargs, Value, is_forgotten, tuple_like
from named_types.semantics.abstract_array import as_array

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def dict_of(interp: Interpreter, args: Args, kwargs: Kwargs) -> dict[Value, Value] | None:
    """The items of ``dict(mapping or pairs, **items)``, None where they are not known."""
    given = args[0] if args else {}
    if is_forgotten(given) or len(args) > 1:
        return None
    pairs = elements(interp, list(given.items()) if isinstance(given, dict) else given)
    if pairs is None or not all(isinstance(pair, (tuple, list)) and is_settled(pair[0]) for pair in pairs):
        return None
    return {**dict(pairs), **kwargs}


def _ordered_dict(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    items = dict_of(interp, args, kwargs)
    return UNKNOWN if items is None else OrderedDict(items)


def _default_dict(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    items = dict_of(interp, args[1:], kwargs)
    if items is None:
        return UNKNOWN
    made = DefaultDict(items)
    made.factory = args[0] if args else None
    return made


def _deque(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    given = {**dict(zip(("iterable", "maxlen"), args, strict=False)), **kwargs}
    items, maxlen = elements(interp, given.get("iterable", [])), given.get("maxlen")
    if items is None or not (maxlen is None or isinstance(maxlen, int)):
        return UNKNOWN
    made = Deque()
    made.maxlen = maxlen
    made.extend(items)
    return made


def _counter(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    given = args[0] if args else {}
    items = given if isinstance(given, (dict, set)) else elements(interp, given)
    return UNKNOWN if items is None or not is_settled([items, dict(kwargs)]) else Counter(items, **kwargs)


def _copied(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``copy.copy(value)``, of a container."""
    (value,) = args
    if not isinstance(value, (list, dict)):
        return _deep_copy(value)
    copied = empty_like(value)
    copied.extend(value) if isinstance(copied, list) else copied.update(value)
    return copied


def _deeply_copied(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``copy.deepcopy(value)``, of containers and arrays; instances may say themselves how they are copied."""
    return _deep_copy(args[0])


def _deep_copy(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple_like(value, [_deep_copy(item) for item in value])
    if isinstance(value, list):
        copied = empty_like(value)
        copied.extend(_deep_copy(item) for item in value)
        return copied
    if isinstance(value, dict):
        copied = empty_like(value)
        copied.update({key: _deep_copy(item) for key, item in value.items()})
        return copied
    return value if is_settled(value) or as_array(value) is not None else UNKNOWN


CONTAINER_CALLS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "collections.Counter": _counter,
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": _default_dict,
    "collections.deque": _deque,
    "copy.copy": _copied,
    "copy.deepcopy": _deeply_copied,
    "types.MappingProxyType": lambda interp, args, kwargs, node: args[0],
}
"""By path."""
