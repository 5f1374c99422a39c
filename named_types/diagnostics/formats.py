"""The output formats: each is a module with one function, from diagnostics and source texts to text."""

from collections.abc import Callable, Mapping, Sequence

from named_types.diagnostics.concise import render_concise
from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.full import render_full
from named_types.diagnostics.json_format import render_json

FORMATS: dict[str, Callable[[Sequence[Diagnostic], Mapping[str, str]], str]] = {
    "full": render_full,
    "concise": render_concise,
    "json": render_json,
}
"""Format name to what renders diagnostics in it, given the source text of each path."""
