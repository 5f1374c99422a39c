"""One run over the files of a program, from what the cache knows and what the workers find out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from named_types.checking import workers
from named_types.checking.cache import Cache
from named_types.checking.checked_file import CheckedFile, told_where_they_are
from named_types.checking.outcome import Checked, Failure


@dataclass(frozen=True, slots=True)
class Options:
    """How to go about it. None of this changes what is found."""

    cache_directory: Path | None
    """Where results are kept; None for nowhere."""
    jobs: int = 1
    timeout: float = workers.TIMEOUT


def check(
    paths: Sequence[Path],
    directories: Sequence[Path],
    options: Options,
    on_failure: Callable[[Failure], None],
) -> list[CheckedFile]:
    """Check the files of one program, which are looked for in ``directories`` too. A failure costs one file."""
    names = [str(path) for path in paths]
    cache = None if options.cache_directory is None else Cache(options.cache_directory, directories, names)
    results = {} if cache is None else cache.known()
    unknown = [name for name in names if name not in results]
    operations = None if cache is None else cache.place_of_operations
    outcomes = workers.check_in_workers(unknown, names, directories, options.jobs, options.timeout, operations)
    found = [outcome for outcome in outcomes if isinstance(outcome, Checked)]
    failures = {outcome.path: outcome for outcome in outcomes if isinstance(outcome, Failure)}
    if cache is not None:
        cache.keep(found)
    results |= {outcome.path: outcome.file for outcome in found}
    for name in names:
        if name in failures:
            on_failure(failures[name])
    return told_where_they_are([results[name] for name in names if name in results])
