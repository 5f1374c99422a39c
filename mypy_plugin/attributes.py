"""Attributes of the program's own instances whose sizes a class leaves open: each instance has its own.

A dimension variable in the annotation of an attribute is one of the class, and mypy has no sizes for an instance: they
are unknown to it, and the analyzer may know them. An attribute without an annotation that is a parameter of
``__init__`` has, to mypy, the variables of that function: outside of it they stand for nothing.
"""

from __future__ import annotations

from mypy.type_visitor import TypeTranslator
from mypy.types import CallableType, Instance, Overloaded, Type, TypeAliasType, get_proper_type

from named_types.algebra import UNKNOWN_DIM
from named_types.mypy_plugin.encoding import DIM, Variables, arrays_in, unknown, variables_in


def leaves_sizes_open(type: Type, scope: Variables) -> bool:
    """Whether the type of an attribute has sizes that are unknown, or variables that nothing here binds."""
    arrays = [array.type for array in arrays_in(type)]
    dims = [dim for one in arrays for dim in (*one.shape.dims, *(one.named_shape or {}).values())]
    return UNKNOWN_DIM in dims or not variables_in(type) <= set(scope.values())


def within(type: Type, scope: Variables) -> Type:
    """A type with unknown sizes for the variables that nothing here binds."""
    return type.accept(_Within(scope))


class _Within(TypeTranslator):
    def __init__(self, scope: Variables) -> None:
        super().__init__()
        self._bound = set(scope.values())

    def visit_instance(self, t: Instance) -> Type:
        if t.type.fullname == DIM and not variables_in(t) <= self._bound:
            return unknown()
        return super().visit_instance(t)

    def visit_callable_type(self, t: CallableType) -> Type:
        """A function binds variables of its own."""
        return t

    def visit_overloaded(self, t: Overloaded) -> Type:
        return t

    def visit_type_alias_type(self, t: TypeAliasType) -> Type:
        return t if t.is_recursive else get_proper_type(t).accept(self)
