"""Instances: how they are made, and what their attributes are.

An instance that was made in the program is exact: its class is known, and so is every attribute until it is handed
to unknown code. Any other, such as the ``self`` of a method that is checked by itself, may be of a class that
inherits from the one at hand: it has what is declared, and its methods have their signatures.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.annotations import declared_value, hold
from named_types.analyzer.class_values import (
    Class,
    ClassMethod,
    Instance,
    Kind,
    Property,
    Record,
    StaticMethod,
    Super,
    class_of,
)
from named_types.analyzer.declared_attributes import declared_form
from named_types.analyzer.registered_classes import as_pytree
from named_types.analyzer.value_classes import is_enumeration, member_of
from named_types.analyzer.values import (
    UNKNOWN,
    Args,
    CustomDerivative,
    Differentiated,
    Function,
    Kwargs,
    Library,
    LibraryFunction,
    Manager,
    Method,
    Partial,
    Value,
    Vmapped,
    Xmapped,
    is_forgotten,
)
from named_types.problems import IncompatibleAssignment
from named_types.semantics.forms import without_variables

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

CLASS_NAME = "__class__"
NO_INIT = Library("builtins.object.__init__")
_BINDING = (CustomDerivative, Differentiated, LibraryFunction, Manager, Vmapped, Xmapped)
"""Callables that are made of functions, and that are methods where they are bound in a class."""


def construct(interp: Interpreter, cls: Class, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """The value of ``cls(*args, **kwargs)``."""
    if cls.kind is Kind.UNKNOWN or (cls.kind is Kind.DICT and args):
        interp.escape([*args, *kwargs.values()])
        return UNKNOWN
    if cls.kind is Kind.DICT:
        return dict(kwargs)
    if is_enumeration(cls):
        return member_of(cls, args, kwargs)
    instance = Instance(cls)
    initialize = cls.lookup("__init__")
    with interp.heap.constructing(instance):
        if initialize is None:
            return _made(instance) if not args and not kwargs else UNKNOWN
        outcome = interp.call(bind(initialize[0], instance, cls), args, kwargs, node)
        if outcome is not None:
            interp.heap.forget(instance.attributes)
    return _made(instance)


def _made(instance: Instance) -> Value:
    """What a constructor gives: an instance whose attributes cannot be set is a value from now on."""
    cls, attributes = instance.cls, instance.attributes
    if cls.kind is Kind.VALUE:
        return cls.values(*[attributes.get(name, UNKNOWN) for name in cls.fields])
    if not cls.is_frozen or is_forgotten(attributes):
        return instance
    return Record(cls, tuple(attributes.items())) if cls.children is None else as_pytree(instance)


def instance_attribute(interp: Interpreter, instance: Instance | Record, name: str, node: cst.CSTNode) -> Value:
    """``instance.name``, as Python looks it up: properties, then its own attributes, then those of the class."""
    found = instance.cls.lookup(name)
    if found is not None and isinstance(found[0], Property):
        return interp.call(_method(found[0].getter, instance), [], {}, node)
    if name in instance.attributes:
        return instance.attributes[name]
    if name == CLASS_NAME:
        return instance.cls if instance.is_exact else UNKNOWN
    if name == "__dict__":
        interp.escape([instance])
        return UNKNOWN
    if found is not None and (instance.is_exact or isinstance(found[0], (Function, ClassMethod, StaticMethod))):
        return _method(found[0], instance)
    if name == "replace" and instance.cls.flavor is not None and instance.cls.flavor.has_replace:
        return Partial(Library("dataclasses.replace"), (instance,), {})
    fallback = instance.cls.lookup("__getattr__")
    if fallback is not None and instance.is_exact and not is_forgotten(instance.attributes):
        return interp.call(_method(fallback[0], instance), [name], {}, node)
    form = declared_form(interp, instance.cls, name)
    return declared_value(form if isinstance(instance, Instance) and instance.is_self else without_variables(form))


def value_attribute(interp: Interpreter, value: Value, name: str, node: cst.CSTNode) -> Value:
    """``value.name`` of a named tuple or a member of an enumeration."""
    cls = class_of(value)
    assert cls is not None
    found = cls.lookup(name)
    if isinstance(value, tuple) and name in cls.fields:
        return getattr(value, name)
    if isinstance(value, enum.Enum) and name in ("name", "value") and found is None:
        return getattr(value, name)
    if found is None:
        return Method(value, name) if isinstance(value, tuple) else UNKNOWN
    method = bind(found[0].getter if isinstance(found[0], Property) else found[0], value, cls)
    return interp.call(method, [], {}, node) if isinstance(found[0], Property) else method


def class_attribute(interp: Interpreter, cls: Class, name: str) -> Value:
    """``cls.name``."""
    if name == "__name__":
        return cls.name
    found = cls.lookup(name)
    if found is None or (not cls.is_whole and not isinstance(found[0], (Function, ClassMethod, StaticMethod))):
        return UNKNOWN
    match found[0]:
        case ClassMethod(function):
            return bind(function, cls, cls)
        case StaticMethod(function):
            return function
        case Property():
            return UNKNOWN
    return found[0]


def super_attribute(interp: Interpreter, value: Super, name: str) -> Value:
    """``super().name``."""
    receiver = value.receiver
    cls = receiver if isinstance(receiver, Class) else receiver.cls
    after = cls.mro[cls.mro.index(value.cls) + 1 :] if value.cls in cls.mro else ()
    is_exact = isinstance(receiver, Class) or receiver.is_exact
    for one in after if is_exact else ():
        if name in one.attributes:
            return bind(one.attributes[name], receiver, cls)
    if is_exact and cls.is_whole and name == "__init__":
        return NO_INIT
    interp.escape([receiver])
    return UNKNOWN


def set_attribute(interp: Interpreter, owner: Value, name: str, value: Value, node: cst.CSTNode, shown: str) -> None:
    """``owner.name = value``, written as ``shown`` and reported at ``node``."""
    if isinstance(owner, Instance):
        found = owner.cls.lookup(name)
        if found is not None and isinstance(found[0], Property):
            interp.call(_method(found[0].setter, owner), [value], {}, node)
            return
        if owner.is_leaked:
            return
        form = without_variables(declared_form(interp, owner.cls, name))
        value = hold(interp, form, value, lambda wrong: IncompatibleAssignment(*wrong, shown), node)
    if isinstance(owner, (Class, Instance)):
        interp.heap.changing(owner.attributes)
        owner.attributes[name] = value
    elif owner is UNKNOWN:
        interp.heap.forget_attribute(name)


def bind(value: Value, receiver: Value, cls: Class) -> Value:
    """What an attribute of a class is when it is asked for on an instance, or on the class by a class method."""
    match value:
        case Function():
            return replace(value, bound=(receiver, *value.bound))
        case StaticMethod(function):
            return function
        case ClassMethod(function):
            return bind(function, cls, cls)
        case _ if isinstance(value, _BINDING):
            return Partial(value, (receiver,), {})
        case Library() | Property():
            return UNKNOWN
    return value


def _method(value: Value, instance: Instance | Record) -> Value:
    bound = bind(value, instance, instance.cls)
    if instance.is_exact:
        return bound
    return replace(bound, is_virtual=True) if isinstance(bound, Function) else UNKNOWN
