"""Checking one file: reading it, analyzing it, and leaving out what its comments silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from named_types import analyzer
from named_types.analyzer.source import InaccessibleSourceError, SourceError, read_source
from named_types.diagnostics import Diagnostic, Place, Suppressions
from named_types.problems import UnreadableFile


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What came of checking one file."""

    path: str
    source: str
    diagnostics: tuple[Diagnostic, ...]
    accessible: bool = True
    """Whether its bytes could be read at all."""


def check_file(path: Path) -> CheckedFile:
    """Check the file at ``path``; its diagnostics come in the order of their places."""
    name = str(path)
    try:
        source = read_source(path)
    except SourceError as error:
        unreadable = Diagnostic(UnreadableFile(error.reason), Place.start_of(name, error.line))
        return CheckedFile(name, "", (unreadable,), accessible=not isinstance(error, InaccessibleSourceError))
    suppressions = Suppressions.of(source)
    found = (each for each in analyzer.check_source(name, source) if not suppressions.silence(each))
    return CheckedFile(name, source, tuple(sorted(found, key=lambda diagnostic: diagnostic.place)))
