"""What the formats for people share: how a place and a severity look on a terminal.

Text is always styled; whoever prints it strips the styles where no terminal reads them, as `click.echo` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from named_types.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from named_types.problems.problem import Severity

COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


def styled_place(diagnostic: Diagnostic) -> str:
    return click.style(str(diagnostic.place), bold=True)


def styled_severity(diagnostic: Diagnostic) -> str:
    """``error[code]``."""
    return click.style(f"{diagnostic.severity}[{diagnostic.code}]", fg=COLOURS[diagnostic.severity], bold=True)
