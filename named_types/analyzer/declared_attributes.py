"""The annotations of attributes: in the body of a class, and on ``self`` in its methods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.annotations import read_annotation
from named_types.analyzer.class_values import Class
from named_types.analyzer.context import Frame
from named_types.analyzer.syntax import descendants, positional_parameters
from named_types.semantics.forms import Form

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def declared_form(interp: Interpreter, cls: Class, name: str) -> Form:
    """The annotation of an attribute in the class or the first it inherits from that has one."""
    for one in cls.mro:
        if name in one.declared:
            return one.declared[name]
        annotation = _on_self(one.node).get(name)
        if annotation is not None:
            return _read(interp, one, annotation)
    return None


def declared_forms(interp: Interpreter, cls: Class) -> Mapping[str, Form]:
    """The annotations of all attributes that the class itself has some of."""
    on_self = {name: _read(interp, cls, annotation) for name, annotation in _on_self(cls.node).items()}
    return {**on_self, **cls.declared}


def _read(interp: Interpreter, cls: Class, annotation: cst.Annotation) -> Form:
    frame, interp.frame = interp.frame, Frame(cls.closure)
    try:
        return read_annotation(interp, annotation.annotation)
    finally:
        interp.frame = frame


@lru_cache(maxsize=1024)
def _on_self(node: cst.ClassDef) -> dict[str, cst.Annotation]:
    """The annotations of ``self.name: ...`` in the methods of a class."""
    methods = [one for one in node.body.body if isinstance(one, cst.FunctionDef)]
    return {
        one.target.attr.value: one.annotation
        for method in methods
        if positional_parameters(method)
        for one in descendants(method.body, into_scopes=False)
        if isinstance(one, cst.AnnAssign)
        and isinstance(one.target, cst.Attribute)
        and isinstance(one.target.value, cst.Name)
        and one.target.value.value == positional_parameters(method)[0].name.value
    }
