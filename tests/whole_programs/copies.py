"""Copies of the examples with a fault in them: what the checker finds there, and what happens when they run."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whole_programs.faults import Fault

from named_types.checking import check_files

ROOT = Path(__file__).parent.parent.parent
MAIN = {"distributed_fft": "solve", "particle_filter": "track", "transformer": "train"}
"""The module of each program that runs it."""

Finding = tuple[str, str, int]
"""A code, a file and a line."""


def copy_of(program: str, folder: Path, fault: Fault | None = None) -> Path:
    """A copy of a program, with a fault put in; gives the folder of the copy."""
    copy = folder / "examples" / program
    shutil.copytree(ROOT / "examples" / program, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if fault is not None:
        path = copy / fault.file
        source = path.read_text()
        assert source.count(fault.old) == 1, f"{fault.old!r} stands {source.count(fault.old)} times in {path}"
        path.write_text(source.replace(fault.old, fault.new))
    return copy


def expected(fault: Fault, copy: Path) -> set[Finding]:
    """What there is to find in a copy with the fault."""
    return {(code, file, _line_of(text, copy / file)) for code, file, text in fault.found}


def _line_of(text: str, path: Path) -> int:
    lines = [number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line]
    assert len(lines) == 1, f"{text!r} stands in {len(lines)} lines of {path}"
    return lines[0]


def found(copy: Path) -> dict[Finding, str]:
    """What the checker finds in a copy, each with its message."""
    diagnostics = [one for file in check_files(sorted(copy.glob("*.py"))) for one in file.diagnostics]
    return {(one.code, Path(one.place.path).name, one.place.line): one.message for one in diagnostics}


def run(copy: Path) -> int:
    """Run a copy in this process; gives its exit status."""
    program = copy.name
    with _importing_from(copy.parent.parent):
        status: int = importlib.import_module(f"examples.{program}.{MAIN[program]}").main()
    return status


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Take the package `examples` from a folder, and forget it afterwards."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "examples"]:
            del sys.modules[name]
