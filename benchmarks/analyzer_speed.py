"""The analyzer's time for 1,000 lines, against the time that libcst takes to parse them, which it cannot beat.

Cold is the first check of a new process, which asks the oracle for the first time; warm is the next one. The time
to import the analyzer is not in it. A cost for each line that is the same at ten times the size shows that
nothing in the analyzer is worse than linear.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import libcst as cst

from benchmarks.generated_code import model_package
from benchmarks.measure import ROOT, Comparison, Sample, Times, calls, compare, run_command
from named_types.analyzer import check_source


def run(quick: bool) -> list[Comparison]:
    """Generated model code of three lengths, and the examples."""
    lengths = (100,) if quick else (1_000, 10_000, 100_000)
    programs = {f"generated, {length:,} lines": model_package(length) for length in lengths}
    examples = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.py"))}
    if examples:
        programs["examples"] = examples
    with TemporaryDirectory() as folder:
        return [
            comparison
            for name, files in programs.items()
            for comparison in _compare(name, files, Path(folder) / f"{name}.json", quick)
        ]


def check(files: Mapping[str, str]) -> None:
    """Check programs, given by their file names."""
    for name, source in files.items():
        check_source(name, source)


def main(listed: str) -> None:
    """Check, as the first thing in a process, the programs listed in a file; print the times for 1,000 lines."""
    files = json.loads(Path(listed).read_text(encoding="utf-8"))
    times = _per_thousand_lines(lambda: check(files), files)()
    print(json.dumps([times.processor, times.wall]))


def _compare(name: str, files: Mapping[str, str], listed: Path, quick: bool) -> list[Comparison]:
    listed.write_text(json.dumps(files), encoding="utf-8")
    check(files)
    parse = {"libcst's parser": _per_thousand_lines(lambda: _parse(files), files)}
    warm = _per_thousand_lines(lambda: check(files), files)
    return [
        *compare(f"{name}, cold", lambda: _in_new_process(listed), parse, 1 if quick else 3),
        *compare(f"{name}, warm", warm, parse, 2 if quick else 5),
    ]


def _in_new_process(listed: Path) -> Times:
    printed, _ = run_command([sys.executable, "-m", "benchmarks.analyzer_speed", str(listed)])
    return Times(*json.loads(printed))


def _parse(files: Mapping[str, str]) -> None:
    for source in files.values():
        cst.parse_module(source)


def _per_thousand_lines(call: Callable[[], object], files: Mapping[str, str]) -> Sample:
    thousands = sum(source.count("\n") for source in files.values()) / 1000
    sample = calls(call)

    def scaled() -> Times:
        times = sample()
        return Times(times.processor / thousands, times.wall / thousands)

    return scaled


if __name__ == "__main__":
    main(sys.argv[1])
