"""What is in scope where mypy is."""

from __future__ import annotations

from mypy.checker import TypeChecker
from mypy.nodes import FuncItem
from mypy.plugin import CheckerPluginInterface
from mypy.types import CallableType, Type

from named_types.mypy_plugin.encoding import Variables, variable_name


def variables_in_scope(api: CheckerPluginInterface) -> Variables:
    """The dimension variables that the functions around bind."""
    assert isinstance(api, TypeChecker)
    types = [function.type for function in api.scope.stack if isinstance(function, FuncItem)]
    bound: list[Type] = [variable for type in types if isinstance(type, CallableType) for variable in type.variables]
    return {name: variable for variable in bound if (name := variable_name(variable)) is not None}
