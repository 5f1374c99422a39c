"""A program run for real: whether it fails, and what it computes.

It fails where an exception comes out of JAX, the runtime or Python, and where a value does not have the type that
the program declares for it. Its own assertions, and what it raises itself, are no failure: they tell that it computes
something else.

A function whose parameters are all declared to be arrays is run by itself too, with arrays of these types, for two
choices of its dimension variables: the checker checks it by itself.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import random
import signal
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from literate.jax_settings import settings_left_alone
from mutations import instrumentation as listening
from mutations.alone import Alone, calls_alone
from mutations.holding import Call, ConflictError, hold
from mutations.observation import Observation, observe, same


@dataclass
class Outcome:
    """What came of a run."""

    failure: str = ""
    """What went wrong, if anything did: in JAX, in the runtime, in Python, or with an annotation."""
    objection: str = ""
    """What the program itself raised."""
    observations: list[Observation] = field(default_factory=list)
    """What it computed, in the order in which that can be seen."""
    by_themselves: dict[str, list[Observation]] = field(default_factory=dict)
    """What its functions computed by themselves, by what they were called with."""
    lines: frozenset[int] = frozenset()
    """The lines that were executed, where they were asked for."""
    alone: tuple[Alone, ...] = ()
    """The functions that could be run by themselves."""


def same_outcome(one: Outcome, other: Outcome) -> bool:
    """Whether two runs show the same; functions by themselves, as far as they are called with the same."""
    calls = one.by_themselves.keys() & other.by_themselves.keys()
    alone = all(same(one.by_themselves[call], other.by_themselves[call]) for call in calls)
    return alone and same(one.observations, other.observations)


_LONGEST = 200
"""So many characters of what an exception says."""

_UNBOUND = ("NamedAxisError: [unbound-axis-name]", "NameError: unbound axis name")
"""Failures of functions by themselves that are none: whoever calls them may have the axis in scope."""


class EndlessError(BaseException):
    """The program was still running when its time was up."""


def execute(name: str, source: str, seconds: int, alone: tuple[Alone, ...] | None = None) -> Outcome:
    """Run a program.

    ``alone`` are the functions to run by themselves; without them, all are that can be, and lines are watched.
    """
    run = _Run(f"/mutations/{name}.py", source)
    with left_alone(), time_limit(seconds):
        run.module(watch=alone is None)
        if not run.outcome.failure and not run.outcome.objection:
            run.functions(alone)
    return run.outcome


def in_one_line(error: BaseException) -> str:
    """What an exception says, in short."""
    said = str(error).strip()
    return f"{type(error).__name__}: {said.splitlines()[0][:_LONGEST] if said else ''}"


def is_own(error: BaseException, sources: Mapping[str, str]) -> bool:
    """Whether a program of these files itself raised it, or an assertion of NumPy or pytest for it."""
    if isinstance(error, ConflictError):
        return False
    if isinstance(error, AssertionError) or not isinstance(error, Exception):
        return True
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None or traceback.tb_frame.f_code.co_filename not in sources:
        return False
    tree = ast.parse(sources[traceback.tb_frame.f_code.co_filename])
    raising = (one for one in ast.walk(tree) if isinstance(one, ast.Raise))
    return any(one.lineno <= traceback.tb_lineno <= (one.end_lineno or one.lineno) for one in raising)


class _Run:
    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.outcome = Outcome()
        self.functions_by_code: dict[types.CodeType, types.FunctionType] = {}
        self.printed = io.StringIO()
        self.namespace: dict[str, Any] = {
            "__name__": "__main__",
            "reveal_type": self._see,
            listening.SEE: self._see,
            listening.KNOW: self._know,
            listening.ENTER: self._enter,
            listening.LEAVE: self._leave,
            listening.HOLD: self._hold,
        }

    def module(self, watch: bool) -> None:
        lines: set[int] = set()
        linecache.cache[self.path] = (len(self.source), None, self.source.splitlines(keepends=True), self.path)
        given = set(self.namespace)
        try:
            tree = listening.instrumented(self.source, self.path)
            flags = annotations.compiler_flag if "from __future__ import annotations" in self.source else 0
            code = compile(tree, self.path, "exec", flags=flags, dont_inherit=True)
        except SyntaxError as error:
            self.outcome.failure = f"SyntaxError: {error}"
            return
        with contextlib.redirect_stdout(self.printed), watching({self.path: lines} if watch else {}):
            self._attempt(lambda: exec(code, self.namespace))
        self.outcome.lines = frozenset(lines)
        self.outcome.observations.append(Observation("printed", self.printed.getvalue()))
        for name, value in self.namespace.items():
            if name not in given and not name.startswith("__"):
                self.outcome.observations += observe(name, value)

    def functions(self, chosen: tuple[Alone, ...] | None) -> None:
        possible = calls_alone(self.namespace, self.path)
        if chosen is None:
            succeeding = []
            for one in possible:
                before, self.outcome = self.outcome, Outcome()
                self._run_alone(one)
                if not self.outcome.failure and not self.outcome.objection:
                    succeeding.append(one)
                    before.by_themselves.update(self.outcome.by_themselves)
                self.outcome = before
            self.outcome.alone = tuple(succeeding)
            return
        for one in chosen:
            if not self.outcome.failure and not self.outcome.objection:
                self._run_alone(one)

    def _run_alone(self, one: Alone) -> None:
        seen = list(self.outcome.observations)
        with contextlib.redirect_stdout(io.StringIO()):
            self._attempt(lambda: self._run_and_observe(one))
        self.outcome.observations = seen
        if self.outcome.failure.startswith(_UNBOUND):
            self.outcome.failure = ""

    def _run_and_observe(self, one: Alone) -> None:
        call, result = one.run(self.namespace)
        self.outcome.by_themselves[call] = list(observe("result", result))

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
            jax.effects_barrier()
        except EndlessError:
            raise
        except BaseException as error:
            if is_own(error, {self.path: self.source}):
                self.outcome.objection = in_one_line(error)
            else:
                self.outcome.failure = in_one_line(error)

    def _see(self, value: Any) -> Any:
        self.outcome.observations += observe("seen", value)
        return value

    def _know(self, function: Any) -> Any:
        if isinstance(function, types.FunctionType):
            self.functions_by_code[function.__code__] = function
        return function

    def _enter(self, variables: Mapping[str, Any]) -> Call | None:
        function = self.functions_by_code.get(sys._getframe(1).f_code)
        return None if function is None else Call.of(function, variables)

    def _leave(self, call: Call | None, result: Any) -> Any:
        if call is not None:
            call.leave(result)
        return result

    def _hold(self, annotation: str, value: Any, call: Call | None) -> Any:
        frame = sys._getframe(1)
        hold(annotation, value, call, {**frame.f_globals, **frame.f_locals})
        return value


@contextlib.contextmanager
def left_alone() -> Iterator[None]:
    """Whatever a program does to the settings of JAX and to generators of random numbers holds for it alone.

    It is run without arguments.
    """
    limit, arguments = sys.getrecursionlimit(), sys.argv
    sys.argv = arguments[:1]
    random.seed(0)
    np.random.seed(0)
    try:
        with settings_left_alone():
            yield
    finally:
        sys.setrecursionlimit(limit)
        sys.argv = arguments


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """So much of the processor's time, whatever else the machine is busy with."""

    def stop(*_: object) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def watching(lines: Mapping[str, set[int]]) -> Iterator[None]:
    """Note the lines of each file that are executed."""
    if not lines:
        yield
        return

    def trace(frame: types.FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in lines:
            return None
        if event == "line":
            lines[frame.f_code.co_filename].add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
