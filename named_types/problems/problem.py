"""What a problem is: typed facts, a message, and no place.

The analyzer puts a place to it and has a diagnostic, the mypy plugin hands it to mypy, the runtime raises it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from inspect import getdoc
from typing import ClassVar, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
"""A warning is of a program that runs, and does something else than it seems to. A note is nothing to mend."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a named-axis program.

    A subclass stands in a file named after its code, and its docstring is the page of that code.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity] = "error"

    @property
    def message(self) -> str:
        """One line that states the facts: both sides, their sizes and origins."""
        raise NotImplementedError

    @property
    def help(self) -> str | None:
        """One line of advice, where there is any."""
        return None

    @property
    def note(self) -> str | None:
        """One line of what somebody else has to say about it, where there is any."""
        return None

    @classmethod
    def page(cls) -> str:
        """What there is to know about its code, in Markdown."""
        return f"# {cls.code}\n\n{getdoc(cls)}\n"

    def __str__(self) -> str:
        return self.message


class NamedAxisError(Exception):
    """A problem met while a program runs or is traced; ``problem`` holds the facts."""

    def __init__(self, problem: Problem, place: str | None = None, origin: str | None = None) -> None:
        """``place`` is the user's source line, ``'train.py:14 (loss)'``; ``origin`` where the axes come from."""
        self.problem = problem
        self.place = place
        self.origin = origin
        lines = [f"[{problem.code}] {problem.message}"]
        if place is not None:
            lines.append(f"  at: {place}")
        if origin is not None:
            lines.append(f"  from: {origin}")
        if problem.note is not None:
            lines.append(f"  note: {problem.note}")
        if problem.help is not None:
            lines.append(f"  help: {problem.help}")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[NamedAxisError], tuple[Problem, str | None, str | None]]:
        return type(self), (self.problem, self.place, self.origin)


def in_scope(names: Sequence[Hashable]) -> str | None:
    """``only 'a' and 'b' are in scope``; None of no names."""
    verb = "is" if len(names) == 1 else "are"
    return f"only {listed([repr(name) for name in names])} {verb} in scope" if names else None


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; ``nothing`` of none."""
    if len(parts) < 2:
        return parts[0] if parts else "nothing"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
