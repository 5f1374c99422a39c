"""Walking the trees of mypy, before mypy has analyzed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mypy.nodes import (
    AssignmentStmt,
    Block,
    CallExpr,
    ClassDef,
    Decorator,
    DictExpr,
    DictionaryComprehension,
    Expression,
    ForStmt,
    FuncDef,
    IfStmt,
    Import,
    ImportAll,
    ImportFrom,
    ListComprehension,
    ListExpr,
    MatchStmt,
    MemberExpr,
    MypyFile,
    OperatorAssignmentStmt,
    OverloadedFuncDef,
    SetComprehension,
    SetExpr,
    Statement,
    TryStmt,
    TupleExpr,
    WhileStmt,
    WithStmt,
)

from named_types.mypy_plugin.imports import is_library
from named_types.notation import NOTATION

_NOTATION_MODULES = {"named_types", "named_types.notation"}


def names_of_notation(tree: MypyFile) -> frozenset[str]:
    """The names, dotted or not, under which a module imports the notation."""
    names: set[str] = set()
    modules: set[str] = set()
    for imported in tree.imports:
        if isinstance(imported, Import):
            modules.update(alias or name for name, alias in imported.ids if name in _NOTATION_MODULES)
        elif isinstance(imported, ImportFrom) and (imported.id in _NOTATION_MODULES or not is_library(imported.id)):
            names.update(alias or name for name, alias in imported.names if name in NOTATION)
            submodules = [one for one in imported.names if f"{imported.id}.{one[0]}" in _NOTATION_MODULES]
            modules.update(alias or name for name, alias in submodules)
        elif isinstance(imported, ImportAll):
            names.update(NOTATION)
    return frozenset(names | {f"{module}.{name}" for module in modules for name in NOTATION})


def statements_of(tree: MypyFile) -> Iterator[Statement]:
    """Every statement, also those inside others; a decorated function is one, and the function in it another."""
    return statements_in(tree.defs)


def statements_in(statements: list[Statement]) -> Iterator[Statement]:
    """Statements, and those inside them."""
    for statement in statements:
        yield statement
        yield from statements_in(nested_in(statement))


def definitions_of(tree: MypyFile) -> Iterator[str]:
    """The names of the functions and classes that a module defines, also those in branches."""
    waiting: list[Statement] = list(tree.defs)
    while waiting:
        statement = waiting.pop()
        node = statement.func if isinstance(statement, Decorator) else statement
        if isinstance(node, (FuncDef, OverloadedFuncDef, ClassDef)):
            yield node.name
        else:
            waiting += nested_in(node)


def gradual_expressions(tree: MypyFile) -> Iterator[Expression]:
    """The expressions whose types mypy would make those of containers and attributes that may hold others later.

    They are the items of lists, dicts and sets that are assigned to a variable without an annotation, and what is
    assigned to an attribute that is assigned to in several places.
    """
    assignments = [one for one in statements_of(tree) if isinstance(one, (AssignmentStmt, OperatorAssignmentStmt))]
    attributes = Counter(
        target.name for one in assignments for target in _targets(one) if isinstance(target, MemberExpr)
    )
    for one in assignments:
        if isinstance(one, AssignmentStmt) and one.unanalyzed_type is None:
            yield from _items_of_display(one.rvalue)
            if any(isinstance(target, MemberExpr) and attributes[target.name] > 1 for target in one.lvalues):
                yield one.rvalue


def assigned_calls(tree: MypyFile, *, is_unpacked: bool) -> Iterator[Expression]:
    """The calls whose results are unpacked, or are kept by a variable without an annotation.

    A list that is kept may hold others later; of one that is unpacked, each item has its own type.
    """
    assignments = (one for one in statements_of(tree) if isinstance(one, AssignmentStmt) and not one.unanalyzed_type)
    for one in assignments:
        is_pattern = all(isinstance(target, (TupleExpr, ListExpr)) for target in one.lvalues)
        if isinstance(one.rvalue, CallExpr) and is_pattern is is_unpacked:
            yield one.rvalue


def _targets(statement: AssignmentStmt | OperatorAssignmentStmt) -> list[Expression]:
    return list(statement.lvalues) if isinstance(statement, AssignmentStmt) else [statement.lvalue]


def _items_of_display(expression: Expression) -> Iterator[Expression]:
    items: Sequence[Expression | None] = ()
    match expression:
        case ListExpr() | SetExpr():
            items = expression.items
        case DictExpr():
            items = [value for _, value in expression.items]
        case ListComprehension() | SetComprehension():
            items = [expression.generator.left_expr]
        case DictionaryComprehension():
            items = [expression.value]
    for item in items:
        if item is not None:
            yield item
            yield from _items_of_display(item)


def nested_in(statement: Statement) -> list[Statement]:
    """The statements that are part of one."""
    match statement:
        case Decorator():
            return [statement.func]
        case FuncDef():
            return statement.body.body
        case OverloadedFuncDef():
            return [*statement.items, *([statement.impl] if statement.impl is not None else [])]
        case ClassDef():
            return statement.defs.body
        case Block():
            return statement.body
        case IfStmt():
            return _blocks(*statement.body, statement.else_body)
        case ForStmt() | WhileStmt():
            return _blocks(statement.body, statement.else_body)
        case WithStmt():
            return statement.body.body
        case TryStmt():
            return _blocks(statement.body, *statement.handlers, statement.else_body, statement.finally_body)
        case MatchStmt():
            return _blocks(*statement.bodies)
    return []


def _blocks(*blocks: Block | None) -> list[Statement]:
    return [statement for block in blocks if block is not None for statement in block.body]
