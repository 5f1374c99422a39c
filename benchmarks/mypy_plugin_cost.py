"""What the plugin adds to a run of mypy, on a file without arrays and on a file full of them, and to its daemon.

A cold run starts without a cache, a touched run finds the cache of a file whose last line differs, and a warm run
finds everything as it left it. On code full of arrays, the reference is mypy on the same file with stubs by which all
of this package's names are Any. Its daemon checks a package again after one module has changed; the reference is what
it takes with these stubs, and half a second.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.generated_code import model_code, model_package, plain_code
from benchmarks.measure import Comparison, Sample, Target, Times, compare, comparison, run_command

WITH = "[mypy]\nplugins = named_types.mypy_plugin\n"
WITHOUT = "[mypy]\n"
ARRAYS_AS_ANY = "[mypy]\nmypy_path = $MYPY_CONFIG_FILE_DIR/stubs\n"
STUB = "from typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n"

MOST_BEYOND_DAEMON = 0.5
CHECK = "from named_types.cli import main; main()"


def run(quick: bool) -> list[Comparison]:
    """Cold, touched and warm runs on code without arrays and on model code, and edits under the daemon."""
    lines = 100 if quick else 5_000
    with TemporaryDirectory() as folder:
        return [
            *_without_arrays(Path(folder) / "plain", plain_code(lines), quick),
            *_with_arrays(Path(folder) / "models", model_code(lines), quick),
            *_daemon(Path(folder) / "package", model_package(lines), 2 if quick else 7),
        ]


def _without_arrays(folder: Path, source: str, quick: bool) -> list[Comparison]:
    ours, plain = _Project.make(folder / "with", WITH, source), _Project.make(folder / "without", WITHOUT, source)
    what = f"no arrays, {source.count(chr(10)):,} lines"
    against, target = "mypy without the plugin", Target(1.05)
    return [
        *compare(f"{what}, cold", ours.cold, {against: plain.cold}, 1 if quick else 5, target),
        *compare(f"{what}, touched", ours.touched, {against: plain.touched}, 1 if quick else 9, target),
        *compare(f"{what}, warm", ours.warm, {against: plain.warm}, 1 if quick else 15, target),
    ]


def _with_arrays(folder: Path, source: str, quick: bool) -> list[Comparison]:
    """The checker alone stands beside it, on the same file and without a cache of its own."""
    ours, plain = _Project.make(folder / "with", WITH, source), _Project.make(folder / "without", ARRAYS_AS_ANY, source)

    def compared(run: str, ours: Sample, plain: Sample, rounds: int) -> list[Comparison]:
        what = f"model code, {source.count(chr(10)):,} lines, {run}"
        references = {"arrays as Any": plain, "named-types check": lambda: _check(folder / "with" / "module.py")}
        as_any, check = compare(what, ours, references, 1 if quick else rounds, Target(2.5))
        return [as_any, replace(check, target=None)]

    return [
        *compared("cold", ours.cold, plain.cold, 3),
        *compared("touched", ours.touched, plain.touched, 5),
        *compare("model code, warm", ours.warm, {"arrays as Any": plain.warm}, 1 if quick else 9, Target(2.5)),
    ]


def _check(path: Path) -> Times:
    return run_command([sys.executable, "-c", CHECK, "check", "--no-cache", "--jobs", "1", str(path)])[1]


def _daemon(folder: Path, package: dict[str, str], edits: int) -> list[Comparison]:
    ours, plain = (_edits(folder / name, one, package, edits) for name, one in (("with", WITH), ("any", ARRAYS_AS_ANY)))
    allowed = [Times(one.processor + MOST_BEYOND_DAEMON, one.wall + MOST_BEYOND_DAEMON) for one in plain]
    what = f"daemon, one of {len(package)} modules changed"
    return [
        comparison(what, "arrays as Any, and 0.5 s", ours, allowed, Target(1.0)),
        comparison(what, "arrays as Any", ours, plain),
    ]


def _edits(folder: Path, configuration: str, package: dict[str, str], edits: int) -> list[Times]:
    """What the daemon takes for each of a number of edits, in a process of its own."""
    _configure(folder, configuration)
    for name, source in package.items():
        (folder / name).write_text(source, encoding="utf-8")
    printed, _ = run_command([sys.executable, "-m", "benchmarks.mypy_plugin_cost", str(folder), str(edits)])
    return [Times(*times) for times in json.loads(printed.splitlines()[-1])]


def main(folder: str, edits: str) -> None:
    """Be a daemon that is asked again after each edit of a module; print what each answer took."""
    from mypy.dmypy_server import Server, process_start_options
    from mypy.find_sources import create_source_list

    options = process_start_options(["--config-file", f"{folder}/mypy.ini", "--cache-dir", f"{folder}/cache"], False)
    server = Server(options, f"{folder}/status.json")
    modules = sorted(map(str, Path(folder).glob("*.py")))
    asked: dict[str, Any] = {"export_types": False, "is_tty": False, "terminal_width": 80}
    assert "Success" in str(server.check(create_source_list(modules, options), **asked)["out"])
    taken = []
    for number in range(int(edits)):
        with Path(modules[number % len(modules)]).open("a", encoding="utf-8") as module:
            module.write(f"x_{number} = 1\n")
        processor, wall = time.process_time(), time.perf_counter()
        assert "Success" in str(server.cmd_recheck(**asked)["out"])
        taken.append([time.process_time() - processor, time.perf_counter() - wall])
    print(json.dumps(taken))


def _configure(folder: Path, configuration: str) -> None:
    (folder / "stubs" / "named_types" / "runtime").mkdir(parents=True)
    (folder / "mypy.ini").write_text(configuration, encoding="utf-8")
    for stub in ("named_types", "named_types/runtime"):
        (folder / "stubs" / stub / "__init__.pyi").write_text(STUB, encoding="utf-8")


@dataclass(frozen=True)
class _Project:
    """A folder with one module, a configuration of mypy, and its cache."""

    folder: Path
    source: str
    versions: count[int]

    @classmethod
    def make(cls, folder: Path, configuration: str, source: str) -> _Project:
        _configure(folder, configuration)
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
        _, times = run_command(command)
        return times


if __name__ == "__main__":
    main(*sys.argv[1:])
