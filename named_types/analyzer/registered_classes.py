"""Instances as pytrees: how JAX takes apart those of a class that it has been told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.class_values import Class, Instance, PytreeRecord, Record
from named_types.analyzer.joins import same
from named_types.analyzer.syntax import descendants, positional_parameters
from named_types.analyzer.values import UNKNOWN, Args, Function, Kwargs, Value, is_forgotten
from named_types.semantics.pytrees import register_node

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def as_pytree(value: Instance | Record) -> PytreeRecord | None:
    """An instance as it is inside of a transformed function; None where JAX does not know its class."""
    cls = value.cls
    if cls.children is None or not value.is_exact:
        return None
    attributes = value.attributes
    known = {} if is_forgotten(attributes) else attributes
    names = dict.fromkeys((*cls.children, *cls.static, *attributes))
    kept = (*cls.children, *cls.static)
    return PytreeRecord(cls, tuple((name, known.get(name, UNKNOWN) if name in kept else UNKNOWN) for name in names))


class _Rest:
    """What a record has beside its children; two unknown values count as equal."""

    def __init__(self, cls: Class, items: tuple[tuple[str, Value], ...]) -> None:
        self.cls = cls
        self.items = items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rest) and self.cls is other.cls and same(self.items, other.items)

    def __hash__(self) -> int:
        return hash(self.cls)


def _flatten(record: PytreeRecord) -> tuple[Iterable[tuple[str, Value]], _Rest]:
    children = record.cls.children or ()
    return [item for item in record.items if item[0] in children], _Rest(
        record.cls, tuple(item for item in record.items if item[0] not in children)
    )


def _unflatten(rest: _Rest, children: Iterable[Value]) -> PytreeRecord:
    return PytreeRecord(rest.cls, (*zip(rest.cls.children or (), children, strict=True), *rest.items))


register_node(PytreeRecord, _flatten, _unflatten)


def _register_dataclass(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``register_dataclass(cls, data_fields, meta_fields)``, also as a decorator."""
    given = {**dict(zip(("nodetype", "data_fields", "meta_fields"), args, strict=False)), **kwargs}
    cls = given.get("nodetype")
    if not isinstance(cls, Class):
        return UNKNOWN
    names = [name for name, field in cls.fields.items() if not field.is_init_only]
    data, meta = given.get("data_fields"), given.get("meta_fields", ())
    if data is None:
        meta = [name for name in names if cls.fields[name].options.is_static]
        data = [name for name in names if name not in meta]
    if all(isinstance(one, (list, tuple)) and all(isinstance(name, str) for name in one) for one in (data, meta)):
        cls.children, cls.static = tuple(data), tuple(meta)
    return cls


def _register_class(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``@register_pytree_node_class``."""
    (cls,) = args
    if isinstance(cls, Class):
        method = cls.attributes.get("tree_flatten")
        _learn(cls, method if isinstance(method, Function) else None)
    return cls


def _register_node(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``register_pytree_node(cls, flatten, unflatten)``."""
    if len(args) >= 2 and isinstance(args[0], Class):
        _learn(args[0], args[1] if isinstance(args[1], Function) else None)
    return None


def _learn(cls: Class, flatten: Function | None) -> None:
    """The children of a class, where they are attributes: ``return (self.w, self.b), self.name``."""
    if flatten is None or len(positional_parameters(flatten.node)) != 1:
        return
    parameter = positional_parameters(flatten.node)[0].name.value
    returned = _returned(flatten.node)
    if isinstance(returned, cst.Tuple) and len(returned.elements) == 2:
        children, rest = (_attributes(one.value, parameter) for one in returned.elements)
        if children is not None:
            cls.children, cls.static = children, rest or ()


def _returned(node: cst.FunctionDef | cst.Lambda) -> cst.BaseExpression | None:
    """What a function returns that does nothing else."""
    if isinstance(node, cst.Lambda):
        return node.body
    returns = [one for one in descendants(node.body, into_scopes=False) if isinstance(one, cst.Return)]
    return returns[0].value if len(returns) == 1 else None


def _attributes(node: cst.BaseExpression, parameter: str) -> tuple[str, ...] | None:
    """The names in ``(self.a, self.b)``, or in ``self.a``; None where it is something else."""
    parts = [one.value for one in node.elements] if isinstance(node, (cst.Tuple, cst.List)) else [node]
    names = [
        part.attr.value
        for part in parts
        if isinstance(part, cst.Attribute) and isinstance(part.value, cst.Name) and part.value.value == parameter
    ]
    return tuple(names) if len(names) == len(parts) else None


REGISTRATION_CALLS: dict[str, Callable[[Any, Args, Kwargs, cst.CSTNode], Value]] = {
    "jax.tree_util.register_dataclass": _register_dataclass,
    "jax.tree_util.register_pytree_node": _register_node,
    "jax.tree_util.register_pytree_node_class": _register_class,
}
"""By path."""
