"""The interpreter: walks a program's syntax with abstract values in place of arrays.

It holds what the walk carries along (the frame, the context, what was found) and dispatches; what each kind of
node does stands in `expressions` and `statements`, what each kind of callee does in `calls`.

Everything doubtful is UNKNOWN. A handler that fails on a program nobody thought of gives UNKNOWN too, and so
does one that would go too deep or take too long: an analyzer that raises, or never answers, is worse than one
that is silent. `Interpreter.attempt` is where all of this is caught.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst

from named_types.algebra import AxisName
from named_types.analyzer.abroad import MOST_STEPS_ABROAD, OutOfSteps, as_told
from named_types.analyzer.attributes import attribute
from named_types.analyzer.calls import call_function, call_value
from named_types.analyzer.context import Context, Frame
from named_types.analyzer.expressions import EXPRESSIONS
from named_types.analyzer.findings import Findings
from named_types.analyzer.flow import Flow
from named_types.analyzer.heap import Heap
from named_types.analyzer.imports import member
from named_types.analyzer.items import item
from named_types.analyzer.modules import ModuleScope, ProgramModule, Source, source_of
from named_types.analyzer.operands import operand_types
from named_types.analyzer.positions import Places, Positions
from named_types.analyzer.reachable import reachable_instances
from named_types.analyzer.signatures import read_signature
from named_types.analyzer.snapshots import Snapshot
from named_types.analyzer.statements import STATEMENTS
from named_types.analyzer.summaries import Summaries
from named_types.analyzer.syntax import names_in
from named_types.analyzer.values import COMPOUND, UNKNOWN, Function, Library, TypeExpression, Value, weight
from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.diagnostics.fix import Fix
from named_types.problems import InvalidOperation, Problem, UnboundAxisName
from named_types.semantics.lifting import Signature

if TYPE_CHECKING:
    from named_types.analyzer.program import Program

T = TypeVar("T")

_MOST_STEPS = 300_000
"""How many statements and expressions are looked at, a list counting for each of its items, a call for several."""
_STEPS_OF_CALL = 10
_HEAVIEST = 10_000
"""How many items a value may have in all, its parts' items with them."""
_DEEPEST = 110
"""How many statements and expressions may be inside each other; each takes up to six of Python's thousand frames."""
_DEEPEST_CALL = 40
_DEEPEST_RECURSION = 3
_MOST_CALLS = 200


