"""One line per diagnostic: ``train.py:14:9: error[resource-conflict] axes 'a' and 'b' …``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.heading import styled_place, styled_severity


def render_concise(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """``sources`` is not needed: it is there because every format takes it."""
    lines = (f"{styled_place(each)}: {styled_severity(each)} {each.message}" for each in diagnostics)
    return "\n".join(lines)
