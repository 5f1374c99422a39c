"""The version of everything an answer of the plugin depends on: mypy forgets what it cached when this changes.

mypy itself looks at the plugin's main file only. What counts is all of this package's sources, and JAX, which
is the rule book.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import named_types


def source_version() -> str:
    """A hash of the package's sources and the version of JAX."""
    digest = sha256(_version_of_jax().encode())
    for folder in named_types.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _version_of_jax() -> str:
    try:
        return version("jax")
    except PackageNotFoundError:
        return "no jax"


__version__ = source_version()
