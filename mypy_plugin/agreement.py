"""What mypy and the analyzer both find is told once, and one comment silences it for both.

The analyzer's findings in a module are reported first. A value that does not have its declared type mypy tells under
the same code and in the same words: it is left out. A call, an operator or an attribute that Python itself rejects
mypy tells under a code of its own, at the same place: there the analyzer's words stay, which have the types in them,
unless a comment on the line silences mypy's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mypy.errorcodes import (
    ARG_TYPE,
    ASSIGNMENT,
    ATTR_DEFINED,
    CALL_ARG,
    CALL_OVERLOAD,
    INDEX,
    LIST_ITEM,
    MISC,
    NO_ANY_RETURN,
    OPERATOR,
    RETURN_VALUE,
    TYPEDDICT_ITEM,
)
from mypy.errors import ErrorInfo, Errors

from named_types.diagnostics import Diagnostic, Place, Suppressions
from named_types.diagnostics.suppression import MYPY_CODES
from named_types.mypy_plugin.messages import mentions_array_union
from named_types.mypy_plugin.problems import ERROR_CODES, Reporter
from named_types.problems import (
    IncompatibleArgument,
    IncompatibleAssignment,
    IncompatibleReturn,
    InvalidOperation,
    RemovedApi,
)

_MISMATCHES: Final = {
    ARG_TYPE: (IncompatibleArgument.code, InvalidOperation.code),
    ASSIGNMENT: (IncompatibleAssignment.code,),
    RETURN_VALUE: (IncompatibleReturn.code, InvalidOperation.code, IncompatibleAssignment.code),
    LIST_ITEM: tuple(MYPY_CODES),
    TYPEDDICT_ITEM: tuple(MYPY_CODES),
}
"""mypy's codes for mismatches with annotations, and ours for the same; the stubs' annotations are JAX's own rules."""

_OF_STATEMENTS: Final = {ASSIGNMENT, RETURN_VALUE}
"""Those that a statement has one of: mypy may tell by its class what the analyzer tells by the arrays in a value."""

_REJECTIONS: Final = {ATTR_DEFINED, CALL_ARG, CALL_OVERLOAD, INDEX, MISC, OPERATOR}
"""mypy's codes for what Python rejects."""

_REJECTED: Final = (InvalidOperation.code, RemovedApi.code)


_TYPE: Final = re.compile('"([^"]*)"')


