"""The types of the operands of an operation, each at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.values import AbstractArray
from named_types.diagnostics.diagnostic import Related

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def operand_types(interp: Interpreter, node: cst.CSTNode) -> list[Related]:
    """What was inferred for each array that an expression is made of."""
    found = []
    for operand in _operands(node):
        value = interp.findings.types.get(operand)
        if isinstance(value, AbstractArray):
            found.append(Related(interp.positions.place(operand), str(value)))
    return found


def _operands(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    match node:
        case cst.BinaryOperation():
            yield from (node.left, node.right)
        case cst.UnaryOperation():
            yield node.expression
        case cst.Comparison():
            yield from (node.left, *(target.comparator for target in node.comparisons))
        case cst.AugAssign():
            yield from (node.target, node.value)
        case cst.Subscript():
            yield node.value
        case cst.Call():
            if isinstance(node.func, cst.Attribute):
                yield node.func.value
            yield from (argument.value for argument in node.args)
