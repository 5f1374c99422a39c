"""The annotated names in the body of a class: the fields of dataclasses, named tuples and typed dicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.class_values import Class, DataField, FieldOptions
from named_types.analyzer.context import Frame
from named_types.analyzer.parsing import parse_expression
from named_types.analyzer.values import UNKNOWN, Library, Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_NO_FIELDS = (Library("typing.ClassVar"), Library("equinox.AbstractClassVar"), Library("equinox.AbstractVar"))
_INIT_ONLY = Library("dataclasses.InitVar")
_KEYWORDS_FROM_HERE = Library("dataclasses.KW_ONLY")


def own_fields(interp: Interpreter, cls: Class, is_kw_only: bool = False) -> dict[str, DataField]:
    """The fields that the body of a class declares, in their order."""
    fields: dict[str, DataField] = {}
    for name, annotation, has_value in _annotations(cls.node):
        head = _head(interp, cls, annotation.annotation)
        if head == _KEYWORDS_FROM_HERE:
            is_kw_only = True
        elif head not in _NO_FIELDS:
            options = _options(cls.attributes[name]) if has_value else FieldOptions()
            fields[name] = DataField(annotation, options, is_kw_only or options.is_kw_only, head == _INIT_ONLY)
    return fields


def names_of_no_fields(cls: Class, fields: dict[str, DataField]) -> set[str]:
    """What the body of a class declares beside these fields: it is none of an inherited name either."""
    return {name for name, _, _ in _annotations(cls.node)} - fields.keys()


def _annotations(node: cst.ClassDef) -> Iterator[tuple[str, cst.Annotation, bool]]:
    statements = [one for line in node.body.body if isinstance(line, cst.SimpleStatementLine) for one in line.body]
    for one in statements:
        if isinstance(one, cst.AnnAssign) and isinstance(one.target, cst.Name):
            yield one.target.value, one.annotation, one.value is not None


def _head(interp: Interpreter, cls: Class, annotation: cst.BaseExpression) -> Value:
    """What an annotation is one of: of ``ClassVar[int]``, ``ClassVar``."""
    if isinstance(annotation, (cst.SimpleString, cst.ConcatenatedString)):
        text = annotation.evaluated_value
        try:
            annotation = parse_expression(text) if isinstance(text, str) else annotation
        except cst.ParserSyntaxError:
            return UNKNOWN
    frame, interp.frame = interp.frame, Frame(cls.closure)
    try:
        return interp.evaluate(annotation.value if isinstance(annotation, cst.Subscript) else annotation)
    finally:
        interp.frame = frame


def _options(given: Value) -> FieldOptions:
    """What stands after the annotation: a default, or ``field(...)``."""
    return given if isinstance(given, FieldOptions) else FieldOptions(default=(given,))
