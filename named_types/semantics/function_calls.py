"""Calls of functions that take functions, which the interpreter of the program stands in for.

JAX calls them with tracers, and they answer with tracers. So nothing of such a call is remembered, and one inside
another is part of the trace of that one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import jax

from named_types.algebra import NO_NAMES, Dim, NamedShape
from named_types.problems import Problem
from named_types.semantics import library, ongoing
from named_types.semantics.abstract_array import AbstractArray
from named_types.semantics.avals import as_given
from named_types.semantics.library_call import LibraryCall, ends_pytree, flatten_arguments
from named_types.semantics.outcome import SILENT, Outcome, at_call, instantiate, is_unknown
from named_types.semantics.pytrees import PyTree, tree_flatten
from named_types.semantics.recording import Recording
from named_types.semantics.sizes import UNKNOWN_SIZES
from named_types.semantics.summary import Summary, merge
from named_types.semantics.tracing import plain, problem_of, trace


def evaluate_with_functions(
    path: str,
    function: Callable[..., PyTree],
    calls: Sequence[tuple[PyTree, PyTree]],
    axis_env: NamedShape = NO_NAMES,
    recording: Recording | None = None,
) -> Outcome:
    """Evaluate ``function(*calls)``, what ``path`` names, where functions are among the leaves of the arguments.

    ``calls`` has the arguments of each call by position and by keyword: a function that one returns is the one
    that the next calls. JAX calls the functions with tracers, and they answer with tracers; one that raises makes
    the result unknown. Nothing is remembered. A function among the results is RETURNED_FUNCTION. While another
    recording is going on, the call is part of that one; else it is told in ``recording``.
    """
    leaves, structure = flatten_arguments(calls, {})
    if any(is_unknown(leaf) for leaf in leaves):
        return SILENT
    call = LibraryCall(library.canonical(path), leaves, structure, axis_env, function)
    last = LibraryCall(call.path, *flatten_arguments(*calls[-1]), axis_env, function)
    if (outer := ongoing.recording()) is not None:
        return _evaluate_within(outer, function, call, last)
    summary = _trace_at_sizes_of_axes(call, recording)
    arrays = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
    if isinstance(summary, Summary):
        if recording is not None:
            recording.complete([array.type.named_shape for array in arrays], axis_env)
        return instantiate(summary, arrays, axis_env)
    return SILENT if summary is None or call.variables else Outcome(problem=at_call(summary, last, axis_env))


def _evaluate_within(
    recording: Recording, function: Callable[..., PyTree], call: LibraryCall, last: LibraryCall
) -> Outcome:
    """The call as part of what is being recorded."""
    leaves = [recording.tracer(leaf) if isinstance(leaf, AbstractArray) else as_given(leaf) for leaf in call.leaves]
    calls, _ = call.structure.unflatten(leaves)
    try:
        result = function(*calls)
    except Exception as error:
        problem = problem_of(error, call)
        return SILENT if problem is None or call.variables else Outcome(problem=at_call(problem, last, call.env))
    results, structure = tree_flatten(result, ends_pytree)
    values = [recording.value_of(leaf) if isinstance(leaf, jax.Array) else plain(leaf) for leaf in results]
    return Outcome(structure.unflatten(values))


def _trace_at_sizes_of_axes(call: LibraryCall, recording: Recording | None) -> Summary | Problem | None:
    """One run, or two where the sizes of the axes in scope are not all known: what both agree on."""
    if all(isinstance(size, int) for size in call.env.values()):
        return trace(call, recording)
    first, second = (
        trace(replace(call, env=NamedShape({axis: _known(dim, size) for axis, dim in call.env.items()})), observer)
        for size, observer in zip(
            UNKNOWN_SIZES, (recording, None if recording is None else Recording(True)), strict=True
        )
    )
    if isinstance(first, Summary) and isinstance(second, Summary):
        return merge(first, second)
    return first if isinstance(first, Problem) and isinstance(second, Problem) else None


def _known(dim: Dim, size: int) -> int:
    return dim if isinstance(dim, int) else size
