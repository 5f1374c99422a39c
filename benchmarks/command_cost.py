"""What `named-types check` costs from the start of its process to the end, over packages of generated model code.

Each run is held against what it may cost: the reference is a limit in seconds, by the wall clock, and for each of the
two cores that it may use in processor time. Beside the cold run stands libcst's parser, in a new process over the same
files, which no cold run can beat.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.generated_code import model_package
from benchmarks.measure import Comparison, Sample, Target, Times, compare, run_command

JOBS = 2
PARSE = """
import sys
from pathlib import Path
import libcst
for path in Path(sys.argv[1]).glob("*.py"):
    libcst.parse_module(path.read_text(encoding="utf-8"))
"""
CHECK = "from named_types.cli import main; main()"


def run(quick: bool) -> list[Comparison]:
    """A program of 10,000 lines: cold, unchanged, and with one file changed; a file of 300; and 100,000 lines cold."""
    lines, many, rounds = (200, 400, 1) if quick else (10_000, 100_000, 3)
    with TemporaryDirectory() as folder:
        program, large, small = (_write(Path(folder) / f"{size}", size) for size in (lines, many, 300))
        return [
            *_compare(f"{lines:,} lines, cold", partial(_cold, program), 6, rounds, JOBS, _parse(program)),
            *_compare(f"{lines:,} lines, nothing changed", partial(_warm, program), 0.5, rounds),
            *_compare(f"{lines:,} lines, one file changed", partial(_changed, program), 1, rounds),
            *_compare("300 lines, nothing changed", partial(_warm, small), 0.3, rounds),
            *_with_peak(_compare(f"{many:,} lines, cold", partial(_cold, large), 60, 1, JOBS, _parse(large))),
        ]


def _compare(
    what: str, ours: Sample, limit: float, rounds: int, cores: int = 1, parse: Sample | None = None
) -> list[Comparison]:
    """Against a limit in seconds, and against the parser where there is one to compare with."""
    ours()
    within = compare(what, ours, {"the limit": lambda: Times(limit * cores, limit)}, rounds, Target(1.0))
    return within if parse is None else [*within, *compare(what, ours, {"libcst's parser": parse}, rounds)]


def _with_peak(rows: Sequence[Comparison]) -> list[Comparison]:
    """Rows that also tell how much memory a worker has had at most: these are the largest processes of all."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [replace(row, what=f"{row.what}; {peak:,.0f} MiB for a worker") for row in rows]


def _cold(program: Path) -> Times:
    return _check(program, "--no-cache")


def _warm(program: Path) -> Times:
    return _check(program, "--cache-dir", str(program / "cache"))


def _changed(program: Path) -> Times:
    """With a line more in one file than before; a warm run has filled the cache."""
    with next(program.glob("*.py")).open("a", encoding="utf-8") as file:
        file.write("x = 1\n")
    return _warm(program)


def _check(program: Path, *options: str) -> Times:
    _, times = run_command([sys.executable, "-c", CHECK, "check", "--jobs", str(JOBS), *options, str(program)])
    return times


def _parse(program: Path) -> Sample:
    return lambda: run_command([sys.executable, "-c", PARSE, str(program)])[1]


def _write(place: Path, lines: int) -> Path:
    place.mkdir()
    for name, source in model_package(lines).items():
        (place / name).write_text(source, encoding="utf-8")
    return place
