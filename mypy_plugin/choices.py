"""Functions that are chosen where they are called, ``(f if flag else g)(x)``.

mypy asks no plugin about a choice. So, before its analysis, a call is put around it, of a function that gives what it
is given, and mypy asks about that.
"""

from __future__ import annotations

from typing import Final

from mypy.nodes import ARG_POS, GDEF, CallExpr, ConditionalExpr, Expression, MypyFile, NameExpr, OpExpr, SymbolTableNode
from mypy.semanal import SemanticAnalyzer

from named_types.mypy_plugin.expressions import expressions_of

CHOSEN: Final = "named_types.mypy_types.chosen"
"""The function that gives what it is given."""

_CHOSEN: Final = "chosen·"
"""Its name in a module that need not import it."""


def name_choices(analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
    """Prepare a module for the calls of what is chosen there and then."""
    symbol = analyzer.lookup_fully_qualified_or_none(CHOSEN)
    if symbol is None:
        return
    tree.names[_CHOSEN] = SymbolTableNode(GDEF, symbol.node, module_public=False, module_hidden=True)
    for call in expressions_of(tree):
        if isinstance(call, CallExpr) and _is_choice(call.callee):
            call.callee = _chosen(call.callee)


def _is_choice(expression: Expression) -> bool:
    is_operator = isinstance(expression, OpExpr) and expression.op in ("and", "or")
    return is_operator or isinstance(expression, ConditionalExpr)


def _chosen(choice: Expression) -> CallExpr:
    name = NameExpr(_CHOSEN)
    name.set_line(choice)
    call = CallExpr(name, [choice], [ARG_POS], [None])
    call.set_line(choice)
    return call
