"""Checking the files of a program.

`run.check` is the whole of it: what the cache knows is taken from there, the rest is checked by worker processes,
which are watched, and everything is told where it is. Of all this nothing imports the analyzer, and JAX with it, but
the workers; `check_files` checks in this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from named_types.checking.checked_file import CheckedFile, sources_of, told_where_they_are


def check_files(paths: Sequence[Path], directories: Iterable[Path] = ()) -> list[CheckedFile]:
    """Check the files of one program in this process; the diagnostics of each come in the order of their places.

    Modules are looked for in ``directories`` too. A failure of the checker itself is raised.
    """
    from named_types.checking.in_process import check_in_process
    from named_types.checking.outcome import Checked

    names = [str(path) for path in paths]
    checked = []
    for outcome in check_in_process(names, names, directories):
        if not isinstance(outcome, Checked):
            raise RuntimeError(f"{outcome.path}: {outcome.reason}\n{outcome.traceback}")
        checked.append(outcome.file)
    return told_where_they_are(checked)


__all__ = ["CheckedFile", "check_files", "sources_of", "told_where_they_are"]
