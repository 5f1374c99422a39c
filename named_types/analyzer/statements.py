"""What each kind of statement does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.annotations import check_return, is_type, is_type_alias, read_annotation
from named_types.analyzer.classes import define_class
from named_types.analyzer.context_managers import run_with
from named_types.analyzer.flow import Flow
from named_types.analyzer.imports import bind_imported
from named_types.analyzer.loops import leave_round, meet, run_for, run_while
from named_types.analyzer.narrowing import narrowing
from named_types.analyzer.operations import apply_in_place, truth, truth_of
from named_types.analyzer.patterns import fits
from named_types.analyzer.resources import set_for_all_that_follows
from named_types.analyzer.signatures import define
from named_types.analyzer.syntax import descendants, tests_a_type
from named_types.analyzer.targets import assign, delete
from named_types.analyzer.values import (
    CALLABLES,
    UNKNOWN,
    AbstractArray,
    MeshOfProgram,
    Method,
    TypeExpression,
    Value,
)

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def _assign(interp: Interpreter, node: cst.Assign) -> Flow:
    value = interp.evaluate(node.value)
    for target in node.targets:
        assign(interp, target.target, value, node.value)
    return Flow.NEXT


def _annotated_assign(interp: Interpreter, node: cst.AnnAssign) -> Flow:
    declared = read_annotation(interp, node.annotation.annotation)
    if isinstance(node.target, cst.Name):
        interp.frame.scope.declared[node.target.value] = declared
    if node.value is None:
        if isinstance(node.target, cst.Name) and interp.frame.scope.lookup(node.target.value) is None:
            assign(interp, node.target, UNKNOWN)
        return Flow.NEXT
    value = interp.evaluate(node.value)
    if is_type_alias(interp, node.annotation.annotation) and not is_type(value):
        value = _alias(interp, node.value)
    assign(interp, node.target, value, node.value)
    return Flow.NEXT


def _type_statement(interp: Interpreter, node: cst.TypeAlias) -> Flow:
    """``type Pair[T] = tuple[T, T]``."""
    parameters = () if node.type_parameters is None else node.type_parameters.params
    alias = _alias(interp, node.value, tuple(one.param.name.value for one in parameters))
    interp.frame.scope.bind(node.name.value, alias)
    return Flow.NEXT


def _alias(interp: Interpreter, node: cst.BaseExpression, parameters: tuple[str, ...] | None = None) -> TypeExpression:
    """An alias that is read where it is used; what is wrong with it is reported here."""
    read_annotation(interp, node)
    return TypeExpression(node, interp.frame.scope, parameters)


def _augmented_assign(interp: Interpreter, node: cst.AugAssign) -> Flow:
    operator = type(node.operator).__name__.removesuffix("Assign")
    before, operand = interp.evaluate(node.target), interp.evaluate(node.value)
    value = apply_in_place(interp, operator, before, operand, node)
    if isinstance(before, AbstractArray) and before.library == "numpy" and before.type.shape.rank:
        value = before
    if isinstance(before, list):
        interp.call(Method(before, "extend" if operator == "Add" else f"__i{operator}__"), [operand], {}, node)
        value = before
    if isinstance(before, (dict, set)) and operator == "BitOr":
        interp.call(Method(before, "update"), [operand], {}, node)
        value = before
    assign(interp, node.target, value, node)
    return Flow.NEXT


def _expression(interp: Interpreter, node: cst.Expr) -> Flow:
    value = interp.evaluate(node.value)
    if isinstance(value, MeshOfProgram):
        set_for_all_that_follows(interp, value)
    return Flow.NEXT


def _return(interp: Interpreter, node: cst.Return) -> Flow:
    value = None if node.value is None else interp.evaluate(node.value)
    value = check_return(interp, value, node.value or node)
    interp.frame.returns.append(value)
    return Flow.RETURN


def _raise(interp: Interpreter, node: cst.Raise) -> Flow:
    return Flow.RAISE


def _assert(interp: Interpreter, node: cst.Assert) -> Flow:
    """After a test of known types with an unknown answer, only what passes it goes on."""
    known = truth_of(interp, interp.evaluate(node.test), node.test)
    narrowed = narrowing(interp, node.test) if known is None else None
    if narrowed is not None:
        narrowed.apply(interp, holds=True)
    elif known is None and tests_a_type(node.test) and _mentions_known(interp, node.test):
        interp.context = interp.uncertain()
    return Flow.RAISE if known is False else Flow.NEXT


def _mentions_known(interp: Interpreter, condition: cst.BaseExpression) -> bool:
    """Whether something is known of what a condition mentions, functions aside."""
    found = (interp.frame.scope.lookup(one.value) for one in descendants(condition) if isinstance(one, cst.Name))
    values = [bound[0] for bound in found if bound is not None]
    return not all(value is UNKNOWN or isinstance(value, CALLABLES) for value in values)


def _line(interp: Interpreter, node: cst.SimpleStatementLine | cst.SimpleStatementSuite | cst.IndentedBlock) -> Flow:
    return interp.execute(node.body)


def _import(interp: Interpreter, node: cst.Import | cst.ImportFrom) -> Flow:
    bind_imported(interp, node)
    return Flow.NEXT


def _outside(interp: Interpreter, node: cst.Global | cst.Nonlocal) -> Flow:
    for item in node.names:
        interp.frame.scope.bind_outside(item.name.value, isinstance(node, cst.Global))
    return Flow.NEXT


def _delete(interp: Interpreter, node: cst.Del) -> Flow:
    delete(interp, node.target)
    return Flow.NEXT


def _function(interp: Interpreter, node: cst.FunctionDef) -> Flow:
    scope = interp.frame.scope
    function = define(interp, node.name.value, node)
    interp.defined(function)
    value: Value = function
    for decorator in reversed(node.decorators):
        value = interp.call(interp.evaluate(decorator.decorator), [value], {}, decorator.decorator)
        interp.found(decorator, value)
    scope.bind(node.name.value, value)
    return Flow.NEXT


def _if(interp: Interpreter, node: cst.If) -> Flow:
    condition = truth_of(interp, interp.evaluate(node.test), node.test)
    if condition is True:
        return interp.execute([node.body])
    if condition is False:
        return _orelse(interp, node.orelse)
    flows: list[Flow] = []
    narrowed = narrowing(interp, node.test)

    def run_body() -> Flow:
        if narrowed is not None:
            narrowed.apply(interp, holds=True)
        flows.append(interp.execute([node.body]))
        return flows[-1]

    def run_orelse() -> Flow:
        if narrowed is not None:
            narrowed.apply(interp, holds=False)
        flows.append(_orelse(interp, node.orelse))
        return flows[-1]

    context = interp.uncertain() if tests_a_type(node.test) and narrowed is None else interp.context
    with interp.within(context):
        flow = either(interp, [run_body, run_orelse])
    if any(one is not Flow.NEXT for one in flows):
        interp.context = context
    return flow


def _orelse(interp: Interpreter, orelse: cst.If | cst.Else | None) -> Flow:
    if orelse is None:
        return Flow.NEXT
    return interp.execute([orelse if isinstance(orelse, cst.If) else orelse.body])


def either(interp: Interpreter, ways: Sequence[Callable[[], Flow]]) -> Flow:
    """Run alternatives from one state and join the states that go on."""
    before = interp.snapshot()
    flows, after = [], []
    with interp.frame.maybe():
        for way in ways:
            before.restore()
            flow = way()
            flows.append(flow)
            if flow is Flow.NEXT:
                after.append(interp.snapshot())
    if len(after) < len(flows):
        interp.frame.is_uncertain = interp.frame.is_guarded = True
    if not after:
        return flows[0] if len(set(flows)) == 1 else Flow.RETURN
    meet(after)
    return Flow.NEXT


def _try(interp: Interpreter, node: cst.Try | cst.TryStar) -> Flow:
    before = interp.snapshot()
    context = replace(interp.context, errors_are_handled=True) if node.handlers else interp.context
    with interp.within(context):
        flow = interp.execute([node.body])
    if flow is Flow.NEXT and node.orelse is not None:
        flow = interp.execute([node.orelse.body])
    ways = [_keep(flow, interp)]
    before.join_into()
    for handler in node.handlers:
        ways.append(_handle(interp, handler))
    flow = either(interp, ways)
    if node.finalbody is not None:
        final = interp.execute([node.finalbody.body])
        flow = flow if final is Flow.NEXT else final
    return flow


def _keep(flow: Flow, interp: Interpreter) -> Callable[[], Flow]:
    """The way that has been walked already: go back to its end."""
    end = interp.snapshot()

    def way() -> Flow:
        end.restore()
        return flow

    return way


def _handle(interp: Interpreter, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> Callable[[], Flow]:
    def way() -> Flow:
        if handler.name is not None:
            assign(interp, handler.name.name, UNKNOWN)
        return interp.execute([handler.body])

    return way


def _match(interp: Interpreter, node: cst.Match) -> Flow:
    """The first case that fits; where that is not known, every one that may."""
    subject = interp.evaluate(node.subject)
    possible: list[cst.MatchCase] = []
    is_settled = False
    for case in node.cases:
        answer = _fits(interp, case, subject)
        if answer is not False:
            possible.append(case)
        if answer is True:
            is_settled = True
            break
    if is_settled and len(possible) == 1:
        return interp.execute([possible[0].body])

    def way(case: cst.MatchCase) -> Callable[[], Flow]:
        def run() -> Flow:
            _fits(interp, case, subject)
            return interp.execute([case.body])

        return run

    otherwise = [] if is_settled else [lambda: Flow.NEXT]
    with interp.within(interp.uncertain()):
        return either(interp, [*map(way, possible), *otherwise])


def _fits(interp: Interpreter, case: cst.MatchCase, subject: Value) -> bool | None:
    answer = fits(interp, case.pattern, subject)
    if answer is False or case.guard is None:
        return answer
    guard = truth(interp.evaluate(case.guard))
    return answer if guard is True else guard


STATEMENTS: dict[type[cst.CSTNode], Callable[[Any, Any], Flow]] = {
    cst.AnnAssign: _annotated_assign,
    cst.Assert: _assert,
    cst.Assign: _assign,
    cst.AugAssign: _augmented_assign,
    cst.Break: leave_round,
    cst.ClassDef: define_class,
    cst.Continue: leave_round,
    cst.Del: _delete,
    cst.Expr: _expression,
    cst.For: run_for,
    cst.FunctionDef: _function,
    cst.Global: _outside,
    cst.If: _if,
    cst.Import: _import,
    cst.ImportFrom: _import,
    cst.IndentedBlock: _line,
    cst.Match: _match,
    cst.Nonlocal: _outside,
    cst.Raise: _raise,
    cst.Return: _return,
    cst.SimpleStatementLine: _line,
    cst.SimpleStatementSuite: _line,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.TypeAlias: _type_statement,
    cst.While: run_while,
    cst.With: run_with,
}
