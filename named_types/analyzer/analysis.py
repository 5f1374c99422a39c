"""The analysis of one module, from source text to diagnostics."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

import libcst as cst

from named_types.algebra import NO_NAMES, ArrayType, AxisName, Dim, union
from named_types.analyzer.annotations import declared_value
from named_types.analyzer.calls import run_function
from named_types.analyzer.classes import receiver_alone
from named_types.analyzer.context import Context
from named_types.analyzer.interpreter import Interpreter
from named_types.analyzer.modules import ModuleScope
from named_types.analyzer.program import Program
from named_types.analyzer.signatures import parameter_names, read_signature
from named_types.analyzer.suspicions import ending_here
from named_types.analyzer.syntax import single_parameters
from named_types.analyzer.values import UNKNOWN, Function, Value
from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.place import Place
from named_types.problems import AxisSizeConflict, SyntaxProblem
from named_types.semantics.forms import array_types
from named_types.semantics.lifting import Signature


class Analysis:
    """What was found in one module: the diagnostics in source order, and the value of each expression."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], interpreter: Interpreter | None = None) -> None:
        self.diagnostics = diagnostics
        self._interpreter = interpreter

    def type_at(self, line: int, column: int, end_line: int, end_column: int) -> Value:
        """The value of the expression at a place (1-based): a pytree of arrays and plain values, or UNKNOWN."""
        return next(self._types_at(line, column, end_line, end_column), UNKNOWN)

    def visited(self, line: int, column: int, end_line: int, end_column: int) -> bool:
        """Whether the expression at a place was evaluated at all."""
        return any(True for _ in self._types_at(line, column, end_line, end_column))

    def _types_at(self, *place: int) -> Iterator[Value]:
        if self._interpreter is None:
            return iter(())
        types = self._interpreter.findings.types
        return (types[node] for node in self._interpreter.source.positions.nodes_at(*place) if node in types)


def check_source(path: str, source: str, program: Program | None = None) -> tuple[Diagnostic, ...]:
    """The diagnostics of a module, in source order. Never raises for a bad program."""
    return analyze(path, source, program).diagnostics


def analyze(path: str, source: str, program: Program | None = None) -> Analysis:
    """Analyze a module of a program, by default of the one that its place among other files makes it part of.

    The diagnostics may be in other files of the program that are checked too.
    """
    program = program or Program()
    try:
        own = program.enter(path, source)
    except cst.ParserSyntaxError as error:
        return Analysis((_syntax_error(path, source, error),))
    except (RecursionError, MemoryError):
        return Analysis((Diagnostic(SyntaxProblem("it is nested too deeply"), Place.start_of(path)),))
    scope = ModuleScope(own)
    scope.bind("__name__", "__main__")  # A file is checked as one that is run, and in others as what they import.
    interpreter = Interpreter(program, own, scope)
    interpreter.execute(own.module.body)
    for function in interpreter.unchecked():
        interpreter.attempt(_check_alone, function, lambda: None)
    program.leave()
    return Analysis(interpreter.findings.diagnostics, interpreter)


def _check_alone(interpreter: Interpreter, function: Function) -> None:
    """Check a function that nobody called against its own annotations, whatever its callers have in scope."""
    signature = read_signature(interpreter, function)
    bindings = {name: declared_value(signature.parameters.get(name)) for name in parameter_names(function)}
    receiver = receiver_alone(function)
    if receiver is not None:
        bindings[next(iter(bindings))] = receiver
    declared = [one.named_shape or NO_NAMES for form in signature.parameters.values() for one in array_types(form)]
    _check_sizes(interpreter, function, signature)
    context = Context(axis_env=union(declared), is_complete=False, resources_in_scope=None)
    with interpreter.within(context), ending_here(interpreter, context.axis_env):
        run_function(interpreter, function, bindings, function.node)


def _check_sizes(interpreter: Interpreter, function: Function, signature: Signature) -> None:
    """One axis has one size, in all parameters of a function."""
    first: dict[AxisName, tuple[str, Dim]] = {}
    for name, form in signature.parameters.items():
        for axis, size in ((form.named_shape or NO_NAMES) if isinstance(form, ArrayType) else NO_NAMES).items():
            origin, other = first.setdefault(axis, (f"parameter {name!r}", size))
            if isinstance(size, int) and isinstance(other, int) and size != other:
                problem = AxisSizeConflict(axis, ((origin, other), (f"parameter {name!r}", size)))
                interpreter.report(problem, _annotation_of(function, name))


def _annotation_of(function: Function, name: str) -> cst.CSTNode:
    named = (one for one in single_parameters(function.node) if one.name.value == name)
    return next((one.annotation.annotation for one in named if one.annotation is not None), function.node)


def _syntax_error(path: str, source: str, error: cst.ParserSyntaxError) -> Diagnostic:
    """In Python's own words and at its place, where Python objects too."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source)
    except SyntaxError as objection:
        place = Place.start_of(path, objection.lineno or 1, max(objection.offset or 1, 1))
        return Diagnostic(SyntaxProblem(objection.msg), place)
    except (ValueError, RecursionError, MemoryError):
        pass
    reason = " ".join(error.message.split())
    return Diagnostic(SyntaxProblem(reason), Place.start_of(path, error.raw_line, error.raw_column + 1))
