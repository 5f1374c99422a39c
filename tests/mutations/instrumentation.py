"""A program rewritten to tell what it computes and to hold it against its annotations.

Python holds no value against an annotation, and of an expression without a name nothing remains. So a function with
annotations begins by telling its arguments, and tells what it returns, a declared variable is told what it is bound
to, and an expression statement its value. Nothing else changes, lines neither.
"""

from __future__ import annotations

import ast

ENTER, LEAVE, HOLD, SEE, KNOW, CALL = "_enter_", "_leave_", "_hold_", "_see_", "_know_", "_call_"
"""The names under which the rewritten program finds what listens, and the variable for the call at hand."""


def instrumented(source: str, path: str) -> ast.Module:
    """The syntax of a program with what tells of it put in."""
    module = ast.parse(source, path)
    _Instrumentation().visit(module)
    return ast.fix_missing_locations(module)


class _Instrumentation(ast.NodeTransformer):
    def __init__(self) -> None:
        self._functions: list[bool] = []
        """Whether each function that stands around is one with annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        is_annotated = _is_annotated(node)
        self._functions.append(is_annotated)
        self.generic_visit(node)
        self._functions.pop()
        if is_annotated:
            arguments = _called("locals")
            entry = ast.Assign([ast.Name(CALL, ast.Store())], _called(ENTER, arguments))
            position = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body.insert(position, ast.copy_location(entry, node.body[0]))
            node.decorator_list.append(ast.copy_location(ast.Name(KNOW, ast.Load()), node))
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        outer, self._functions = self._functions, []
        self.generic_visit(node)
        self._functions = outer
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if node.value is not None and self._functions and self._functions[-1]:
            node.value = ast.copy_location(_called(LEAVE, ast.Name(CALL, ast.Load()), node.value), node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None and isinstance(node.target, ast.Name):
            annotation = ast.Constant(ast.unparse(node.annotation))
            in_call = bool(self._functions and self._functions[-1])
            call = ast.Name(CALL, ast.Load()) if in_call else ast.Constant(None)
            held = _called(HOLD, annotation, node.value, call)
            node.value = ast.copy_location(held, node.value)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if not self._functions and not isinstance(node.value, (ast.Constant, ast.Yield, ast.YieldFrom, ast.Await)):
            node.value = ast.copy_location(_called(SEE, node.value), node.value)
        return node


def _is_annotated(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    declared = any(one is not None and one.annotation is not None for one in arguments) or node.returns is not None
    is_generator = any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in ast.walk(node))
    return declared and not is_generator


def _called(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
