"""What a library call does, found out from the library itself.

JAX traces the function on abstract values, NumPy runs it on small stand-ins. What comes out holds for all named shapes
of the arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from named_types.problems import InvalidOperation, LetterwiseAxis, Problem, UnboundAxisName
from named_types.semantics import library
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.library_call import LibraryCall, ends_pytree, flatten_arguments
from named_types.semantics.numpy_oracle import evaluate_numpy
from named_types.semantics.pytrees import tree_flatten
from named_types.semantics.sizes import UNKNOWN_SIZES, exact_divisions, products, stand_in_sizes
from named_types.semantics.summary import Summary, merge
from named_types.semantics.tracing import trace
from named_types.semantics.transfers import NAMELESS


def summarise(call: LibraryCall) -> Summary | Problem | None:
    """What a call does, or what is wrong with it; None where that cannot be known."""
    if call.is_of_numpy:
        return _of_numpy(call)
    if _takes_too_long(call):
        return None
    summary = _trace_at_any_size(call)
    return _letterwise(call, summary) or summary


def _of_numpy(call: LibraryCall) -> Summary | None:
    value = evaluate_numpy(call.path, *call.structure.unflatten(call.leaves))
    if value is UNKNOWN:
        return None
    leaves, structure = tree_flatten(value, ends_pytree)
    return Summary(structure, tuple((leaf, NAMELESS) for leaf in leaves))


def _trace_at_any_size(call: LibraryCall) -> Summary | Problem | None:
    """Trace a call with dimension variables as such, or, where JAX cannot, at two sets of sizes."""
    variables = sorted(call.variables)
    symbolic = None
    if all(isinstance(size, int) for size in call.env.values()):
        symbolic = _trace_symbolically(call)
        if not variables or (isinstance(symbolic, Summary) and not call.is_given_sizes):
            return symbolic
    assignments = stand_in_sizes(variables, call.dims)
    if not assignments:
        return symbolic if isinstance(symbolic, Summary) else None
    first, second = (
        trace(call.with_dims(sizes, unknown)) for sizes, unknown in zip(assignments, UNKNOWN_SIZES, strict=True)
    )
    if isinstance(first, InvalidOperation) and isinstance(second, InvalidOperation):
        sizes = assignments[0]
        reason, said = _with_variables(first.reason, sizes), _with_variables(first.said or "", sizes)
        return replace(first, reason=reason, said=said)
    if isinstance(symbolic, Summary):
        return symbolic
    if isinstance(first, Summary) and isinstance(second, Summary):
        return merge(first, second)
    return first if isinstance(first, Problem) and isinstance(second, Problem) else None


def _trace_symbolically(call: LibraryCall) -> Summary | Problem | None:
    """Trace a call with dimension variables as such; what does not come out may do so if sizes divide exactly."""
    traced = trace(call)
    exact = [] if isinstance(traced, Summary) else exact_divisions(call.dims)
    if not exact:
        return traced
    divided = trace(call.with_dims(products(exact)))
    if not isinstance(divided, Summary):
        return traced
    return divided.with_dims(lambda dim: reduce(lambda one, division: division.undo(one), exact, dim))


_MOST_ROUNDS = 1000
"""A call that would loop in Python more often than this is not traced."""

_EXHAUSTIVE = frozenset({"branch-all", "dp", "optimal"})
_MOST_ORDERED = 8
"""Of more operands than these, not every order of contraction is tried (``einsum(..., optimize="optimal")``)."""


def _takes_too_long(call: LibraryCall) -> bool:
    rounds: list[Any] = []
    if call.path.rpartition(".")[2] == "einsum" and len(call.leaves) > _MOST_ORDERED:
        return any(leaf is True or leaf in _EXHAUSTIVE for leaf in call.leaves if isinstance(leaf, (bool, str)))
    path = library.behind(call.path)
    if path in library.LOOP_OVER_NUMBERS:
        rounds += call.leaves
    if path in library.LOOP_OVER_SIZES:
        rounds += (dim for leaf in call.leaves if isinstance(leaf, AbstractArray) for dim in leaf.type.shape.dims)
    return any(isinstance(number, int) and number > _MOST_ROUNDS for number in rounds)


def _with_variables(text: str, sizes: Mapping[str, int]) -> str:
    """JAX's message about stand-in sizes, told in the variables they stand for."""
    for name, size in sizes.items():
        text = re.sub(rf"\b{size}\b", name, text)
    return text


def _letterwise(call: LibraryCall, summary: Summary | Problem | None) -> LetterwiseAxis | None:
    """Whether JAX reads a bare string axis as letters, and this call therefore fails or reduces other axes."""
    args, kwargs = call.structure.unflatten(call.leaves)
    axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
    if not isinstance(axis, str) or len(axis) == 1:
        return None
    if isinstance(summary, UnboundAxisName):
        return LetterwiseAxis(axis, call.path) if summary.axis in tuple(axis) else None
    if not isinstance(summary, Summary) or axis not in call.env:
        return None
    as_one_name = (args, {**kwargs, "axis": (axis,)}) if "axis" in kwargs else ((args[0], (axis,), *args[2:]), kwargs)
    leaves, structure = flatten_arguments(*as_one_name)
    same = _trace_at_any_size(replace(call, leaves=leaves, structure=structure)) == summary
    return None if same else LetterwiseAxis(axis, call.path)
