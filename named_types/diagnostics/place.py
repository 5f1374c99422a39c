"""Where in a program something is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of source text. Lines and columns count from 1, columns in characters.

    ``end_column`` is the column after the last character, so ``Place("a.py", 1, 5, 1, 10)`` is five characters.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def start_of(cls, path: str, line: int = 1, column: int = 1) -> Place:
        """An empty stretch, for what concerns a whole file or is known by its start alone."""
        return cls(path, line, column, line, column)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
