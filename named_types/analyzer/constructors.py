"""The constructor that a dataclass or a named tuple has from its fields: written as the method that it is."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from named_types.analyzer.class_values import Class, DataField, Factory
from named_types.analyzer.values import Function, Value


def constructor(cls: Class) -> Function:
    """``__init__``, with the annotations and defaults of the fields."""
    node = _method(tuple(cls.fields.items()), cls.lookup("__post_init__") is not None)
    defaults = {name: default[0] for name, field in cls.fields.items() if (default := _default(field)) is not None}
    return Function(cls.name, node, cls.closure, defaults)


def _default(field: DataField) -> tuple[Value] | None:
    if field.options.factory is not None:
        return (Factory(field.options.factory),)
    return field.options.default


@lru_cache(maxsize=1024)
def _method(fields: tuple[tuple[str, DataField], ...], has_post_init: bool) -> cst.FunctionDef:
    """A field that is none of its parameters is one that no call gives."""
    lines = [f"    self.{name} = {name}" for name, field in fields if not field.is_init_only]
    if has_post_init:
        lines.append(f"    self.__post_init__({', '.join(name for name, field in fields if field.is_init_only)})")
    method = cst.parse_statement("\n".join(["def __init__(self):", *(lines or ["    pass"])]) + "\n")
    assert isinstance(method, cst.FunctionDef)
    positional = [_parameter(name, one) for name, one in fields if _is_positional(one)]
    others = [_parameter(name, one) for name, one in fields if _is_given(one) and not _is_positional(one)]
    parameters = cst.Parameters(params=[cst.Param(cst.Name("self")), *positional], kwonly_params=others)
    return method.with_changes(params=parameters)


def _is_given(field: DataField) -> bool:
    return field.options.is_in_init or field.options.default is not None or field.options.factory is not None


def _is_positional(field: DataField) -> bool:
    return field.options.is_in_init and not field.is_kw_only


def _parameter(name: str, field: DataField) -> cst.Param:
    annotation = field.annotation
    if field.is_init_only and isinstance(annotation.annotation, cst.Subscript):
        inner = annotation.annotation.slice[0].slice
        annotation = cst.Annotation(inner.value) if isinstance(inner, cst.Index) else annotation
    return cst.Param(cst.Name(name), annotation=annotation)
