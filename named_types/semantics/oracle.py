"""The oracle: JAX itself tells what a library call does.

`evaluate` has the real function traced on abstract values (`summarising`, with the axis env of the caller).
Shapes, element types and weak types are those of the outputs; named shapes come from propagating through the
jaxpr. The work is done once for each function and kind of arguments, and JAX imported only for what nobody has asked
before: named shapes are no part of the memo's key, for the propagated transfers hold for all of them.

What cannot be known is UNKNOWN and no problem: an unknown argument, a result that depends on values, a
function outside the allow-list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from named_types.algebra import NO_NAMES, AxisName, NamedShape, SymbolicDim
from named_types.problems import InvalidOperation, Problem
from named_types.semantics import library, ongoing
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.collectives import malformed
from named_types.semantics.library_call import LibraryCall, flatten_arguments
from named_types.semantics.memo import Memo
from named_types.semantics.outcome import SILENT, Outcome, at_call, instantiate, is_unknown
from named_types.semantics.pytrees import PyTree
from named_types.semantics.summary import Summary

_ANY_SIZE = 2
"""What a symbolic size counts for where numbers count for their types alone."""


def evaluate(
    path: str, args: Sequence[PyTree], kwargs: Mapping[str, PyTree], axis_env: NamedShape = NO_NAMES
) -> Outcome:
    """Evaluate a call of the public callable ``path`` on pytrees of abstract arrays and plain values.

    ``axis_env`` holds the axis names in scope with their sizes.
    """
    outcome = _evaluate(path, args, kwargs, axis_env)
    recording = ongoing.recording()
    if recording is None or outcome.value is UNKNOWN:
        return outcome
    function = library.resolve(path)
    return replace(outcome, value=recording.record(function, tuple(args), dict(kwargs), outcome.value))


def _evaluate(path: str, args: Sequence[PyTree], kwargs: Mapping[str, PyTree], axis_env: NamedShape) -> Outcome:
    if not library.may_be_evaluated(path):
        return SILENT
    leaves, structure = flatten_arguments(args, kwargs)
    if path in library.ELEMENTWISE:
        leaves = tuple(_ANY_SIZE if isinstance(leaf, SymbolicDim) else leaf for leaf in leaves)
    if any(is_unknown(leaf) for leaf in leaves):
        return SILENT
    env = axis_env.restrict(name for leaf in leaves for name in _mentioned(leaf, axis_env)) if axis_env else NO_NAMES
    call = LibraryCall(library.canonical(path), leaves, structure, env)
    summary = _MEMO.remember(call.key, lambda: _summarise(call))
    if summary is None:
        return SILENT
    if isinstance(summary, Problem):
        return Outcome(problem=at_call(summary, call, axis_env))
    reasons = (malformed(collective, axis_env) for collective in summary.collectives)
    if (reason := next(filter(None, reasons), None)) is not None:
        return Outcome(problem=InvalidOperation(call.path, call.arguments, reason))
    arrays = [leaf for leaf in leaves if isinstance(leaf, AbstractArray)]
    return instantiate(summary, arrays, axis_env)


_MEMO: Memo[Summary | Problem | None] = Memo("call")


def _summarise(call: LibraryCall) -> Summary | Problem | None:
    """What a call does, or what is wrong with it; None where that cannot be known."""
    from named_types.semantics.summarising import summarise  # here, for it imports JAX

    return summarise(call)


def _mentioned(leaf: Any, axis_env: NamedShape) -> list[AxisName]:
    """The axis names that a plain value is, is a part of, or may hold as a string (an einsum specification)."""
    if isinstance(leaf, str):
        return [axis for axis in axis_env if isinstance(axis, tuple) or (isinstance(axis, str) and axis in leaf)]
    try:
        itself = [leaf] if leaf in axis_env else []
        return [*itself, *(axis for axis in axis_env if isinstance(axis, tuple) and leaf in axis)]
    except TypeError:
        return []
