"""Every expression of a module, in the tree that mypy has parsed. (mypy's own traversals cannot be subclassed.)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mypy import nodes
from mypy.nodes import Expression, MypyFile, Node

from named_types.mypy_plugin.trees import statements_of


def expressions_of(tree: MypyFile) -> Iterator[Expression]:
    """Every expression, also those inside others."""
    for statement in statements_of(tree):
        yield from inside(statement)


def inside(node: Node) -> Iterator[Expression]:
    """Every expression in a statement or an expression, but for those of statements inside."""
    if isinstance(node, nodes.LambdaExpr):
        yield node.expr()
        yield from inside(node.expr())
    for name in _PARTS.get(type(node), ()):
        for part in _flat(getattr(node, name)):
            if isinstance(part, Expression):
                yield part
            yield from inside(part)


def unnamed_callees(tree: MypyFile) -> Iterator[Expression]:
    """The functions that are called where they come from, out of a container or from another call."""
    for expression in expressions_of(tree):
        if isinstance(expression, nodes.CallExpr) and isinstance(expression.callee, (nodes.CallExpr, nodes.IndexExpr)):
            yield expression.callee


def _flat(part: Any) -> Iterator[Node]:
    """The nodes in an attribute: one, a list of them, or a list of lists or pairs."""
    if isinstance(part, (list, tuple)):
        for item in part:
            yield from _flat(item)
    elif part is not None:
        yield part


_COMPREHENSION: Final = ("sequences", "condlists")

_PARTS: Final[dict[type[Node], tuple[str, ...]]] = {
    nodes.AssertStmt: ("expr", "msg"),
    nodes.AssignmentStmt: ("lvalues", "rvalue"),
    nodes.ClassDef: ("base_type_exprs", "decorators"),
    nodes.Decorator: ("original_decorators",),
    nodes.DelStmt: ("expr",),
    nodes.ExpressionStmt: ("expr",),
    nodes.ForStmt: ("expr",),
    nodes.FuncDef: ("arguments",),
    nodes.IfStmt: ("expr",),
    nodes.MatchStmt: ("subject", "guards"),
    nodes.OperatorAssignmentStmt: ("rvalue",),
    nodes.RaiseStmt: ("expr", "from_expr"),
    nodes.ReturnStmt: ("expr",),
    nodes.TypeAliasStmt: ("value",),
    nodes.WhileStmt: ("expr",),
    nodes.WithStmt: ("expr",),
    nodes.Argument: ("initializer",),
    nodes.AssignmentExpr: ("value",),
    nodes.AwaitExpr: ("expr",),
    nodes.CallExpr: ("callee", "args"),
    nodes.ComparisonExpr: ("operands",),
    nodes.ConditionalExpr: ("cond", "if_expr", "else_expr"),
    nodes.DictExpr: ("items",),
    nodes.DictionaryComprehension: ("key", "value", *_COMPREHENSION),
    nodes.GeneratorExpr: ("left_expr", *_COMPREHENSION),
    nodes.IndexExpr: ("base", "index"),
    nodes.LambdaExpr: ("arguments",),
    nodes.ListComprehension: ("generator",),
    nodes.ListExpr: ("items",),
    nodes.MemberExpr: ("expr",),
    nodes.OpExpr: ("left", "right"),
    nodes.SetComprehension: ("generator",),
    nodes.SetExpr: ("items",),
    nodes.SliceExpr: ("begin_index", "end_index", "stride"),
    nodes.StarExpr: ("expr",),
    nodes.TupleExpr: ("items",),
    nodes.UnaryExpr: ("expr",),
    nodes.YieldExpr: ("expr",),
    nodes.YieldFromExpr: ("expr",),
}
"""Which attributes of a node hold expressions, or nodes that do."""
