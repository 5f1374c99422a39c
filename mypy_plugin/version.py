"""The version of everything an answer of the plugin depends on: mypy forgets what it cached when this changes.

mypy itself looks at the plugin's main file only. What counts is all of this package's sources, and the libraries that
are the rule book. What is installed from a wheel has a list of its files with their hashes; of a checkout, it is their
sizes and when they were last changed: to read them all would take longer than the rest of a run on what is cached.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import named_types

_LIBRARIES = ("jax-", "jaxlib-", "numpy-")


def version_of(folders: Iterable[str], search_path: Iterable[str]) -> str:
    """A hash of what is in the folders of the package, and of the versions of the libraries on a search path."""
    parts = [*_sources(list(folders)), *sorted(set(_libraries(search_path)))]
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def _sources(folders: list[str]) -> list[str]:
    records = [record for one in folders for record in Path(one).parent.glob("named_types-*.dist-info/RECORD")]
    if records:
        return [record.read_text(encoding="utf-8") for record in records]
    return sorted(state for folder in folders for state in _states(folder))


def _states(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.is_dir():
            yield from _states(entry.path)
        elif entry.name.endswith(".py"):
            status = entry.stat()
            yield f"{entry.path} {status.st_mtime_ns} {status.st_size}"


def _libraries(search_path: Iterable[str]) -> Iterator[str]:
    for folder in search_path:
        if os.path.isdir(folder):
            yield from (name for name in os.listdir(folder) if name.startswith(_LIBRARIES) and name.endswith("-info"))


__version__ = version_of(named_types.__path__, sys.path)
