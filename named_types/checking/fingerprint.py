"""What the check of every file depends on: versions, settings, and where modules are looked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from named_types.module_finder import ModuleFinder
from named_types.surroundings import digest


def fingerprint(versions: str, directories: Iterable[Path]) -> str:
    """One text for everything that two runs must have in common to give the same for the same files."""
    place = [versions, os.getcwd(), *map(str, ModuleFinder(directories).roots)]
    return digest(json.dumps(place).encode())
