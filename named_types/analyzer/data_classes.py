"""Dataclasses: those of Python, and those of JAX's libraries, which are pytrees of their fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.class_fields import names_of_no_fields, own_fields
from named_types.analyzer.class_values import Attributes, Class, FieldOptions, Flavor, Instance, Record, class_of
from named_types.analyzer.constructors import constructor
from named_types.analyzer.scopes import Scope
from named_types.analyzer.values import UNKNOWN, Args, Kwargs, Library, Value, is_forgotten

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_IMMUTABLE_PYTREE = Flavor(is_frozen=True, is_pytree=True)

FLAVORED_BASES = {
    Library("equinox.Module"): _IMMUTABLE_PYTREE,
    Library("flax.struct.PyTreeNode"): replace(_IMMUTABLE_PYTREE, has_replace=True),
}
"""Bases that make dataclasses of all that inherit from them."""


def make_dataclass(interp: Interpreter, cls: Class, flavor: Flavor, has_init: bool = True) -> Class:
    """Make a class a dataclass, as its decorator does: the class itself is changed."""
    cls.flavor = flavor
    own = own_fields(interp, cls, flavor.is_kw_only)
    inherited = {name: field for base in reversed(cls.mro[1:]) for name, field in base.fields.items()}
    no_fields = names_of_no_fields(cls, own)
    cls.fields = {name: field for name, field in {**inherited, **own}.items() if name not in no_fields}
    for name, field in own.items():
        if field.options.default is not None:
            cls.attributes[name] = field.options.default[0]
        else:
            cls.attributes.pop(name, None)
    if has_init and "__init__" not in cls.attributes:
        cls.attributes["__init__"] = constructor(cls)
    if flavor.is_pytree and not any(field.options.default == (UNKNOWN,) for field in cls.fields.values()):
        names = [name for name, field in cls.fields.items() if not field.is_init_only]
        cls.static = tuple(name for name in names if cls.fields[name].options.is_static)
        cls.children = tuple(name for name in names if name not in cls.static)
    return cls


def _decorator(flavor: Flavor) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    """``@dataclass`` or ``@dataclass(frozen=True)``."""

    def decorate(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        options = {name: value for name, value in kwargs.items() if isinstance(value, bool)}
        if len(options) < len(kwargs) or len(args) > 1:
            return UNKNOWN
        given = replace(
            flavor,
            is_frozen=options.pop("frozen", flavor.is_frozen),
            is_kw_only=options.pop("kw_only", flavor.is_kw_only),
        )
        has_init = options.pop("init", True)
        if not args:
            return DataclassDecorator(given, has_init)
        return make_dataclass(interp, args[0], given, has_init) if isinstance(args[0], Class) else UNKNOWN

    return decorate


class DataclassDecorator:
    """``dataclass(frozen=True)``, before it is applied."""

    def __init__(self, flavor: Flavor, has_init: bool) -> None:
        self.flavor = flavor
        self.has_init = has_init


def call_decorator(
    interp: Interpreter, callee: DataclassDecorator, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """Apply it to a class."""
    is_class = len(args) == 1 and isinstance(args[0], Class) and not kwargs
    return make_dataclass(interp, args[0], callee.flavor, callee.has_init) if is_class else UNKNOWN


def _field(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``field(default=..., default_factory=...)`` and what flax and equinox add to it."""
    return FieldOptions(
        default=(kwargs["default"],) if "default" in kwargs else None,
        factory=kwargs.get("default_factory"),
        is_in_init=kwargs.get("init", True) is not False,
        is_kw_only=kwargs.get("kw_only", False) is True,
        is_static=kwargs.get("static") is True or kwargs.get("pytree_node") is False,
    )


def replaced(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``dataclasses.replace(instance, **changes)``."""
    if len(args) != 1 or not isinstance(args[0], (Instance, Record)) or not args[0].is_exact:
        return UNKNOWN
    attributes, cls = args[0].attributes, args[0].cls
    given = {name for name, field in cls.fields.items() if field.options.is_in_init and not field.is_init_only}
    values = {name: attributes.get(name, UNKNOWN) for name in cls.fields if name in given}
    return interp.call(cls, [], {**values, **kwargs}, node) if cls.fields else UNKNOWN


def _as_dict(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``dataclasses.asdict(instance)``."""
    return _deep_dict(args[0]) if len(args) == 1 and not kwargs and class_of(args[0]) is not None else UNKNOWN


def _as_tuple(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``dataclasses.astuple(instance)``."""
    held = _as_dict(interp, args, kwargs, node)
    return UNKNOWN if held is UNKNOWN else _deep_tuple(args[0], held)


def _deep_tuple(value: Value, held: dict[str, Value]) -> Value:
    """The items of an instance, which `asdict` has given; of instances inside of it no more is known."""
    attributes = value.attributes if isinstance(value, (Instance, Record)) else {}
    is_nested = any(isinstance(item, (Instance, Record, tuple, list, dict)) for item in attributes.values())
    return UNKNOWN if is_nested else tuple(held.values())


def _deep_dict(value: Value) -> Value:
    if isinstance(value, (Instance, Record)) and value.cls.fields:
        if not value.is_exact or is_forgotten(value.attributes):
            return UNKNOWN
        names = [name for name, field in value.cls.fields.items() if not field.is_init_only]
        return {name: _deep_dict(value.attributes.get(name, UNKNOWN)) for name in names}
    if is_forgotten(value):
        return UNKNOWN
    if type(value) is tuple or type(value) is list:
        return type(value)(_deep_dict(item) for item in value)
    return {key: _deep_dict(item) for key, item in value.items()} if type(value) is dict else value


def _namespace(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``types.SimpleNamespace(**attributes)``."""
    if args:
        return UNKNOWN
    instance = Instance(_NAMESPACE)
    with interp.heap.constructing(instance):
        instance.attributes.update(kwargs)
    return instance


def _make_namespace_class() -> Class:
    statement = cst.parse_statement("class SimpleNamespace: ...")
    assert isinstance(statement, cst.ClassDef)
    cls = Class("SimpleNamespace", statement, Scope(), Attributes())
    cls.mro = (cls,)
    return cls


_NAMESPACE = _make_namespace_class()

DATACLASS_CALLS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "chex.dataclass": _decorator(Flavor(is_pytree=True, has_replace=True)),
    "dataclasses.asdict": _as_dict,
    "dataclasses.astuple": _as_tuple,
    "dataclasses.dataclass": _decorator(Flavor()),
    "dataclasses.field": _field,
    "dataclasses.replace": replaced,
    "equinox.field": _field,
    "flax.struct.dataclass": _decorator(replace(_IMMUTABLE_PYTREE, has_replace=True)),
    "flax.struct.field": _field,
    "types.SimpleNamespace": _namespace,
}
"""By path."""
