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
from named_types.analyzer.values import forget
from named_types.semantics.forms import Form

Value: TypeAlias = Any


class Kind(enum.Enum):
    """How instances of a class are made."""

    OBJECT = enum.auto()
    VALUE = enum.auto()
    """As values of a type of Python: of an enumeration, or of named tuples."""
    DICT = enum.auto()
    """As dicts: those of a `TypedDict`."""
    UNKNOWN = enum.auto()


@dataclass(frozen=True)
class FieldOptions:
    """``dataclasses.field(...)``. A default is a 1-tuple."""

    default: tuple[Value] | None = None
    factory: Value = None
    is_in_init: bool = True
    is_kw_only: bool = False
    is_static: bool = False
    """No child of the pytree."""


@dataclass(frozen=True)
class DataField:
    """A field of a dataclass, or an item of a named tuple."""

    annotation: cst.Annotation
    options: FieldOptions
    is_kw_only: bool = False
    is_init_only: bool = False
    """An `InitVar`, which goes to ``__post_init__`` and is no attribute."""


@dataclass(frozen=True)
class Factory:
    """The default of a parameter that is made anew for each call."""

    function: Value


@dataclass(frozen=True)
class Flavor:
    """What a decorator or a base makes of the dataclasses below it."""

    is_frozen: bool = False
    is_pytree: bool = False
    is_kw_only: bool = False
    has_replace: bool = False
    """Whether instances have a method ``replace``."""


class Attributes(dict[str, Any]):
    """The attributes of one class or instance."""


@dataclass(eq=False, repr=False)
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
    kind: Kind = Kind.OBJECT
    is_protocol: bool = False
    fields: Mapping[str, DataField] = field(default_factory=dict)
    flavor: Flavor | None = None
    """Of a dataclass."""
    inherits_flavor: bool = False
    """Whether every class that inherits from it is such a dataclass."""
    children: tuple[str, ...] | None = None
    """The attributes that are its children as a pytree; None where JAX does not know it as one."""
    static: tuple[str, ...] = ()
    """The attributes that JAX keeps as they are."""
    values: Any = None
    """The type of Python that its instances have."""

    def __repr__(self) -> str:
        return f"<class {self.name}>"

    def lookup(self, name: str) -> tuple[Value] | None:
        """What a name is bound to in the class or those it inherits from, as a 1-tuple."""
        for one in self.mro:
            if name in one.attributes:
                return (one.attributes[name],)
        return None

    @property
    def match_args(self) -> tuple[str, ...] | None:
        """The attributes that a class pattern has by position; None where that is not known."""
        given = self.lookup("__match_args__")
        if given is not None:
            names = given[0]
            is_known = isinstance(names, tuple) and all(isinstance(name, str) for name in names)
            return names if is_known else None
        fields = self.fields.items()
        return tuple(name for name, one in fields if one.options.is_in_init and not one.is_kw_only)

    @property
    def is_frozen(self) -> bool:
        """Whether attributes of its instances cannot be set."""
        return any(one.flavor is not None and one.flavor.is_frozen for one in self.mro)

    @property
    def is_nominal(self) -> bool:
        """Whether its instances are those of it and of what inherits from it, no others."""
        return self.is_whole and not self.is_protocol

    def is_subclass(self, other: Class) -> bool | None:
        """None where that is not known."""
        return True if other in self.mro else False if self.is_whole else None


@dataclass(eq=False, repr=False)
class Instance:
    """An instance of a class of the program, or, where it is not exact, of a class that inherits from it."""

    cls: Class
    attributes: Attributes = field(default_factory=Attributes)
    is_exact: bool = True
    is_leaked: bool = False
    """Whether unknown code keeps it, and may set its attributes at any time."""
    is_self: bool = False
    """Whether it is that of a method checked by itself: its class's dimension variables are known by their names."""

    def __repr__(self) -> str:
        return self.cls.name


def any_instance(cls: Class, *, is_self: bool = False) -> Instance:
    """An instance of the class or of one that inherits from it, of which no more is known."""
    attributes = Attributes()
    forget(attributes)
    return Instance(cls, attributes, is_exact=False, is_self=is_self)


@dataclass(frozen=True, repr=False)
class Record:
    """An instance that does not change."""

    cls: Class
    items: tuple[tuple[str, Value], ...]

    def __repr__(self) -> str:
        return self.cls.name

    @property
    def attributes(self) -> dict[str, Value]:
        return dict(self.items)

    @property
    def is_exact(self) -> bool:
        return True


@dataclass(frozen=True, repr=False)
class PytreeRecord(Record):
    """An instance as JAX takes it apart and puts it together again."""


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


def is_member(value: Value) -> bool:
    """Whether a value is a member of an enumeration of the program."""
    return isinstance(value, enum.Enum) and type(value) in CLASSES
