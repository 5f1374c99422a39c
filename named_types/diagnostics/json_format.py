"""A JSON array for programs to read.

Each element has ``code``, ``message``, ``severity``, ``path``, ``line``, ``column``, ``end_line``, ``end_column``
(from 1, the end exclusive), ``related``, whose elements have the same fields, and ``fix``: null, or the place as
above and the ``text`` to write there. A note is related, at the place of the diagnostic itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.diagnostics.fix import Fix
from named_types.diagnostics.place import Place

if TYPE_CHECKING:
    from named_types.problems.problem import Severity


def render_json(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """``sources`` is not needed: it is there because every format takes it."""
    return json.dumps([_element(each) for each in diagnostics], indent=2)


def _element(diagnostic: Diagnostic) -> dict[str, Any]:
    notes = [] if diagnostic.note is None else [Related(diagnostic.place, diagnostic.note)]
    related = [_related_element(diagnostic.code, each) for each in (*diagnostic.related, *notes)]
    fields = _fields(diagnostic.code, diagnostic.message, diagnostic.severity, diagnostic.place, related)
    return fields if diagnostic.fix is None else {**fields, "fix": _fix(diagnostic.fix)}


def _related_element(code: str, related: Related) -> dict[str, Any]:
    return _fields(code, related.message, "note", related.place, [])


def _fields(code: str, message: str, severity: Severity, place: Place, related: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "severity": severity,
        **_place(place),
        "related": related,
        "fix": None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {**_place(fix.place), "text": fix.text}


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
