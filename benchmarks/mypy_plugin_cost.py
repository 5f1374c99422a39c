"""What the plugin adds to a run of mypy, on a file without arrays and on files full of them.

A cold run starts without a cache, a touched run finds the cache of a file whose last line differs, and a warm run
finds everything as it left it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generated_code import model_code, plain_code
from benchmarks.measure import ROOT, Comparison, Times, compare, run_command

TUTORIAL = ROOT / "examples" / "tutorial.py"

CONFIGURATIONS = {"with": "[mypy]\nplugins = named_types.mypy_plugin\n", "without": "[mypy]\n"}


def run(quick: bool) -> list[Comparison]:
    """Cold, touched and warm runs, with the plugin and without."""
    programs = {"no arrays": plain_code(100 if quick else 5_000), "model code": model_code(100 if quick else 1_000)}
    if TUTORIAL.exists() and not quick:
        programs["tutorial"] = TUTORIAL.read_text(encoding="utf-8")
    return [comparison for name, source in programs.items() for comparison in _compare(name, source, quick)]


def _compare(name: str, source: str, quick: bool) -> list[Comparison]:
    with TemporaryDirectory() as folder:
        ours, plain = (_Project.make(Path(folder) / kind, kind, source) for kind in CONFIGURATIONS)
        lines = f"{name}, {source.count(chr(10)):,} lines"
        return [
            *_one(f"{lines}, cold", ours.cold, plain.cold, 1 if quick else 3),
            *_one(f"{lines}, touched", ours.touched, plain.touched, 1 if quick else 7),
            *_one(f"{lines}, warm", ours.warm, plain.warm, 1 if quick else 7),
        ]


def _one(what: str, ours: Callable[[], Times], plain: Callable[[], Times], rounds: int) -> list[Comparison]:
    return compare(what, ours, {"mypy without the plugin": plain}, rounds)


@dataclass(frozen=True)
class _Project:
    """A folder with one module, a configuration of mypy, and its cache."""

    folder: Path
    source: str
    versions: count[int]

    @classmethod
    def make(cls, folder: Path, kind: str, source: str) -> _Project:
        folder.mkdir()
        (folder / "mypy.ini").write_text(CONFIGURATIONS[kind], encoding="utf-8")
        (folder / "module.py").write_text(source, encoding="utf-8")
        project = cls(folder, source, count())
        project.warm()
        return project

    def cold(self) -> Times:
        return self._mypy(self.folder / f"cache-{next(self.versions)}")

    def touched(self) -> Times:
        edited = f"{self.source}# version {next(self.versions)}\n"
        (self.folder / "module.py").write_text(edited, encoding="utf-8")
        return self.warm()

    def warm(self) -> Times:
        return self._mypy(self.folder / "cache")

    def _mypy(self, cache: Path) -> Times:
        options = ["--config-file", str(self.folder / "mypy.ini"), "--cache-dir", str(cache)]
        command = [sys.executable, "-m", "mypy", *options, str(self.folder / "module.py")]
        _, times = run_command(command, allowed_statuses=(0, 1))
        return times
