"""Where a program meets `xmap`: only there does the runtime hold values against the annotations of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def lines_that_xmap_sees(tree: ast.Module, called_by_the_judge: list[ast.FunctionDef]) -> dict[str, set[int]]:
    """By code, the lines at which a value that does not have its declared type is told of."""
    functions = [*_mapped_functions(tree), *called_by_the_judge]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_mapped(node.func, tree)]
    return {
        "incompatible-argument": _lines(calls),
        "incompatible-return": _lines(one for one in functions if len(_returns(one)) == 1),
    }


def _mapped_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    mapped = {_name(call.args[0]) for call in _xmap_calls(tree) if call.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in mapped:
            yield node


def _is_mapped(callee: ast.expr, tree: ast.Module) -> bool:
    """Whether an expression is a call of xmap, or a name assigned from one."""
    calls = _xmap_calls(tree)
    assigned = {
        _name(node.targets[0]) for node in ast.walk(tree) if isinstance(node, ast.Assign) and node.value in calls
    }
    return callee in calls or _name(callee) in assigned


def _xmap_calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == "xmap"]


def _returns(function: ast.FunctionDef) -> list[ast.Return]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Return)]


def _name(expression: ast.expr) -> str:
    return expression.id if isinstance(expression, ast.Name) else ""


def _lines(nodes: Iterator[ast.FunctionDef] | list[ast.Call]) -> set[int]:
    return {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
