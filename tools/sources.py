"""Source distributions, fetched as pip is set up to fetch them and unpacked below `build/corpus`, once."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACE = ROOT / "build" / "corpus"


def sources_of(requirement: str) -> Path:
    """The directory of an unpacked source distribution; nothing of it is installed."""
    directory = PLACE / requirement
    if not directory.exists():
        archives = PLACE / "archives" / requirement
        name = requirement.partition("==")[0]
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name]
        subprocess.run([*download, "--dest", str(archives), requirement], check=True)
        (archive,) = archives.iterdir()
        with tarfile.open(archive) as opened:
            opened.extractall(directory, filter="data")
    (unpacked,) = directory.iterdir()
    return unpacked
