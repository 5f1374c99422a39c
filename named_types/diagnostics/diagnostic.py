"""A problem at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from named_types.diagnostics.fix import Fix
from named_types.diagnostics.place import Place
from named_types.diagnostics.reported_problem import ReportedProblem
from named_types.diagnostics.revealed_type import RevealedType

if TYPE_CHECKING:
    from named_types.problems.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that has a part in the problem: where an axis enters, where a resource was mapped."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem, or the answer to ``reveal_type``, at a place."""

    problem: Problem | RevealedType | ReportedProblem
    place: Place
    label: str | None = None
    """What was inferred at the place: ``f32[(), {'a': 4}]``."""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None

    @classmethod
    def revealed(cls, type: str, place: Place) -> Diagnostic:
        """The answer to ``reveal_type``."""
        return cls(RevealedType(type), place)

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def severity(self) -> Severity:
        """A note does not count as a finding."""
        return self.problem.severity

    @property
    def message(self) -> str:
        return self.problem.message

    @property
    def help(self) -> str | None:
        return self.problem.help

    @property
    def note(self) -> str | None:
        return self.problem.note