class Agreement:
    """Decides what mypy finds in the modules that are analyzed, and need not tell."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._errors: Errors | None = None
        self._suppressions: dict[str, Suppressions] = {}
        self._returned_names: dict[str, frozenset[Place]] = {}

    def begin(self, errors: Errors) -> None:
        """From now on, what is found is held by ``errors``."""
        self._errors = errors

    def forget(self, path: str) -> None:
        """A file is no longer analyzed."""
        self._suppressions.pop(path, None)
        self._returned_names.pop(path, None)

    def has_arrays(self, path: str, returned_names: frozenset[Place]) -> None:
        """A file has to do with arrays, and returns names that are bound several times at these places."""
        self._returned_names[path] = returned_names

    def analyzed(self, path: str, source: str) -> None:
        """A file is, and it has these comments."""
        self._suppressions[path] = Suppressions.of(source)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences what the analyzer found; what ``# type: ignore`` does, mypy itself does.

        But mypy knows its own codes only for what both find.
        """
        place = diagnostic.place
        if not self._suppressions[place.path].silence(diagnostic):
            return False
        lines = {place.line, place.end_line}
        ignored = [line for line in lines if line in self._ignored_lines(place.path)]
        return not ignored or (diagnostic.code in MYPY_CODES and self._is_named(diagnostic.code, place.path, ignored))

    def leaves_out(self, file: str, info: ErrorInfo, mentions_arrays: bool) -> bool:
        """Whether what mypy found need not be told."""
        if info.code in _REJECTIONS:
            return self._is_told_there(file, info)
        if info.code is NO_ANY_RETURN:
            return any(
                (info.line, info.column) == (at.line, at.column - 1) for at in self._returned_names.get(file, ())
            )
        if info.code not in _MISMATCHES:
            return False
        if not mentions_arrays and info.code in _OF_STATEMENTS and self._is_told(file, info):
            return True
        if not mentions_arrays:
            return file in self._suppressions and "ndarray[" in info.message and self._is_fault_inside(file, info)
        if self._is_told(file, info):
            return True
        return file in self._suppressions and (_is_for_the_analyzer(info) or self._is_silenced(file, info))

    def _is_fault_inside(self, file: str, info: ErrorInfo) -> bool:
        """Whether something in the call was told, and no overload fits because of that."""
        return info.code is ARG_TYPE and any(one.line in info.origin_span for one in self._held(file))

    def _is_told(self, file: str, info: ErrorInfo) -> bool:
        """Whether the analyzer has told it: mypy's daemon checks functions anew, without their module."""
        assert info.code is not None
        if info.code is ASSIGNMENT and any(_is_of_setter(one, info) for one in self._held(file)):
            return True
        codes = _MISMATCHES[info.code]
        if not any(self._reporter.has_reported(file, info.line, code) for code in codes):
            return False
        of_mypy = [ERROR_CODES[code] for code in codes]
        return any(one.line == info.line and one.code in of_mypy for one in self._held(file))

    def _is_told_there(self, file: str, info: ErrorInfo) -> bool:
        """Whether the analyzer has told, at this very place, why it cannot be; a comment may want mypy to, or none."""
        ignored = self._ignored_lines(file).get(info.line, ())
        if any(code in ignored and self._reporter.has_reported(file, info.line, code) for code in _REJECTED):
            return True
        told = (one for one in self._held(file) if one.code is not None and one.code.code in _REJECTED)
        there = [one for one in told if _are_at_one_place(one, info)]
        if info.code is None or info.code.code not in ignored:
            return bool(there)
        for one in there:
            self._withdraw(file, one)
        return False

    def _withdraw(self, file: str, ours: ErrorInfo) -> None:
        assert self._errors is not None
        assert ours.code is not None
        start = f'Error code "{ours.code.code}" not covered'
        self._errors.error_info_map[file] = [
            one
            for one in self._held(file)
            if one is not ours
            and one.parent_error is not ours
            and not (one.line == ours.line and one.message.startswith(start))
        ]

    def _is_silenced(self, file: str, info: ErrorInfo) -> bool:
        """Whether a comment silences it under our code; of its own code mypy takes care."""
        assert info.code is not None
        lines = {info.line, info.end_line}
        if any(info.code.code in self._ignored_lines(file).get(line, ()) for line in lines):
            return False
        silences = self._suppressions[file].silence_code
        silent = [code for code in _MISMATCHES[info.code] if silences(code, info.line, info.end_line)]
        for code in silent:
            self._is_named(code, file, lines)
        return bool(silent)

    def _is_named(self, code: str, file: str, lines: Iterable[int]) -> bool:
        """Whether a ``# type: ignore`` names this code of ours, which makes it a comment that is used."""
        named = [line for line in lines if code in self._ignored_lines(file).get(line, ())]
        if self._errors is not None:
            for line in named:
                self._errors.used_ignored_lines[file][line].append(code)
        return bool(named)

    def _held(self, file: str) -> Sequence[ErrorInfo]:
        return () if self._errors is None else self._errors.error_info_map.get(file, ())

    def _ignored_lines(self, file: str) -> Mapping[int, Sequence[str]]:
        """The codes in each ``# type: ignore``."""
        return {} if self._errors is None else self._errors.ignored_lines.get(file, {})


def _are_at_one_place(ours: ErrorInfo, of_mypy: ErrorInfo) -> bool:
    """mypy tells of an operator at the operand that it does not take."""
    ends_there = (ours.end_line, ours.end_column) == (of_mypy.end_line, of_mypy.end_column)
    return (ours.line, ours.column) == (of_mypy.line, of_mypy.column) or (of_mypy.code is OPERATOR and ends_there)


def _is_of_setter(ours: ErrorInfo, of_mypy: ErrorInfo) -> bool:
    """Whether what is assigned to a property has been told as the argument of the function that sets it."""
    types, told = (_TYPE.findall(info.message)[-2:] for info in (of_mypy, ours))
    return ours.code is ARG_TYPE and ours.line == of_mypy.line and told == types


def _is_for_the_analyzer(info: ErrorInfo) -> bool:
    """NumPy's arrays are arrays to the notation, and not to mypy; a value that differs between branches is unknown to
    the analyzer, and to mypy a union that has to fit whole.
    """
    return "ndarray[" in info.message or mentions_array_union(info.message)
