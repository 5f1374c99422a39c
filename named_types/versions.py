"""What answers about the library depend on: versions and settings."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator

import named_types
from named_types.surroundings import digest

_DISTRIBUTION = re.compile(r"(?:jax|jaxlib|libcst|numpy)-.*\.(?:dist|egg)-info")


def fingerprint_of_versions() -> str:
    """One text for the versions and settings, on which also the answers about library operations depend."""
    parts = {
        "python": [sys.version, sys.prefix, sys.platform],
        "packages": sorted(_distributions()),
        "named_types": sorted(_own_files()),
        "settings": sorted(item for item in os.environ.items() if item[0].startswith(("JAX_", "XLA_"))),
    }
    return digest(json.dumps(parts).encode())


def _distributions() -> Iterator[str]:
    """The versions of what the analyzer works with. Their metadata have them in their names, so nothing is read."""
    for directory in sys.path:
        try:
            names = os.listdir(directory or ".")
        except OSError:
            continue
        yield from (f"{directory}/{name}" for name in names if _DISTRIBUTION.fullmatch(name))


def _own_files() -> Iterator[tuple[str, int, int]]:
    """This package as it is: in a checkout its version says little."""
    for package in named_types.__path__:
        for directory, _, names in os.walk(package, followlinks=True):
            for name in names:
                if name.endswith(".py"):
                    status = os.stat(os.path.join(directory, name))
                    yield f"{directory}/{name}", status.st_mtime_ns, status.st_size
