"""The programs of `examples`: nothing is found in them, and what is put into them is found at its line.

A fault that the checker reports is one that a run meets, and what it finds in a copy is what was put in and nothing
else.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from whole_programs.copies import MAIN, copy_of, expected, found, run
from whole_programs.faults import FAULTS, Fault

each = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@pytest.mark.parametrize("program", MAIN)
def test_nothing_is_found_in_a_program_that_is_right(program: str, tmp_path: Path) -> None:
    assert found(copy_of(program, tmp_path)) == {}


@each
def test_a_fault_is_found_at_its_line_and_nothing_else(fault: Fault, tmp_path: Path) -> None:
    copy = copy_of(fault.program, tmp_path, fault)
    assert found(copy).keys() == expected(fault, copy)


@pytest.mark.slow
@pytest.mark.parametrize("program", MAIN)
def test_a_program_that_is_right_runs_and_finds_its_results_right(program: str, tmp_path: Path) -> None:
    assert run(copy_of(program, tmp_path)) == 0


@pytest.mark.slow
@each
def test_a_program_with_a_fault_fails_when_it_runs(fault: Fault, tmp_path: Path) -> None:
    copy = copy_of(fault.program, tmp_path, fault)
    with pytest.raises(Exception):  # noqa: B017, PT011
        run(copy)


def test_every_program_has_many_faults_of_several_kinds() -> None:
    assert min(Counter(fault.program for fault in FAULTS).values()) >= 15
    assert {code for fault in FAULTS for code, _, _ in fault.found} >= {
        "axis-mapping-structure",
        "indivisible-axis",
        "invalid-operation",
        "leaked-named-axis",
        "rank-mismatch",
        "resource-conflict",
        "unbound-axis-name",
        "unknown-resource",
    }
