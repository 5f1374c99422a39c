"""A share of the programs, the same each time: what `make mutants` says of all of them holds."""

from __future__ import annotations

import re
from zlib import crc32

import pytest
from mutations.examples import MODULES, STEP, judge_module
from mutations.page import PAGE
from mutations.programs import programs
from mutations.survivors import differences, listed
from mutations.verdicts import Fate, Original, Verdict
from mutations.workers import Program, judge_all
from whole_programs.copies import ROOT

SHARE = [one for one in programs() if crc32(one[0].encode()) % 20 == 7]


@pytest.mark.parametrize("program", SHARE, ids=lambda program: program[0])
def test_survivors_are_listed_and_what_behaves_the_same_is_not_reported(program: Program) -> None:
    original = Original(*program)
    assert original.objection == ""
    verdicts = [original.judge(one) for one in original.mutants()]
    assert differences(verdicts) == []
    assert [(one.name, one.reported) for one in verdicts if one.is_false_alarm] == []


def test_survivors_have_a_reason_and_are_of_programs() -> None:
    names = {name for name, _ in programs()} | {module.relative_to(ROOT).as_posix() for module in MODULES}
    survivors = [one for reason in listed() for one in reason.survivors]
    assert len(survivors) == len(set(survivors))
    assert {one.partition(" | ")[0] for one in survivors} <= names
    assert all(reason.name and reason.why and reason.survivors for reason in listed())


def test_the_page_counts_the_listed_survivors() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r"([\d,]+) of them fail, .*\sreports\s+([\d,]+) .*\*\*([\d.]+) %\*\*", text, re.DOTALL)
    assert found is not None
    failing, reported, rate = found.groups()
    survivors = sum(len(reason.survivors) for reason in listed())
    assert int(failing.replace(",", "")) - int(reported.replace(",", "")) == survivors
    assert float(rate) >= 95


def test_a_mutant_of_a_program_of_several_modules() -> None:
    verdicts = judge_module(ROOT / "examples" / "distributed_fft" / "exchange.py", 3 * STEP)
    assert any(one.fate is Fate.FAILS and one.reported for one in verdicts)
    listed_ones = {name for reason in listed() for name in reason.survivors}
    assert [one.name for one in verdicts if one.is_survivor and one.name not in listed_ones] == []
    assert [(one.name, one.reported) for one in verdicts if one.is_false_alarm] == []


@pytest.mark.slow
def test_a_mutant_that_ends_its_process_is_lost_and_the_next_ones_are_judged() -> None:
    source = "import os\n\nx = os._exit(1) if min(0, 2) else 1\ny = max(1, 2)\n"
    fates = [one.fate.value for one in judge_all([("program", source)], 1) if isinstance(one, Verdict)]
    assert "lost" in fates
    assert fates[-1] != "lost"
