"""The oracle: JAX itself tells what a library call does.

`evaluate` traces the real function on abstract values (`jax.make_jaxpr`, with the axis env of the caller).
Shapes, element types and weak types are those of the outputs; named shapes come from propagating through the
jaxpr. The work is done once for each function and kind of arguments: named shapes are no part of the memo's
key, for the propagated transfers hold for all of them.

What cannot be known is UNKNOWN and no problem: an unknown argument, a result that depends on values, a
function outside the allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any, TypeAlias

import jax

from named_types.algebra import NO_NAMES, NamedShape, SymbolicDim
from named_types.problems import InvalidOperation, LetterwiseAxis, Problem, UnboundAxisName
from named_types.semantics import library
from named_types.semantics import recording as recordings
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.library_call import LibraryCall
from named_types.semantics.memo import Memo
from named_types.semantics.numpy_oracle import evaluate_numpy
from named_types.semantics.outcome import SILENT, Outcome, at_call, instantiate, is_unknown
from named_types.semantics.sizes import UNKNOWN_SIZES, exact_divisions, products, stand_in_sizes
from named_types.semantics.summary import Summary, merge
from named_types.semantics.tracing import trace

PyTree: TypeAlias = Any


_ANY_SIZE = 2
"""What a symbolic size counts for where numbers count for their types alone."""


def evaluate(
    path: str, args: Sequence[PyTree], kwargs: Mapping[str, PyTree], axis_env: NamedShape = NO_NAMES
) -> Outcome:
    """Evaluate a call of the public callable ``path`` on pytrees of abstract arrays and plain values.

    ``axis_env`` holds the axis names in scope with their sizes.
    """
    outcome = _evaluate(path, args, kwargs, axis_env)
    recording = recordings.current()
    if recording is None or outcome.value is UNKNOWN:
        return outcome
    function = None if path.startswith("numpy.") else library.resolve(path)
    return replace(outcome, value=recording.record(function, tuple(args), dict(kwargs), outcome.value))


def _evaluate(path: str, args: Sequence[PyTree], kwargs: Mapping[str, PyTree], axis_env: NamedShape) -> Outcome:
    leaves, structure = jax.tree_util.tree_flatten((tuple(args), dict(kwargs)), is_leaf=lambda leaf: leaf is None)
    if path in library.ELEMENTWISE:
        leaves = [_ANY_SIZE if isinstance(leaf, SymbolicDim) else leaf for leaf in leaves]
    if any(is_unknown(leaf) for leaf in leaves):
        return SILENT
    arrays = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
    if path.startswith("numpy.") or (path in library.OPERATORS and all(one.library == "numpy" for one in arrays)):
        return Outcome(evaluate_numpy(path, args, kwargs))
    function = library.resolve(path)
    if function is None:
        return SILENT
    env = axis_env if any(_mentions(leaf, axis_env) for leaf in leaves) else NO_NAMES
    call = LibraryCall(library.canonical(path), function, tuple(leaves), structure, env)
    summary = _MEMO.remember(call.key, lambda: _summarise(call))
    if summary is None:
        return SILENT
    if isinstance(summary, Problem):
        return Outcome(problem=at_call(summary, call, axis_env))
    return instantiate(summary, arrays, axis_env)


_MEMO: Memo[Summary | Problem | None] = Memo()


def _summarise(call: LibraryCall) -> Summary | Problem | None:
    """What a call does, or what is wrong with it; None where that cannot be known."""
    if _takes_too_long(call):
        return None
    summary = _trace_at_any_size(call)
    return _letterwise(call, summary) or summary


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
    args, kwargs = jax.tree_util.tree_unflatten(call.structure, call.leaves)
    axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
    if not isinstance(axis, str) or len(axis) == 1:
        return None
    if isinstance(summary, UnboundAxisName):
        return LetterwiseAxis(axis, call.path) if summary.axis in tuple(axis) else None
    if not isinstance(summary, Summary) or axis not in call.env:
        return None
    as_one_name = (args, {**kwargs, "axis": (axis,)}) if "axis" in kwargs else ((args[0], (axis,), *args[2:]), kwargs)
    leaves, structure = jax.tree_util.tree_flatten(as_one_name, is_leaf=lambda leaf: leaf is None)
    same = _trace_at_any_size(replace(call, leaves=tuple(leaves), structure=structure)) == summary
    return None if same else LetterwiseAxis(axis, call.path)


def _mentions(leaf: Any, axis_env: NamedShape) -> bool:
    """Whether a plain value is an axis name, part of one, or a string that may hold one (an einsum specification)."""
    if isinstance(leaf, str):
        return any(isinstance(axis, tuple) or (isinstance(axis, str) and axis in leaf) for axis in axis_env)
    try:
        return leaf in axis_env or any(isinstance(axis, tuple) and leaf in axis for axis in axis_env)
    except TypeError:
        return False
