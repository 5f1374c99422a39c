"""Parsing, where Python itself would parse.

libcst's parser has no bound on how deep things may be nested in each other, and ends the process at some depth. So
Python's own, which has one and takes a twentieth of the time, is asked first. It also knows where statements stand.
"""

from __future__ import annotations

import ast
import warnings
from contextlib import suppress
from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True)
class Parsed:
    """The syntax of a module."""

    module: cst.Module
    lines: tuple[int, ...] | None
    """Where each of its outermost statements starts, or its first decorator; None where Python finds others."""


def parse_module(text: str) -> Parsed:
    """The syntax of a module. Raises what libcst raises, and RecursionError for what is nested too deeply."""
    tree = _parse_by_python(text, "exec")
    module = cst.parse_module(text)
    return Parsed(module, None if tree is None else _lines(module, tree))


def parse_expression(text: str) -> cst.BaseExpression:
    """The syntax of an expression, raising the same."""
    _parse_by_python(text, "eval")
    return cst.parse_expression(text)


def _parse_by_python(text: str, mode: str) -> ast.AST | None:
    with warnings.catch_warnings(action="ignore"), suppress(ValueError):
        try:
            return compile(text, "<program>", mode, ast.PyCF_ONLY_AST)
        except SyntaxError as error:
            if error.msg.startswith("too many nested"):
                raise RecursionError(error.msg) from error
        except MemoryError as error:
            raise RecursionError("the stack of the parser is full") from error
    return None


def _lines(module: cst.Module, tree: ast.AST) -> tuple[int, ...] | None:
    """A line may hold several statements, which libcst has in one."""
    statements = iter(ast.iter_child_nodes(tree))
    lines = []
    for one in module.body:
        held = [next(statements, None) for _ in (one.body if isinstance(one, cst.SimpleStatementLine) else [one])]
        if not isinstance(held[0], ast.stmt) or None in held:
            return None
        decorators: list[ast.expr] = getattr(held[0], "decorator_list", [])
        lines.append(decorators[0].lineno if decorators else held[0].lineno)
    return tuple(lines) if next(statements, None) is None else None
