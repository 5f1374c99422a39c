"""Python's own functions about classes and their instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.class_values import (
    Class,
    ClassMethod,
    Instance,
    Property,
    Record,
    StaticMethod,
    Super,
    class_of,
)
from named_types.analyzer.classes import CELL
from named_types.analyzer.instances import set_attribute
from named_types.analyzer.type_tests import has_attribute, is_instance, is_of_class
from named_types.analyzer.values import UNKNOWN, Args, Kwargs, Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def with_accessor(value: Property, name: str, args: Args) -> Value:
    """``value.setter(function)`` and its like."""
    if len(args) != 1 or name not in ("getter", "setter", "deleter"):
        return UNKNOWN
    return value if name == "deleter" else replace(value, **{name: args[0]})


def _wrapping(kind: Callable[[Value], Value]) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    def builtin(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        return kind(args[0]) if len(args) == 1 and not kwargs and args[0] is not UNKNOWN else UNKNOWN

    return builtin


def _super(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``super()``, ``super(cls, receiver)``."""
    if args:
        cls, receiver = args if len(args) == 2 else (UNKNOWN, UNKNOWN)
    else:
        cell = interp.frame.scope.lookup(CELL)
        cls, receiver = UNKNOWN if cell is None else cell[0], interp.frame.receiver
    if isinstance(cls, Class) and isinstance(receiver, (Class, Instance, Record)):
        return Super(cls, receiver)
    interp.escape([receiver])
    return UNKNOWN


def _isinstance(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if len(args) != 2:
        return UNKNOWN
    value, classes = args[0], args[1] if isinstance(args[1], tuple) else (args[1],)
    answers = [is_of_class(value, cls) if isinstance(cls, Class) else is_instance(value, cls) for cls in classes]
    return True if True in answers else UNKNOWN if None in answers else False


def _issubclass(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if len(args) != 2 or not all(isinstance(one, Class) for one in args) or not args[1].is_nominal:
        return UNKNOWN
    known = args[0].is_subclass(args[1])
    return UNKNOWN if known is None else known


def _type(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    (value,) = args
    cls = class_of(value)
    return UNKNOWN if cls is None or (isinstance(value, Instance) and not value.is_exact) else cls


def _getattr(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    if len(args) < 2 or not isinstance(args[1], str):
        return UNKNOWN
    value, name, *default = args
    if default and class_of(value) is None and has_attribute(value, name) is not True:
        return UNKNOWN
    return interp.attribute(value, name, node)


def _setattr(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``setattr(instance, name, value)``; without the name, it may be any."""
    owner, name, value = args
    if isinstance(name, str):
        set_attribute(interp, owner, name, value, node, name)
    else:
        interp.escape([owner])
    return None


def _vars(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The attributes as a dict, by which they may be changed."""
    interp.escape(args)
    return UNKNOWN


OBJECT_BUILTINS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "classmethod": _wrapping(ClassMethod),
    "getattr": _getattr,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "object": lambda interp, args, kwargs, node: UNKNOWN,
    "property": _wrapping(Property),
    "setattr": _setattr,
    "staticmethod": _wrapping(StaticMethod),
    "super": _super,
    "type": _type,
    "vars": _vars,
}
"""By name."""
