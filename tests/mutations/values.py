"""Mutations of reductions and transpositions."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from mutations.arguments import arguments_swapped
from mutations.pieces import adjacent, items, same, with_values_exchanged
from mutations.sites import Site, callee

_REDUCTIONS = {
    *("sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin", "var", "std", "median", "logsumexp"),
    *("nansum", "nanmean", "psum", "pmean", "pmax", "pmin"),
}
_TRANSPOSITIONS = {"transpose", "swapaxes", "moveaxis", "matrix_transpose", "permute_dims"}
_MODULES = {"jnp", "np", "lax", "jax", "numpy", "nn", "xnp"}


def reduction_dropped(site: Site) -> Iterator[cst.CSTNode]:
    """What was reduced."""
    yield from _operand(site.node, _REDUCTIONS)


def axis_changed(site: Site) -> Iterator[cst.CSTNode]:
    """The axis of a reduction, or of whatever else takes one, and the next one in its place."""
    if isinstance(site.node, cst.Integer):
        function, keyword, position = site.argument
        if keyword.startswith(("axis", "axes")) or (function in _REDUCTIONS and not keyword and position >= 0):
            yield cst.Integer(str(int(site.node.value, 0) + 1))


def transposition_dropped(site: Site) -> Iterator[cst.CSTNode]:
    """What was transposed."""
    if isinstance(site.node, cst.Attribute) and site.node.attr.value in ("T", "mT"):
        yield site.node.value
    yield from _operand(site.node, _TRANSPOSITIONS)


def transposition_reordered(site: Site) -> Iterator[cst.CSTNode]:
    if isinstance(site.node, cst.Call) and callee(site.node) in _TRANSPOSITIONS:
        yield from arguments_swapped(site.node)
    elif isinstance(site.node, (cst.Tuple, cst.List)) and site.argument[0] in _TRANSPOSITIONS:
        positions = items(site.node)
        for one, other in adjacent(len(positions)):
            if not same(positions[one], positions[other]):
                yield with_values_exchanged(site.node, one, other)


def _operand(node: cst.CSTNode, functions: set[str]) -> Iterator[cst.CSTNode]:
    """What one of ``functions`` is called with: its receiver where it is a method, else its first argument."""
    if not isinstance(node, cst.Call) or callee(node) not in functions:
        return
    receiver = node.func.value if isinstance(node.func, cst.Attribute) else None
    if receiver is not None and not _is_module(receiver):
        yield receiver
    elif node.args and not node.args[0].star:
        yield node.args[0].value


def _is_module(node: cst.CSTNode) -> bool:
    """Whether a name is that of a module, as far as names go."""
    return isinstance(node, cst.Attribute) or (isinstance(node, cst.Name) and node.value in _MODULES)
