"""What the answers of this package depend on: its own sources, the libraries that are the rule book, and settings.

What is installed from a wheel has a list of its files with their hashes; of a checkout, it is their sizes and when they
were last changed: to read them all would take longer than the rest of a run on what is cached.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import named_types

_LIBRARIES = ("jax-", "jaxlib-", "libcst-", "numpy-")


def fingerprint_of_versions() -> str:
    """One text for the versions and settings, on which also the answers about library operations depend."""
    parts = {
        "python": [sys.version, sys.prefix, sys.platform],
        "packages": version_of(named_types.__path__, sys.path),
        "settings": sorted(item for item in os.environ.items() if item[0].startswith(("JAX_", "XLA_"))),
    }
    return _hash(json.dumps(parts))


def version_of(folders: Iterable[str], search_path: Iterable[str]) -> str:
    """A hash of what is in the folders of the package, and of the versions of the libraries on a search path."""
    parts = [*_sources(list(folders)), *sorted(set(_libraries(search_path)))]
    return _hash("\0".join(parts))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


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
    """Their metadata have the versions in their names, so nothing is read."""
    for folder in search_path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        yield from (name for name in names if name.lower().startswith(_LIBRARIES) and name.endswith("-info"))