class Interpreter:
    """One walk through one module, and through what it calls of others."""

    def __init__(self, program: Program, source: Source, scope: ModuleScope) -> None:
        self.program = program
        self.source = source
        self.positions = Places(source.path, self._modules_around)
        self.home = scope
        self.frame = Frame(scope)
        self.context = Context()
        self.findings = Findings()
        self.summaries = Summaries()
        self.is_abroad = False
        """Whether the code being interpreted is that of another module."""
        self.aliases: list[TypeExpression] = []
        """The type aliases that are being read, each inside of the one before it."""
        self._unchecked: dict[cst.CSTNode, Function] = {}
        self._seen: set[cst.CSTNode] = set()
        self._interpreted: Counter[cst.CSTNode] = Counter()
        self._calls: list[cst.CSTNode] = []
        self._callers: list[Frame] = []
        self._steps = 0
        self._steps_abroad = 0
        self._depth = 0

    @property
    def heap(self) -> Heap:
        return self.program.heap

    @property
    def enable_x64(self) -> bool:
        """Whether the program has told JAX to keep 64-bit types."""
        return self.program.settings.enable_x64

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """The value of an expression."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            return UNKNOWN
        value = self.attempt(handler, node, lambda: UNKNOWN)
        if isinstance(value, COMPOUND):
            size = weight(value, _HEAVIEST)
            self._steps += size
            value = value if size < _HEAVIEST else UNKNOWN
        self.found(node, value)
        return value

    def found(self, node: cst.CSTNode, value: Value) -> None:
        """Tell the value that something in the program has."""
        if not self.is_abroad and not self.context.is_trial:
            self.findings.add_type(node, value, not self.context.is_complete)

    def execute(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement | cst.BaseSuite]) -> Flow:
        """Run a block; tells how it was left."""
        for statement in statements:
            handler = STATEMENTS.get(type(statement))
            flow = Flow.NEXT if handler is None else self.attempt(handler, statement, partial(self._skip, statement))
            if flow is not Flow.NEXT:
                return flow
        return Flow.NEXT

    def attempt(self, handler: Callable[[Any, Any], T], subject: Any, otherwise: Callable[[], T]) -> T:
        """What ``handler(self, subject)`` gives; ``otherwise`` if it fails, is too deep, or comes too late."""
        self._count(1)
        if self._steps > _MOST_STEPS or self._depth >= _DEEPEST:
            return otherwise()
        self._depth += 1
        try:
            return handler(self, subject)
        except Exception:
            return otherwise()
        finally:
            self._depth -= 1

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self.is_abroad:
            self._steps_abroad += steps
            if self._steps_abroad > MOST_STEPS_ABROAD:
                raise OutOfSteps

    def _skip(self, statement: cst.CSTNode) -> Flow:
        """Of a statement that was not understood: whatever it mentions, it may have bound."""
        if self._steps > _MOST_STEPS:
            return Flow.RAISE
        self.forget_names(statement)
        return Flow.NEXT

    def forget_names(self, syntax: cst.CSTNode) -> None:
        """From now on nothing is known of any variable that a piece of syntax mentions."""
        for name in names_in(syntax):
            bound = self.frame.scope.lookup(name.value)
            if bound is not None and not isinstance(bound[0], (Library, ProgramModule)):
                self.escape(bound)
                self.frame.scope.bind(name.value, UNKNOWN)

    def escape(self, values: Iterable[Value]) -> None:
        """Hand values to code that is not known: it may set any attribute of an instance among them."""
        given = list(values)
        for instance in reachable_instances(given):
            self.heap.forget(instance.attributes)
        for container in given:
            if type(container) in (list, dict):
                self._fill_slots(container)

    def leak(self, values: Iterable[Value]) -> None:
        """Hand values to code that is not known and keeps them: nothing will ever be known of instances among them."""
        for instance in reachable_instances(values):
            self.heap.forget(instance.attributes)
            instance.is_leaked = True

    def _fill_slots(self, container: list[Value] | dict[Value, Value]) -> None:
        """A None in a list or dict may be there to be replaced."""
        slots = enumerate(container) if isinstance(container, list) else container.items()
        for key in [key for key, held in slots if held is None]:
            self.heap.changing(container)
            container[key] = UNKNOWN

    def call(self, callee: Value, args: Sequence[Value], kwargs: Mapping[str, Value], node: cst.CSTNode) -> Value:
        """The value of a call; ``node`` is the place to report at."""
        return call_value(self, callee, args, kwargs, node)

    def attribute(self, value: Value, name: str, node: cst.CSTNode) -> Value:
        """``value.name``."""
        if isinstance(value, Library):
            return member(self, value.path, name, node)
        return attribute(self, value, name, node)

    def item(self, value: Value, index: Value, node: cst.CSTNode) -> Value:
        """``value[index]``."""
        return item(self, value, index, node)

    def call_function(
        self,
        function: Function,
        args: Sequence[Value],
        kwargs: Mapping[str, Value],
        node: cst.CSTNode,
        liftable: frozenset[AxisName],
    ) -> Value:
        """Call a function of the program, lifting it over no other axes than ``liftable``."""
        return call_function(self, function, args, kwargs, node, liftable)

    def signature_of(self, function: Function) -> Signature:
        return read_signature(self, function)

    def try_call(self, callee: Value, args: Sequence[Value]) -> Value:
        """The value of a call the program does not make itself; nothing is reported."""
        with self.within(replace(self.context, errors_are_handled=True)):
            return self.call(callee, args, {}, cst.Pass())

    def defined(self, function: Function) -> None:
        """A definition was reached: the function is to be checked by itself, unless its calls do."""
        if function.node not in self._seen and source_of(function.scope) is self.source:
            self._unchecked.setdefault(function.node, function)

    def checked(self, function: Function) -> None:
        """The function needs no more checking by itself."""
        self._seen.add(function.node)
        self._unchecked.pop(function.node, None)

    def unchecked(self) -> Iterator[Function]:
        """The functions to be checked by themselves, also those that are defined while these are."""
        while self._unchecked:
            function = self._unchecked[next(iter(self._unchecked))]
            self.checked(function)
            yield function

    def snapshot(self) -> Snapshot:
        """The present state."""
        return Snapshot(self.frame.scope, self.heap)

    @contextmanager
    def within(self, context: Context) -> Iterator[None]:
        outer, self.context = self.context, context
        try:
            yield
        finally:
            self.context = outer

    @contextmanager
    def entering(self, node: cst.CSTNode, frame: Frame) -> Iterator[bool]:
        """A call of the function at ``node``; false where it is too deep, or one too many, to follow."""
        self._interpreted[node] += 1
        self._count(_STEPS_OF_CALL)
        too_deep = len(self._calls) >= _DEEPEST_CALL or self._calls.count(node) >= _DEEPEST_RECURSION
        if too_deep or self._interpreted[node] > _MOST_CALLS:
            yield False
            return
        outer, self.frame = self.frame, frame
        self._calls.append(node)
        self._callers.append(outer)
        try:
            with self.within(self.context):
                yield True
        finally:
            self._calls.pop()
            self._callers.pop()
            self.frame = outer

    def report(
        self,
        problem: Problem,
        node: cst.CSTNode,
        related: Sequence[Related] = (),
        label: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        """Note a problem, unless the program expects it or it is not certain to happen."""
        if self.context.errors_are_handled or self.context.is_trial:
            return
        if isinstance(problem, UnboundAxisName) and not self.context.is_complete:
            return
        if isinstance(problem, InvalidOperation) and not self.context.is_certain:
            return
        if isinstance(problem, InvalidOperation):
            related = operand_types(self, node)
        diagnostic = as_told(self, Diagnostic(problem, self.positions.place(node), label, tuple(related), fix))
        if diagnostic is not None:
            self.findings.add_problem(diagnostic, node, not self.context.is_complete)

    def reveal(self, text: str, node: cst.CSTNode) -> None:
        """Answer a ``reveal_type``."""
        if not self.is_abroad and not self.context.is_trial:
            self.findings.add_revealed(text, self.positions.place(node), not self.context.is_complete)

    def text_of(self, node: cst.CSTNode) -> str:
        return self.source.module.code_for_node(node)

    @property
    def may_not_run(self) -> bool:
        """Whether the present code is inside a branch or round that some run of the program leaves out."""
        return any(frame.is_uncertain for frame in (self.frame, *self._callers))

    @property
    def is_guarded(self) -> bool:
        """Whether the present code is inside a branch that some run of the program leaves out, not just a round."""
        return any(frame.is_guarded for frame in (self.frame, *self._callers))

    def uncertain(self) -> Context:
        """The context of a branch that may never run with these types."""
        return replace(self.context, is_certain=False)

    def _modules_around(self) -> Iterator[Positions]:
        """The modules whose nodes are at hand, the likeliest first."""
        for frame in (self.frame, *reversed(self._callers)):
            yield source_of(frame.scope).positions
        yield self.source.positions
        for source in self.program.sources:
            yield source.positions
