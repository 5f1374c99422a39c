"""What becomes of a mutant, and what the checker says of it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from mutations.execution import EndlessError, Outcome, execute, same_outcome
from mutations.mutants import Mutant, mutants_of

from named_types.analyzer import check_source
from named_types.diagnostics import Diagnostic, RevealedType

SECONDS = 20
"""How much of the processor's time a mutant may take."""


class Fate(enum.Enum):
    """What a mutant does when it runs."""

    FAILS = "fails"
    DIFFERS = "differs"
    """It computes something else, or objects to itself."""
    SAME = "same"
    LOST = "lost"
    """It does not end in time, or it ends the process."""


@dataclass(frozen=True)
class Verdict:
    """A mutant judged: by a run, and by the checker."""

    program: str
    operator: str
    line: int
    change: str
    fate: Fate
    reason: str
    """How it failed."""
    reported: tuple[str, ...]
    """What the checker reports, each with its code."""

    @property
    def name(self) -> str:
        """What it is called in the list of survivors."""
        return f"{self.program} | {self.operator} | {self.line}: {self.change}"

    @property
    def is_survivor(self) -> bool:
        return self.fate is Fate.FAILS and not self.reported

    @property
    def is_false_alarm(self) -> bool:
        return self.fate is Fate.SAME and bool(self.reported)


class Original:
    """A program that is right, run once, to compare its mutants with."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.outcome = execute(_identifier(name), source, SECONDS)

    @property
    def objection(self) -> str:
        """Why it cannot be used, if so: it does not succeed, or the checker reports something."""
        found = reports(self.name, self.source)
        again = execute(_identifier(self.name), self.source, SECONDS, self.outcome.alone)
        if not same_outcome(self.outcome, again):
            return "differs from run to run"
        return self.outcome.failure or self.outcome.objection or "; ".join(found)

    def mutants(self) -> list[Mutant]:
        """The mutants whose changed statement is executed, annotations included."""
        lines = self.outcome.lines
        return [one for one in mutants_of(self.name, self.source) if one.line in lines]

    def judge(self, mutant: Mutant) -> Verdict:
        fate, reason = self._fate(mutant.source)
        reported = reports(self.name, mutant.source)
        return Verdict(mutant.program, mutant.operator, mutant.line, mutant.change, fate, reason, reported)

    def _fate(self, source: str) -> tuple[Fate, str]:
        try:
            outcome: Outcome = execute(_identifier(self.name), source, SECONDS, self.outcome.alone)
        except EndlessError:
            return Fate.LOST, ""
        if outcome.failure:
            return Fate.FAILS, outcome.failure
        if outcome.objection or not same_outcome(self.outcome, outcome):
            return Fate.DIFFERS, outcome.objection
        return Fate.SAME, ""


def reports(name: str, source: str) -> tuple[str, ...]:
    """The errors that the checker reports of a program; a warning says that it runs, and what of."""
    found = check_source(f"{_identifier(name)}.py", source)
    return tuple(f"{one.place.line}: [{one.code}] {one.message}" for one in errors_in(found))


def errors_in(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What was found, without warnings and answers to ``reveal_type``."""
    return [one for one in found if one.severity == "error" and not isinstance(one.problem, RevealedType)]


def _identifier(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
