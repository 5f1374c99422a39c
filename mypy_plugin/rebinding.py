"""Names that are bound to arrays may be bound again to arrays of other types.

``h = relu(h @ w)`` is how array programs are written. A type that says the shape makes that a mismatch to mypy,
which gives a variable one type; it has an option, ``--allow-redefinition``, by which a variable without an
annotation has the type of what was assigned last. That is on wherever mypy checks code that computes with arrays.

What the option changes for names that are not arrays is undone. A parameter is what its annotation says. A variable
that is None at first is no function later, which it may be without the option: so it is that function from the
beginning. And a name that was an array, and then something unknown, is unknown with the option: to return that is no
fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mypy.checker import TypeChecker
from mypy.nodes import (
    AssignmentStmt,
    CallExpr,
    Decorator,
    Expression,
    ForStmt,
    FuncDef,
    ListExpr,
    MypyFile,
    NameExpr,
    OperatorAssignmentStmt,
    RefExpr,
    ReturnStmt,
    Statement,
    SymbolNode,
    TempNode,
    TupleExpr,
    Var,
)
from mypy.plugin import CheckerPluginInterface
from mypy.types import AnyType, CallableType, Type, get_proper_type

from named_types.mypy_plugin.encoding import holds_arrays, unknown
from named_types.mypy_plugin.trees import statements_in, statements_of


def allow_rebinding(api: CheckerPluginInterface) -> None:
    """From here on in this module, unless the program asks for the older inference of partial types."""
    assert isinstance(api, TypeChecker)
    if api.options.local_partial_types and not api.options.allow_redefinition:
        _define_functions(api)
        _keep_parameters(api)
        api.options = api.options.apply_changes({"allow_redefinition": True})
        api.binder.bind_all = True


def returned_names(tree: MypyFile) -> Iterator[ReturnStmt]:
    """The statements that return a name which is bound several times, a parameter or a variable."""
    for function in statements_of(tree):
        if isinstance(function, FuncDef):
            statements = list(statements_in(function.body.body))
            bound = Counter(argument.variable.name for argument in function.arguments)
            bound.update(name for statement in statements for name in _bound_names(statement))
            for one in statements:
                if isinstance(one, ReturnStmt) and isinstance(one.expr, NameExpr) and bound[one.expr.name] > 1:
                    yield one


def rebinding_calls(tree: MypyFile) -> Iterator[CallExpr]:
    """The calls whose results are assigned to names that the module binds elsewhere too."""
    statements = list(statements_of(tree))
    bound = Counter(name for statement in statements for name in _bound_names(statement))
    bound.update(
        one.variable.name for function in statements if isinstance(function, FuncDef) for one in function.arguments
    )
    for one in statements:
        match one:
            case AssignmentStmt(rvalue=CallExpr() as call) if any(bound[name] > 1 for name in _bound_names(one)):
                yield call


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


def _keep_parameters(api: TypeChecker) -> None:
    """Let the parameters that are annotated, and not as arrays, be what their annotations say."""
    for function in statements_of(api.tree):
        if isinstance(function, FuncDef) and isinstance(function.type, CallableType):
            for argument, type in zip(function.arguments, function.type.arg_types, strict=True):
                is_unknown = isinstance(get_proper_type(type), AnyType)
                if argument.type_annotation is not None and not is_unknown and not holds_arrays(type):
                    argument.variable.is_argument = False


def _bound_names(statement: Statement) -> Iterator[str]:
    """The names that a statement binds to what it computes."""
    targets: list[Expression] = []
    match statement:
        case AssignmentStmt():
            targets += statement.lvalues
        case OperatorAssignmentStmt():
            targets.append(statement.lvalue)
        case ForStmt():
            targets.append(statement.index)
    for target in targets:
        for one in target.items if isinstance(target, (TupleExpr, ListExpr)) else [target]:
            if isinstance(one, NameExpr):
                yield one.name


def _is_none(expression: Expression) -> bool:
    return isinstance(expression, RefExpr) and expression.fullname == "builtins.None"
