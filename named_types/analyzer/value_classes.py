"""Classes whose instances are values of Python's own: named tuples, enumerations, typed dicts.

For each one a type of Python is made, with the items or the members and nothing else of the program. So JAX knows
a named tuple as a pytree, and a member as an axis name.
"""

from __future__ import annotations

import collections
import enum
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.class_fields import own_fields
from named_types.analyzer.class_values import CLASSES, Attributes, Class, ClassMethod, Kind, Property, StaticMethod
from named_types.analyzer.constructors import constructor
from named_types.analyzer.scopes import Scope
from named_types.analyzer.values import UNKNOWN, Args, Function, Kwargs, Library, Value, is_forgotten

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

NAMED_TUPLE = Library("typing.NamedTuple")
TYPED_DICTS = (Library("typing.TypedDict"), Library("typing_extensions.TypedDict"))
ENUMERATIONS: dict[Library, Any] = {
    Library(f"enum.{name}"): getattr(enum, name) for name in ("Enum", "Flag", "IntEnum", "IntFlag", "StrEnum")
}
MIXINS: dict[Library, type] = {Library("builtins.int"): int, Library("builtins.str"): str}
"""What a member of an enumeration may be besides."""

_RESERVED = ("__init__", "__new__", "_missing_", "_generate_next_value_")
"""With these, an enumeration makes its members in a way of its own."""


def make_named_tuple(interp: Interpreter, cls: Class) -> None:
    """``class State(NamedTuple): ...``."""
    cls.fields = own_fields(interp, cls)
    _make_tuples(cls)


def inherit_named_tuple(cls: Class, base: Class) -> None:
    """A class that inherits from a named tuple has its items."""
    cls.fields = base.fields
    _make_tuples(cls)


def _make_tuples(cls: Class) -> None:
    make: Any = collections.namedtuple
    try:
        cls.values = make(cls.name, list(cls.fields))
    except ValueError:
        cls.kind = Kind.UNKNOWN
        return
    for name in cls.fields:
        cls.attributes.pop(name, None)
    cls.kind = Kind.VALUE
    cls.attributes["__init__"] = constructor(cls)
    CLASSES[cls.values] = cls


def make_enumeration(cls: Class, base: Any, mixins: Iterable[type]) -> None:
    """``class Axis(Enum): ...``: the attributes of the class become its members."""
    members = {name: value for name, value in cls.attributes.items() if _is_member(name, value)}
    is_plain = all(_is_plain(value) for value in members.values())
    if not members or not is_plain or any(name in cls.attributes for name in _RESERVED):
        cls.kind = Kind.UNKNOWN if members else cls.kind
        return
    try:
        cls.values = base(cls.name, members, type=next(iter(mixins), None))
    except (TypeError, ValueError):
        cls.kind = Kind.UNKNOWN
        return
    cls.kind = Kind.VALUE
    cls.attributes.update({name: cls.values[name] for name in members})
    CLASSES[cls.values] = cls


def _is_member(name: str, value: Value) -> bool:
    return not name.startswith("_") and not isinstance(value, (Class, ClassMethod, Function, Property, StaticMethod))


def _is_plain(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, complex, str, enum.auto))


def member_of(cls: Class, args: Args, kwargs: Kwargs) -> Value:
    """``Axis(value)``."""
    try:
        return UNKNOWN if kwargs or len(args) != 1 or args[0] is UNKNOWN else cls.values(args[0])
    except (TypeError, ValueError):
        return UNKNOWN


def is_enumeration(cls: Value) -> bool:
    return isinstance(cls, Class) and isinstance(cls.values, type) and issubclass(cls.values, enum.Enum)


def _named_tuple(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``namedtuple('Point', 'x y', defaults=[0])``, ``NamedTuple('Point', [('x', int), ('y', int)])``."""
    names = _names(args[1]) if len(args) == 2 and kwargs.keys() <= {"defaults"} else None
    defaults = kwargs.get("defaults", ())
    if names is None or not isinstance(defaults, (list, tuple)) or len(defaults) > len(names):
        return UNKNOWN
    given = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    cls = _made_by_call(interp, args[0], [f"{name}: object{' = None' * (name in given)}" for name in names])
    if cls is not None:
        cls.attributes.update(given)
        make_named_tuple(interp, cls)
    return UNKNOWN if cls is None else cls


def _enumeration(base: Any) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    def make(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        """``Enum('Axis', 'X Y')``, ``Enum('Axis', {'X': 'x', 'Y': 'y'})``."""
        if len(args) != 2 or kwargs:
            return UNKNOWN
        names = _names(args[1])
        members = {name: enum.auto() for name in names or ()}
        if isinstance(args[1], dict) and not is_forgotten(args[1]):
            members = args[1]
        elif isinstance(args[1], (list, tuple)) and all(isinstance(one, tuple) and len(one) == 2 for one in args[1]):
            members = dict(args[1])
        elif names is None:
            return UNKNOWN
        cls = _made_by_call(interp, args[0], ["pass"])
        if cls is not None:
            cls.attributes.update(members)
            make_enumeration(cls, base, ())
        return UNKNOWN if cls is None else cls

    return make


def _names(given: Value) -> list[str] | None:
    """The names in ``'x y'``, in ``['x', 'y']``, and in ``[('x', int), ('y', int)]``."""
    names = given.replace(",", " ").split() if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)):
        return None
    names = [one[0] if isinstance(one, tuple) and one else one for one in names]
    return names if all(isinstance(name, str) and name.isidentifier() for name in names) else None


def _made_by_call(interp: Interpreter, name: Value, body: Sequence[str]) -> Class | None:
    """A class that a call makes, with the body that its statement would have."""
    if not isinstance(name, str) or not name.isidentifier():
        return None
    statement = cst.parse_statement(f"class {name}:\n" + "".join(f"    {line}\n" for line in body or ["pass"]))
    assert isinstance(statement, cst.ClassDef)
    cls = Class(name, statement, Scope(interp.frame.closure), Attributes())
    cls.mro = (cls,)
    return cls


VALUE_CLASS_CALLS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "collections.namedtuple": _named_tuple,
    **{library.path: _enumeration(base) for library, base in ENUMERATIONS.items()},
    "enum.auto": lambda interp, args, kwargs, node: enum.auto(),
    "enum.unique": lambda interp, args, kwargs, node: args[0],
    "typing.NamedTuple": _named_tuple,
}
"""By path."""
