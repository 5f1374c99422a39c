"""Diagnostics as plain lists, for JSON: to pass between processes, and to keep.

["unbound-axis-name", "axis name 'i' is …", null, null, "error", "f32[()]", ["a.py", 1, 5, 1, 10], [[place, text], …]]
"""

from __future__ import annotations

from typing import Any, TypeAlias

from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.diagnostics.fix import Fix
from named_types.diagnostics.place import Place
from named_types.diagnostics.reported_problem import ReportedProblem

Record: TypeAlias = "list[Any]"


def to_record(diagnostic: Diagnostic) -> Record:
    """What `from_record` reads."""
    problem = diagnostic.problem
    related = [[_place(one.place), one.message] for one in diagnostic.related]
    return [
        *(problem.code, problem.severity, problem.message, problem.help, problem.note),
        *(diagnostic.label, _place(diagnostic.place), related),
        diagnostic.fix and [_place(diagnostic.fix.place), diagnostic.fix.text],
    ]


def from_record(record: Record) -> Diagnostic:
    """The diagnostic with its words, which is all that the output formats show."""
    code, severity, message, help, note, label, place, related, fix = record
    others = tuple(Related(Place(*other), said) for other, said in related)
    problem = ReportedProblem(code, severity, message, help, note)
    return Diagnostic(problem, Place(*place), label, others, fix and Fix(Place(*fix[0]), fix[1]))


def _place(place: Place) -> Record:
    return [place.path, place.line, place.column, place.end_line, place.end_column]
