"""Operations on instances: the special methods that Python calls for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Instance, Record, class_of
from named_types.analyzer.instances import bind
from named_types.analyzer.values import UNKNOWN, Args, Function, Kwargs, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from named_types.analyzer.interpreter import Interpreter


def special_method(value: Value, name: str) -> Value | None:
    """The special method of an instance, which Python looks up on its class; None where it has none."""
    cls = class_of(value)
    found = None if cls is None else cls.lookup(name)
    if cls is None or found is None or found[0] is None:
        return None
    method = bind(found[0], value, cls)
    if isinstance(value, Instance) and not value.is_exact:
        return UNKNOWN if not isinstance(method, Function) else replace(method, is_virtual=True)
    return method


def call_special(interp: Interpreter, value: Value, name: str, args: Sequence[Value], node: cst.CSTNode) -> Value:
    """What ``type(value).name(value, *args)`` gives; UNKNOWN where there is no such method."""
    method = special_method(value, name)
    if method is None:
        interp.escape([value, *args])
        return UNKNOWN
    return interp.call(method, args, {}, node)


def call_instance(interp: Interpreter, instance: Value, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The value of ``instance(*args, **kwargs)``."""
    method = special_method(instance, "__call__")
    if method is None:
        interp.escape([instance, *args, *kwargs.values()])
        return UNKNOWN
    return interp.call(method, args, kwargs, node)


def operate(interp: Interpreter, function: str, left: Value, right: Value, node: cst.CSTNode) -> Value | None:
    """An operator with an instance on one of its sides; None where no class of the program has a say."""
    name = function.rstrip("_")
    reflected = _REFLECTED.get(name, f"r{name}")
    for receiver, other, method in ((left, right, f"__{name}__"), (right, left, f"__{reflected}__")):
        if special_method(receiver, method) is not None:
            return call_special(interp, receiver, method, [other], node)
    return UNKNOWN if any(isinstance(one, (Instance, Record)) for one in (left, right)) else None


_REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
