"""What a call gives: the answer of the oracle, for the named shapes and the arguments of one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from named_types.algebra import ArrayType, NamedShape
from named_types.problems import InvalidOperation, Problem, UnboundAxisName
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray, is_concrete
from named_types.semantics.collectives import Collective
from named_types.semantics.contraction import check_names
from named_types.semantics.library_call import LibraryCall
from named_types.semantics.summary import Summary
from named_types.semantics.transfers import Names, named_shape_of

PyTree: TypeAlias = Any
Named = TypeVar("Named", AbstractArray, ArrayType)


@dataclass(frozen=True)
class Outcome:
    """What a call gives: its value, the problem if it is wrong, and the values it makes on the way.

    ``value`` is a pytree of `AbstractArray`, plain Python values and UNKNOWN. ``intermediates`` are the types
    with more than one named axis that arise inside the call, ``collectives`` the operations in it in which
    instances of an axis meet.
    """

    value: PyTree = UNKNOWN
    problem: Problem | None = None
    intermediates: tuple[ArrayType, ...] = ()
    collectives: tuple[Collective, ...] = ()


SILENT = Outcome()
"""Nothing is known of the result."""


def instantiate(summary: Summary, arrays: Sequence[AbstractArray], axis_env: NamedShape) -> Outcome:
    """The outcome for these named shapes."""
    named_shapes = [array.type.named_shape for array in arrays]

    def named(one: Named, names: Names) -> Named:
        return one.with_named_shape(named_shape_of(names, named_shapes, axis_env))

    for contraction, operands in summary.contractions:
        for problem in check_names(contraction, [named(*one) for one in operands]):
            return Outcome(problem=problem)
    leaves = [
        replace(named(leaf, names), recorded=None) if isinstance(leaf, AbstractArray) else leaf
        for leaf, names in summary.outputs
    ]
    made = [named(array_type, names) for array_type, names in summary.intermediates]
    crowded = {kind.named_shape: kind for kind in made if kind.named_shape is not None and len(kind.named_shape) > 1}
    return Outcome(summary.structure.unflatten(leaves), None, tuple(crowded.values()), summary.collectives)


def at_call(problem: Problem, call: LibraryCall, axis_env: NamedShape) -> Problem:
    """A remembered problem with the facts of this call: its arguments' types and the names in scope."""
    if isinstance(problem, UnboundAxisName):
        return replace(problem, bound=tuple(sorted(axis_env, key=repr)))
    if isinstance(problem, InvalidOperation):
        return replace(problem, arguments=call.arguments)
    return problem


def is_unknown(leaf: Any) -> bool:
    """Whether too little is known of an argument for JAX to be asked."""
    if isinstance(leaf, AbstractArray):
        return not is_concrete(leaf.type)
    if isinstance(leaf, slice):
        return any(part is UNKNOWN or isinstance(part, AbstractArray) for part in (leaf.start, leaf.stop, leaf.step))
    return leaf is UNKNOWN
