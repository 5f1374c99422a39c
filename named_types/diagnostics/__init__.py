"""Problems at places, and how they are shown.

A `Diagnostic` is a problem with the place where it was found, what was inferred there, and the places it comes
from. `Suppressions` tells which of them the source text says to leave out. `formats` turns them into text.
"""

from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.diagnostics.fix import Fix, apply_fixes
from named_types.diagnostics.place import Place
from named_types.diagnostics.records import from_record, to_record
from named_types.diagnostics.reported_problem import ReportedProblem
from named_types.diagnostics.revealed_type import RevealedType
from named_types.diagnostics.suppression import Suppressions

__all__ = [
    "Diagnostic",
    "Fix",
    "Place",
    "Related",
    "ReportedProblem",
    "RevealedType",
    "Suppressions",
    "apply_fixes",
    "from_record",
    "to_record",
]
