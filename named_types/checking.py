"""Checking files: reading them, analyzing each, and leaving out what their comments silence.

What is wrong in a module may be found by way of another one that calls it. It is told once, in the module that it
is in, and the same whatever the order of the files: what the check of a file itself finds comes before what others
find there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from named_types import analyzer
from named_types.analyzer.program import Program
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


def check_files(
    paths: Sequence[Path], directories: Iterable[Path] = (), on_failure: Callable[[Path, Exception], None] | None = None
) -> list[CheckedFile]:
    """Check the files of one program; the diagnostics of each come in the order of their places.

    Modules are looked for in ``directories`` too. A failure of the checker itself costs the file, and no other.
    """
    program = Program(map(str, paths), directories)
    checked: list[CheckedFile] = []
    for path in paths:
        try:
            checked.append(_check_file(path, program))
        except Exception as error:
            if on_failure is None:
                raise
            on_failure(path, error)
    return _told_where_they_are(checked)


def sources_of(checked: Iterable[CheckedFile]) -> dict[str, str]:
    """The text of every file that a diagnostic has a place in, as far as it can be read."""
    files = list(checked)
    sources = {file.path: file.source for file in files if file.source}
    others = {one.place.path for file in files for each in file.diagnostics for one in each.related} - sources.keys()
    for path in others:
        with suppress(SourceError):
            sources[path] = read_source(path)
    return sources


def _check_file(path: Path, program: Program) -> CheckedFile:
    """Check the file at ``path``, with what is found in others by way of it."""
    name = str(path)
    try:
        source = read_source(path)
    except SourceError as error:
        unreadable = Diagnostic(UnreadableFile(error.reason), Place.start_of(name, error.line))
        return CheckedFile(name, "", (unreadable,), accessible=not isinstance(error, InaccessibleSourceError))
    return CheckedFile(name, source, analyzer.check_source(name, source, program))


def _told_where_they_are(checked: Sequence[CheckedFile]) -> list[CheckedFile]:
    """Each file with all that was found in it, each problem once, but for what its comments silence."""
    found: defaultdict[str, dict[tuple[str, Place], Diagnostic]] = defaultdict(dict)
    by_itself = ((file.path, one) for file in checked for one in file.diagnostics if one.place.path == file.path)
    by_others = (
        (one.place.path, one)
        for file in sorted(checked, key=lambda file: file.path)
        for one in file.diagnostics
        if one.place.path != file.path
    )
    for path, diagnostic in (*by_itself, *by_others):
        found[path].setdefault((diagnostic.code, diagnostic.place), diagnostic)
    return [_with_diagnostics(file, found[file.path].values()) for file in checked]


def _with_diagnostics(file: CheckedFile, diagnostics: Iterable[Diagnostic]) -> CheckedFile:
    suppressions = Suppressions.of(file.source)
    told = sorted((one for one in diagnostics if not suppressions.silence(one)), key=lambda one: one.place)
    return CheckedFile(file.path, file.source, tuple(told), file.accessible)
