"""Silent faults: what is wrong unless something follows, told where nothing has.

Inside a mapped function, a value with named axes may still be reduced over them. So a suspicion is kept as long as
the body goes on, dropped by whatever reduces one of its axes or may do so, and told where the map that introduced
them ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from named_types.algebra import ArrayType, AxisName
from named_types.analyzer.values import AbstractArray, Args, Kwargs, VmappedAxis
from named_types.problems import AbsentAxis, EmptyReduction, Problem
from named_types.semantics.absent_axes import absent_axes
from named_types.semantics.collectives import Collective
from named_types.semantics.reductions import is_over_all_positions

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

Axes: TypeAlias = frozenset[AxisName]
Event: TypeAlias = Axes | None
"""The axes that something reduces; None for what may reduce any."""


@dataclass(frozen=True)
class Suspicion:
    """A problem, unless one of the axes is reduced yet."""

    problem: Problem
    node: cst.CSTNode
    axes: Axes


class Suspicions:
    """Those of one mapped function, or of one that is checked by itself."""

    def __init__(self, around: Suspicions | None = None) -> None:
        self._around = around
        self._held: list[Suspicion] = []
        self._events: list[Event] = []

    def add(self, suspicion: Suspicion) -> None:
        self._held.append(suspicion)

    def happened(self, event: Event) -> None:
        """Something reduces these axes, or may reduce any."""
        self._events.append(event)
        self._held = [] if event is None else [one for one in self._held if one.axes.isdisjoint(event)]
        if self._around is not None:
            self._around.happened(event)

    @property
    def moment(self) -> int:
        """The present, for `since`."""
        return len(self._events)

    def since(self, moment: int) -> Sequence[Event]:
        """What has happened since then."""
        return tuple(self._events[moment:])

    def take(self, axes: Collection[AxisName]) -> Iterator[Suspicion]:
        """Those about any of these axes; the others are left to what is around."""
        for one in self._held:
            if not one.axes.isdisjoint(axes):
                yield one
            elif self._around is not None:
                self._around.add(one)


@contextmanager
def ending_here(interp: Interpreter, axes: Iterable[AxisName]) -> Iterator[None]:
    """While a function runs that introduces these axes: what is still suspected of them at its end is told."""
    suspicions = Suspicions(interp.context.suspicions)
    with interp.within(replace(interp.context, suspicions=suspicions)):
        yield
        for one in suspicions.take(frozenset(axes)):
            interp.report(one.problem, one.node)


def watch_reduction(
    interp: Interpreter, path: str, args: Args, kwargs: Kwargs, results: Iterable[ArrayType], node: cst.CSTNode
) -> None:
    """A library call was evaluated: what it reduces, and whether it reduces nothing."""
    given = [array for array in (*args, *kwargs.values()) if isinstance(array, AbstractArray)]
    axes = names_in(array.type for array in given)
    suspicions = interp.context.suspicions
    if gone := axes - names_in(results):
        suspicions.happened(gone)
    if not is_over_all_positions(path, args, kwargs):
        return
    value = given[0].type if given else None
    if value is None or value.shape.rank != 0 or not axes:
        interp.findings.acquit(EmptyReduction.code, node)
    elif not interp.context.is_trial:
        suspicions.add(Suspicion(EmptyReduction(path, value), node, axes))


def watch_axes(
    interp: Interpreter, path: str, operands: Sequence[ArrayType], collectives: Sequence[Collective], node: cst.CSTNode
) -> None:
    """Warn of a call along axes that no operand has, if that is so whenever it is made."""
    if not collectives or interp.context.is_trial:
        return
    problem = absent_axes(path, operands, collectives)
    if problem is None:
        interp.findings.acquit(AbsentAxis.code, node)
    else:
        interp.report(problem, node)


def names_in(types: Iterable[ArrayType]) -> Axes:
    """The axes that the program has names for."""
    return frozenset(name for one in types for name in one.named_shape or () if not isinstance(name, VmappedAxis))
