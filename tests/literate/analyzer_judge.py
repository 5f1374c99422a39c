"""The first judge: the analyzer."""

from __future__ import annotations

from literate.programs import REVEALED, Finding, Program

from named_types.analyzer import check_source
from named_types.diagnostics import Diagnostic, RevealedType


def judge(program: Program) -> dict[Finding, str]:
    """What the analyzer finds, each with its message."""
    return {finding_of(one): one.message for one in check_source(f"{program.module}.py", program.source)}


def finding_of(diagnostic: Diagnostic) -> Finding:
    """A diagnostic as a page expects it."""
    if isinstance(diagnostic.problem, RevealedType):
        return Finding(diagnostic.place.line, REVEALED, diagnostic.problem.type)
    return Finding(diagnostic.place.line, diagnostic.code)
