"""Problems at places, and how they are shown.

A `Diagnostic` is a problem with the place where it was found, what was inferred there, and the places it comes
from. `Suppressions` tells which of them the source text says to leave out. Each output format is a module with
one function, from diagnostics and source texts to text; `FORMATS` is the table of them.
"""

from collections.abc import Callable, Mapping, Sequence

from named_types.diagnostics.concise import render_concise
from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.diagnostics.fix import Fix, apply_fixes
from named_types.diagnostics.full import render_full
from named_types.diagnostics.json_format import render_json
from named_types.diagnostics.place import Place
from named_types.diagnostics.records import from_record, to_record
from named_types.diagnostics.reported_problem import ReportedProblem
from named_types.diagnostics.revealed_type import RevealedType
from named_types.diagnostics.suppression import Suppressions

FORMATS: dict[str, Callable[[Sequence[Diagnostic], Mapping[str, str]], str]] = {
    "full": render_full,
    "concise": render_concise,
    "json": render_json,
}
"""Format name to what renders diagnostics in it, given the source text of each path."""

__all__ = [
    "FORMATS",
    "Diagnostic",
    "Fix",
    "Place",
    "Related",
    "ReportedProblem",
    "RevealedType",
    "Suppressions",
    "apply_fixes",
    "from_record",
    "render_concise",
    "render_full",
    "render_json",
    "to_record",
]
