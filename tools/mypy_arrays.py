"""What mypy reports newly with the plugin in packages that use JAX and know nothing of the notation.

    python tools/mypy_arrays.py [NAME…]

A line counts as newly reported when mypy says more under a code there than it says without the plugin. Where there are
such lines is listed in `mypy_arrays.toml`, by file and code, with the reason for them; what is not listed, and what is
listed and gone, fails.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sources import PLACE, sources_of

LISTED: Final[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "mypy_arrays.toml").read_text())
PACKAGES: Final = {one["requirement"].partition("==")[0]: one for one in LISTED["packages"]}
OPTIONS: Final = ["--strict", "--ignore-missing-imports", "--no-error-summary"]

_ERROR = re.compile(r"(?P<path>.*?):(?P<line>\d+): error: (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?")


def main(names: Sequence[str]) -> int:
    """Compare all packages, or those that are named. The status is 1 where what is found is not what is listed."""
    status = 0
    for name in names or PACKAGES:
        found = newly_reported(name)
        listed = {(one["path"], one["code"]) for one in LISTED["line"] if one["package"] == name}
        for path, code in sorted(found.keys() - listed):
            print(f"{name}: not listed: {path} [{code}]", *found[path, code], sep="\n    ")
        for path, code in sorted(listed - found.keys()):
            print(f"{name}: listed and not found: {path} [{code}]")
        print(f"{name}: {sum(map(len, found.values()))} lines are newly reported", flush=True)
        status |= found.keys() != listed
    return status


def newly_reported(name: str) -> dict[tuple[str, str], list[str]]:
    """By path and code, what mypy says with the plugin on lines of which it says less without."""
    without, with_plugin = (_said(name, plugins) for plugins in ("", "named_types.mypy_plugin"))
    before = Counter((path, line, code) for path, line, code, _ in without)
    after = Counter((path, line, code) for path, line, code, _ in with_plugin)
    more: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, line, code, message in with_plugin:
        if after[path, line, code] > before[path, line, code]:
            more[path, code].append(f"{line}: {message}")
    return dict(more)


def _said(name: str, plugins: str) -> list[tuple[str, int, str, str]]:
    """What mypy says of a package: path, line, code and message."""
    place = PLACE / "mypy" / f"{name}-{'with' if plugins else 'without'}"
    place.mkdir(parents=True, exist_ok=True)
    (place / "mypy.ini").write_text(f"[mypy]\nplugins = {plugins}\n" if plugins else "[mypy]\n")
    command = [sys.executable, "-m", "mypy", *OPTIONS, "--config-file", str(place / "mypy.ini")]
    command += ["--cache-dir", str(place / "cache"), PACKAGES[name]["path"]]
    directory = sources_of(PACKAGES[name]["requirement"])
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    matches = filter(None, map(_ERROR.fullmatch, done.stdout.splitlines()))
    return [(one["path"], int(one["line"]), one["code"] or "", one["message"]) for one in matches]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
