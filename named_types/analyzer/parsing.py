"""Parsing, where Python itself would parse.

libcst's parser has no bound on how deep things may be nested in each other, and ends the process at some depth. So
Python's own, which has one and takes a twentieth of the time, is asked first.
"""

from __future__ import annotations

import ast
import warnings
from contextlib import suppress

import libcst as cst


def parse_module(text: str) -> cst.Module:
    """The syntax of a module. Raises what libcst raises, and RecursionError for what is nested too deeply."""
    _refuse_depths(text, "exec")
    return cst.parse_module(text)


def parse_expression(text: str) -> cst.BaseExpression:
    """The syntax of an expression, raising the same."""
    _refuse_depths(text, "eval")
    return cst.parse_expression(text)


def _refuse_depths(text: str, mode: str) -> None:
    with warnings.catch_warnings(action="ignore"), suppress(ValueError):
        try:
            compile(text, "<program>", mode, ast.PyCF_ONLY_AST)
        except SyntaxError as error:
            if error.msg.startswith("too many nested"):
                raise RecursionError(error.msg) from error
        except MemoryError as error:
            raise RecursionError("the stack of the parser is full") from error
