"""``with`` statements: what entering binds, what holds in the block, and what leaving does.

The block of ``with manager():``, where ``manager`` is a generator function under `contextlib.contextmanager`, runs
where the generator yields: inside of whatever the generator is inside of then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer import signatures
from named_types.analyzer.calls import run_function
from named_types.analyzer.class_values import Instance, Record
from named_types.analyzer.context import Context
from named_types.analyzer.dunders import call_special, special_method
from named_types.analyzer.flow import Flow
from named_types.analyzer.resources import inside
from named_types.analyzer.syntax import calls_in, descendants, expects_an_error, yields_once
from named_types.analyzer.targets import assign
from named_types.analyzer.values import EXPECTS_ERRORS, UNKNOWN, Function, ManagerCall, MeshValue, Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_ENTERING = frozenset({"__enter__", "enter_context", "set_mesh"})
"""What may bring resources into scope when it is called."""


def run_with(interp: Interpreter, node: cst.With) -> Flow:
    """A ``with`` statement."""
    return _within(interp, node, node.items)


def _within(interp: Interpreter, node: cst.With, items: Sequence[cst.WithItem]) -> Flow:
    if not items:
        return interp.execute([node.body])
    item, *rest = items

    def block(entered: Value) -> Flow:
        if item.asname is not None:
            assign(interp, item.asname.name, entered)
        return _within(interp, node, rest)

    manager = interp.evaluate(item.item)
    if isinstance(manager, ManagerCall) and node.asynchronous is None:
        return _around_yield(interp, manager, item, block)
    if isinstance(manager, (Instance, Record)) and node.asynchronous is None:
        return _around_instance(interp, manager, item, block)
    context = inside(interp.context, EXPECTS_ERRORS[0] if expects_an_error(item.item) else manager)
    with interp.within(context):
        return block(manager if isinstance(manager, MeshValue) else UNKNOWN)


def _around_instance(
    interp: Interpreter, manager: Instance | Record, node: cst.CSTNode, block: Callable[[Value], Flow]
) -> Flow:
    """Enter an instance, run the block, and leave it."""
    entered = call_special(interp, manager, "__enter__", [], node)
    with interp.within(_inside_instance(interp.context, manager)):
        flow = block(entered)
    given = UNKNOWN if flow is Flow.RAISE else None
    call_special(interp, manager, "__exit__", [given, given, given], node)
    return flow


def _inside_instance(context: Context, manager: Instance | Record) -> Context:
    """Entering may bring resources into scope, and leaving may catch what is raised in the block."""
    enter, leave = special_method(manager, "__enter__"), special_method(manager, "__exit__")
    if not isinstance(enter, Function) or enter.is_virtual or calls_in(enter.node) & _ENTERING:
        context = replace(context, resources_in_scope=None)
    if not isinstance(leave, Function) or leave.is_virtual or _returns_a_value(leave):
        context = replace(context, errors_are_handled=True)
    return context


def _returns_a_value(function: Function) -> bool:
    returns = (one for one in descendants(function.node.body) if isinstance(one, cst.Return))
    return any(
        one.value is not None and not (isinstance(one.value, cst.Name) and one.value.value in ("None", "False"))
        for one in returns
    )


def _around_yield(interp: Interpreter, manager: ManagerCall, node: cst.CSTNode, block: Callable[[Value], Flow]) -> Flow:
    """Run a generator up to its yield, the block there, and then what is left of the generator."""
    function = manager.function
    bindings = signatures.bind(function, manager.args, manager.kwargs)
    frame, context, is_abroad = interp.frame, interp.context, interp.is_abroad
    flows: list[Flow] = []

    def at_yield(value: Value) -> None:
        inner, was_abroad = interp.frame, interp.is_abroad
        interp.frame, interp.is_abroad = frame, is_abroad
        try:
            with interp.within(replace(interp.context, call_site=context.call_site)):
                flows.append(Flow.NEXT)
                flows[-1] = block(value)
        finally:
            interp.frame, interp.is_abroad = inner, was_abroad

    if not isinstance(bindings, signatures.Misfit) and yields_once(function.node):
        run_function(interp, function, bindings, manager.node, at_yield=at_yield)
    if flows:
        return flows[0]
    with interp.within(replace(context, resources_in_scope=None, errors_are_handled=True)):
        return block(UNKNOWN)
