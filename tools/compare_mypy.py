"""With the plugin, mypy says of programs without arrays just what it says without it.

    python tools/compare_mypy.py [NAME…]

The programs are the packages of `mypy_corpus.toml`, the standard library's stubs (`typeshed`), and mypy's own test
cases (`cases`), which are in its source distribution and are run by the mypy that is installed. What mypy prints is
compared byte by byte. The cases are compared with and without the plugin, not with what mypy's authors expect, and with
one seed for hashes: the order of sets shows in what mypy says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import mypy
from sources import PLACE, sources_of

PLUGIN = "named_types.mypy_plugin"
CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "mypy_corpus.toml").read_text())
PACKAGES: dict[str, dict[str, str]] = {one["requirement"].partition("==")[0]: one for one in CORPUS["packages"]}

MOST_SHOWN = 10

OPTIONS = ["--strict", "--show-column-numbers", "--show-error-end", "--no-site-packages"]


@dataclass(frozen=True)
class Said:
    """What mypy says of one program, and how long it took."""

    answers: dict[str, str]
    """By what was asked: each run of mypy, or each test case."""
    seconds: float

    def differing(self, other: Said) -> list[str]:
        asked = sorted(self.answers.keys() | other.answers.keys())
        return [one for one in asked if self.answers.get(one) != other.answers.get(one)]


def main(names: Sequence[str]) -> int:
    """Compare all programs, or those that are named. The status is 1 where anything differs."""
    status = 0
    print(f"{'':12}{'answers':>8}{'lines':>9}{'without':>10}{'with':>9}{'differing':>11}")
    for name in names or [*PACKAGES, "typeshed", "cases"]:
        ask = _cases if name == "cases" else _files
        without, with_plugin = ask(name, ""), ask(name, PLUGIN)
        lines = sum(one.count("\n") for one in without.answers.values())
        differing = without.differing(with_plugin)
        print(
            f"{name:12}{len(without.answers):8,}{lines:9,}{without.seconds:8.0f} s{with_plugin.seconds:7.0f} s"
            f"{len(differing):11,}",
            flush=True,
        )
        for one in differing[:MOST_SHOWN]:
            before, after = (said.answers.get(one, "").splitlines() for said in (without, with_plugin))
            shown = list(unified_diff(before, after, f"{one}, without", f"{one}, with", lineterm="", n=0))
            print("\n".join(shown[:MOST_SHOWN]))
        if differing or not without.answers:
            status = 1
    return status


def _files(name: str, plugins: str) -> Said:
    """mypy on a package or the stubs: from source, and from its cache."""
    place = PLACE / "mypy" / f"{name}-{'with' if plugins else 'without'}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / "mypy.ini").write_text(f"[mypy]\nplugins = {plugins}\n" if plugins else "[mypy]\n")
    command = [sys.executable, "-m", "mypy", *OPTIONS, "--config-file", str(place / "mypy.ini")]
    command += ["--cache-dir", str(place / "cache")]
    directory = _typeshed() if name == "typeshed" else sources_of(PACKAGES[name]["requirement"])
    files = (
        ["--custom-typeshed-dir", ".", "stdlib"]
        if name == "typeshed"
        else ["--exclude", "typeshed/", PACKAGES[name]["path"]]
    )
    started = time.monotonic()
    answers = {}
    for run in ("from source", "from the cache"):
        done = subprocess.run([*command, *files], cwd=directory, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        answers[run] = done.stdout + done.stderr
    return Said(answers, time.monotonic() - started)


def _typeshed() -> Path:
    """A copy of the stubs that come with mypy, among no installed packages."""
    directory = PLACE / "typeshed"
    if not directory.exists():
        shutil.copytree(Path(mypy.__file__).parent / "typeshed", directory)
    return directory


def _cases(name: str, plugins: str) -> Said:
    """mypy's test cases, each with all that mypy says in it."""
    place = PLACE / "mypy" / name
    (place / "tmp" / ".git").mkdir(parents=True, exist_ok=True)  # configuration files are looked for up to there
    record = place / f"{'with' if plugins else 'without'}.json"
    suites = [str(Path(mypy.__file__).parent / "test" / f"{suite}.py") for suite in ("testcheck", "testfinegrained")]
    settings = ["python_files=test*.py", "python_classes=", "python_functions="]
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "mypy.test.data", "-p", "record_mypy_cases"]
    command += ["-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir", str(place), "-c", os.devnull]
    command += [part for setting in settings for part in ("-o", setting)]
    environment = {
        **os.environ,
        "MYPY_PLUGINS": plugins,
        "PYTHONHASHSEED": "0",
        "MYPY_TEST_PREFIX": str(sources_of(PACKAGES["mypy"]["requirement"])),
        "PYTHONPATH": str(Path(__file__).parent),
        "RECORD": str(record),
        "TMPDIR": str(place / "tmp"),
    }
    started = time.monotonic()
    record.unlink(missing_ok=True)
    subprocess.run([*command, *suites], cwd=place / "tmp", env=environment, capture_output=True, check=False)
    answers = {case: "\n".join(map("\n".join, said)) for case, said in json.loads(record.read_text()).items()}
    return Said(answers, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
