"""Mutations of the arguments of calls, and of the operands of products of matrices."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from mutations.pieces import adjacent, pieces_without, same
from mutations.sites import Site, callee


def dropped(site: Site) -> Iterator[cst.CSTNode]:
    """A call with an argument less."""
    if isinstance(site.node, cst.Call):
        for position, argument in enumerate(site.node.args):
            if not argument.star:
                yield site.node.with_changes(args=pieces_without(site.node.args, position))


def swapped(site: Site) -> Iterator[cst.CSTNode]:
    """Two positional arguments, one after the other, in each other's place."""
    if isinstance(site.node, cst.Call) and "transpose" not in callee(site.node):
        yield from arguments_swapped(site.node)


def arguments_swapped(call: cst.Call) -> Iterator[cst.CSTNode]:
    arguments = list(call.args)
    for one, other in adjacent(len(arguments)):
        first, second = arguments[one], arguments[other]
        are_positional = not (first.keyword or second.keyword or first.star or second.star)
        if are_positional and not same(first.value, second.value):
            exchanged = list(arguments)
            exchanged[one] = first.with_changes(value=second.value)
            exchanged[other] = second.with_changes(value=first.value)
            yield call.with_changes(args=exchanged)


def operands_swapped(site: Site) -> Iterator[cst.CSTNode]:
    """``w @ x`` for ``x @ w``."""
    if isinstance(site.node, cst.BinaryOperation) and isinstance(site.node.operator, cst.MatrixMultiply):
        yield site.node.with_changes(left=site.node.right, right=site.node.left)
