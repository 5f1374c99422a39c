"""Class statements: the bases, the order in which they are asked, and what a class of its kind is made of.

What a metaclass, an unknown base or an unknown decorator makes of a class is not known. Of such a class only the
declarations are taken: its methods are checked by themselves, and calling it gives an unknown value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Attributes, Class, ClassMethod, Instance, Kind, StaticMethod, any_instance
from named_types.analyzer.context import Frame
from named_types.analyzer.data_classes import FLAVORED_BASES, make_dataclass
from named_types.analyzer.flow import Flow
from named_types.analyzer.scopes import Deferred, Scope
from named_types.analyzer.syntax import positional_parameters
from named_types.analyzer.value_classes import (
    ENUMERATIONS,
    MIXINS,
    NAMED_TUPLE,
    TYPED_DICTS,
    inherit_named_tuple,
    make_enumeration,
    make_named_tuple,
)
from named_types.analyzer.values import UNKNOWN, Function, Library, Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

CELL = "__class__"
"""The name by which methods see their class."""

_NEUTRAL = {
    Library("abc.ABC"),
    Library("builtins.object"),
    Library("typing.Generic"),
    Library("typing.Protocol"),
    Library("typing_extensions.Protocol"),
}
"""Bases that add nothing."""

_UNDERSTOOD = {*_NEUTRAL, *ENUMERATIONS, *FLAVORED_BASES, *MIXINS, *TYPED_DICTS, NAMED_TUPLE}

_PROTOCOLS = (Library("abc.ABC"), Library("typing.Protocol"), Library("typing_extensions.Protocol"))
"""Bases of classes that may have instances which do not inherit from them."""

_DISPATCHING = ("__getattribute__", "__init_subclass__", "__new__", "__setattr__")
"""With these, making an instance or setting an attribute may do anything."""


def define_class(interp: Interpreter, node: cst.ClassDef) -> Flow:
    """A class statement."""
    bases = [_base(interp, argument.value) for argument in node.bases]
    outer = interp.frame
    cell = Scope(outer.closure)
    interp.frame = Frame(Scope(cell), node.name.value, is_class=True)
    try:
        interp.execute([node.body])
        body = interp.frame.scope
    finally:
        interp.frame = outer
    cls = Class(node.name.value, node, cell, Attributes(_bound(body)), dict(body.declared))
    _inherit(interp, cls, bases)
    if _is_special(interp, cls, node):
        cls.kind = Kind.UNKNOWN
    cell.bind(CELL, cls)
    value: Value = cls
    for decorator in reversed(node.decorators):
        value = interp.call(interp.evaluate(decorator.decorator), [value], {}, decorator.decorator)
    outer.scope.bind(node.name.value, value)
    return Flow.NEXT


def _bound(body: Scope) -> dict[str, Value]:
    return {name: UNKNOWN if isinstance(value, Deferred) else value for name, value in body.bindings.items()}


def receiver_alone(function: Function) -> Instance | None:
    """What the first parameter of a function that nobody calls stands for: of a method, an instance of its class."""
    cls = function.scope.bindings.get(CELL)
    if not isinstance(cls, Class) or not positional_parameters(function.node):
        return None
    is_wrapped = isinstance(cls.attributes.get(function.name), (ClassMethod, StaticMethod))
    return None if is_wrapped or function.name in _STATIC else any_instance(cls, is_self=True)


_STATIC = ("__new__", "__init_subclass__", "__class_getitem__")
"""Special methods whose first parameter is no instance."""


def _base(interp: Interpreter, node: cst.BaseExpression) -> Value:
    """A base; of ``Base[T]``, ``Base``."""
    return interp.evaluate(node.value if isinstance(node, cst.Subscript) else node)


def _inherit(interp: Interpreter, cls: Class, bases: Sequence[Value]) -> None:
    known = [base for base in bases if isinstance(base, Class)]
    others = [base for base in bases if not isinstance(base, Class) and base not in _UNDERSTOOD]
    cls.is_protocol = any(base in _PROTOCOLS for base in bases)
    order = None if others or not all(base.is_whole for base in known) else _linearize(known)
    if order is not None:
        cls.mro = (cls, *order)
        _become(interp, cls, bases, known)
        return
    cls.is_whole = False
    cls.kind = Kind.UNKNOWN
    cls.mro = (cls, *bases[0].mro) if isinstance(bases[0], Class) else (cls,)


def _become(interp: Interpreter, cls: Class, bases: Sequence[Value], known: Sequence[Class]) -> None:
    """What bases make of a class that is otherwise understood."""
    flavors = [FLAVORED_BASES[base] for base in bases if base in FLAVORED_BASES]
    flavors += [base.flavor for base in known if base.flavor is not None and base.inherits_flavor]
    tuples = [base for base in known if base.kind is Kind.VALUE]
    if flavors:
        cls.inherits_flavor = True
        make_dataclass(interp, cls, flavors[0])
    elif NAMED_TUPLE in bases:
        make_named_tuple(interp, cls)
    elif any(base in TYPED_DICTS for base in bases) or any(base.kind is Kind.DICT for base in known):
        cls.kind = Kind.DICT
    elif tuples and tuples[0].fields:
        inherit_named_tuple(cls, tuples[0])
    elif any(base in ENUMERATIONS for base in bases):
        mixins = [MIXINS[base] for base in bases if base in MIXINS]
        make_enumeration(cls, next(ENUMERATIONS[base] for base in bases if base in ENUMERATIONS), mixins)
    elif any(base in MIXINS for base in bases):
        cls.kind = Kind.UNKNOWN


def _linearize(bases: Sequence[Class]) -> tuple[Class, ...] | None:
    """The order of the bases and theirs, as Python has it (C3); None if there is none."""
    waiting = [list(base.mro) for base in bases] + [list(bases)]
    order: list[Class] = []
    while waiting := [one for one in waiting if one]:
        first = next((one[0] for one in waiting if not any(one[0] in other[1:] for other in waiting)), None)
        if first is None:
            return None
        order.append(first)
        for one in waiting:
            if one[0] is first:
                del one[0]
    return tuple(order)


def _is_special(interp: Interpreter, cls: Class, node: cst.ClassDef) -> bool:
    """Whether its instances are made in a way of its own."""
    if any(base.kind is Kind.UNKNOWN for base in cls.mro) or any(cls.lookup(name) for name in _DISPATCHING):
        return True
    metaclasses = [interp.evaluate(one.value) for one in node.keywords]
    return cls.kind is not Kind.DICT and any(one != Library("abc.ABCMeta") for one in metaclasses)
