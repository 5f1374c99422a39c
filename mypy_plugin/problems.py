"""Problems as errors of mypy.

Each code of the catalogue is an error code of mypy's below ``named-axis``, so that ``# type: ignore[code]``,
``--disable-error-code`` and ``--warn-unused-ignores`` do what they do for mypy's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from mypy.errorcodes import ErrorCode, error_codes
from mypy.errors import Errors
from mypy.nodes import Context
from mypy.plugin import AnalyzeTypeContext
from mypy.semanal import SemanticAnalyzer
from mypy.typeanal import TypeAnalyser

from named_types.diagnostics import Place
from named_types.diagnostics.diagnostic import Related
from named_types.diagnostics.suppression import MYPY_CODES, PARENT_CODE
from named_types.problems import (
    CATALOGUE,
    IncompatibleArgument,
    IncompatibleAssignment,
    IncompatibleReturn,
    InvalidOperation,
    Problem,
    SyntaxProblem,
    UnreadableFile,
)

_CATEGORY: Final = "named_types"
NAMED_AXIS: Final = ErrorCode(PARENT_CODE, "Check shapes, named shapes and element types of arrays", _CATEGORY)

_NATIVE_CODES: Final = {code: error_codes[name] for code, name in MYPY_CODES.items()}
"""Problems that mypy has codes of its own for."""

_NOT_OURS = {SyntaxProblem.code, UnreadableFile.code}

ERROR_CODES: Final = {
    code: _NATIVE_CODES[code]
    if code in _NATIVE_CODES
    else ErrorCode(code, (problem.__doc__ or code).splitlines()[0], _CATEGORY, sub_code_of=NAMED_AXIS)
    for code, problem in CATALOGUE.items()
    if code not in _NOT_OURS
}
"""mypy's error code for each code that is reported through mypy."""


@contextmanager
def _unfiltered(errors: Errors) -> Iterator[None]:
    """Past whoever watches for errors: mypy checks operators and overloads on trial, problems are none."""
    watchers = errors._watchers
    errors._watchers = watchers[:1]
    try:
        yield
    finally:
        errors._watchers = watchers


class Reporter:
    """Reports problems through mypy, each once."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, int, int, str]] = set()

    def forget(self, path: str) -> None:
        """A new check of ``path`` begins."""
        self._reported = {known for known in self._reported if known[0] != path}

    def has_reported(self, path: str, line: int, code: str | None = None) -> bool:
        """Whether there was anything, or anything with ``code``, at a line."""
        return any(known[:2] == (path, line) and code in (None, known[3]) for known in self._reported)

    def report(self, errors: Errors, problem: Problem, place: Place, related: Sequence[Related] = ()) -> None:
        """Report at a place of the file that mypy is at; what takes part in it, and its help, become notes.

        To mypy a warning is an error: it has no other findings.
        """
        known = (place.path, place.line, place.column, problem.code)
        if problem.code not in ERROR_CODES or known in self._reported:
            return
        self._reported.add(known)
        is_told = isinstance(problem, InvalidOperation)  # its message has the types of the operands
        told = [one for one in related if not is_told or one.place.path != place.path]
        notes = [_message_of_related(one, place.path) for one in told]
        notes += [problem.note] if problem.note is not None else []
        notes += [f"help: {problem.help}"] if problem.help is not None else []
        with _unfiltered(errors):
            tell = partial(
                errors.report,
                place.line,
                place.column - 1,
                code=ERROR_CODES[problem.code],
                end_line=place.end_line,
                end_column=place.end_column - 1,
            )
            error = tell(message=_message(problem), origin_span=range(place.line, place.end_line + 1))
            for note in notes:
                tell(message=note, severity="note", parent_error=error)

    def report_annotation(self, ctx: AnalyzeTypeContext, problem: Problem) -> None:
        """Report a problem of an annotation, unless the analyzer has done so."""
        assert isinstance(ctx.api, TypeAnalyser)
        assert isinstance(ctx.api.api, SemanticAnalyzer)
        place = place_of(ctx.api.cur_mod_node.path, ctx.context)
        if not self.has_reported(place.path, place.line, problem.code):
            self.report(ctx.api.api.errors, problem, place)


def place_of(path: str, context: Context) -> Place:
    """Where a node of mypy's is."""
    end_line = context.end_line if context.end_line is not None else context.line
    end_column = context.end_column if context.end_column is not None else context.column
    return Place(path, context.line, context.column + 1, end_line, end_column + 1)


def _message(problem: Problem) -> str:
    """As mypy words the problems that it finds itself."""
    if isinstance(problem, IncompatibleAssignment):
        expected, actual = problem.expected, problem.actual
        return f'Incompatible types in assignment (expression has type "{actual}", variable has type "{expected}")'
    if isinstance(problem, IncompatibleReturn):
        return f'Incompatible return value type (got "{problem.actual}", expected "{problem.expected}")'
    if isinstance(problem, IncompatibleArgument):
        called = f'Argument {problem.argument} to "{problem.function}"'
        return f'{called} has incompatible type "{problem.actual}"; expected "{problem.expected}"'
    return problem.message


def _message_of_related(related: Related, path: str) -> str:
    place = related.place
    where = f"line {place.line}" if place.path == path else f"{place.path}:{place.line}"
    return f"{where}: {related.message}"
