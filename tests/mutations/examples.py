"""Mutants of the programs of `examples`, which consist of several modules.

One module of a copy is changed, and the whole program runs. That takes a while, so of all mutants a part is judged.
What the program prints tells what it computes; its annotations are the checker's business alone.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mutations.execution import EndlessError, in_one_line, is_own, left_alone, time_limit, watching
from mutations.mutants import Mutant, mutants_of
from mutations.verdicts import Fate, Verdict, errors_in
from whole_programs.copies import MAIN, ROOT, copy_of, run

from named_types.checking import check_files

STEP = 8
"""Every such mutant is judged."""

MODULES = [path for program in MAIN for path in sorted((ROOT / "examples" / program).glob("*.py"))]
"""Of all programs."""

_SECONDS = 120
"""How much of the processor's time a program may take."""


@dataclass(frozen=True)
class _Ran:
    """What came of a run."""

    printed: str
    failure: str = ""
    objection: str = ""


def judge_examples(processes: int, step: int = STEP) -> Iterator[Verdict]:
    """The verdicts on every ``step``-th mutant of each module."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        for verdicts in pool.map(partial(judge_module, step=step), MODULES):
            yield from verdicts


def judge_module(path: Path, step: int) -> list[Verdict]:
    """The verdicts on a module's mutants, as far as the changed statement is executed."""
    lines = _executed(path.parent.name).get(path.name, frozenset())
    name = path.relative_to(ROOT).as_posix()
    mutants = [one for one in mutants_of(name, path.read_text()) if one.line in lines]
    return [_judge(path, mutant) for mutant in mutants[::step]]


def _judge(path: Path, mutant: Mutant) -> Verdict:
    program = path.parent.name
    with TemporaryDirectory() as folder:
        copy = copy_of(program, Path(folder))
        (copy / path.name).write_text(mutant.source)
        fate, reason = _fate(program, copy)
        return Verdict(mutant.program, mutant.operator, mutant.line, mutant.change, fate, reason, _reports(copy))


def _fate(program: str, copy: Path) -> tuple[Fate, str]:
    try:
        ran = _run(copy)
    except EndlessError:
        return Fate.LOST, ""
    if ran.failure:
        return Fate.FAILS, ran.failure
    is_same = not ran.objection and ran.printed == _original(program).printed
    return (Fate.SAME if is_same else Fate.DIFFERS), ran.objection


def _reports(copy: Path) -> tuple[str, ...]:
    """The errors that the checker reports."""
    errors = errors_in(one for file in check_files(sorted(copy.glob("*.py"))) for one in file.diagnostics)
    return tuple(f"{Path(one.place.path).name}:{one.place.line}: [{one.code}] {one.message}" for one in errors)


def _run(copy: Path) -> _Ran:
    printed = io.StringIO()
    warnings.simplefilter("ignore")
    with left_alone(), time_limit(_SECONDS), contextlib.redirect_stdout(printed):
        try:
            status = run(copy)
        except EndlessError:
            raise
        except BaseException as error:
            sources = {str(path): path.read_text() for path in copy.glob("*.py")}
            said = in_one_line(error)
            if is_own(error, sources):
                return _Ran(printed.getvalue(), objection=said)
            return _Ran(printed.getvalue(), failure=said)
    return _Ran(printed.getvalue(), objection=f"status {status}" if status else "")


@cache
def _original(program: str) -> _Ran:
    with TemporaryDirectory() as folder:
        return _run(copy_of(program, Path(folder)))


@cache
def _executed(program: str) -> dict[str, frozenset[int]]:
    """The lines of each file of a program that are executed."""
    with TemporaryDirectory() as folder:
        copy = copy_of(program, Path(folder))
        lines: dict[str, set[int]] = {str(path): set() for path in copy.glob("*.py")}
        with watching(lines):
            _run(copy)
        return {Path(path).name: frozenset(executed) for path, executed in lines.items()}
