"""Check the sources of well-known packages, in which nothing is wrong but what is listed.

    python tools/check_corpus.py [PACKAGE…]

Nothing of them is installed or run by the checker. `corpus.toml` lists the packages, and what is rightly found in them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources import sources_of

CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text())


@dataclass(frozen=True)
class Found:
    """A diagnostic in a package, as it is listed."""

    package: str
    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.package}: {self.path}: {self.code}: {self.message}"


def main(names: Sequence[str]) -> int:
    """Check all packages, or those that are named. The status is 1 where anything differs from what is listed."""
    requirements = [one for one in CORPUS["packages"] if not names or one.partition("==")[0] in names]
    print(f"{'package':20}{'files':>8}{'lines':>10}{'seconds':>9}{'found':>7}")
    found: list[Found] = []
    total_files = total_lines = 0
    for requirement in requirements:
        directory = sources_of(requirement)
        started = time.monotonic()
        here, failed = _check(requirement.partition("==")[0], directory)
        seconds = time.monotonic() - started
        files = list(directory.rglob("*.py"))
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        print(f"{requirement:20}{len(files):8,}{lines:10,}{seconds:9.0f}{len(here):7}", flush=True)
        found += here
        total_files, total_lines = total_files + len(files), total_lines + lines
        if failed:
            print(failed, file=sys.stderr)
            return 1
    print(f"{'':20}{total_files:8,}{total_lines:10,}{'':9}{len(found):7}")
    listed = list(_listed({one.partition("==")[0] for one in requirements}))
    new = [one for one in found if one not in listed]
    gone = [one for one in listed if one not in found]
    for title, differing in (("not listed", new), ("listed, and gone", gone)):
        for one in differing:
            print(f"{title}: {one}")
    return 1 if new or gone else 0


def _check(package: str, directory: Path) -> tuple[list[Found], str]:
    """What is found in a package, and what the command complains of if it fails."""
    command = [str(Path(sys.executable).parent / "named-types"), "check", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        return [], f"{package}: {done.stderr}"
    diagnostics = [one for one in json.loads(done.stdout) if one["severity"] != "note"]
    return [Found(package, one["path"], one["code"], one["message"]) for one in diagnostics], ""


def _listed(packages: set[str]) -> Iterator[Found]:
    for one in CORPUS.get("diagnostic", []):
        assert one["reason"], one
        if one["package"] in packages:
            yield Found(one["package"], one["path"], one["code"], one["message"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
