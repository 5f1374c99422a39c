"""What came of checking files, put together.

What is wrong in a module may be found by way of another one that calls it. It is told once, in the module that it
is in, and the same whatever the order of the files: what the check of a file itself finds comes before what others
find there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from named_types.diagnostics import Diagnostic, Place, Suppressions
from named_types.source import SourceError, read_source


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What came of checking one file."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    """In the order of their places; as long as files are being checked, also those found elsewhere by way of it."""
    accessible: bool = True
    """Whether its bytes could be read at all."""


def told_where_they_are(checked: Sequence[CheckedFile]) -> list[CheckedFile]:
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


def sources_of(diagnostics: Iterable[Diagnostic]) -> dict[str, str]:
    """The text of every file that a diagnostic has a place in, as far as it can be read."""
    sources = {}
    places = [place for each in diagnostics for place in (each.place, *(one.place for one in each.related))]
    for path in {place.path for place in places}:
        with suppress(SourceError):
            sources[path] = read_source(path)
    return sources


def _with_diagnostics(file: CheckedFile, diagnostics: Iterable[Diagnostic]) -> CheckedFile:
    told = sorted(diagnostics, key=lambda one: one.place)
    if told:
        with suppress(SourceError):
            suppressions = Suppressions.of(read_source(file.path))
            told = [one for one in told if not suppressions.silence(one)]
    return CheckedFile(file.path, tuple(told), file.accessible)
