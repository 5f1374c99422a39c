"""What a test tells of variables that may be None by their annotation: ``x: f32[(3,)] | None`` after ``x is None``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.annotations import refine
from named_types.analyzer.syntax import tests_a_type
from named_types.analyzer.type_tests import is_instance
from named_types.analyzer.values import UNKNOWN, AbstractArray, Value
from named_types.semantics.forms import NoneForm, UnionForm

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


@dataclass(frozen=True)
class Narrowed:
    """What variables are where a test holds, and where it does not."""

    if_true: Mapping[str, Value]
    if_false: Mapping[str, Value]

    def apply(self, interp: Interpreter, *, holds: bool) -> None:
        for name, value in (self.if_true if holds else self.if_false).items():
            interp.frame.scope.bind(name, value)

    def evaluate(self, interp: Interpreter, node: cst.BaseExpression, *, holds: bool) -> Value:
        """The value of an expression that is evaluated where the test holds, or does not."""
        scope = interp.frame.scope
        before = {name: scope.bindings[name] for name in (*self.if_true, *self.if_false)}
        self.apply(interp, holds=holds)
        value = interp.evaluate(node)
        for name, bound in before.items():
            scope.bind(name, bound)
        return value


def narrowing(interp: Interpreter, test: cst.BaseExpression) -> Narrowed | None:
    """What a test tells of variables of which only the annotation is known; None where it asks for other types too."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            opposite = narrowing(interp, inner)
            return None if opposite is None else Narrowed(opposite.if_false, opposite.if_true)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            parts = [(narrowing(interp, part), part) for part in (left, right)]
            known = [narrowed for narrowed, _ in parts if narrowed is not None]
            if not known or any(narrowed is None and tests_a_type(part) for narrowed, part in parts):
                return None
            if isinstance(operator, cst.And):
                return Narrowed({name: value for one in known for name, value in one.if_true.items()}, {})
            return Narrowed({}, {name: value for one in known for name, value in one.if_false.items()})
        case cst.Comparison(
            left=cst.Name(value=name),
            comparisons=[
                cst.ComparisonTarget(operator=cst.Is() | cst.IsNot() as operator, comparator=cst.Name(value="None"))
            ],
        ):
            form = _optional(interp, name)
            if form is None:
                return None
            value = refine(interp, form.unless_none, UNKNOWN)
            narrowed = Narrowed({name: None}, {name: value})
            return narrowed if isinstance(operator, cst.Is) else Narrowed(narrowed.if_false, narrowed.if_true)
        case cst.Call(
            func=cst.Name(value="isinstance"), args=[cst.Arg(value=cst.Name(value=name)), cst.Arg(value=kind)]
        ):
            form = _optional(interp, name)
            value = UNKNOWN if form is None else refine(interp, form.unless_none, UNKNOWN)
            is_array = isinstance(value, AbstractArray) and is_instance(value, interp.evaluate(kind)) is True
            return Narrowed({name: value}, {name: None}) if is_array else None
    return None


def _optional(interp: Interpreter, name: str) -> UnionForm | None:
    """The annotation of a variable that may be None, and of which nothing else is known."""
    bound, form = interp.frame.scope.bindings.get(name), interp.frame.scope.declared.get(name)
    return form if bound is UNKNOWN and isinstance(form, UnionForm) and NoneForm() in form.options else None
