"""Names that are bound to arrays may be bound again to arrays of other types.

``h = relu(h @ w)`` is how array programs are written. A type that says the shape makes that a mismatch to mypy,
which gives a variable one type; it has an option, ``--allow-redefinition``, by which a variable without an
annotation has the type of what was assigned last. That is on wherever mypy checks code that computes with arrays.

With it, a variable that is None at first is no function later, which it may be without. So such a variable has the
type of that function from the beginning, as it has without the option.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy.checker import TypeChecker
from mypy.nodes import AssignmentStmt, Decorator, Expression, FuncDef, NameExpr, RefExpr, SymbolNode, TempNode, Var
from mypy.plugin import CheckerPluginInterface
from mypy.types import Type

from named_types.mypy_plugin.encoding import unknown
from named_types.mypy_plugin.trees import statements_of


def allow_rebinding(api: CheckerPluginInterface) -> None:
    """From here on in this module, unless the program asks for the older inference of partial types."""
    assert isinstance(api, TypeChecker)
    if api.options.local_partial_types and not api.options.allow_redefinition:
        _define_functions(api)
        api.options = api.options.apply_changes({"allow_redefinition": True})
        api.binder.bind_all = True


def _define_functions(api: TypeChecker) -> None:
    """Let variables that are None until they are functions be these functions."""
    functions = dict(_later_functions(api))
    for statement in statements_of(api.tree) if functions else ():
        if isinstance(statement, AssignmentStmt) and _is_none(statement.rvalue):
            (target, *others) = statement.lvalues
            if not others and isinstance(target, NameExpr) and target.node in functions:
                statement.rvalue = TempNode(functions[target.node], context=statement.rvalue)


def _later_functions(api: TypeChecker) -> Iterator[tuple[SymbolNode, Type]]:
    """The variables that are functions later, and the types of these; what a decorator gives is not known yet."""
    for statement in reversed(list(statements_of(api.tree))):
        function = statement.func if isinstance(statement, Decorator) else statement
        if isinstance(function, FuncDef) and isinstance(function.original_def, Var):
            yield function.original_def, unknown() if function.is_decorated else api.function_type(function)


def _is_none(expression: Expression) -> bool:
    return isinstance(expression, RefExpr) and expression.fullname == "builtins.None"
