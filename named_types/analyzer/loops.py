"""Loops: a short one is unrolled, any other runs until the state no longer changes.

`break` and `continue` note the state they leave with, so that what a loop may end with is joined from every way
out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.context import Loop
from named_types.analyzer.flow import Flow
from named_types.analyzer.joins import join_all
from named_types.analyzer.operations import item_of, iterated, truth_of
from named_types.analyzer.snapshots import Snapshot
from named_types.analyzer.targets import assign
from named_types.analyzer.values import Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_LONGEST_UNROLLED = 64
_MOST_ROUNDS = 8


def run_for(interp: Interpreter, node: cst.For) -> Flow:
    """A ``for`` loop, ``else`` included."""
    value = interp.evaluate(node.iter)
    parts = iterated(interp, value, node.iter)

    def rounds(loop: Loop) -> Flow:
        if parts is not None and len(parts) <= _LONGEST_UNROLLED:
            return _unroll(interp, node, parts, loop)
        item = item_of(interp, value) if parts is None else join_all(parts)
        return _repeat(interp, node.body, loop, lambda: assign(interp, node.target, item), is_guarded=False)

    return _run(interp, rounds, node.orelse)


def run_while(interp: Interpreter, node: cst.While) -> Flow:
    """A ``while`` loop, ``else`` included."""

    def rounds(loop: Loop) -> Flow:
        known = truth_of(interp, interp.evaluate(node.test), node.test)
        for _ in range(_LONGEST_UNROLLED):
            if known is not True or _is_endless(node):
                break
            flow = _round(interp, node.body, loop)
            if flow is not Flow.NEXT:
                return flow
            known = truth_of(interp, interp.evaluate(node.test), node.test)
        if known is False:
            return Flow.NEXT
        _repeat(interp, node.body, loop)
        return Flow.RAISE if truth_of(interp, interp.evaluate(node.test), node.test) is True else Flow.NEXT

    return _run(interp, rounds, node.orelse)


def _is_endless(node: cst.While) -> bool:
    """``while True``: only the body tells when it ends."""
    return isinstance(node.test, (cst.Name, cst.Integer))


def leave_round(interp: Interpreter, node: cst.Break | cst.Continue) -> Flow:
    """``break`` and ``continue``."""
    loops = interp.frame.loops
    if isinstance(node, cst.Break):
        if loops:
            loops[-1].broken.append(interp.snapshot())
        return Flow.BREAK
    if loops:
        loops[-1].continued.append(interp.snapshot())
    return Flow.CONTINUE


def meet(states: Sequence[Snapshot]) -> None:
    """Go on from states that are all possible."""
    states[0].restore()
    for state in states[1:]:
        state.join_into()


def _run(interp: Interpreter, rounds: Callable[[Loop], Flow], orelse: cst.Else | None) -> Flow:
    loop = Loop()
    interp.frame.loops.append(loop)
    try:
        with interp.within(interp.context):
            flow = rounds(loop)
    finally:
        interp.frame.loops.pop()
    if flow is Flow.NEXT and orelse is not None:
        flow = interp.execute([orelse.body])
    if loop.broken:
        meet([*loop.broken, interp.snapshot()] if flow is Flow.NEXT else loop.broken)
        return Flow.NEXT
    return flow


def _unroll(interp: Interpreter, node: cst.For, parts: Sequence[Value], loop: Loop) -> Flow:
    for part in parts:
        assign(interp, node.target, part)
        flow = _round(interp, node.body, loop)
        if flow is not Flow.NEXT:
            return flow
    return Flow.NEXT


def _repeat(
    interp: Interpreter,
    body: cst.BaseSuite,
    loop: Loop,
    prepare: Callable[[], None] = lambda: None,
    is_guarded: bool = True,
) -> Flow:
    """Any number of rounds, none included: until the state is a fixpoint, else all that may change is forgotten."""
    for _ in range(_MOST_ROUNDS):
        before = interp.snapshot()
        prepare()
        with interp.frame.maybe(is_guarded):
            flow = _round(interp, body, loop)
        if flow is Flow.NEXT:
            before.join_into()
        else:
            before.restore()
        if before.is_present():
            return Flow.NEXT
    before.forget_changes()
    interp.forget_names(body)
    return Flow.NEXT


def _round(interp: Interpreter, body: cst.BaseSuite, loop: Loop) -> Flow:
    """One round; NEXT if another one may follow."""
    loop.continued.clear()
    flow = interp.execute([body])
    if not loop.continued:
        return flow
    meet([*loop.continued, interp.snapshot()] if flow is Flow.NEXT else loop.continued)
    return Flow.NEXT
