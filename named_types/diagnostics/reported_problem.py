"""A problem as it was told: what is left of one that comes from another process, or from the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from named_types.problems.problem import Severity


@dataclass(frozen=True)
class ReportedProblem:
    """The words of a problem, or of the answer to ``reveal_type``, without the facts that they were made from."""

    code: str
    severity: Severity
    message: str
    help: str | None = None
    note: str | None = None
