"""Checking files in this process: reading them, and analyzing each as a part of one program."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from named_types import analyzer
from named_types.analyzer.program import Program
from named_types.checking.checked_file import CheckedFile
from named_types.checking.outcome import Checked, Failure, Footprint, Outcome
from named_types.diagnostics import Diagnostic, Place
from named_types.problems import UnreadableFile
from named_types.source import InaccessibleSourceError, SourceError, decode


class Checker:
    """Checks files of one program, one after another."""

    def __init__(
        self,
        checked: Iterable[str],
        directories: Iterable[Path] = (),
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._checked, self._directories, self._on_progress = list(checked), list(directories), on_progress
        self._program = self._new_program()

    def check(self, path: str) -> Outcome:
        """Check a file, with what is found in others by way of it. Of a failure of the checker, tell what it was."""
        try:
            file = self._check(path)
        except Exception as error:
            self._program = self._new_program()
            if isinstance(error, MemoryError):
                return Failure(path, "not checked: there is too little memory")
            reason = f"internal error, please report it: {type(error).__name__}: {error}"
            return Failure(path, reason, "".join(traceback.format_exception(error)))
        return Checked(file, self._footprint())

    def _new_program(self) -> Program:
        return Program(self._checked, self._directories, self._on_progress)

    def _check(self, path: str) -> CheckedFile:
        try:
            source = decode(self._program.read(path))
        except SourceError as error:
            unreadable = Diagnostic(UnreadableFile(error.reason), Place.start_of(path, error.line))
            return CheckedFile(path, (unreadable,), accessible=not isinstance(error, InaccessibleSourceError))
        return CheckedFile(path, analyzer.check_source(path, source, self._program))

    def _footprint(self) -> Footprint:
        """What the program's surroundings have been told since they were last asked."""
        told = self._program.surroundings.take_told()
        return Footprint(*told)


def check_in_process(paths: Sequence[str], checked: Iterable[str], directories: Iterable[Path] = ()) -> list[Outcome]:
    """Check ``paths``, which are some of the files ``checked``."""
    checker = Checker(checked, directories)
    return [checker.check(path) for path in paths]
