"""Classes of the program, and what is made of them.

An instance that may change is an `Instance`: it has an identity, and attributes in the `Heap`. One that may not
is a `Record`, a value like a tuple. Named tuples and members of enumerations are plain values, of a type made for
their class: `class_of` tells which that is.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import libcst as cst

from named_types.analyzer.scopes import Scope
from named_types.semantics.forms import Form

Value: TypeAlias = Any


class Kind(enum.Enum):
    """How instances of a class are made."""

    PLAIN = enum.auto()
    DATACLASS = enum.auto()
    """By a constructor that is made from its fields."""
    VALUES = enum.auto()
    """By calling a type of Python: an enumeration, a named tuple."""
    DICT = enum.auto()
    """A `TypedDict`: dicts."""
    UNKNOWN = enum.auto()


@dataclass(frozen=True)
class DataField:
    """A field of a dataclass."""

    name: str
    annotation: cst.Annotation
    default: Value = None
    has_default: bool = False
    factory: Value = None
    has_factory: bool = False
    is_in_init: bool = True
    is_kw_only: bool = False
    is_init_only: bool = False
    """An `InitVar`, which goes to ``__post_init__`` and is no attribute."""
    is_static: bool = False
    """No child of the pytree."""


class Attributes(dict[str, Any]):
    """The attributes of one class or instance."""


@dataclass(eq=False)
class Class:
    """A class of the program."""

    name: str
    node: cst.ClassDef
    closure: Scope
    """What its methods close over."""
    attributes: Attributes
    """What its body has bound."""
    declared: Mapping[str, Form] = field(default_factory=dict)
    """The annotations in its body."""
    mro: tuple[Class, ...] = ()
    """Itself and the classes that it inherits from, as far as they are known."""
    is_whole: bool = True
    """Whether it inherits from nothing else."""
    kind: Kind = Kind.PLAIN
    fields: Mapping[str, DataField] = field(default_factory=dict)
    is_protocol: bool = False
    is_frozen: bool = False
    is_pytree: bool = False
    values: type | None = None
    """The type of Python that its instances have."""

    def lookup(self, name: str) -> tuple[Value] | None:
        """What a name is bound to in the class or those it inherits from, as a 1-tuple."""
        for one in self.mro:
            if name in one.attributes:
                return (one.attributes[name],)
        return None

    @property
    def is_nominal(self) -> bool:
        """Whether its instances are those of it and of what inherits from it, no others."""
        return self.is_whole and not self.is_protocol

    def is_subclass(self, other: Class) -> bool | None:
        """None where that is not known."""
        return True if other in self.mro else False if self.is_whole else None


@dataclass(eq=False)
class Instance:
    """An instance of a class of the program, or, where it is not exact, of a class that inherits from it."""

    cls: Class
    attributes: Attributes = field(default_factory=Attributes)
    is_exact: bool = True


@dataclass(frozen=True)
class Record:
    """An instance that does not change."""

    cls: Class
    items: tuple[tuple[str, Value], ...]

    @property
    def attributes(self) -> dict[str, Value]:
        return dict(self.items)

    @property
    def is_exact(self) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class Property:
    """``property(getter, setter)``, or ``functools.cached_property(getter)``."""

    getter: Value
    setter: Value = None


@dataclass(frozen=True, eq=False)
class StaticMethod:
    """``staticmethod(function)``."""

    function: Value


@dataclass(frozen=True, eq=False)
class ClassMethod:
    """``classmethod(function)``."""

    function: Value


@dataclass(frozen=True, eq=False)
class Super:
    """``super()``: the methods of the classes after ``cls``, for ``receiver``."""

    cls: Class
    receiver: Value


CLASSES: WeakKeyDictionary[type, Class] = WeakKeyDictionary()
"""The class of the program that a type was made for."""


def class_of(value: Value) -> Class | None:
    """The class of the program that a value is an instance of."""
    if isinstance(value, (Instance, Record)):
        return value.cls
    return CLASSES.get(type(value)) if isinstance(value, (tuple, enum.Enum)) else None
